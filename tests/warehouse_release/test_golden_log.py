"""The golden log says what every release said, however files, runs and the log itself fared."""

import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import duckdb
import polars as pl
import pytest
from worked_project import AT, publish_clusters

from core.errors import ProjectError, QueryError
from core.project import Project
from warehouse import waiting
from warehouse.as_of import crosswalk_as_of, golden_as_of
from warehouse.golden_log import golden_log_file, log_releases
from warehouse.moments import attached_logs
from warehouse.release import Release, recover
from warehouse.retention import Retention

STORY = (
    {"1": 0, "2": 0, "3": 1, "4": 2},  # three customers
    {"1": 0, "2": 0, "3": 0, "5": 3},  # two of them are one, one is gone, one is new
    {"1": 0, "2": 0, "3": 1, "5": 3},  # they are two after all
    {"1": 0, "2": 0, "3": 1, "5": 3},  # nothing changed
)


def golden_of(release: Release) -> pl.DataFrame:
    figures = "first_seen_at, last_seen_at, confidence, updated_at, home_key"
    with duckdb.connect(str(release.file), read_only=True) as con:
        return con.sql(
            f"SELECT * EXCLUDE ({figures}) FROM golden.customers ORDER BY entity_id"
        ).pl()


def crosswalk_of(release: Release) -> pl.DataFrame:
    with duckdb.connect(str(release.file), read_only=True) as con:
        return con.sql(
            "SELECT source, source_record_id, entity_id FROM identity.crosswalk ORDER BY ALL"
        ).pl()


def count_rows(project: Project) -> int:
    with attached_logs(project) as con:
        [(count,)] = con.execute("SELECT count(*) FROM golden_log.changes").fetchall()
    return int(count)


def test_every_release_can_be_rebuilt_without_its_file(project: Project) -> None:
    said = {}
    for number, clusters in enumerate(STORY):
        at = AT + timedelta(days=number)
        release = publish_clusters(project, f"r{number}", clusters, at, Retention(newest=1))
        said[release.release] = golden_of(release), crosswalk_of(release)
    assert [file.name for file in project.releases.glob("golden-*")] == ["golden-r3.duckdb"]
    for name, (golden, crosswalk) in said.items():
        assert golden_as_of(project, name).equals(golden)
        assert crosswalk_as_of(project, name).equals(crosswalk)
    assert len({len(golden) for golden, _ in said.values()}) > 1


def test_an_unchanged_release_adds_no_row(project: Project) -> None:
    publish_clusters(project, "r1", STORY[0])
    before = count_rows(project)
    publish_clusters(project, "r2", STORY[0])
    assert count_rows(project) == before > 0


def test_logging_again_adds_nothing(project: Project) -> None:
    publish_clusters(project, "r1", STORY[0])
    before = count_rows(project)
    assert log_releases(project) == []
    recover(project)
    assert count_rows(project) == before


def test_a_log_that_was_lost_is_made_again_from_the_files_that_are_kept(project: Project) -> None:
    releases = [publish_clusters(project, f"r{n}", STORY[n]) for n in range(3)]
    releases[0].file.unlink()
    golden_log_file(project).unlink()
    recover(project)
    assert golden_as_of(project, "r1").equals(golden_of(releases[1]))
    assert golden_as_of(project, "r2").equals(golden_of(releases[2]))
    with pytest.raises(QueryError, match=r"r0 were never logged.*begins with r1"):
        golden_as_of(project, "r0")


def test_a_release_made_without_its_base_repeats_nothing(project: Project) -> None:
    first = publish_clusters(project, "r1", STORY[0])
    golden, before = golden_of(first), count_rows(project)
    shutil.rmtree(project.releases)
    publish_clusters(project, "r2", STORY[0])  # its own changes say that all is new
    assert count_rows(project) == before
    shutil.rmtree(project.releases)
    third = publish_clusters(project, "r3", STORY[1])
    for name, expected in (("r1", golden), ("r2", golden), ("r3", golden_of(third))):
        assert golden_as_of(project, name).equals(expected)


def test_a_release_that_the_log_missed_is_made_up_for_by_the_next(project: Project) -> None:
    publish_clusters(project, "r1", STORY[0])
    kept = golden_log_file(project).read_bytes()
    missed = publish_clusters(project, "r2", STORY[1])
    last = publish_clusters(project, "r3", STORY[2])
    missed.file.unlink()
    golden_log_file(project).write_bytes(kept)
    recover(project)
    assert golden_as_of(project, "r3").equals(golden_of(last))
    with pytest.raises(QueryError, match="r2 were never logged"):
        golden_as_of(project, "r2")


def test_releases_that_a_restored_ledger_does_not_know_leave_the_log(project: Project) -> None:
    publish_clusters(project, "r1", STORY[0])
    kept = (project.ledger / "identity.duckdb").read_bytes()
    publish_clusters(project, "r2", STORY[1])
    (project.ledger / "identity.duckdb").write_bytes(kept)
    recover(project)
    other = publish_clusters(project, "r2b", STORY[2])
    assert golden_as_of(project, "r2b").equals(golden_of(other))
    with attached_logs(project) as con:
        names = con.execute("SELECT release FROM golden_log.releases ORDER BY number").fetchall()
    assert names == [("r1",), ("r2b",)]


HOLD = """
import duckdb, sys, time
with duckdb.connect(sys.argv[1], read_only=True):
    print("held", flush=True)
    time.sleep(float(sys.argv[2]))
"""


def hold(file: Path, seconds: float) -> subprocess.Popen[str]:
    """Another process that reads the log for so long."""
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(file), str(seconds)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    return holder


@pytest.mark.parametrize("name", ["golden_log.duckdb", "identity.duckdb"])
def test_a_reader_is_waited_for(project: Project, name: str) -> None:
    publish_clusters(project, "r1", STORY[0])
    holder = hold(project.ledger / name, 0.5)
    publish_clusters(project, "r2", STORY[1])
    holder.wait()
    assert len(golden_as_of(project, "r2")) == 2


def test_one_that_does_not_end_is_named_and_the_release_stands(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish_clusters(project, "r1", STORY[0])
    holder = hold(golden_log_file(project), 60)
    monkeypatch.setattr(waiting, "PATIENCE", 0.2)
    try:
        with pytest.raises(ProjectError, match="another process holds it"):
            publish_clusters(project, "r2", STORY[1])
    finally:
        holder.kill()
        holder.wait()
    release = recover(project)
    assert release is not None
    assert release.release == "r2"
    assert golden_as_of(project, "r2").equals(golden_of(release))


def test_a_damaged_log_is_told_in_words(project: Project) -> None:
    publish_clusters(project, "r1", STORY[0])
    golden_log_file(project).write_bytes(b"no database" * 1000)
    with pytest.raises(ProjectError, match=r"restore var/ledger"):
        golden_as_of(project, "r1")
