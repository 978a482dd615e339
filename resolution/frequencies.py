"""How common a value is among customers, not among records: forty orders are one bearer's."""

from collections.abc import Mapping, Sequence

import polars as pl

from resolution.levels import LevelSet

UNSEEN = 2
"""Bearers assumed of a value that no well-known customer bears: nothing speaks for fewer."""


def known_customers(
    records: pl.LazyFrame, clusters: pl.DataFrame, comparisons: Sequence[LevelSet]
) -> pl.LazyFrame:
    """`records` of the clusters that show at least two kinds of evidence, with `cluster_id`.

    A record that holds a name and nothing else may be anybody's: it is no bearer of its own.
    """
    kinds = pl.sum_horizontal(
        [
            pl.any_horizontal(
                [pl.col(name).is_not_null() for name in _columns_of(records, item)]
            ).cast(pl.Int8)
            for item in comparisons
        ]
    )
    kept = clusters.lazy().select("record_id", "cluster_id")
    shown = records.select("record_id", kinds.alias("kinds")).join(kept, on="record_id")
    known = (
        shown.filter(pl.col("kinds").max().over("cluster_id") >= 2)
        .select("record_id", "cluster_id")
        .collect()
    )
    return records.join(known.lazy(), on="record_id", maintain_order="left")


def _columns_of(records: pl.LazyFrame, item: LevelSet) -> list[str]:
    return [
        name
        for name, kind in records.collect_schema().items()
        if (name == item.of or name.startswith(f"{item.of}_")) and kind != pl.Boolean
    ]


def frequencies_of(
    column: str, also_in: Sequence[str], records: pl.LazyFrame, customers: pl.LazyFrame
) -> pl.DataFrame:
    """Chance that another customer bears a value of `column`: the value, `tf_<column>`.

    Grain: distinct value of `column` in `records`. `also_in`: columns whose values count as
    bearing it too. Of a value's bearers one is the customer asked about; the others make the
    chance. Where there is no other, it is Good and Turing's estimate (Good 1953) that a further
    customer bears it.
    """
    borne = customers.select("cluster_id", *dict.fromkeys((column, *also_in))).collect()
    bearers = (
        pl.concat([borne.select("cluster_id", pl.col(x).alias(column)) for x in (column, *also_in)])
        .drop_nulls()
        .unique()
        .group_by(column)
        .len("bearers")
    )
    total = max(borne.get_column("cluster_id").n_unique(), 1)
    once, twice = (bearers.filter(pl.col("bearers") == n).height for n in (1, 2))
    further = min(2 * (twice + 1) / (once + 1), 1.0)
    known = pl.col("bearers").fill_null(UNSEEN).cast(pl.Float64)
    chance = (known - 1).clip(lower_bound=further) / total
    return (
        records.select(column)
        .drop_nulls()
        .unique()
        .collect()
        .join(bearers, on=column, how="left")
        .select(column, chance.clip(upper_bound=1.0).alias(f"tf_{column}"))
        .sort(column)
    )


def with_unseen(
    frequencies: Mapping[str, pl.DataFrame], records: pl.LazyFrame
) -> dict[str, pl.DataFrame]:
    """`frequencies` with the values of `records` that were not there when they were counted:
    each as rare as the rarest that was."""
    return {
        column: _with_unseen(counted, column, records) for column, counted in frequencies.items()
    }


def _with_unseen(counted: pl.DataFrame, column: str, records: pl.LazyFrame) -> pl.DataFrame:
    if not len(counted) or column not in records.collect_schema().names():
        return counted
    share = counted.get_column(f"tf_{column}")
    values = records.select(pl.col(column).drop_nulls().unique()).collect()
    unseen = values.join(counted, on=column, how="anti").sort(column)
    return pl.concat([counted, unseen.with_columns(pl.lit(share.min()).alias(share.name))])
