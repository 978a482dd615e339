"""What explains a release stays beside it until the next, and never passes for another's."""

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from core.errors import ProjectError
from core.files import written_whole
from core.project import Project
from resolution.kept import FRAMES, MODEL, forget_others, keep_for, kept_for, write_for_keeping
from resolution.model import load_model
from resolution.trained import model_to_json
from resolution.training import TrainedModel


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A work folder as the stages leave it."""
    project = Project(tmp_path)
    write_work(project, marker=1)
    return project


def write_work(project: Project, marker: int) -> None:
    common = pl.DataFrame({"name_han": ["王"], "tf_name_han": [marker / 100]})
    write_for_keeping(project, load_model(project), {"name_han": common})
    for name in FRAMES:
        draft = project.work / f"{name}.draft"
        pl.DataFrame({"marker": [marker]}).write_parquet(draft)
        draft.replace(project.work / f"{name}.parquet")
    write_model(project, model_to_json(TrainedModel((), 0.1, 1.0)))


def write_model(project: Project, model: dict[str, Any]) -> None:
    with written_whole(project.work / MODEL) as draft:
        draft.write_text(json.dumps({"model": model}), encoding="utf-8")


def test_what_is_kept_is_what_the_run_left(project: Project) -> None:
    kept = keep_for(project, "r1")
    assert kept_for(project, "r1") == kept
    assert kept.rules() == load_model(project)
    assert pl.read_parquet(kept.frame("records")).item() == 1
    assert pl.read_parquet(kept.frequencies()["name_han"]).row(0) == ("王", 0.01)


def test_the_next_run_does_not_change_what_is_kept(project: Project) -> None:
    kept = keep_for(project, "r1")
    write_work(project, marker=2)
    assert pl.read_parquet(kept.frame("pairs")).item() == 1
    assert pl.read_parquet(kept.frequencies()["name_han"]).row(0) == ("王", 0.01)


def test_another_release_is_not_explained_by_it(project: Project) -> None:
    keep_for(project, "r1")
    assert kept_for(project, "r2") is None


@pytest.mark.parametrize("missing", ["prior", "comparisons"])
def test_what_another_version_wrote_is_not_taken_for_an_explanation(
    project: Project, missing: str
) -> None:
    model = model_to_json(TrainedModel((), 0.1, 1.0))
    del model[missing]
    write_model(project, model)
    keep_for(project, "r1")
    assert kept_for(project, "r1") is None


def test_only_the_published_release_stays_explained(project: Project) -> None:
    keep_for(project, "r1")
    write_work(project, marker=2)
    keep_for(project, "r2")
    forget_others(project, "r2")
    assert kept_for(project, "r1") is None
    assert kept_for(project, "r2") is not None


def test_keeping_twice_is_keeping_once(project: Project) -> None:
    keep_for(project, "r1")
    write_work(project, marker=2)
    kept = keep_for(project, "r1")
    assert pl.read_parquet(kept.frame("records")).item() == 2


def test_frequencies_of_a_column_that_went_are_not_kept(project: Project) -> None:
    write_for_keeping(project, load_model(project), {})
    assert keep_for(project, "r1").frequencies() == {}


def test_a_stage_that_has_not_run_is_named(project: Project) -> None:
    (project.work / "pairs.parquet").unlink()
    with pytest.raises(ProjectError, match=r"pairs\.parquet"):
        keep_for(project, "r1")
