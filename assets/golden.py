"""Fifth stage: the candidate release with its golden records, identities and facts."""

import dagster as dg

from assets.entities import entities
from assets.project import ONCE_MORE, OWNERS, WRITER_POOL, ProjectResource, stage_errors
from assets.verdicts import clear_verdicts
from core.project import Project


@dg.asset(
    deps=[entities],
    group_name="warehouse",
    kinds={"duckdb"},
    owners=OWNERS,
    tags={"stage": "golden"},
    retry_policy=ONCE_MORE,
    pool=WRITER_POOL,
)
def golden(
    context: dg.AssetExecutionContext, project: ProjectResource
) -> dg.MaterializeResult[None]:
    """One golden record an entity, with provenance, contact points, crosswalk and facts.

    Writes var/work/candidate.duckdb anew; nothing is published by it.
    """
    with stage_errors():
        here = project.open()
        clear_verdicts(here, "golden")
        customers, values = build_candidate(here)
        return dg.MaterializeResult(
            metadata={
                "summary": f"{customers:,} golden records, {values:,} values with provenance",
                "golden records": customers,
                "published values": values,
            }
        )


def build_candidate(project: Project) -> tuple[int, int]:
    """Make the candidate whole; returns how many golden records and published values it holds."""
    from resolution.golden_records import choose_golden_values
    from resolution.model import load_model
    from resolution.visitors import recognise_visitors
    from sources.spec import load_specs
    from warehouse.candidate import create_tables, fill_identity, fill_model, fill_quarantine
    from warehouse.connection import attach_frames, attach_landed, create_candidate
    from warehouse.facts import fill_facts

    specs = load_specs(project)
    with create_candidate(project.candidate) as con:
        create_tables(con, specs)
        attach_frames(con, project.work)
        attach_landed(con, project.state / "landed.duckdb")
        choose_golden_values(con, load_model(project))
        recognise_visitors(con, specs)
        fill_identity(con)
        fill_model(con, project.work / "model_levels.parquet")
        fill_facts(con, specs)
        fill_quarantine(con)
        counted = con.execute(
            "SELECT (SELECT count(*) FROM golden.customers),"
            " (SELECT count(*) FROM golden.provenance)"
        ).fetchone()
    customers, values = counted or (0, 0)
    return customers, values
