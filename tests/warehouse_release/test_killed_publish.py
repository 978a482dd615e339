"""A publication killed at any step and run again ends as if it had never been killed."""

import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest

from core.project import Project
from warehouse.as_of import golden_as_of
from warehouse.ledger import IdentityLedger
from warehouse.moments import attached_logs
from warehouse.release import current_release, publish, recover

SCRIPT = """
import os, signal, sys
from datetime import datetime, UTC
from pathlib import Path
from core import files
from core.project import Project
from warehouse import golden_log, ledger, release

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def die_before(module, name):
    setattr(module, name, die)

def die_after(module, name):
    step = getattr(module, name)
    def then_die(*args, **kwargs):
        step(*args, **kwargs)
        die()
    setattr(module, name, then_die)

root, when, owner, name = sys.argv[1:]
owners = {"release": release, "ledger": ledger, "Ledger": release.IdentityLedger, "Path": Path,
          "log": golden_log}
{"before": die_before, "after": die_after}[when](owners[owner], name)
project = Project(Path(root))
release.publish(
    project, project.work / "candidate.duckdb", "r2", datetime(2026, 3, 1, 5, 30, tzinfo=UTC), "in"
)
"""
AT = datetime(2026, 3, 1, 5, 30, tzinfo=UTC)
STEPS = [
    ("before", "Path", "chmod"),
    ("after", "release", "copy_verified"),
    ("before", "ledger", "_refuse_contradictions"),
    ("after", "ledger", "_record"),
    ("after", "Ledger", "append"),
    ("before", "Path", "symlink_to"),
    ("after", "Path", "symlink_to"),
    ("before", "release", "log_releases"),
    ("before", "log", "_continues"),
    ("after", "log", "_log"),
    ("after", "release", "log_releases"),
    ("before", "release", "drop_old"),
]


def crosswalk_of(file: Path) -> dict[str, str]:
    with duckdb.connect(str(file), read_only=True) as con:
        return dict(
            con.execute("SELECT source_record_id, entity_id FROM identity.crosswalk").fetchall()
        )


@pytest.mark.parametrize("step", STEPS, ids="-".join)
def test_a_killed_publication_is_finished_by_the_next(
    project: Project,
    audited,
    step: tuple[str, str, str],  # type: ignore[no-untyped-def]
) -> None:
    first = publish(project, audited(project, "r1", {"1": 0, "2": 1}), "r1", AT)
    candidate: Path = audited(project, "r2", {"1": 0, "2": 0, "3": 3})
    killed = subprocess.run([sys.executable, "-c", SCRIPT, str(project.root), *step], check=False)
    assert killed.returncode == -9
    visible = current_release(project)
    assert visible is not None
    assert visible.release in ("r1", "r2")
    assert crosswalk_of(visible.file)
    recover(project)
    if current_release(project) == first:  # nothing was committed: the whole job runs again
        assert [file.name for file in project.releases.glob("golden-*")] == ["golden-r1.duckdb"]
        publish(project, candidate, "r2", AT, "in")
    ended = current_release(project)
    assert ended is not None
    assert ended.release == "r2"
    assert project.current_link.resolve() == ended.file.resolve()
    ledger = IdentityLedger(project)
    assert [each.release for each in ledger.releases()] == ["r1", "r2"]
    kinds = ledger.history()["kind"].to_list()
    assert sorted(kinds) == ["created", "created", "created", "merged"]
    assert dict(ledger.current_assignments().select("source_record_id", "entity_id").rows()) == (
        crosswalk_of(ended.file)
    )
    assert not [file for file in project.releases.iterdir() if file.name.endswith(".draft")]
    assert logged(project) == [("r1", 2), ("r2", 3)]
    assert golden_as_of(project, "r1").rows() == golden_of(first.file)
    assert golden_as_of(project, "r2").rows() == golden_of(ended.file)


def logged(project: Project) -> list[tuple[str, int]]:
    with attached_logs(project) as con:
        return con.execute(
            "SELECT release, count(DISTINCT entity_id) FROM golden_log.changes "
            "GROUP BY release ORDER BY release"
        ).fetchall()


def golden_of(file: Path) -> list[tuple[object, ...]]:
    figures = "first_seen_at, last_seen_at, confidence, updated_at, home_key"
    with duckdb.connect(str(file), read_only=True) as con:
        return con.execute(
            f"SELECT * EXCLUDE ({figures}) FROM golden.customers ORDER BY entity_id"
        ).fetchall()
