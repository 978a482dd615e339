"""Fifth stage: the candidate release with its golden records, identities and facts."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import dagster as dg

from assets.base import base_of
from assets.entities import entities
from assets.erasing import concerned
from assets.project import ONCE_MORE, OWNERS, WRITER_POOL, ProjectResource, stage_errors
from assets.run_sheet import read_run_sheet
from assets.verdicts import clear_verdicts
from core.files import written_whole
from core.project import Project
from core.sql import literal

if TYPE_CHECKING:
    import duckdb

    from sources.spec import SourceSpec


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

    Writes var/work/candidate.duckdb anew, or as a copy of the last release in which touched
    customers are replaced; nothing is published by it.
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
    """Make the candidate; returns how many golden records and published values it holds.

    Where the run builds on a release, it is a copy of that with the touched customers made anew.
    """
    from sources.spec import load_specs
    from warehouse.candidate import create_tables, drop_touched, fill_history
    from warehouse.changes import fill_changes
    from warehouse.connection import (
        attach_frames,
        attach_landed,
        continue_candidate,
        create_candidate,
    )
    from warehouse.erasing import begin_anew
    from warehouse.ledger import IdentityLedger, without_zone
    from warehouse.release import current_release

    specs, base, sheet = load_specs(project), base_of(project), read_run_sheet(project)
    begun = (
        continue_candidate(project.candidate, base.file)
        if base
        else create_candidate(project.candidate)
    )
    last = current_release(project)
    with begun as con:
        if base is None:
            create_tables(con, specs)
            fill_history(con, IdentityLedger(project).file)
        attach_frames(con, project.work, touched_only=base is not None)
        attach_landed(con, project.state / "landed.duckdb")
        if base:
            drop_touched(con)
        _fill(con, project, specs, touched_only=base is not None)
        _write_restated(con, project)
        touched = "work.touched_entities" if base else None
        fill_changes(con, last.file if last else None, sheet.release, sheet.at, touched)
        if unsaid := concerned(project):
            begin_anew(con, unsaid, sheet.release, without_zone(sheet.at))
        counted = con.execute(
            "SELECT (SELECT count(*) FROM golden.customers),"
            " (SELECT count(*) FROM golden.provenance)"
        ).fetchone()
    customers, values = counted or (0, 0)
    return customers, values


def _write_restated(con: "duckdb.DuckDBPyConnection", project: Project) -> None:
    """Hand on which customers the marts must look at again."""
    with written_whole(project.work / "restated.parquet") as draft:
        restated = "SELECT DISTINCT entity_id FROM work.restated"
        con.execute(f"COPY ({restated}) TO {literal(str(draft))} (FORMAT parquet)")


def _fill(
    con: "duckdb.DuckDBPyConnection",
    project: Project,
    specs: "Mapping[str, SourceSpec]",
    touched_only: bool,
) -> None:
    from resolution.golden.customers import choose_golden_values
    from resolution.model import load_model
    from resolution.visitors.recognising import recognise_visitors
    from warehouse.candidate import fill_identity, fill_model, fill_quarantine
    from warehouse.facts import fill_facts

    choose_golden_values(con, load_model(project))
    recognise_visitors(con, specs)
    fill_identity(con)
    fill_model(con, project.work / "model_levels.parquet")
    fill_facts(con, specs, touched_only)
    fill_quarantine(con)
