"""What Dagster loads."""

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import dagster as dg
import pytest

from assets.gates import source_names
from assets.verdicts import GATED, STAGES
from core.project import Project
from pipelines.jobs import JOB, advice, is_refusal
from pipelines.pipeline import define_pipeline


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> dg.Definitions:
    return define_pipeline(tmp_path_factory.mktemp("empty"))


def test_definitions_are_loadable(pipeline: dg.Definitions) -> None:
    dg.Definitions.validate_loadable(pipeline)


def test_stages_follow_each_other_in_one_line(pipeline: dg.Definitions) -> None:
    graph = pipeline.resolve_asset_graph()
    for before, after in pairwise(STAGES):
        assert graph.get(dg.AssetKey(after)).parent_keys == {dg.AssetKey(before)}


def test_every_stage_says_what_it_is_and_whose(pipeline: dg.Definitions) -> None:
    for spec in pipeline.resolve_all_asset_specs():
        assert spec.description and spec.owners and spec.kinds
        assert spec.tags["stage"] == spec.key.to_user_string()


def test_every_gated_stage_has_blocking_checks(pipeline: dg.Definitions) -> None:
    graph = pipeline.resolve_asset_graph()
    gated = {key.asset_key.to_user_string() for key in graph.asset_check_keys}
    assert gated == set(GATED)
    assert all(graph.get(key).blocking for key in graph.asset_check_keys)


def test_job_has_every_stage_and_check(pipeline: dg.Definitions) -> None:
    job = pipeline.resolve_job_def(JOB)
    assert {node.name for node in job.nodes} == {*STAGES, *(f"{stage}_gate" for stage in GATED)}


def test_schedule_and_sensor_start_the_job(pipeline: dg.Definitions) -> None:
    assert pipeline.get_schedule_def("nightly").job_name == JOB
    assert pipeline.get_sensor_def("deliveries").job_name == JOB
    for name in ("decisions", "erasures"):
        assert pipeline.get_sensor_def(name).job_name == "apply_decisions"


def test_empty_project_is_checked_by_the_default_sources(tmp_path: Path) -> None:
    assert "registration" in source_names(Project(tmp_path))


def test_project_is_checked_by_the_sources_it_has(tmp_path: Path) -> None:
    (tmp_path / "landing" / "registration").mkdir(parents=True)
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "shop.yml").touch()
    assert source_names(Project(tmp_path)) == ["registration", "shop"]


def test_loading_imports_neither_splink_nor_great_expectations() -> None:
    asked = (
        "import sys; import pipelines.definitions; "
        "sys.exit('splink' in sys.modules or 'great_expectations' in sys.modules)"
    )
    assert (
        subprocess.run([sys.executable, "-W", "ignore", "-c", asked], check=False).returncode == 0
    )


def test_refusal_is_advised_otherwise_than_a_fault() -> None:
    refusal = dg.Failure("no", metadata={"kind": "GateRefused"})
    assert is_refusal(refusal) and not is_refusal(RuntimeError("x"))
    assert "failed checks" in advice("marts", refusal)
    assert "fault of OneID" in advice("marts", RuntimeError("x"))
