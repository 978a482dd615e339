"""A candidate that begins as a copy of the last release holds what one built anew would."""

import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest


def content_of(built: Path) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of every table, in an order that does not depend on when they were written."""
    with duckdb.connect(str(built), read_only=True) as con:
        tables = con.execute("SELECT schema_name, table_name FROM duckdb_tables()").fetchall()
        return {
            f"{schema}.{table}": sorted(con.execute(f"FROM {schema}.{table}").fetchall(), key=repr)
            for schema, table in tables
        }


def buys(shop: Any, entity: str, key: str, amount: float) -> int:
    number: int = shop.knows(entity, "transaction", transaction_id=key, ordered_at="2026-02-01",
                             quantity=1, amount=amount, currency="USD", status="paid")  # fmt: skip
    return number


def signs_up(shop: Any, entity: str, key: str) -> int:
    number: int = shop.knows(entity, "registration", registration_id=key,
                             registered_at="2026-01-01", full_name=f"{entity[2:]} Lee",
                             email=f"{key}@example.org")  # fmt: skip
    return number


def browses(shop: Any, event: str, visitor: str) -> None:
    shop.lands("web_behaviour", event_id=event, occurred_at="2026-04-01", anonymous_id=visitor,
               session_id="s", event_type="view")  # fmt: skip


def shows(shop: Any, visitor: str, registration: str) -> None:
    at = "2026-04-01 00:00:00+00"
    shop.frames["visitors"].append(
        ["web_behaviour", visitor, "registration_id", registration, "s", 1, at]
    )


def link(left: int, right: int) -> list[Any]:
    return [left, right, 12.5, 0.999, True, "link", "{}"]


def born(sequence: int, entity: str) -> list[Any]:
    return [sequence, "2026-05-01 00:00:00+00", "R", "created", entity, None, "new"]


@pytest.fixture
def opened(shop: Any) -> Any:
    """Ann and Dot signed up and bought, Bob complained; two browsers, one of them Ann's."""
    shop.frames["told_pairs"] += [
        link(signs_up(shop, "C-ANN", "r1"), buys(shop, "C-ANN", "t1", 10)),
        link(signs_up(shop, "C-DOT", "r9"), buys(shop, "C-DOT", "t9", 90)),
    ]
    shop.knows("C-BOB", "feedback", feedback_id="f1", submitted_at="2026-03-01",
               channel="complaint", contact_name="Bob")  # fmt: skip
    browses(shop, "e1", "a")
    browses(shop, "e2", "b")
    shows(shop, "a", "r1")
    shop.frames["events"] += [born(1, "C-ANN"), born(2, "C-BOB"), born(3, "C-DOT")]
    shop.quarantine.append(["social", "a.csv", 1, "no key", "y", "2026-01-01"])
    return shop


def released(shop: Any) -> Path:
    return Path(shutil.copy(shop.build(), shop.project.root / "last.duckdb"))


def continued(shop: Any, base: Path, touched: list[int], **frames: list[list[Any]]) -> Path:
    """The copy of `base` in which these records, and those that are gone, are made anew."""
    owners = {number: entity for number, _, entity, *_ in shop.frames["entities"]}
    with duckdb.connect(str(base), read_only=True) as con:
        before = dict(
            con.execute(
                "SELECT source || '/' || source_record_id, entity_id FROM identity.crosswalk"
            ).fetchall()
        )
    rows = {number: f"{source}/{key}" for source, key, number, _ in shop.frames["members"]}
    known = [*touched, *shop.gone]
    entities = {owners.get(number) for number in known} | {before.get(rows[n]) for n in known}
    shop.frames |= frames | {
        "touched_records": [[n, False] for n in touched] + [[n, True] for n in shop.gone],
        "touched_entities": [[entity] for entity in sorted(entities - {None})],
    }
    built: Path = shop.build(base)
    return built


def test_rows_that_came_changed_and_went(opened: Any) -> None:
    base = released(opened)
    opened.withdraws("feedback", "f1")
    opened.withdraws("transaction", "t1")
    corrected, cid = buys(opened, "C-ANN", "t1", 20), signs_up(opened, "C-CID", "r2")
    browses(opened, "e3", "a")
    opened.quarantine.append(["social", "b.csv", 1, "no key", "z", "2026-01-02"])
    now, told = [born(4, "C-CID")], link(0, corrected)
    opened.frames["events"] += now
    opened.frames["told_pairs"][0] = told
    anew = content_of(opened.build())
    assert anew["identity.events"][-1][3:5] == ("created", "C-CID")
    changed = [["feedback", "f1"], ["transaction", "t1"], ["registration", "r2"]]
    frames = {"events": now, "told_pairs": [told], "changed_rows": [*changed,
              ["web_behaviour", "e3"]]}  # fmt: skip
    assert content_of(continued(opened, base, [0, corrected, cid], **frames)) == anew


def test_a_customer_that_is_merged_takes_orders_and_visits_along(opened: Any, ask: Any) -> None:
    base = released(opened)
    merged = [[4, "2026-05-02 00:00:00+00", "S", "merged", "C-DOT", "C-ANN", "2 rows"]]
    for row in opened.frames["entities"]:
        row[2] = "C-DOT" if row[2] == "C-ANN" else row[2]
    told = [*opened.frames["told_pairs"], link(0, 2)]
    opened.frames["told_pairs"] = told
    opened.frames["events"] += merged
    anew = content_of(opened.build())
    built = continued(opened, base, [0, 1, 2, 3], events=merged, told_pairs=told)
    assert content_of(built) == anew
    owners = "SELECT event_id, entity_id FROM facts.web_events ORDER BY 1"
    assert ask(built, owners) == [("e1", "C-DOT"), ("e2", None)]
    assert ask(built, "SELECT DISTINCT entity_id FROM facts.transactions") == [("C-DOT",)]


def test_a_visitor_that_signs_in_is_recognised_in_past_events(opened: Any, ask: Any) -> None:
    base = released(opened)
    browses(opened, "e3", "b")
    shows(opened, "b", "r9")
    anew = content_of(opened.build())
    built = continued(opened, base, [], events=[], told_pairs=[],
                      changed_rows=[["web_behaviour", "e3"]])  # fmt: skip
    assert content_of(built) == anew
    owners = "SELECT event_id, entity_id FROM facts.web_events ORDER BY 1"
    assert ask(built, owners) == [("e1", "C-ANN"), ("e2", "C-DOT"), ("e3", "C-DOT")]


def test_nothing_touched_leaves_the_release_as_it_was(opened: Any) -> None:
    base = released(opened)
    assert content_of(continued(opened, base, [], events=[], told_pairs=[])) == content_of(base)
