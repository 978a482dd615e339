"""The candidate as a whole: identity, facts, quarantine, and that it comes out the same twice."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from core.errors import ConfigError, ProjectError
from sources.spec import SourceSpec
from warehouse.connection import attach_frames, attach_landed, create_candidate, open_candidate
from warehouse.facts import facts_tables


def sample(shop: Any) -> Any:
    """Ann registered, bought and browsed; Bob complained."""
    shop.knows("C-ANN", "registration", registration_id="r1", registered_at="2026-01-01",
               full_name="Ann Lee", email="ann@example.org")  # fmt: skip
    shop.knows("C-ANN", "transaction", transaction_id="t1", ordered_at="2026-02-01", quantity=1,
               amount=10.0, currency="USD", status="paid")  # fmt: skip
    shop.knows("C-BOB", "feedback", feedback_id="f1", submitted_at="2026-03-01",
               channel="complaint", contact_name="Bob", extra='{"mood": "bad"}')  # fmt: skip
    for event in ("e2", "e1"):
        shop.lands("web_behaviour", event_id=event, occurred_at="2026-04-01", anonymous_id="a",
                   session_id="s", event_type="view")  # fmt: skip
    shop.frames["visitors"].append(
        ["web_behaviour", "a", "registration_id", "r1", "s", 2, "2026-04-01 00:00:00+00"]
    )
    shop.frames["told_pairs"].append([0, 1, 12.5, 0.999, True, "link", '{"email": {"weight": 9}}'])
    shop.frames["events"] += [
        [2, "2026-05-02 00:00:00+00", "R", "created", "C-BOB", None, "new"],
        [1, "2026-05-01 00:00:00+00", "R", "created", "C-ANN", None, "new"],
    ]
    shop.quarantine += [["social", "b.csv", 2, "no key", "x", "2026-01-01"],
                        ["social", "a.csv", 1, "no key", "y", "2026-01-01"]]  # fmt: skip
    return shop


def test_the_crosswalk_holds_every_known_row_and_recognised_visitor(shop: Any, ask: Any) -> None:
    built = sample(shop).build()
    query = "SELECT source, source_record_id, entity_id, matched_by FROM identity.crosswalk"
    assert ask(built, query) == [
        ("feedback", "f1", "C-BOB", "email"),
        ("registration", "r1", "C-ANN", "email"),
        ("transaction", "t1", "C-ANN", "email"),
        ("web_behaviour", "a", "C-ANN", "registration_id"),
    ]


def test_matches_name_the_rows_of_both_records(shop: Any, ask: Any) -> None:
    (match,) = ask(sample(shop).build(), "FROM identity.matches")
    assert match[:7] == ("registration", "r1", "transaction", "t1", 12.5, 0.999, "link")
    assert json.loads(match[7]) == {"email": {"weight": 9}}


def test_a_record_of_several_rows_is_named_by_its_first(shop: Any, ask: Any) -> None:
    sample(shop).frames["members"].append(["transaction", "t0", 1, "2025-01-01 00:00:00+00"])
    (match,) = ask(shop.build(), "SELECT source_record_id_r FROM identity.matches")
    assert match == ("t0",)


def test_identity_events_are_published_in_order(shop: Any, ask: Any) -> None:
    rows = ask(sample(shop).build(), 'SELECT sequence, "at", entity_id FROM identity.events')
    assert rows == [(1, datetime(2026, 5, 1), "C-ANN"), (2, datetime(2026, 5, 2), "C-BOB")]


def test_facts_carry_their_customer(shop: Any, ask: Any) -> None:
    built = sample(shop).build()
    assert ask(built, "SELECT transaction_id, amount, entity_id FROM facts.transactions") == [
        ("t1", 10.0, "C-ANN")
    ]
    assert ask(built, "SELECT event_id, entity_id FROM facts.web_events") == [
        ("e1", "C-ANN"),
        ("e2", "C-ANN"),
    ]
    assert ask(built, "SELECT entity_id, extra ->> 'mood' FROM facts.feedback") == [
        ("C-BOB", "bad")
    ]


def test_events_of_an_unknown_visitor_are_kept_without_customer(shop: Any, ask: Any) -> None:
    sample(shop).lands(
        "web_behaviour",
        event_id="e3",
        occurred_at="2026-04-02",
        anonymous_id="b",
        event_type="view",
    )
    built = shop.build()
    assert ask(built, "SELECT entity_id FROM facts.web_events WHERE event_id = 'e3'") == [(None,)]
    assert ask(built, "SELECT count(*) FROM golden.customers") == [(2,)]


def test_quarantine_is_copied_in_order(shop: Any, ask: Any) -> None:
    rows = ask(sample(shop).build(), "SELECT file, row_number, reason, raw FROM quality.quarantine")
    assert rows == [("a.csv", 1, "no key", "y"), ("b.csv", 2, "no key", "x")]


def content_of(built: Path) -> dict[str, list[tuple[Any, ...]]]:
    with duckdb.connect(str(built), read_only=True) as con:
        tables = con.execute("SELECT schema_name, table_name FROM duckdb_tables()").fetchall()
        return {f"{s}.{t}": con.execute(f"FROM {s}.{t}").fetchall() for s, t in tables}


def test_frames_in_another_row_order_give_the_same_rows_in_the_same_order(shop: Any) -> None:
    first = content_of(sample(shop).build())
    for rows in (*shop.frames.values(), *shop.landed.values()):
        rows.reverse()
    assert content_of(shop.build()) == first


def test_an_older_client_can_read_the_file(shop: Any, ask: Any) -> None:
    (version,) = ask(
        sample(shop).build(), "SELECT tags FROM duckdb_databases() WHERE NOT internal"
    )[0]
    assert version["storage_version"].startswith("v1.5")


def test_a_source_of_its_own_shape_publishes_its_own_facts(make_shop: Any, ask: Any) -> None:
    spec = SourceSpec(
        name="visits",
        kind="event",
        key="no",
        time="day",
        facts="store_visits",
        fields={"no": {"required": True}, "day": {"type": "date"}, "minutes": {"type": "integer"}},
    )
    shop = make_shop("registration", visits=spec)
    shop.knows("C-ANN", "visits", no="v1", day="2026-01-01", minutes=12)
    built = shop.build()
    rows = ask(built, "SELECT no, minutes, entity_id, source_name FROM facts.store_visits")
    assert rows == [("v1", 12, "C-ANN", "visits")]
    assert ask(built, "SELECT last_activity_at FROM marts.customer_360") == [
        (datetime(2026, 1, 1),)
    ]


def test_two_sources_can_share_a_facts_table(make_shop: Any, ask: Any) -> None:
    till = SourceSpec(
        name="till", kind="event", key="transaction_id", time="ordered_at", facts="transactions",
        fields={"transaction_id": {}, "ordered_at": {"type": "time"}, "till": {},
                "amount": {"type": "integer"}, "currency": {}, "status": {}},
    )  # fmt: skip
    shop = make_shop("transaction", till=till)
    shop.knows("C-ANN", "transaction", transaction_id="1", ordered_at="2026-01-01", amount=1.5,
               currency="USD", status="paid")  # fmt: skip
    shop.knows("C-ANN", "till", transaction_id="1", ordered_at="2026-01-02", amount=2, till="A",
               currency="USD", status="paid")  # fmt: skip
    built = shop.build()
    assert ask(built, "SELECT amount, till, source_name FROM facts.transactions ORDER BY ALL") == [
        (1.5, None, "transaction"),
        (2.0, "A", "till"),
    ]
    assert str(ask(built, "SELECT revenue FROM marts.customer_360")[0][0]) == "3.50"


def test_a_field_that_two_sources_type_differently_is_refused() -> None:
    odd = SourceSpec(
        name="odd", kind="event", key="no", facts="transactions",
        fields={"no": {}, "amount": {}, "entity_id": {}},
    )  # fmt: skip
    with pytest.raises(ConfigError) as refused:
        facts_tables({"odd": odd})
    assert len(refused.value.problems) == 2


def test_a_build_that_fails_leaves_the_last_candidate(tmp_path: Path) -> None:
    target = tmp_path / "candidate.duckdb"
    target.write_bytes(b"as it was")
    with pytest.raises(ProjectError), create_candidate(target) as con:
        attach_frames(con, tmp_path, touched_only=False)
    assert target.read_bytes() == b"as it was"
    assert list(tmp_path.iterdir()) == [target]


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    with create_candidate(tmp_path / "candidate.duckdb") as con:
        with pytest.raises(ProjectError, match="lacks visitors; run the stages before"):
            attach_frames(con, tmp_path, touched_only=False)
        with pytest.raises(ProjectError, match=r"landed\.duckdb"):
            attach_landed(con, tmp_path / "landed.duckdb")
    with pytest.raises(ProjectError, match="golden"), open_candidate(tmp_path / "none.duckdb"):
        pass


def test_a_log_left_by_a_killed_stage_does_not_reach_the_next_candidate(tmp_path: Path) -> None:
    target = tmp_path / "candidate.duckdb"
    with create_candidate(target) as con:
        con.execute("CREATE TABLE first AS SELECT 1")
    target.with_name("candidate.duckdb.wal").write_bytes(b"left over")
    with create_candidate(target) as con:
        con.execute("CREATE TABLE second AS SELECT 2 AS two")
    with open_candidate(target) as con:
        assert con.execute("SELECT two FROM second").fetchall() == [(2,)]
