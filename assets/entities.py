"""Fourth stage: this run's clusters get their lasting entity ids."""

import dagster as dg
import polars as pl

from assets.project import ONCE_MORE, OWNERS, WRITER_POOL, ProjectResource, stage_errors
from assets.run_sheet import read_run_sheet
from assets.scored_pairs import scored_pairs
from assets.verdicts import clear_verdicts
from core.files import written_whole
from core.project import Project


@dg.asset(
    deps=[scored_pairs],
    group_name="resolution",
    kinds={"polars", "parquet"},
    owners=OWNERS,
    tags={"stage": "entities"},
    retry_policy=ONCE_MORE,
    pool=WRITER_POOL,
)
def entities(
    context: dg.AssetExecutionContext, project: ProjectResource
) -> dg.MaterializeResult[None]:
    """Which entity each record belongs to, and every change since the last release.

    Writes `entities`, and `events` with all that went before, to var/work/; the ledger learns of
    them only when the release is published.
    """
    with stage_errors():
        here = project.open()
        clear_verdicts(here, "entities")
        frame, changes = assign_lasting_ids(here)
        found = frame.get_column("entity_id").n_unique()
        counts = dict.fromkeys(("created", "changed", "merged", "split", "retired"), 0)
        counts |= dict(changes.group_by("kind").len().iter_rows())
        told = ", ".join(f"{count:,} {kind}" for kind, count in counts.items() if count)
        rate = 1 - found / max(frame.height, 1)
        return dg.MaterializeResult(
            metadata={
                "summary": f"{found:,} entities ({told or 'no change'})",
                "entities": found,
                "merge rate": round(rate, 4),
                **counts,
            }
        )


def assign_lasting_ids(project: Project) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Write the stage's frames; returns `entities` and this run's changes of identity."""
    from resolution.identity import assign_entities
    from warehouse.ledger import IdentityLedger

    sheet = read_run_sheet(project)
    ledger = IdentityLedger(project)
    clusters = pl.read_parquet(project.work / "clusters.parquet")
    members = pl.read_parquet(project.work / "members.parquet")
    assigned = assign_entities(clusters, members, ledger.current_assignments(), ledger.issued())
    held = clusters.select("record_id", "matched_by", "match_probability")
    frame = assigned.entities.join(held, on="record_id", how="left", maintain_order="left")
    events = ledger.history_with(assigned.events, sheet.release, sheet.at)
    for name, content in (("entities", frame), ("events", events)):
        with written_whole(project.work / f"{name}.parquet") as draft:
            content.write_parquet(draft)
    return frame, assigned.events
