"""A source that always delivers all it has: what its newest snapshot lacks is withdrawn."""

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from people_project import deliver, empty_project, fingerprint, land, names, seen, spec

from core.project import Project
from sources import ingest as ingest_module
from sources.landed import LandedStore
from sources.spec import SourceSpec

SNAPSHOT = spec(delivery="snapshot")
TIMELESS = spec(delivery="snapshot", version=[])


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return empty_project(tmp_path)


def step(project: Project, name: str, *rows: str, source: SourceSpec = SNAPSHOT) -> Any:
    deliver(project, name, *rows)
    return land(project, source)


def test_what_the_newest_snapshot_lacks_is_withdrawn(project: Project) -> None:
    step(project, "1.csv", "1,2025-01-01,Ann,new", "2,2025-01-01,Bob,new", "3,,Cid,new")
    before, number = fingerprint(project), int(seen(project, LandedStore.last_delivery))
    report = step(project, "2.csv", "1,2025-01-01,Ann,new", "4,,Dee,new")
    assert (report.landed, report.repeated, report.withdrawn) == (1, 1, 2)
    assert names(project) == {"1": "Ann", "4": "Dee"}
    assert seen(project, lambda store: store.versions("people"))["name"].to_list() == ["Ann", "Dee"]
    keys: pl.Series = seen(project, lambda store: store.changed_keys("people", number))
    assert keys.to_list() == ["2", "3", "4"]
    assert fingerprint(project) != before


def test_a_second_look_withdraws_nothing(project: Project) -> None:
    step(project, "1.csv", "1,,Ann,new", "2,,Bob,new")
    step(project, "2.csv", "1,,Ann,new")
    before, number = fingerprint(project), int(seen(project, LandedStore.last_delivery))
    assert land(project, SNAPSHOT).withdrawn == 0
    assert fingerprint(project) == before
    assert int(seen(project, LandedStore.last_delivery)) == number


def test_the_same_row_in_a_later_snapshot_lives_again(project: Project) -> None:
    both = ("1,2025-01-01,Ann,new", "2,2025-01-01,Bob,new")
    step(project, "1.csv", *both)
    before = fingerprint(project)
    step(project, "2.csv", both[0])
    step(project, "3.csv", *both, "")
    assert names(project) == {"1": "Ann", "2": "Bob"}
    assert fingerprint(project) == before


@pytest.mark.parametrize("source", [SNAPSHOT, TIMELESS], ids=["times", "timeless"])
def test_what_a_snapshot_says_holds_also_where_it_goes_back(
    project: Project, source: SourceSpec
) -> None:
    first, second = "1,2025-01-01,Ann,new", "1,2025-02-01,Anna,new"
    for number, (row, name) in enumerate([(first, "Ann"), (second, "Anna"), (first, "Ann")]):
        step(project, f"{number}.csv", row, f"z{number},,Zoe,new", source=source)
        assert names(project)["1"] == name
    versions = seen(project, lambda store: store.versions("people"))
    assert versions["_current"].to_list()[-1] is True
    assert versions.filter(pl.col("id") == "1").height == 3


def test_a_key_that_is_there_twice_keeps_its_last_row_day_after_day(project: Project) -> None:
    rows = ("1,,Ann,new", "1,,Anna,new", "1,,Ann,old", "2,,Bob,new", "2,,Bob,new")
    for day in range(3):
        report = step(project, f"{day}.csv", *rows, f"9,,{day},new", source=TIMELESS)
        assert (report.landed, report.withdrawn) == (1 + 4 * (day == 0), 0)
        current = seen(project, lambda store: store.current("people"))
        assert current["name"].to_list() == ["Ann", "Bob", str(day)]
        assert current["state"].to_list() == ["old", "new", "new"]


def test_all_new_files_of_one_run_are_one_snapshot(project: Project) -> None:
    deliver(project, "part-0.csv", "1,,Ann,new")
    deliver(project, "part-1.csv", "2,,Bob,new")
    assert land(project, SNAPSHOT).withdrawn == 0
    assert names(project) == {"1": "Ann", "2": "Bob"}
    deliver(project, "next-0.csv", "1,,Ann,new", "")
    deliver(project, "next-1.csv", "3,,Cid,new")
    assert land(project, SNAPSHOT).withdrawn == 1
    assert names(project) == {"1": "Ann", "3": "Cid"}


def test_a_bad_row_is_no_absence(project: Project) -> None:
    step(project, "1.csv", "1,,Ann,new", "2,,Bob,new")
    report = step(project, "2.csv", "1,,Anna,lost", "2,,Bob,new")
    assert (report.quarantined, report.withdrawn) == (1, 0)
    assert names(project) == {"1": "Ann", "2": "Bob"}


def test_nothing_is_withdrawn_while_a_file_cannot_be_read(project: Project) -> None:
    step(project, "1.csv", "1,,Ann,new", "2,,Bob,new", "3,,Cid,new")
    deliver(project, "2a.csv", "1,,Ann,new", "")
    (project.landing / "people" / "2b.parquet").write_bytes(b"PAR1 cut off")
    for _ in range(2):
        report = land(project, SNAPSHOT)
        assert report.withdrawn == 0
        assert "incomplete_snapshot" in [each.kind for each in report.drift]
    assert len(names(project)) == 3
    report = step(project, "2b.csv", "2,,Bob,new")  # the broken part, delivered again
    assert report.withdrawn == 1
    assert names(project) == {"1": "Ann", "2": "Bob"}


def test_a_snapshot_read_at_last_by_a_corrected_spec_withdraws_what_it_lacks(
    project: Project,
) -> None:
    step(project, "1.csv", "1,,Ann,new", "2,,Bob,new")
    (project.landing / "people" / "2.csv").write_text("id;changed;name;state\n1;;Ann;new\n")
    assert land(project, SNAPSHOT).files_refused == 1
    assert len(names(project)) == 2
    semicolons = spec(delivery="snapshot", format={"delimiter": ";"})
    (project.landing / "people" / "1.csv").unlink()
    assert land(project, semicolons).withdrawn == 1
    assert names(project) == {"1": "Ann"}


@pytest.mark.parametrize("content", ["", "id,changed,name,state\n"])
def test_a_snapshot_without_a_row_is_a_failed_export(project: Project, content: str) -> None:
    step(project, "1.csv", "1,,Ann,new")
    (project.landing / "people" / "2.csv").write_text(content)
    assert land(project, SNAPSHOT).withdrawn == 0
    assert names(project) == {"1": "Ann"}


def test_a_kill_before_the_end_of_a_snapshot_loses_none_of_its_keys(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    step(project, "1.csv", "1,,Ann,new", "2,,Bob,new", "3,,Cid,new")
    deliver(project, "2a.csv", "1,,Ann,new", "")
    deliver(project, "2b.csv", "2,,Bob,new")
    real = ingest_module.land
    calls: list[int] = []

    class KillError(BaseException):
        pass

    def killed_at_the_second(*given: Any) -> Any:
        calls.append(1)
        if len(calls) == 2:
            raise KillError
        return real(*given)

    monkeypatch.setattr(ingest_module, "land", killed_at_the_second)
    with pytest.raises(KillError):
        land(project, SNAPSHOT)
    assert len(names(project)) == 3
    monkeypatch.undo()
    assert land(project, SNAPSHOT).withdrawn == 1
    assert names(project) == {"1": "Ann", "2": "Bob"}


def test_a_list_of_keys_is_no_snapshot(project: Project) -> None:
    step(project, "1.csv", "1,,Ann,new", "2,,Bob,new", "3,,Cid,new")
    deliver(project, "2.withdrawn.csv", "1", head="id")
    assert land(project, SNAPSHOT).withdrawn == 1
    assert names(project) == {"2": "Bob", "3": "Cid"}
    assert step(project, "3.csv", "1,,Ann,new", "2,,Bob,new").withdrawn == 1
    assert names(project) == {"1": "Ann", "2": "Bob"}


def test_a_snapshot_may_say_itself_that_a_row_is_gone(project: Project) -> None:
    source = spec(delivery="snapshot", withdrawn_when={"state": "OLD"})
    rows = ("1,,Ann,new", "2,,Bob,old")
    step(project, "1.csv", "1,,Ann,new", "2,,Bob,new", source=source)
    assert step(project, "2.csv", *rows, source=source).withdrawn == 1
    assert step(project, "3.csv", *rows, "4,,Dee,new", source=source).landed == 1
    assert names(project) == {"1": "Ann", "4": "Dee"}


def test_a_source_that_begins_to_deliver_snapshots_keeps_all_until_the_next(
    project: Project,
) -> None:
    step(project, "1.csv", "1,,Ann,new", source=spec())
    step(project, "2.csv", "2,,Bob,new", source=spec())
    assert land(project, SNAPSHOT).withdrawn == 0
    assert len(names(project)) == 2
    assert step(project, "3.csv", "2,,Bob,new", "3,,Cid,new").withdrawn == 1
    assert names(project) == {"2": "Bob", "3": "Cid"}
