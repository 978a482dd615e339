"""Sixth stage: the candidate's marts, computed from its own golden records and facts."""

import dagster as dg

from assets.golden import golden
from assets.project import ONCE_MORE, OWNERS, WRITER_POOL, ProjectResource, stage_errors
from assets.verdicts import clear_verdicts


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
    """customer_360, rfm, lifecycle, satisfaction; cut-offs in marts.yml, definitions in comments.

    Adds them to the candidate; nothing is published by it.
    """
    with stage_errors():
        from sources.spec import load_specs
        from warehouse.connection import open_candidate
        from warehouse.mart_build import MARTS, build_marts
        from warehouse.mart_settings import load_mart_settings

        here = project.open()
        clear_verdicts(here, "marts")
        with open_candidate(here.candidate) as con:
            build_marts(con, load_specs(here), load_mart_settings(here))
        return dg.MaterializeResult(metadata={"summary": ", ".join(MARTS), "marts": len(MARTS)})
