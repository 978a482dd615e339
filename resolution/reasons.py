"""The evidence behind each pair in words, and what holds each record in its cluster."""

import json
from collections.abc import Sequence

import polars as pl

from resolution.levels import LevelSet
from resolution.maximisation import level_number


def with_reasons(pairs: pl.DataFrame, comparisons: Sequence[LevelSet]) -> pl.DataFrame:
    """The published columns of `pairs`, `why` telling each comparison's level in words."""
    parts = []
    for item in comparisons:
        gamma = pl.col(f"gamma_{item.name}")
        words = {level_number(item, place): level.words for place, level in enumerate(item.levels)}
        adjusted = f"mw_tf_adj_{item.name}"
        parts.append(
            pl.when(gamma >= 0)
            .then(
                pl.struct(
                    gamma.replace_strict(words, default=None, return_dtype=pl.String).alias(
                        "level"
                    ),
                    pl.col(f"mw_{item.name}").round(3).alias("weight"),
                    (pl.col(adjusted) if adjusted in pairs.columns else pl.lit(0.0))
                    .round(3)
                    .alias("tf"),
                )
            )
            .alias(item.name)
        )
    why = pairs.select(parts).to_dicts()
    refused = pairs.get_column("refused_because").to_list()
    texts = [
        json.dumps(
            {name: part for name, part in row.items() if part is not None}
            | ({"refused": reason} if reason else {}),
            ensure_ascii=False,
        )
        for row, reason in zip(why, refused, strict=True)
    ]
    return pairs.select(
        "record_id_l", "record_id_r", "match_weight", "match_probability", "status"
    ).with_columns(why=pl.Series(texts, dtype=pl.String))


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
    links = pairs.filter(pl.col("status") == "link").select(
        "record_id_l",
        "record_id_r",
        "match_probability",
        "match_weight",
        pl.concat_list(weights)
        .list.arg_max()
        .replace_strict(list(range(len(names))), names, default=None, return_dtype=pl.String)
        .alias("matched_by"),
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
