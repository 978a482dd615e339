"""Verdicts: a candidate is published only when every gate has said yes to this very run."""

from pathlib import Path

import pytest

from assets.verdicts import GATED, STAGES, Verdict, clear_verdicts, open_objections, read_verdicts
from core.project import Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def pass_all(project: Project) -> None:
    for stage in GATED:
        Verdict(stage, True, 3, ()).write(project)


def test_no_objection_when_every_gate_passed(project: Project) -> None:
    pass_all(project)
    assert open_objections(project) == []


@pytest.mark.parametrize("stage", GATED)
def test_stage_that_was_not_checked_is_an_objection(project: Project, stage: str) -> None:
    pass_all(project)
    (project.work / "verdicts" / f"{stage}.json").unlink()
    assert [line.partition(":")[0] for line in open_objections(project)] == [stage]


def test_failures_are_told_as_they_were_found(project: Project) -> None:
    pass_all(project)
    Verdict("entities", False, 3, ("matching.largest: observed 9, allowed 5",)).write(project)
    assert open_objections(project) == ["matching.largest: observed 9, allowed 5"]


def test_stage_that_runs_again_takes_back_the_audit(project: Project) -> None:
    project.work.mkdir(parents=True)
    (project.work / "audit.json").write_text("{}", encoding="utf-8")
    clear_verdicts(project, "landed")
    assert not (project.work / "audit.json").exists()


@pytest.mark.parametrize("stage", STAGES)
def test_stage_that_runs_again_loses_its_verdict_and_later_ones(
    project: Project, stage: str
) -> None:
    pass_all(project)
    clear_verdicts(project, stage)
    place = STAGES.index(stage)
    assert set(read_verdicts(project)) == {each for each in GATED if STAGES.index(each) < place}
