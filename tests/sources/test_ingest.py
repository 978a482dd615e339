"""Deliveries land exactly once, whatever is delivered again, late, damaged or interrupted."""

import gzip
import os
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from people_project import (
    FIELDS,
    NOW,
    deliver,
    empty_project,
    fingerprint,
    land,
    names,
    seen,
    spec,
)

from core.errors import ProjectError
from core.project import Project
from sources import land as land_module
from sources.ingest import ingest
from sources.landed import LandedStore, landed_path


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return empty_project(tmp_path)


def test_good_rows_land_and_bad_ones_are_set_aside(project: Project) -> None:
    deliver(project, "a.csv", "1,,Ann,new", "2,,Bob,lost", "3,,Cid", "4,,Dee,OLD")
    report = land(project)
    assert (report.rows_read, report.landed, report.quarantined) == (4, 2, 2)
    assert names(project) == {"1": "Ann", "4": "Dee"}
    quarantine = seen(project, LandedStore.quarantine)
    assert quarantine.select("source", "file", "row_number", "raw").rows() == [
        ("people", "a.csv", 2, "2,,Bob,lost"),
        ("people", "a.csv", 3, "3,,Cid"),
    ]


def test_a_second_ingest_changes_nothing(project: Project) -> None:
    deliver(project, "a.csv", "1,,Ann,new", "2,,Bob,lost")
    land(project)
    before = fingerprint(project)
    report = land(project)
    assert (report.files_new, report.rows_read, report.landed) == (0, 0, 0)
    assert fingerprint(project) == before


def test_the_same_rows_in_another_file_change_nothing(project: Project) -> None:
    deliver(project, "a.csv", "1,,Ann,new", "2,,Bob,lost", "2,,Bob,lost")
    land(project)
    before = fingerprint(project)
    (project.landing / "people" / "b.csv.gz").write_bytes(
        gzip.compress(b"id,changed,state,name\n2,,lost,Bob\n1,,NEW,Ann\n")
    )
    deliver(project, "c.csv", "1,,Ann,new", "2,,Bob,lost", "2,,Bob,lost")
    deliver(project, "d.csv", "2,,Bob,lost", "1,,Ann,new")
    report = land(project)
    assert report.landed == 0
    assert seen(project, lambda store: store.versions("people").height) == 1
    assert seen(project, lambda store: store.quarantine().height) == 3  # b.csv writes it otherwise
    assert fingerprint(project) != before


def test_newer_content_supersedes_and_keeps_the_history(project: Project) -> None:
    deliver(project, "a.csv", "1,2025-01-01,Ann,new", "2,2025-01-01,Bob,new")
    land(project)
    deliver(project, "b.csv", "1,2025-02-01,Anna,old")
    report = land(project)
    assert (report.landed, report.superseded) == (1, 1)
    assert names(project) == {"1": "Anna", "2": "Bob"}
    versions = seen(project, lambda store: store.versions("people"))
    assert versions.select("name", "_current").rows() == [
        ("Ann", False),
        ("Anna", True),
        ("Bob", True),
    ]


def test_an_older_version_that_comes_late_is_history(project: Project) -> None:
    deliver(project, "a.csv", "1,2025-02-01,Anna,old")
    land(project)
    deliver(project, "b.csv", "1,2025-01-01,Ann,new")
    report = land(project)
    assert (report.landed, report.superseded) == (1, 0)
    assert names(project) == {"1": "Anna"}


def test_without_times_the_later_delivery_is_current(project: Project) -> None:
    deliver(project, "a.csv", "1,,Ann,new", "1,,Anna,new")
    assert land(project).superseded == 0
    assert names(project) == {"1": "Anna"}
    deliver(project, "b.csv", "1,,Annie,new")
    assert land(project).superseded == 1
    assert names(project) == {"1": "Annie"}


def test_what_landed_stays_when_its_file_is_deleted(project: Project) -> None:
    deliver(project, "a.csv", "1,,Ann,new")
    land(project)
    (project.landing / "people" / "a.csv").unlink()
    land(project)
    assert names(project) == {"1": "Ann"}


def test_a_file_that_cannot_be_read_is_set_aside_whole_and_the_rest_goes_on(
    project: Project,
) -> None:
    people = project.landing / "people"
    whole = gzip.compress(("id,name\n" + "".join(f"{n},x{n}\n" for n in range(50_000))).encode())
    (people / "a.csv.gz").write_bytes(whole[: len(whole) // 2])
    (people / "b.pdf").write_bytes(b"%PDF")
    (people / "c.parquet").write_bytes(b"PAR1 cut off")
    (people / "d.csv").write_bytes(b"7,Eve,new\n8,Fay,new\n")
    deliver(project, "e.csv", "1,,Ann,new")
    report = land(project)
    assert (report.files_new, report.files_refused, report.landed) == (5, 4, 1)
    assert names(project) == {"1": "Ann"}
    quarantine = seen(project, LandedStore.quarantine)
    assert quarantine["file"].to_list() == ["a.csv.gz", "b.pdf", "c.parquet", "d.csv"]
    assert quarantine["row_number"].to_list() == [None] * 4
    assert "Eve" not in "".join(quarantine["reason"])
    before = fingerprint(project)
    assert land(project).files_new == 0
    assert fingerprint(project) == before


def test_damage_that_looks_alike_in_two_files_is_set_aside_in_both(project: Project) -> None:
    people = project.landing / "people"
    for name in ("a", "b"):
        rows = f'null\n{{"id": "", "name": "Ann"}}\n{{"id": "{name}"}}\n'
        (people / f"{name}.jsonl").write_text(rows)
        (people / f"{name}.parquet").write_bytes(f"PAR1 cut off {name}".encode())
    land(project)
    found = seen(project, LandedStore.quarantine).select("file", "row_number").rows()
    assert found == [
        ("a.jsonl", 1),
        ("a.jsonl", 2),
        ("a.parquet", None),
        ("b.jsonl", 1),
        ("b.jsonl", 2),
        ("b.parquet", None),
    ]


def test_a_file_packed_otherwise_sets_its_bad_rows_aside_once(project: Project) -> None:
    text = b'null\n{"id": "", "name": "Ann"}\n{"id": "1"}\n'
    (project.landing / "people" / "a.jsonl").write_bytes(text)
    land(project)
    before = fingerprint(project)
    (project.landing / "people" / "b.jsonl.gz").write_bytes(gzip.compress(text))
    assert land(project).quarantined == 0
    assert fingerprint(project) == before


def test_an_empty_file_is_noted_and_nothing_else(project: Project) -> None:
    (project.landing / "people" / "a.csv").touch()
    (project.landing / "people" / "b.jsonl").touch()
    report = land(project)
    assert [drift.kind for drift in report.drift] == ["empty_file"]
    assert (report.rows_read, report.quarantined) == (0, 0)


def test_a_kill_between_files_leaves_whole_files(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    deliver(project, "a.csv", "1,,Ann,new", "9,,Zed,lost")
    deliver(project, "b.csv", "1,,Anna,new", "2,,Bob,new", "8,,Yan,lost")

    class KillError(BaseException):
        pass

    settle = land_module.settle_current
    calls: list[int] = []

    def killed_at_the_second(*given: object) -> object:
        calls.append(1)
        if len(calls) == 2:
            raise KillError
        return settle(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(land_module, "settle_current", killed_at_the_second)
    with pytest.raises(KillError):
        land(project)
    assert names(project) == {"1": "Ann"}
    assert seen(project, lambda store: store.quarantine()["raw"].to_list()) == ["9,,Zed,lost"]
    monkeypatch.undo()
    assert land(project).files_new == 1
    assert names(project) == {"1": "Anna", "2": "Bob"}


def test_a_file_that_grows_while_it_is_read_waits_for_the_next_run(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = deliver(project, "a.csv", "1,,Ann,new")
    read = land_module.read_batches

    def growing(*given: object):  # type: ignore[no-untyped-def]
        yield from read(*given)  # type: ignore[arg-type]
        with path.open("a") as file:
            file.write("2,,Bob,new\n")

    monkeypatch.setattr(land_module, "read_batches", growing)
    told: list[str] = []
    ingest(project, {"people": spec()}, NOW, told.append)
    assert "still being written" in told[0]
    assert names(project) == {}
    monkeypatch.undo()
    land(project)
    assert names(project) == {"1": "Ann", "2": "Bob"}


def test_a_field_new_to_the_spec_is_read_from_files_already_landed(project: Project) -> None:
    head = "id,changed,name,state,town"
    deliver(project, "a.csv", "1,,Ann,new,Ulm", "2,,Bob,lost,Kiel", head=head)
    assert ("unknown_column", "town") in [(d.kind, d.field) for d in land(project).drift]
    states = {"type": "category", "values": ["new", "old", "lost"]}
    wider = spec(fields=FIELDS | {"town": {}, "state": states})
    report = land(project, wider)
    assert (report.landed, report.quarantined) == (2, 0)
    current = seen(project, lambda store: store.current("people"))
    assert current.select("id", "town", "extra").rows() == [("1", "Ulm", None), ("2", "Kiel", None)]
    assert seen(project, lambda store: store.quarantine().height) == 0
    assert land(project, wider).files_new == 0


def test_rereading_keeps_the_order_of_delivery(project: Project) -> None:
    deliver(project, "b.csv", "1,,Ann,new")
    land(project)
    deliver(project, "a.csv", "1,,Anna,new")
    land(project)
    land(project, spec(fields=FIELDS | {"town": {}}))
    assert names(project) == {"1": "Anna"}


def test_a_field_whose_type_changes_is_converted(project: Project) -> None:
    path = deliver(project, "a.csv", "1,,12,new")
    land(project)
    path.unlink()
    land(project, spec(fields=FIELDS | {"name": {"type": "integer"}}))
    assert names(project) == {"1": 12}


def test_a_missing_column_and_too_many_bad_rows_are_drift(project: Project) -> None:
    deliver(project, "a.csv", "1,lost", "2,new", head="id,state")
    found = {(d.kind, d.field): d.detail for d in land(project).drift}
    assert found[("missing_column", "name")] == "optional"
    assert found[("category_outside", "state")] == "'lost' 1 time"
    assert "1 of 2 rows (50.0%)" in found[("quarantined_share", "")]


def test_counts_and_shares_outside_the_assertions_are_drift_on_every_run(project: Project) -> None:
    source = spec(assertions={"rows_minimum": 5, "present_share_minimum": {"name": 0.9}})
    deliver(project, "a.csv", "1,,Ann,new", "2,,,new")
    land(project, source)
    found = {(d.kind, d.field): d.detail for d in land(project, source).drift}
    assert found == {
        ("count_outside", ""): "2 rows; at least 5 expected",
        ("present_share", "name"): "50.0% of rows; at least 90.0%",
    }


def test_drift_can_be_read_later(project: Project) -> None:
    deliver(project, "a.csv", "1,lost", head="id,state")
    land(project)
    kinds = seen(project, lambda store: store.drift()["kind"].to_list())
    assert kinds == ["category_outside", "missing_column", "missing_column", "quarantined_share"]


def test_another_connection_reads_the_store_attached(project: Project) -> None:
    deliver(project, "a.csv", "1,,Ann,new", "2,,Bob,lost")
    land(project)
    with duckdb.connect() as other:
        other.execute(f"ATTACH '{landed_path(project)}' AS landed (READ_ONLY)")
        assert other.execute("SELECT name FROM landed.current.people").fetchall() == [("Ann",)]
        assert other.execute("SELECT row_number FROM landed.main.quarantine").fetchall() == [(2,)]


def test_a_store_that_does_not_exist_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="oneid run"):
        LandedStore(tmp_path / "landed.duckdb", read_only=True)


def test_a_source_that_never_landed_is_named_with_those_that_did(project: Project) -> None:
    deliver(project, "a.csv", "1,,Ann,new")
    land(project)
    with pytest.raises(ProjectError, match="people"):
        seen(project, lambda store: store.current("shop"))


def test_file_names_that_are_no_text_are_kept_readable(project: Project) -> None:
    raw = os.fsencode(project.landing / "people") + b"/caf\xe9.csv"
    with open(raw, "wb") as file:  # noqa: PTH123
        file.write(b"id,name\n1,Ann\n")
    land(project)
    assert seen(project, lambda store: store.files()["file"].to_list()) == ["caf\\xe9.csv"]


ROWS = st.lists(
    st.tuples(st.sampled_from("123"), st.integers(1, 4), st.sampled_from(["Ann", "Bob", "Cid"])),
    min_size=1,
    max_size=8,
    unique_by=lambda row: (row[0], row[1]),
)


@settings(max_examples=12, deadline=None)
@given(ROWS)
def test_the_order_of_delivery_does_not_matter_where_times_decide(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, int, str]]
) -> None:
    shuffled = sorted(rows, key=lambda row: (row[2], row[0]))
    prints = []
    for order in (rows, shuffled):
        project = empty_project(tmp_path_factory.mktemp("order"))
        half = len(order) // 2
        for name, part in (("a.csv", order[:half]), ("b.csv", order[half:])):
            deliver(project, name, *(f"{key},2025-01-0{day},{who},new" for key, day, who in part))
        land(project)
        prints.append((fingerprint(project), names(project)))
    assert prints[0] == prints[1]
