"""The fingerprint that tells whether anything is new."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from assets.run_sheet import input_fingerprint, new_run_sheet, read_run_sheet
from core.errors import ProjectError
from core.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "sources").mkdir()
    (tmp_path / "quality").mkdir()
    return Project(tmp_path)


def test_fingerprint_is_the_same_for_the_same_input(project: Project) -> None:
    assert input_fingerprint(project, "a") == input_fingerprint(project, "a")


def test_fingerprint_follows_the_landed_content(project: Project) -> None:
    assert input_fingerprint(project, "a") != input_fingerprint(project, "b")


@pytest.mark.parametrize(
    "name", ["customer.yml", "marts.yml", "sources/shop.yml", "quality/golden.yml"]
)
def test_fingerprint_follows_every_setting(project: Project, name: str) -> None:
    before = input_fingerprint(project, "a")
    (project.root / name).write_text("x: 1\n", encoding="utf-8")
    added = input_fingerprint(project, "a")
    (project.root / name).write_text("x: 2\n", encoding="utf-8")
    assert len({before, added, input_fingerprint(project, "a")}) == 3


def test_fingerprint_does_not_depend_on_where_the_project_lies(tmp_path: Path) -> None:
    prints = set()
    for place in ("here", "there"):
        (tmp_path / place).mkdir()
        (tmp_path / place / "customer.yml").write_text("x: 1\n", encoding="utf-8")
        prints.add(input_fingerprint(Project(tmp_path / place), "a"))
    assert len(prints) == 1


def test_sheet_is_read_as_it_was_written(project: Project) -> None:
    sheet = new_run_sheet("r1", datetime(2026, 7, 1, 2, 30, tzinfo=UTC), "f" * 64, full=True)
    sheet.write(project)
    assert read_run_sheet(project) == sheet
    assert sheet.at == datetime(2026, 7, 1, 2, 30, tzinfo=UTC)


def test_stage_without_a_run_says_which_stage_begins_one(project: Project) -> None:
    with pytest.raises(ProjectError, match="landed"):
        read_run_sheet(project)
