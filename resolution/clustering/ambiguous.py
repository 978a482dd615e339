"""Records that fit two customers equally well: a couple's phone with no name beside it."""

import polars as pl

EVEN = 1.0
"""Bits by which one of two customers must be more likely, or neither is taken."""

OUTWEIGHED = 2
"""Times as many records that speak for the one customer as for the other decide for it."""


def ambiguous_records(links: pl.DataFrame, contradictions: pl.DataFrame) -> pl.Series:
    """Records whose best link, and another nearly as good, lead to records that contradict each
    other, with much the same number of links on either side.

    `links`: record_id_l, record_id_r, match_weight; `contradictions`: record_id_l, record_id_r.
    """
    facing = pl.concat(
        [
            links,
            links.select(
                pl.col("record_id_r").alias("record_id_l"),
                pl.col("record_id_l").alias("record_id_r"),
                "match_weight",
            ),
        ]
    ).rename({"record_id_l": "record", "record_id_r": "other"})
    apart = (
        pl.concat(
            [
                contradictions,
                contradictions.select(
                    pl.col("record_id_r").alias("record_id_l"),
                    pl.col("record_id_l").alias("record_id_r"),
                ),
            ]
        )
        .rename({"record_id_l": "best", "record_id_r": "other"})
        .unique()
    )
    best = (
        facing.sort("match_weight", "other", descending=[True, False])
        .group_by("record", maintain_order=True)
        .agg(pl.col("other").first().alias("best"), pl.col("match_weight").first().alias("most"))
    )
    against = pl.col("match_weight").filter(pl.col("apart"))
    sides = (
        facing.join(best, on="record")
        .join(apart.with_columns(apart=pl.lit(True)), on=["best", "other"], how="left")
        .with_columns(pl.col("apart").fill_null(False))
        .group_by("record")
        .agg(
            (pl.col("most").first() - against.max()).alias("lead"),
            pl.col("apart").sum().alias("links_against"),
            (~pl.col("apart")).sum().alias("links_for"),
        )
    )
    even = (pl.col("lead") < EVEN) & (pl.col("links_for") < OUTWEIGHED * pl.col("links_against"))
    return sides.filter(even).get_column("record").sort()
