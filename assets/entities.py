"""Fourth stage: this run's clusters get their lasting entity ids."""

from pathlib import Path
from typing import TYPE_CHECKING

import dagster as dg
import polars as pl

from assets.base import Base, base_of
from assets.erasing import told_with_erasures
from assets.project import ONCE_MORE, OWNERS, WRITER_POOL, ProjectResource, stage_errors
from assets.run_sheet import read_run_sheet
from assets.scored_pairs import scored_pairs
from assets.verdicts import clear_verdicts
from core.frames import scan_frame, write_frame
from core.project import Project

if TYPE_CHECKING:
    from resolution.identity.causes import Turned
    from resolution.kept import Kept


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

    Only touched records are looked at. Writes `entities` (all of them), `events` and `changes`
    (this run's) and what is touched to var/work/; the ledger learns of them only when the release
    is published.
    """
    with stage_errors():
        here = project.open()
        clear_verdicts(here, "entities")
        frame, changes = assign_lasting_ids(here)
        found = frame.get_column("entity_id").n_unique()
        counts = dict.fromkeys(("created", "changed", "merged", "split", "retired", "erased"), 0)
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
    from resolution.identity.assigning import assign_entities
    from resolution.identity.causes import with_causes
    from warehouse.ledger import IdentityLedger

    sheet, base, work = read_run_sheet(project), base_of(project), project.work
    ledger = IdentityLedger(project)
    clusters = pl.read_parquet(work / "clusters.parquet")
    touched = clusters.get_column("record_id")
    members = _rows_of(work, touched) if base else scan_frame(work, "members").collect()
    previous = _previous(base, work, touched) if base else ledger.current_assignments()
    departed = _returning(project, ledger.departed(), members)
    assigned = assign_entities(clusters, members, previous, ledger.issued(), departed)
    held = clusters.select("record_id", "matched_by", "match_probability")
    frame = assigned.entities.join(held, on="record_id", how="left", maintain_order="left")
    changes = assigned.changes(previous)
    turned = _turned(project, changes)
    told = told_with_erasures(
        project, with_causes(assigned.events, previous, assigned.rows, turned)
    )
    events = ledger.stamped(told, sheet.release, sheet.at)
    involved = pl.concat([assigned.rows.get_column("entity_id"), previous.get_column("entity_id")])
    frames = {
        "entities": pl.concat([_untouched(base, work, touched), frame]).sort("record_id")
        if base
        else frame,
        "events": events,
        "changes": changes,
        "touched_records": _touched_records(base, work, touched),
        "touched_entities": involved.unique().sort().to_frame("entity_id"),
        "churn": _churn(base, previous, assigned.rows),
    }
    for name, content in frames.items():
        write_frame(work, name, content)
    return frames["entities"], told


def _returning(project: Project, departed: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """Those of `departed` that are `members` again and tell of the person they told of before: a
    source may have given the row's key to somebody else."""
    from sources.landed import LandedStore, landed_path
    from sources.returning import unlike_before
    from sources.spec import load_specs

    row, specs = ["source", "source_record_id"], load_specs(project)
    back = departed.join(members, on=row, how="semi")
    if back.is_empty():
        return back
    with LandedStore(landed_path(project), read_only=True) as store:
        others = [
            unlike_before(store.connection, specs[str(source)], rows.get_column(row[1]))
            for (source,), rows in back.group_by("source")
        ]
    return back.join(pl.concat(others), on=row, how="anti")


def _turned(project: Project, changes: pl.DataFrame) -> "Turned":
    """What beside new rows may have changed identities since the last release."""
    from resolution.decisions.on_records import turned_rows
    from resolution.identity.causes import Turned
    from resolution.kept import MODEL, kept_for
    from warehouse.release import current_release

    work, release = project.work, current_release(project)
    kept = kept_for(project, release.release) if release else None
    now = scan_frame(work, "decisions").collect()
    gone = changes.filter(pl.col("entity_id").is_null())
    corrected = pl.concat(
        [scan_frame(work, "changed_rows").collect(), gone.select("source", "source_record_id")]
    )
    if kept is None:
        return Turned(turned_rows(now.clear(), now), corrected, retrained=False)
    before = kept.scan("decisions").collect()
    same = (kept.folder / MODEL).read_bytes() == (work / MODEL).read_bytes()
    return Turned(turned_rows(before, now), _known(corrected, kept), retrained=not same)


def _known(rows: pl.DataFrame, kept: "Kept") -> pl.DataFrame:
    """Those of the rows that the last release held: a new row corrects nothing."""
    held = scan_frame(kept.folder, "members", whole=True).select("source", "source_record_id")
    return rows.lazy().join(held, on=["source", "source_record_id"], how="semi").collect()


def _rows_of(work: Path, records: pl.Series, whole: bool = False) -> pl.DataFrame:
    """The source rows of these records."""
    asked = records.rename("record_id").implode()
    rows = scan_frame(work, "members", whole=whole)
    return rows.filter(pl.col("record_id").is_in(asked)).collect()


def _touched_records(base: Base | None, work: Path, touched: pl.Series) -> pl.DataFrame:
    """record_id, gone: the records whose part of the release is to be made anew, those that are
    no more among them."""
    gone = scan_frame(work, "dropped_now").collect() if base else touched.clear().to_frame()
    return pl.concat(
        [
            touched.to_frame().with_columns(gone=pl.lit(False)),
            gone.with_columns(gone=pl.lit(True)),
        ]
    )


def _previous(base: Base, work: Path, touched: pl.Series) -> pl.DataFrame:
    """source, source_record_id, entity_id: the touched records' rows, and those of records that
    are gone, as of the last release."""
    gone = scan_frame(work, "dropped_now").collect().to_series()
    asked = pl.concat([touched, gone.rename(touched.name)])
    before = scan_frame(base.folder, "entities").select("record_id", "entity_id").collect()
    rows = _rows_of(base.folder, asked).join(before, on="record_id")
    return rows.select("source", "source_record_id", "entity_id")


def _churn(base: Base | None, previous: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """One row: known_rows, source rows of the last release that are still there; kept_rows, those
    of them that kept their entity id. Rows of untouched records are known, and kept."""
    still = previous.join(rows, on=["source", "source_record_id"], suffix="_now")
    kept = still.filter(pl.col("entity_id") == pl.col("entity_id_now")).height
    untouched = 0
    if base:
        members = scan_frame(base.folder, "members").select(pl.len()).collect().item()
        untouched = int(members) - previous.height
    return pl.DataFrame({"known_rows": [still.height + untouched], "kept_rows": [kept + untouched]})


def _untouched(base: Base, work: Path, touched: pl.Series) -> pl.DataFrame:
    """The entities of the other records."""
    gone = scan_frame(work, "dropped_now").collect().to_series()
    asked = pl.concat([touched, gone.rename(touched.name)]).implode()
    rows = scan_frame(base.folder, "entities").filter(~pl.col("record_id").is_in(asked))
    return rows.collect()
