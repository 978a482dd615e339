"""A project, and one whose healthy state is published."""

from collections.abc import Callable, Sequence
from pathlib import Path

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


@pytest.fixture
def published(project: Project) -> Project:
    """The project with its healthy state published as the last release."""
    write_frames(project, two_each())
    candidate = write_candidate(project)
    sign_audit(project, candidate, passed=True, failures=[], run="run 1")
    publish(project, candidate, "r1", AT)
    return project
