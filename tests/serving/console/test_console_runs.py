"""Runs, gates, quarantine and comparisons; and what a steward's own history says."""

from datetime import UTC, datetime

import duckdb
import polars as pl
import pytest
from console_project import SignIn, said
from serving_project import ANN, publish_merge

from core.project import Project
from resolution.decisions import Decision, RowKey
from resolution.decisions.agreement import agreement_of
from resolution.decisions.store import as_rows
from serving.console.run_view import beyond
from serving.ground import Ground
from serving.roles import Role
from warehouse.history import CheckResult, RunFigures, record_results, record_run

AT = datetime(2026, 11, 22, 9, tzinfo=UTC)


@pytest.fixture
def refused(console: Project) -> Project:
    """A run that a gate refused, and a row in quarantine."""
    record_run(console, RunFigures("run-7", "refused", AT, AT, rows_in=10, quarantined=1))
    gate = CheckResult("golden", "share_named", "marts", "critical", False, "0.41", "at least 0.6")
    fine = CheckResult("golden", "rows", "marts", "critical", True, "10", "at least 1")
    record_results(console, "run-7", [gate, fine], AT)
    con = duckdb.connect(str(console.state / "landed.duckdb"))
    con.execute(
        "CREATE TABLE quarantine AS SELECT 'social' AS source, 'a.csv' AS file, 7 AS row_number, "
        "'wrong width' AS reason, 'S-9;Ann Secret' AS raw, TIMESTAMP '2026-11-22' AS delivered_at"
    )
    con.close()
    return console


def test_a_failed_gate_is_shown_with_by_how_much(sign_in: SignIn, refused: Project) -> None:
    browser = sign_in(Role.VIEWER)
    assert "refused" in browser.get("/runs").text
    page = browser.get("/runs/run-7").text
    assert "1 of 2 failed" in page
    for told in ("share_named", "0.41", "at least 0.6", "-0.19", "refuses the release"):
        assert told in page, told
    assert browser.get("/runs/run-8").status_code == 404


@pytest.mark.parametrize(
    ("observed", "expected", "by"),
    [("0.41", "at least 0.6", -0.19), ("7", "at most 5", 2.0), ("3", "exactly 0", 3.0),
     ("2.5", "at least 0.9 and at most 2", 0.5), ("1", "at least 0.9 and at most 2", 0.0),
     (None, "at most 5", None), ("a", "at most 5", None), ("1", "as before", None)],
)  # fmt: skip
def test_how_far_beyond_what_is_allowed(
    observed: str | None, expected: str, by: float | None
) -> None:
    assert beyond(observed, expected) == (None if by is None else pytest.approx(by))


def test_a_quarantined_row_is_shown_masked_for_viewers(
    sign_in: SignIn, refused: Project, ground: Ground
) -> None:
    viewer, analyst = sign_in(Role.VIEWER), sign_in(Role.ANALYST)
    page = viewer.get("/quarantine?source=social").text
    assert "wrong width" in page and "a.csv" in page and "Secret" not in page
    assert "S-9;Ann Secret" in analyst.get("/quarantine").text
    assert [x.who for x in ground.audit.newest() if x.action == "looked at"] == ["account:analyst"]


def test_two_releases_are_compared(sign_in: SignIn, console: Project) -> None:
    browser = sign_in()
    first = browser.get("/").text.split("Release ")[1].split("<")[0]
    second = publish_merge(console)
    page = browser.get("/compare", params={"older": first, "newer": second}).text
    assert "Customers: 3 before, 2 after" in page and "York" in page and ANN in page
    assert browser.get("/compare", params={"older": second, "newer": first}).status_code == 400


def test_own_decisions_and_everybodys(sign_in: SignIn) -> None:
    mei, tom = sign_in(name="mei"), sign_in(name="tom")
    assert "No decision here yet" in mei.get("/decisions").text
    said(mei, "match", note="same card")
    assert "same card" in mei.get("/decisions").text
    assert "No decision here yet" in tom.get("/decisions").text
    assert "same card" in tom.get("/decisions?whose=all").text
    assert "same card" not in sign_in(Role.VIEWER).get("/decisions?whose=all").text


def decisions(*said_by: tuple[str, str, str, str]) -> pl.DataFrame:
    return as_rows(
        [Decision(verdict, RowKey("s", a), RowKey("s", b), who) for who, a, b, verdict in said_by],
        1,
    )


def test_agreement_is_counted_on_pairs_that_others_judged_too() -> None:
    said_of = decisions(
        ("mei", "1", "2", "match"), ("tom", "2", "1", "match"),
        ("mei", "1", "3", "match"), ("tom", "1", "3", "non-match"),
        ("mei", "1", "4", "match"), ("tom", "1", "4", "unsure"), ("mei", "5", "6", "match"),
    )  # fmt: skip
    found = agreement_of(said_of, "mei")
    assert (found.pairs, found.agreed, found.rate) == (2, 1, 0.5)
    assert agreement_of(said_of, "nobody").rate is None
