"""Whose browser, whose visit, whose event."""

from typing import Any

import pytest

from resolution.visitors.recognising import recognise_visitors
from sources.spec import OWN_SPECS, load_spec

SPECS = {name: load_spec(OWN_SPECS / f"{name}.yml") for name in ("registration", "web_behaviour")}


@pytest.fixture
def site(evidence: Any) -> Any:
    """Two registered customers, Ann (r1) and Bob (r2), and an empty event log."""
    evidence.sees("C-ANN", "registration/r1", {"email": "ann@example.org"})
    evidence.sees("C-BOB", "registration/r2", {"email": "bob@example.org"})
    evidence.con.execute(
        "ATTACH ':memory:' AS landed; CREATE SCHEMA landed.current; "
        "CREATE TABLE landed.current.web_behaviour (event_id VARCHAR, anonymous_id VARCHAR, "
        "session_id VARCHAR, registration_id VARCHAR, email VARCHAR)"
    )
    return evidence


def log(site: Any, event: str, visitor: str, session: str | None, **shown: str) -> None:
    site.con.execute(
        "INSERT INTO landed.current.web_behaviour VALUES (?, ?, ?, ?, ?)",
        [event, visitor, session, shown.get("registration_id"), shown.get("email")],
    )
    for attribute, value in shown.items():
        site.shows(visitor, session, attribute, value)


def recognised(site: Any) -> tuple[list[Any], dict[str, str]]:
    recognise_visitors(site.con, SPECS)
    owners = site.con.execute(
        "SELECT source_record_id, entity_id, matched_by, share FROM work.recognised_visitors"
    ).fetchall()
    visits = site.con.execute("SELECT source_record_id, entity_id FROM work.visits").fetchall()
    assert len(visits) == len(dict(visits))
    return owners, dict(visits)


def test_signing_in_recognises_past_and_later_events(site: Any) -> None:
    log(site, "e1", "cookie", "s1")
    log(site, "e2", "cookie", "s2", registration_id="r1")
    log(site, "e3", "cookie", None)
    owners, visits = recognised(site)
    assert owners == [("cookie", "C-ANN", "registration_id", 1.0)]
    assert visits == dict.fromkeys(["e1", "e2", "e3"], "C-ANN")


def test_an_email_that_one_customer_has_recognises(site: Any) -> None:
    log(site, "e1", "cookie", "s1", email="Ann@example.org")
    owners, visits = recognised(site)
    assert (owners, visits) == ([("cookie", "C-ANN", "email", 1.0)], {"e1": "C-ANN"})


def test_both_identifiers_are_named_the_stronger_first(site: Any) -> None:
    log(site, "e1", "cookie", "s1", email="ann@example.org")
    log(site, "e2", "cookie", "s1", registration_id="R1")
    assert recognised(site)[0] == [("cookie", "C-ANN", "registration_id, email", 1.0)]


def test_an_email_that_several_customers_have_recognises_nobody(site: Any) -> None:
    site.sees("C-BOB", "registration/r2", {"email": "ann@example.org"})
    log(site, "e1", "cookie", "s1", email="ann@example.org")
    assert recognised(site) == ([], {})


def test_nobody_known_is_nobodys(site: Any) -> None:
    log(site, "e1", "cookie", "s1", email="else@example.org")
    assert recognised(site) == ([], {})


def test_a_registration_says_itself_whose_its_number_is(site: Any) -> None:
    site.sees("C-BOB", "transaction/t1", {"registration_id": "r1"})
    log(site, "e1", "cookie", "s1", registration_id="r1")
    assert recognised(site)[1] == {"e1": "C-ANN"}


def test_on_a_shared_device_an_event_goes_by_itself_then_by_its_visit(site: Any) -> None:
    log(site, "own", "tablet", "both", registration_id="r1")
    log(site, "other", "tablet", "both", registration_id="r2")
    log(site, "open", "tablet", "both")
    log(site, "hers", "tablet", "alone", registration_id="r1")
    log(site, "same visit", "tablet", "alone")
    log(site, "elsewhen", "tablet", "unknown")
    log(site, "no visit", "tablet", None)
    assert recognised(site)[1] == {
        "own": "C-ANN",
        "other": "C-BOB",
        "hers": "C-ANN",
        "same visit": "C-ANN",
    }


@pytest.mark.parametrize(("hers", "owner"), [(4, ["C-ANN"]), (3, [])])
def test_a_shared_device_is_one_customers_from_four_fifths_of_the_visits(
    site: Any, hers: int, owner: list[str]
) -> None:
    for visit in range(hers):
        log(site, f"a{visit}", "tablet", f"a{visit}", registration_id="r1")
    log(site, "b", "tablet", "b", registration_id="r2")
    owners, _ = recognised(site)
    assert [entity for _, entity, _, _ in owners] == owner


def test_a_project_without_web_source_recognises_nobody(evidence: Any) -> None:
    recognise_visitors(evidence.con, {"registration": SPECS["registration"]})
    found = evidence.con.execute("SELECT count(*) FROM work.visits").fetchall()
    assert found == [(0,)]
