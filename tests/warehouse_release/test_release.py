"""Only the audited bytes are published, whoever asks, and a release never changes."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from core.errors import GateRefused, ProjectError
from core.project import Project
from warehouse.ledger import IdentityLedger
from warehouse.release import (
    current_release,
    new_release_id,
    open_current,
    publish,
    recover,
    sign_audit,
)
from warehouse.retention import Retention

AT = datetime(2026, 3, 1, 5, 30, tzinfo=UTC)


def test_an_audited_candidate_becomes_the_current_release(
    project: Project, audited, founder
) -> None:  # type: ignore[no-untyped-def]
    candidate = audited(project, "r1", {"1": 0, "2": 0})
    release = publish(project, candidate, "r1", AT, input_fingerprint="abc")
    pointer = json.loads(project.current_pointer.read_text())
    assert pointer == {
        "release": "r1",
        "file": "golden-r1.duckdb",
        "sha256": hashlib.sha256(release.file.read_bytes()).hexdigest(),
        "published_at": "2026-03-01T05:30:00+00:00",
        "input_fingerprint": "abc",
    }
    assert release.file.read_bytes() == candidate.read_bytes()
    assert release.file.stat().st_mode & 0o222 == 0
    assert project.current_link.resolve() == release.file.resolve()
    with open_current(project) as con:
        rows = con.execute("SELECT source_record_id, entity_id FROM identity.crosswalk").fetchall()
    assert sorted(rows) == [("1", founder), ("2", founder)]


def test_no_audit_no_release(project: Project, build) -> None:  # type: ignore[no-untyped-def]
    candidate = build(project, "r1", {"1": 0})
    with pytest.raises(GateRefused, match="audit: observed none"):
        publish(project, candidate, "r1", AT)
    assert current_release(project) is None


def test_a_failed_audit_refuses_with_its_gates(project: Project, audited, build) -> None:  # type: ignore[no-untyped-def]
    before = publish(project, audited(project, "r1", {"1": 0}), "r1", AT)
    bytes_before, pointer = before.file.read_bytes(), project.current_pointer.read_bytes()
    candidate = build(project, "r2", {"1": 0, "2": 0})
    failure = "matching.largest_cluster: observed 412, allowed at most 200"
    sign_audit(project, candidate, passed=False, failures=[failure], run="run 2")
    for _ in range(2):
        with pytest.raises(GateRefused, match="observed 412, allowed at most 200"):
            publish(project, candidate, "r2", AT)
    assert before.file.read_bytes() == bytes_before
    assert project.current_pointer.read_bytes() == pointer
    assert [each.release for each in IdentityLedger(project).releases()] == ["r1"]


def test_failures_outweigh_a_passed_flag(project: Project, build) -> None:  # type: ignore[no-untyped-def]
    candidate = build(project, "r1", {"1": 0})
    sign_audit(project, candidate, passed=True, failures=["golden.x: observed 1"], run="run")
    with pytest.raises(GateRefused):
        publish(project, candidate, "r1", AT)


def test_one_byte_changed_after_the_audit_is_refused(project: Project, audited) -> None:  # type: ignore[no-untyped-def]
    candidate: Path = audited(project, "r1", {"1": 0})
    content = bytearray(candidate.read_bytes())
    content[-1] ^= 1
    candidate.write_bytes(content)
    with pytest.raises(GateRefused, match="audited"):
        publish(project, candidate, "r1", AT)
    assert not list(project.releases.glob("golden-*"))


def test_identities_changed_after_the_audit_are_refused(project: Project, audited) -> None:  # type: ignore[no-untyped-def]
    candidate = audited(project, "r1", {"1": 0, "2": 1})
    changes = pl.read_parquet(project.work / "changes.parquet")
    changes.with_columns(entity_id=changes["entity_id"].reverse()).write_parquet(
        project.work / "changes.parquet"
    )
    with pytest.raises(GateRefused, match="identities changed"):
        publish(project, candidate, "r1", AT)


def test_a_damaged_audit_is_refused(project: Project, audited) -> None:  # type: ignore[no-untyped-def]
    candidate = audited(project, "r1", {"1": 0})
    (project.work / "audit.json").write_text('{"passed": true')
    with pytest.raises(GateRefused, match="damaged"):
        publish(project, candidate, "r1", AT)


def test_a_candidate_that_was_not_closed_is_not_signed(project: Project, build) -> None:  # type: ignore[no-untyped-def]
    candidate: Path = build(project, "r1", {"1": 0})
    candidate.with_name("candidate.duckdb.wal").write_bytes(b"unfinished")
    with pytest.raises(ProjectError, match="still open"):
        sign_audit(project, candidate, passed=True, failures=[], run="run")


def test_publishing_twice_publishes_once(project: Project, audited) -> None:  # type: ignore[no-untyped-def]
    candidate = audited(project, "r1", {"1": 0})
    first = publish(project, candidate, "r1", AT)
    again = publish(project, candidate, "r9", AT + timedelta(days=1))
    assert again == first
    assert len(IdentityLedger(project).releases()) == 1


def test_an_audit_from_before_another_release_is_out_of_date(project: Project, audited) -> None:  # type: ignore[no-untyped-def]
    stale = audited(project, "r1", {"1": 0})
    kept = {file: file.read_bytes() for file in project.work.iterdir()}
    publish(project, stale, "r1", AT)
    publish(project, audited(project, "r2", {"1": 0, "2": 1}), "r2", AT)
    for file, content in kept.items():
        file.write_bytes(content)
    with pytest.raises(ProjectError, match="run again"):
        publish(project, stale, "r3", AT)


def test_a_candidate_is_published_under_the_name_it_was_built_for(
    project: Project, audited
) -> None:  # type: ignore[no-untyped-def]
    candidate = audited(project, "r1", {"1": 0})
    with pytest.raises(ProjectError, match="built as release r1, not r2"):
        publish(project, candidate, "r2", AT)


def test_the_newest_releases_are_kept(project: Project, audited) -> None:  # type: ignore[no-untyped-def]
    for number in range(4):
        rows = {str(key): key for key in range(number + 1)}
        publish(
            project,
            audited(project, f"r{number}", rows),
            f"r{number}",
            AT,
            retention=Retention(newest=2),
        )
    assert sorted(file.name for file in project.releases.glob("golden-*")) == [
        "golden-r2.duckdb",
        "golden-r3.duckdb",
    ]


def test_an_open_reader_keeps_reading_while_the_next_is_published(
    project: Project, audited
) -> None:  # type: ignore[no-untyped-def]
    publish(project, audited(project, "r1", {"1": 0}), "r1", AT, retention=Retention(newest=1))
    with open_current(project) as reader:
        publish(
            project,
            audited(project, "r2", {"1": 0, "2": 1}),
            "r2",
            AT,
            retention=Retention(newest=1),
        )
        assert reader.execute("SELECT count(*) FROM identity.crosswalk").fetchall() == [(1,)]
    with open_current(project) as reader:
        assert reader.execute("SELECT count(*) FROM identity.crosswalk").fetchall() == [(2,)]


def test_a_damaged_pointer_is_reported_and_recovered(project: Project, audited) -> None:  # type: ignore[no-untyped-def]
    release = publish(project, audited(project, "r1", {"1": 0}), "r1", AT)
    project.current_pointer.write_text('{"release": "r1"')
    with pytest.raises(ProjectError, match="damaged"):
        current_release(project)
    assert recover(project) == release
    assert current_release(project) == release


def test_a_release_whose_ledger_is_gone_is_not_built_upon(project: Project, audited) -> None:  # type: ignore[no-untyped-def]
    publish(project, audited(project, "r1", {"1": 0}), "r1", AT)
    IdentityLedger(project).file.unlink()
    with pytest.raises(ProjectError, match="restore var/ledger"):
        recover(project)


def test_ids_survive_the_loss_of_everything_but_the_ledger(project: Project, audited) -> None:  # type: ignore[no-untyped-def]
    import shutil

    publish(project, audited(project, "r1", {"1": 0, "2": 1}), "r1", AT)
    before = IdentityLedger(project).current_assignments()
    for folder in (project.releases, project.work):
        shutil.rmtree(folder)
    assert recover(project) is None
    publish(project, audited(project, "r2", {"1": 0, "2": 1, "3": 2}), "r2", AT)
    after = IdentityLedger(project).current_assignments()
    assert after.filter(pl.col("source_record_id") != "3").equals(before)


def test_nothing_is_current_before_the_first_release(project: Project) -> None:
    assert recover(project) is None
    with pytest.raises(ProjectError, match="oneid run"):
        open_current(project)


def test_release_ids_sort_by_time() -> None:
    ids = [new_release_id(AT + timedelta(seconds=step), "f") for step in range(3)]
    assert ids == sorted(ids)
    assert ids[0].startswith("20260301T053000Z-")
