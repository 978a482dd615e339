"""What a source takes back is gone, and lives again when it comes again."""

import gzip
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from people_project import (
    FIELDS,
    deliver,
    empty_project,
    fingerprint,
    land,
    names,
    seen,
    spec,
)

from core.project import Project
from sources.deliveries import lists_withdrawn_keys
from sources.landed import LandedStore

GONE = spec(
    fields=FIELDS | {"gone": {}, "closed": {"type": "time"}},
    withdrawn_when={"gone": ["yes", "1"], "closed": "any"},
)
HEAD = "id,changed,name,gone,closed"
TIMELESS = GONE.model_copy(update={"version": ()})


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return empty_project(tmp_path)


def step(project: Project, name: str, *rows: str, source: Any = GONE, head: str = HEAD) -> Any:
    deliver(project, name, *rows, head=head)
    return land(project, source)


def standing(project: Project) -> list[str]:
    versions = seen(project, lambda store: store.versions("people"))
    return versions["name"].to_list()


def stored(project: Project) -> int:
    return int(
        seen(
            project,
            lambda store: store.connection.execute(
                "SELECT count(*) FROM versions.people"
            ).fetchone()[0],
        )
    )


def changed(project: Project, after: int) -> list[str]:
    keys: pl.Series = seen(project, lambda store: store.changed_keys("people", after))
    return keys.to_list()


@pytest.mark.parametrize(
    "last", ["1,2025-02-01,Ann,YES ,", "1,2025-02-01,Ann,1,", "1,2025-02-01,Ann,,2025-02-01"]
)
def test_a_value_of_a_field_withdraws_the_key(project: Project, last: str) -> None:
    step(project, "a.csv", "1,2025-01-01,Ann,,", "2,2025-01-01,Bob,no,")
    before = fingerprint(project)
    number = int(seen(project, LandedStore.last_delivery))
    report = step(project, "b.csv", last)
    assert (report.landed, report.withdrawn, report.superseded) == (1, 1, 0)
    assert names(project) == {"2": "Bob"}
    assert standing(project) == ["Bob"]
    assert stored(project) == 3
    assert fingerprint(project) != before
    assert changed(project, number) == ["1"]


def test_a_later_version_brings_the_key_back_without_what_was_taken_back(project: Project) -> None:
    step(project, "a.csv", "1,2025-01-01,Ann,,", "1,2025-02-01,Ann,yes,", "1,2025-03-01,Anna,,")
    assert names(project) == {"1": "Anna"}
    assert standing(project) == ["Anna"]


def test_what_is_older_than_the_withdrawal_and_comes_late_stays_out(project: Project) -> None:
    step(project, "a.csv", "1,2025-02-01,Ann,yes,")
    assert step(project, "b.csv", "1,2025-01-01,Ann,,").withdrawn == 0
    assert names(project) == {}
    step(project, "c.csv", "1,2025-03-01,Anna,,")
    step(project, "d.csv", "1,2025-01-01,Ann,,", "1,2025-02-01,Ann,yes,")
    assert names(project) == {"1": "Anna"}


def test_a_withdrawal_that_comes_late_takes_back_only_what_is_older(project: Project) -> None:
    step(project, "a.csv", "1,2025-01-01,Ann,,", "1,2025-03-01,Anna,,")
    assert standing(project) == ["Ann", "Anna"]
    step(project, "b.csv", "1,2025-02-01,Ann,yes,")
    assert names(project) == {"1": "Anna"}
    assert standing(project) == ["Anna"]


def test_a_withdrawal_need_not_hold_what_else_is_required(project: Project) -> None:
    strict = GONE.model_copy(update={"fields": GONE.fields | {"name": GONE.fields["id"]}})
    step(project, "a.csv", "1,2025-01-01,Ann,,", source=strict)
    report = step(project, "b.csv", "1,,,yes,", "2,,,,", ",,,yes,", source=strict)
    assert (report.withdrawn, report.quarantined) == (1, 2)
    assert names(project) == {}


def test_a_withdrawal_without_a_time_is_as_of_its_delivery(project: Project) -> None:
    step(project, "a.csv", "1,2025-02-01,Ann,,")
    step(project, "b.csv", "1,,,yes,")
    assert names(project) == {}
    step(project, "c.csv", "1,2025-01-01,Old,,")
    assert names(project) == {}
    step(project, "d.csv", "1,2025-03-01,Anna,,")
    assert names(project) == {"1": "Anna"}


def test_without_times_the_order_of_delivery_decides_again_and_again(project: Project) -> None:
    here, gone = "1,,Ann,,", "1,,Ann,yes,"
    for number, (row, found) in enumerate(
        [(here, True), (gone, False), (gone, False), (here, True), (here, True), (gone, False)]
    ):
        step(project, f"{number}.csv", row, f"9,,{number},,", source=TIMELESS)
        assert ("1" in names(project)) is found
    assert stored(project) == 4 + 6


def test_turns_within_one_file_are_taken_in_order(project: Project) -> None:
    step(project, "a.csv", "1,,Ann,,", "1,,Ann,yes,", "1,,Ann,,", source=TIMELESS)
    assert names(project) == {"1": "Ann"}
    assert standing(project) == ["Ann"]


def test_a_list_of_keys_withdraws_them(project: Project) -> None:
    step(project, "a.csv", "1,2025-01-01,Ann,,", "2,2025-01-01,Bob,,", "3,2025-01-01,Cid,,")
    before = fingerprint(project)
    number = int(seen(project, LandedStore.last_delivery))
    report = step(project, "b.withdrawn.csv", "x,1", "x, 2 ", "x,", "y", "x,9", head="why,ID")
    assert (report.rows_read, report.withdrawn, report.quarantined) == (5, 2, 2)
    assert names(project) == {"3": "Cid"}
    assert standing(project) == ["Cid"]
    assert fingerprint(project) != before
    assert changed(project, number) == ["1", "2", "9"]
    found = seen(project, LandedStore.quarantine)
    assert found.select("file", "row_number", "reason").rows() == [
        ("b.withdrawn.csv", 3, "id: required and missing"),
        ("b.withdrawn.csv", 4, "wrong width: 1 field, the headings are 2"),
    ]
    assert [each.kind for each in report.drift] == ["quarantined_share"]
    assert land(project, GONE).files_new == 0


def test_a_listed_key_that_comes_again_lives_again(project: Project) -> None:
    step(project, "a.csv", "1,2025-01-01,Ann,,", "1,2025-02-01,Anna,,")
    step(project, "b.withdrawn.csv", "1", head="id")
    step(project, "c.csv", "1,2025-01-15,Late,,", "1,2025-01-01,Ann,,")
    assert names(project) == {}  # older than what was withdrawn
    step(project, "d.csv", "1,2025-02-01,Anna,,", "2,,Bob,,")
    assert names(project) == {"1": "Anna", "2": "Bob"}
    assert standing(project) == ["Anna", "Bob"]
    step(project, "e.withdrawn.csv", "1", "2", head="id")
    assert names(project) == {}
    step(project, "f.csv", "1,2025-03-01,Annie,,", "2,,Bob,,")
    assert names(project) == {"1": "Annie", "2": "Bob"}


def test_another_connection_sees_which_keys_are_withdrawn(project: Project) -> None:
    step(project, "a.csv", "1,,Ann,,", "2,,Bob,,", "3,,Cid,,")
    step(project, "b.withdrawn.csv", "1", "2", head="id")
    step(project, "c.csv", "2,,Bob,,")
    with duckdb.connect() as other:
        other.execute(f"ATTACH '{project.state / 'landed.duckdb'}' AS landed (READ_ONLY)")
        found = other.execute("SELECT source_record_id FROM landed.withdrawn.people").fetchall()
        assert found == [("1",)]


def test_lists_come_in_every_format(project: Project) -> None:
    people = project.landing / "people"
    step(project, "a.csv", *(f"{n},,x{n},," for n in range(5)))
    (people / "b.withdrawn.jsonl").write_text('{"id": 1, "why": "asked"}\n')
    (people / "c.withdrawn.csv.gz").write_bytes(gzip.compress(b"id\n2\n"))
    pl.DataFrame({"id": [3]}).write_parquet(people / "d.withdrawn.parquet")
    assert land(project, GONE).withdrawn == 3
    assert set(names(project)) == {"0", "4"}


def test_a_list_without_the_key_is_set_aside_whole(project: Project) -> None:
    step(project, "a.csv", "1,,Ann,,")
    report = step(project, "b.withdrawn.csv", "Ann", head="name")
    assert (report.files_refused, report.withdrawn) == (1, 0)
    [reason] = seen(project, LandedStore.quarantine)["reason"]
    assert reason.endswith("is id, the key of people, which a list of withdrawn keys must have")


@pytest.mark.parametrize(
    ("name", "lists"),
    [
        ("a.withdrawn.csv", True),
        ("day/A.Withdrawn.JSONL.zst", True),
        ("2026.11.withdrawn.parquet.gz", True),
        ("withdrawn.csv", False),
        ("a.csv", False),
        ("a.withdrawn", False),
    ],
)
def test_a_list_is_known_by_its_name(name: str, lists: bool) -> None:
    assert lists_withdrawn_keys(name) is lists


def test_integer_keys_are_found_however_they_are_written(project: Project) -> None:
    source = spec(fields=FIELDS | {"id": {"type": "integer"}})
    step(project, "a.csv", "7,,Ann,new", "8,,Bob,new", head="id,changed,name,state", source=source)
    step(project, "b.withdrawn.csv", "07", "8.0", "x", head="id", source=source)
    assert names(project) == {}


def test_a_rule_that_changes_is_applied_to_what_has_landed(project: Project) -> None:
    plain = GONE.model_copy(update={"withdrawn_when": {}})
    path = deliver(project, "a.csv", "1,2025-01-01,Ann,,", "1,2025-02-01,Ann,yes,", head=HEAD)
    land(project, plain)
    path.unlink()
    number = int(seen(project, LandedStore.last_delivery))
    land(project, GONE)
    assert names(project) == {}
    assert changed(project, number) == ["1"]
    number = int(seen(project, LandedStore.last_delivery))
    land(project, plain)
    assert names(project) == {"1": "Ann"}
    assert changed(project, number) == ["1"]
    assert len(standing(project)) == 2


def test_rereading_keeps_what_was_withdrawn_and_what_came_back(project: Project) -> None:
    step(project, "a.csv", "1,,Ann,,", "2,,Bob,,", "3,,Cid,,")
    step(project, "b.withdrawn.csv", "1", "2", head="id")
    step(project, "c.csv", "2,,Bob,,")
    found = names(project)
    assert found == {"2": "Bob", "3": "Cid"}
    number = int(seen(project, LandedStore.last_delivery))
    again = GONE.model_copy(update={"fields": GONE.fields | {"town": GONE.fields["name"]}})
    assert land(project, again).files_new == 3
    assert names(project) == found
    assert changed(project, number) == []


def test_a_store_made_before_withdrawals_goes_on(project: Project) -> None:
    deliver(project, "a.csv", "1,,Ann,new")
    land(project)
    before = fingerprint(project)
    with LandedStore(project.state / "landed.duckdb") as store:
        for column in ("_withdrawal", "_stands"):
            store.connection.execute(f"ALTER TABLE versions.people DROP COLUMN {column}")
        store.connection.execute("ALTER TABLE files DROP COLUMN withdrawn")
        store.connection.execute("CREATE TABLE versions.left AS FROM versions.people")
    land(project)
    assert fingerprint(project) != before  # a second source
    assert names(project) == {"1": "Ann"}
    step(project, "b.withdrawn.csv", "1", head="id", source=spec())
    assert names(project) == {}
