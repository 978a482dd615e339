"""Third stage: records that share something are compared, weighed and grouped."""

from typing import TYPE_CHECKING

import dagster as dg
import polars as pl

from assets.project import ONCE_MORE, OWNERS, WRITER_POOL, ProjectResource, stage_errors
from assets.run_sheet import read_run_sheet
from assets.standardised import standardised
from assets.trained_model import match_project
from assets.verdicts import clear_verdicts

if TYPE_CHECKING:
    from resolution.training.unlabelled import TrainedModel


@dg.asset(
    deps=[standardised],
    group_name="resolution",
    kinds={"splink", "duckdb", "parquet"},
    owners=OWNERS,
    tags={"stage": "scored_pairs"},
    retry_policy=ONCE_MORE,
    pool=WRITER_POOL,
)
def scored_pairs(
    context: dg.AssetExecutionContext, project: ProjectResource
) -> dg.MaterializeResult[None]:
    """Pairs at or above clerical review with their match weights, and the groups they make.

    Compares the new records with all others, and groups anew what they touch. Compares all with
    all where there is no base, or no model that fits: then it trains one, without labels. Writes
    `pairs`, `told_pairs`, `clusters` and `model.json` to var/work/.
    """
    with stage_errors():
        here = project.open()
        clear_verdicts(here, "scored_pairs")
        matched = match_project(here, retrain=read_run_sheet(here).full)
        linked = matched.pairs.filter(pl.col("status") == "link").height
        told = f"{linked:,} links of {matched.candidates:,} pairs"
        if matched.touched_only:
            told = f"{matched.candidates:,} new pairs, {linked:,} links among those touched"
        return dg.MaterializeResult(
            metadata={
                "summary": f"{told}, {matched.how}",
                "candidate pairs": matched.candidates,
                "links": linked,
                **_threshold_metadata(matched.trained),
                **_pair_metadata(matched.pairs),
            }
        )


def _threshold_metadata(trained: "TrainedModel") -> dict[str, str]:
    """From which match weight pairs link, and why, where the data decided it."""
    chosen = trained.chosen
    return {} if chosen is None else {"link threshold": f"{chosen.link:g} bits: {chosen.why}"}


def _pair_metadata(pairs: pl.DataFrame) -> dict[str, dg.MetadataValue]:
    """Counts by status, and a picture of the match weights."""
    from quality.metrics import match_weight_histogram_svg

    counts = {
        status: dg.MetadataValue.int(pairs.filter(pl.col("status") == status).height)
        for status in ("clerical", "refused")
    }
    return {**counts, "match weights": dg.MetadataValue.md(match_weight_histogram_svg(pairs))}
