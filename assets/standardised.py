"""Second stage: landed rows become records, with every written value beside its standard form."""

import dagster as dg

from assets.landed import landed
from assets.make_records import make_records
from assets.project import ONCE_MORE, OWNERS, WRITER_POOL, ProjectResource, stage_errors
from assets.run_sheet import read_run_sheet
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
        sheet, told = read_run_sheet(here), f"{made.records:,} records of {made.rows:,} rows"
        if sheet.base:
            told = f"{made.records:,} records made, {made.dropped:,} gone"
        elif sheet.why_anew:
            told += f", all anew: {sheet.why_anew}"
        return dg.MaterializeResult(
            metadata={
                "summary": told,
                "records": made.records,
                "rows": made.rows,
                "records gone": made.dropped,
            }
        )
