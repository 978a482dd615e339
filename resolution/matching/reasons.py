"""The evidence behind each pair in words, and what holds each record in its cluster."""

import json
from collections.abc import Sequence

import polars as pl

from resolution.comparisons.levels import LevelSet, level_number

DECISION = "decision"
"""What holds a record that a steward put in its cluster."""


def with_reasons(pairs: pl.DataFrame, comparisons: Sequence[LevelSet]) -> pl.DataFrame:
    """The published columns of `pairs`, `why` telling each comparison's level in words.

    `why` is JSON, written a column at a time: comparison -> {level, weight, tf} for those with
    something to compare, `refused` with the reason where there is one, and `decided` where a
    steward joined the two.
    """
    parts = [_told(item, f"mw_tf_adj_{item.name}" in pairs.columns) for item in comparisons]
    reasons = pairs.get_column("refused_because").unique().drop_nulls().to_list()
    refused = pl.col("refused_because").replace_strict(
        reasons,
        [f'"refused": {json.dumps(reason, ensure_ascii=False)}' for reason in reasons],
        default=None,
        return_dtype=pl.String,
    )
    decided = pl.when("decided").then(pl.lit('"decided": "a steward said that they are one"'))
    inside = pl.concat_str([*parts, refused, decided], separator=", ", ignore_nulls=True)
    return pairs.select(
        "record_id_l",
        "record_id_r",
        "match_weight",
        "match_probability",
        "linkable",
        "status",
        pl.concat_str(pl.lit("{"), inside, pl.lit("}")).alias("why"),
    )


def _told(item: LevelSet, adjusted: bool) -> pl.Expr:
    """A comparison's part of `why`; null where a side has nothing to compare."""
    numbers = [level_number(item, place) for place in range(len(item.levels))]
    words = [json.dumps(level.words, ensure_ascii=False) for level in item.levels]
    gamma = pl.col(f"gamma_{item.name}")
    rarity = pl.col(f"mw_tf_adj_{item.name}") if adjusted else pl.lit(0.0)
    told = pl.concat_str(
        pl.lit(f'{json.dumps(item.name, ensure_ascii=False)}: {{"level": '),
        gamma.replace_strict(numbers, words, default=None, return_dtype=pl.String),
        pl.lit(', "weight": '),
        pl.col(f"mw_{item.name}").round(3).cast(pl.String),
        pl.lit(', "tf": '),
        rarity.round(3).cast(pl.String),
        pl.lit("}"),
    )
    return pl.when(gamma >= 0).then(told)


def with_best_link(
    clusters: pl.DataFrame, pairs: pl.DataFrame, comparisons: Sequence[LevelSet]
) -> pl.DataFrame:
    """Adds what holds each record in its cluster: its best link's strongest comparison."""
    weights = [
        (
            pl.col(f"mw_{item.name}") + (pl.col(adjusted) if adjusted in pairs.columns else 0.0)
        ).alias(item.name)
        for item in comparisons
        for adjusted in [f"mw_tf_adj_{item.name}"]
    ]
    names = [item.name for item in comparisons]
    strongest = (
        pl.concat_list(weights)
        .list.arg_max()
        .replace_strict(list(range(len(names))), names, default=None, return_dtype=pl.String)
    )
    one = pl.col("decided").fill_null(False)
    links = pairs.filter(pl.col("status") == "link").select(
        "record_id_l",
        "record_id_r",
        match_probability=pl.when(one).then(1.0).otherwise("match_probability"),
        match_weight=pl.when(one).then(float("inf")).otherwise("match_weight"),
        matched_by=pl.when(one).then(pl.lit(DECISION)).otherwise(strongest),
    )
    ends = pl.concat(
        [
            links.select(
                pl.col(f"record_id_{side}").alias("record_id"),
                "match_probability",
                "match_weight",
                "matched_by",
            )
            for side in "lr"
        ]
    )
    best = (
        ends.sort("match_weight", "matched_by", descending=[True, False])
        .group_by("record_id")
        .first()
        .select("record_id", "matched_by", "match_probability")
    )
    sized = clusters.with_columns(pl.len().over("cluster_id").alias("size"))
    alone = pl.col("size") == 1
    return (
        sized.join(best, on="record_id", how="left")
        .sort("record_id")
        .select(
            "record_id",
            "cluster_id",
            pl.when(alone).then(pl.lit("only record")).otherwise("matched_by").alias("matched_by"),
            pl.when(alone).then(1.0).otherwise("match_probability").alias("match_probability"),
        )
    )
