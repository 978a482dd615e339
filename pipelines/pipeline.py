"""The whole of OneID as Dagster sees it: stages, gates, the job, its schedule and its sensor."""

from collections.abc import Mapping
from pathlib import Path

import dagster as dg

from assets.entities import entities
from assets.gates import gates_of
from assets.golden import golden
from assets.landed import landed
from assets.marts import marts
from assets.project import ProjectResource
from assets.published import published
from assets.scored_pairs import scored_pairs
from assets.standardised import standardised
from core.project import Project
from pipelines.jobs import apply_decisions, nightly, publish_release
from pipelines.sensors import watch_decisions, watch_deliveries, watch_erasures

STAGES = (landed, standardised, scored_pairs, entities, golden, marts, published)


def define_pipeline(
    root: Path, loggers: Mapping[str, dg.LoggerDefinition] | None = None
) -> dg.Definitions:
    """The definitions for the project at `root`, which need not exist yet.

    One process works on a run: the stages hand each other files, and starting a process a stage
    would cost several seconds each.
    """
    project = Project(root.resolve())
    return dg.Definitions(
        assets=STAGES,
        asset_checks=gates_of(project),
        jobs=[publish_release, apply_decisions],
        schedules=[nightly],
        sensors=[
            watch_deliveries(project),
            watch_decisions(project),
            watch_erasures(project),
        ],
        resources={"project": ProjectResource(root=str(project.root))},
        executor=dg.in_process_executor,
        loggers=loggers,
    )
