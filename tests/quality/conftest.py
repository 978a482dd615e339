"""A project, and one whose healthy state is published."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb
import pytest
from healthy_project import AT, two_each, write_candidate, write_frames

from core.project import Project
from warehouse.history import CheckResult
from warehouse.release import publish, sign_audit


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "landing" / "registration").mkdir(parents=True)
    return Project(tmp_path)


@pytest.fixture
def failed() -> Callable[[Sequence[CheckResult]], set[str]]:
    """The critical checks that failed."""
    return lambda results: {
        each.check for each in results if not each.passed and each.severity == "critical"
    }


@pytest.fixture(scope="session")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project whose healthy candidate is published; only to be read, or copied."""
    project = Project(tmp_path_factory.mktemp("healthy"))
    (project.landing / "registration").mkdir(parents=True)
    write_frames(project, two_each())
    candidate = write_candidate(project)
    sign_audit(project, candidate, passed=True, failures=[], run="run 1")
    publish(project, candidate, "r1", AT)
    return project


@pytest.fixture
def published(healthy: Project, tmp_path: Path) -> Project:
    """A project with its healthy state published as the last release."""
    shutil.copytree(healthy.root, tmp_path, symlinks=True, dirs_exist_ok=True)
    return Project(tmp_path)


@pytest.fixture
def broken_by(healthy: Project, tmp_path: Path) -> Callable[..., Path]:
    """The healthy candidate changed by SQL statements."""

    def change(*statements: str) -> Path:
        candidate = shutil.copy(healthy.work / "candidate.duckdb", tmp_path)
        with duckdb.connect(candidate) as con:
            for statement in statements:
                con.execute(statement)
        return Path(candidate)

    return change
