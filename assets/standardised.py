"""Second stage: landed rows become records, with every written value beside its standard form."""

import dagster as dg

from assets.landed import landed
from assets.project import ONCE_MORE, OWNERS, WRITER_POOL, ProjectResource, stage_errors
from assets.verdicts import clear_verdicts


@dg.asset(
    deps=[landed],
    group_name="resolution",
    kinds={"polars", "parquet"},
    owners=OWNERS,
    tags={"stage": "standardised"},
    retry_policy=ONCE_MORE,
    pool=WRITER_POOL,
)
def standardised(
    context: dg.AssetExecutionContext, project: ProjectResource
) -> dg.MaterializeResult[None]:
    """Records, their members, observed values and anonymous visitors; paid once a distinct value.

    Writes `records`, `members`, `values`, `visitors` and `shared` to var/work/.
    """
    with stage_errors():
        from resolution.model import load_model
        from resolution.records import build_records
        from sources.landed import LandedStore, landed_path
        from sources.spec import load_specs

        here = project.open()
        clear_verdicts(here, "standardised")
        with LandedStore(landed_path(here), read_only=True) as store:
            frames = build_records(store, load_specs(here), load_model(here))
        frames.write(here)
        records, rows = frames.records.height, frames.members.height
        return dg.MaterializeResult(
            metadata={
                "summary": f"{records:,} records of {rows:,} rows",
                "records": records,
                "rows": rows,
                "values": frames.values.height,
                "visitor identifiers": frames.visitors.height,
            }
        )
