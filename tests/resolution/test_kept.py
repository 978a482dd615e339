"""What explains a release stays beside it until the next, and never passes for another's."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from core.errors import ProjectError
from core.files import written_whole
from core.frames import add_segment, begin_frames, write_frame
from core.project import Project
from resolution.engine.key_index import write_segment
from resolution.engine.keys import Large
from resolution.kept import (
    BASE,
    INDEX,
    MODEL,
    WHOLE,
    forget_others,
    keep_for,
    kept_for,
    write_for_keeping,
)
from resolution.matching.full import FixedModel
from resolution.model import load_model
from resolution.training.trained import model_to_json
from resolution.training.unlabelled import TrainedModel

TRAINED = TrainedModel((), 0.1, 1.0)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A work folder as the stages leave it."""
    project = Project(tmp_path)
    write_work(project, marker=1)
    return project


def write_work(project: Project, marker: int) -> None:
    begin_frames(project.work, None)
    rows = pl.DataFrame({"record_id": [marker], "source": ["crm"], "subject": [str(marker)]})
    add_segment(project.work, dict.fromkeys(("records", "members", "values", "bearers"), rows))
    write_segment(project.work / INDEX, [])
    common = pl.DataFrame({"name_han": ["王"], "tf_name_han": [marker / 100]})
    write_fixed(project, frequencies={"name_han": common})
    for name in set(WHOLE) - {"large_blocks"}:
        write_frame(project.work, name, pl.DataFrame({"marker": [marker]}))
    write_text(project, MODEL, {"model": model_to_json(TRAINED)})
    write_text(project, BASE, {"deliveries": marker})


def write_fixed(
    project: Project,
    frequencies: dict[str, pl.DataFrame] | None = None,
    large: dict[str, Large] | None = None,
) -> None:
    fixed = FixedModel(TRAINED, frequencies or {}, large or {})
    write_for_keeping(project, load_model(project), fixed)


def write_text(project: Project, name: str, content: dict[str, Any]) -> None:
    with written_whole(project.work / name) as draft:
        draft.write_text(json.dumps(content), encoding="utf-8")


def numbers(frame: pl.LazyFrame) -> list[int]:
    return frame.select("record_id").collect().to_series().to_list()


def test_what_is_kept_is_what_the_run_left(project: Project) -> None:
    kept = keep_for(project, "r1")
    assert kept_for(project, "r1") == kept
    assert kept.rules() == load_model(project)
    assert kept.trained() == TRAINED
    assert numbers(kept.scan("records")) == [1]
    assert kept.scan("pairs").collect().item() == 1
    assert pl.read_parquet(kept.frequencies()["name_han"]).row(0) == ("王", 0.01)


def test_the_next_run_does_not_change_what_is_kept(project: Project) -> None:
    kept = keep_for(project, "r1")
    write_work(project, marker=2)
    assert numbers(kept.scan("records")) == [1]
    assert kept.scan("pairs").collect().item() == 1
    assert pl.read_parquet(kept.frequencies()["name_han"]).row(0) == ("王", 0.01)


def test_a_run_that_adds_to_what_is_kept_leaves_it_as_it_was(project: Project) -> None:
    first = keep_for(project, "r1")
    begin_frames(project.work, first.folder)
    rows = pl.DataFrame({"record_id": [5], "source": ["crm"], "subject": ["0"]})
    new = dict.fromkeys(("records", "members", "values", "bearers"), rows)
    add_segment(project.work, new, dropped=pl.Series([1]))
    second = keep_for(project, "r2")
    assert numbers(first.scan("records")) == [1]
    assert numbers(second.scan("records")) == [5]


def test_all_that_was_estimated_comes_back(project: Project) -> None:
    common = pl.DataFrame({"city": ["York", "Leeds"], "tf_city": [0.01, 0.02]})
    blocks = (np.array([7, 2**64 - 1], dtype=np.uint64), np.array([], dtype=np.uint64))
    write_fixed(project, {"city": common}, {"surname": blocks})
    fixed = keep_for(project, "r1").fixed()
    assert fixed.trained == TRAINED
    assert list(fixed.frequencies) == ["city"]
    assert fixed.frequencies["city"].equals(common)
    assert list(fixed.large) == ["surname"]
    for found, meant in zip(fixed.large["surname"], blocks, strict=True):
        assert found.dtype == np.uint64
        assert found.tolist() == meant.tolist()


def test_records_are_numbered_anew_in_order_of_source_and_subject(project: Project) -> None:
    rows = pl.DataFrame({"record_id": [5, 6], "source": ["crm"] * 2, "subject": ["0", "2"]})
    add_segment(project.work, {"records": rows}, dropped=None)
    for segment in (project.work / "segments" / "001",):
        for name in ("members", "values", "bearers"):
            rows.write_parquet(segment / f"{name}.parquet")
    records, held = keep_for(project, "r1").dense_records()
    found = records.select("record_id", "subject").collect()
    assert found.rows() == [(0, "0"), (1, "1"), (2, "2")]
    assert held.to_list() == [5, 1, 6]


def test_another_release_is_not_explained_by_it(project: Project) -> None:
    keep_for(project, "r1")
    assert kept_for(project, "r2") is None


@pytest.mark.parametrize("missing", ["prior", "comparisons"])
def test_what_another_version_wrote_is_not_taken_for_an_explanation(
    project: Project, missing: str
) -> None:
    model = model_to_json(TRAINED)
    del model[missing]
    write_text(project, MODEL, {"model": model})
    keep_for(project, "r1")
    assert kept_for(project, "r1") is None


def test_what_does_not_say_how_far_it_goes_is_not_built_upon(project: Project) -> None:
    kept = keep_for(project, "r1")
    (kept.folder / BASE).unlink()
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
    assert numbers(kept.scan("records")) == [2]
    assert len(list((kept.folder / "segments").iterdir())) == 1


def test_frequencies_of_a_column_that_went_are_not_kept(project: Project) -> None:
    write_fixed(project)
    assert keep_for(project, "r1").frequencies() == {}


@pytest.mark.parametrize("missing", ["pairs.parquet", "large_blocks.parquet", BASE])
def test_a_stage_that_has_not_run_is_named(project: Project, missing: str) -> None:
    (project.work / missing).unlink()
    with pytest.raises(ProjectError, match=missing.replace(".", r"\.")):
        keep_for(project, "r1")
