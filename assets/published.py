"""Last stage: the audited candidate becomes the release that everybody reads."""

import dagster as dg

from assets.marts import marts
from assets.project import DAILY, ONCE_MORE, OWNERS, WRITER_POOL, ProjectResource, stage_errors
from assets.run_record import record_end
from assets.run_sheet import read_run_sheet


@dg.asset(
    deps=[marts],
    group_name="warehouse",
    kinds={"duckdb"},
    owners=OWNERS,
    tags={"stage": "published"},
    freshness_policy=DAILY,
    retry_policy=ONCE_MORE,
    pool=WRITER_POOL,
)
def published(
    context: dg.AssetExecutionContext, project: ProjectResource
) -> dg.MaterializeResult[None]:
    """The release in var/releases/, named by CURRENT.json, and the ledger that knows its ids.

    Refuses everything but the bytes that passed the audit, however it was launched.
    """
    with stage_errors():
        from assets.erasing import finish_erasures
        from resolution.kept import forget_others, keep_for
        from warehouse.release import publish

        here = project.open()
        sheet = read_run_sheet(here)
        keep_for(here, sheet.release)
        release = publish(here, here.candidate, sheet.release, sheet.at, sheet.input_fingerprint)
        record_end(here, sheet.run, "published")
        forget_others(here, release.release)
        erased = finish_erasures(here)
        size = release.file.stat().st_size
        return dg.MaterializeResult(
            metadata={
                "summary": f"release {release.release}, {size / 1e6:,.1f} MB"
                + (f", {len(erased)} erased" if erased else ""),
                "release": release.release,
                "file": dg.MetadataValue.path(str(release.file)),
                "bytes": size,
                "sha256": release.sha256,
            }
        )
