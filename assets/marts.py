"""Sixth stage: the candidate's marts, computed from its own golden records and facts."""

import dagster as dg

from assets.base import base_of
from assets.golden import golden
from assets.project import ONCE_MORE, OWNERS, WRITER_POOL, ProjectResource, stage_errors
from assets.verdicts import clear_verdicts
from core.project import Project


@dg.asset(
    deps=[golden],
    group_name="warehouse",
    kinds={"duckdb", "sql"},
    owners=OWNERS,
    tags={"stage": "marts"},
    retry_policy=ONCE_MORE,
    pool=WRITER_POOL,
)
def marts(
    context: dg.AssetExecutionContext, project: ProjectResource
) -> dg.MaterializeResult[None]:
    """customer_360, rfm, lifecycle, satisfaction, households; cut-offs in marts.yml.

    Adds them to the candidate; nothing is published by it.
    """
    with stage_errors():
        from warehouse.mart_build import MARTS

        here = project.open()
        clear_verdicts(here, "marts")
        make_marts(here)
        return dg.MaterializeResult(metadata={"summary": ", ".join(MARTS), "marts": len(MARTS)})


def make_marts(project: Project) -> None:
    """Build the candidate's marts; where it began as a copy of the last release, the rows of
    customers with nothing new are left as they are."""
    from core.frames import frame_sql
    from sources.spec import load_specs
    from warehouse.connection import open_candidate
    from warehouse.mart_build import build_marts
    from warehouse.mart_settings import load_mart_settings

    touched = "work.restated" if base_of(project) else None
    with open_candidate(project.candidate) as con:
        if touched:
            con.execute(f"CREATE TABLE {touched} AS {frame_sql(project.work, 'restated')}")
        build_marts(con, load_specs(project), load_mart_settings(project), touched)
