"""First stage: what was delivered since the last run is read, once, and kept with its history."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import dagster as dg

from assets.base import find_base
from assets.project import DAILY, ONCE_MORE, OWNERS, WRITER_POOL, ProjectResource, stage_errors
from assets.run_record import quarantined_by_source, record_end, rows_by_source
from assets.run_sheet import input_fingerprint, new_run_sheet
from assets.settings import checked_specs
from assets.verdicts import clear_verdicts

if TYPE_CHECKING:
    from sources.ingest import IngestReport
    from sources.landed import LandedStore


class LandedConfig(dg.Config):
    """How a run is begun."""

    full: bool = False
    """Go on though nothing is new, work everything out again, and train the model anew."""

    deliveries: bool = True
    """Read what lies in landing/. Without it a run only applies what stewards decided."""


@dg.asset(
    output_required=False,
    group_name="sources",
    kinds={"csv", "parquet", "duckdb"},
    owners=OWNERS,
    tags={"stage": "landed"},
    freshness_policy=DAILY,
    retry_policy=ONCE_MORE,
    pool=WRITER_POOL,
)
def landed(
    context: dg.AssetExecutionContext, config: LandedConfig, project: ProjectResource
) -> Iterator[dg.MaterializeResult[None]]:
    """Rows as delivered, every version of them, and the quarantine: var/state/landed.duckdb.

    When nothing is new since the current release, no data and no setting, it ends the run.
    """
    with stage_errors():
        from assets.erasing import begin_erasures, finish_erasures
        from resolution.kept import forget_others
        from sources.ingest import ingest
        from sources.landed import LandedStore, landed_path
        from warehouse.release import recover

        here, at = project.open(), datetime.now(UTC)
        current = recover(here)
        if current:  # a run that was killed once it had published left what it built on
            forget_others(here, current.release)
        finish_erasures(here)
        erasing = begin_erasures(here, at)
        specs = checked_specs(here)
        delivered = ingest(here, specs, at, context.log.info) if config.deliveries else None
        with LandedStore(landed_path(here), read_only=True) as store:
            fingerprint = input_fingerprint(here, store.content_fingerprint())
            metadata = landed_metadata(store, delivered)
        if not (config.full or erasing) and current and current.input_fingerprint == fingerprint:
            context.log.info(f"nothing new since release {current.release}")
            record_end(here, context.run_id, "nothing new")
            return
        clear_verdicts(here, "landed")
        base, why_anew = find_base(here, config.full)
        context.log.info(f"builds on release {base.release}" if base else f"full run: {why_anew}")
        based_on = base.release if base else ""
        sheet = new_run_sheet(context.run_id, at, fingerprint, config.full, based_on)
        replace(sheet, why_anew=why_anew if current else "").write(here)
        yield dg.MaterializeResult(metadata=metadata)


def landed_metadata(store: "LandedStore", delivered: "IngestReport | None") -> dict[str, Any]:
    """Counts over all that ever landed and over what came now; drift as a list."""
    rows, bad = rows_by_source(store), quarantined_by_source(store)
    told = f"{sum(rows.values()):,} rows of {len(rows)} sources, {sum(bad.values()):,} quarantined"
    reports = delivered.sources if delivered else {}
    drift = [
        f"- {source}: {found.kind.replace('_', ' ')} {found.field}: {found.detail}"
        for source, report in reports.items()
        for found in report.drift
    ]
    return {
        "summary": told,
        "rows": sum(rows.values()),
        "quarantined": sum(bad.values()),
        "new files": sum(report.files_new for report in reports.values()),
        "new rows": sum(report.landed for report in reports.values()),
        "sources": {name: {"rows": rows[name], "quarantined": bad.get(name, 0)} for name in rows},
        "drift": dg.MetadataValue.md("\n".join(drift) or "none"),
    }
