"""Second stage: landed rows become records, with every written value beside its standard form."""

import dagster as dg

from assets.base import base_of
from assets.landed import landed
from assets.make_records import make_records
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

    Only the records that the deliveries since the last release touch are made; with what is left
    of that release's they are var/work/segments/. Writes `visitors` and `crowded` as well.
    """
    with stage_errors():
        here = project.open()
        clear_verdicts(here, "standardised")
        made = make_records(here)
        told = f"{made.records:,} records of {made.rows:,} rows"
        if base_of(here):
            told = f"{made.records:,} records made, {made.dropped:,} gone"
        return dg.MaterializeResult(
            metadata={
                "summary": told,
                "records": made.records,
                "rows": made.rows,
                "records gone": made.dropped,
            }
        )
