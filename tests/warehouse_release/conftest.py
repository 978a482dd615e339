"""Projects worked on up to the audit, and beyond."""

from collections.abc import Callable
from pathlib import Path

import pytest
from worked_project import build_candidate

from core.ids import mint_entity_id
from core.project import Project
from warehouse.release import sign_audit

Build = Callable[[Project, str, dict[str, int]], Path]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "landing").mkdir()
    return Project(tmp_path)


@pytest.fixture
def founder() -> str:
    return mint_entity_id("registration/1")


@pytest.fixture
def build() -> Build:
    return build_candidate


@pytest.fixture
def audited() -> Build:
    """As `build`, with an audit that passed."""

    def build_and_sign(project: Project, release: str, clusters: dict[str, int]) -> Path:
        candidate = build_candidate(project, release, clusters)
        sign_audit(project, candidate, passed=True, failures=[], run=f"run of {release}")
        return candidate

    return build_and_sign
