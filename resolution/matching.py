"""Records to clusters: candidates, training, weights, guards, clustering."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import polars as pl

from resolution.blocking import RuleCount, find_candidates
from resolution.clustering import Clusters, cluster_records, group_links, pairs_within
from resolution.comparisons import KINDS, LevelSet
from resolution.linkage import PairScorer
from resolution.maximisation import level_number
from resolution.model import CustomerModel, Guard
from resolution.training import Contradiction, TrainedModel, count_rows, train

LARGEST_COMPARED_WHOLE = 80
"""Records in a component up to which all its pairs are compared, so that a contradiction
between two records no rule put together is seen: 80 make 3,160 pairs."""


@dataclass(frozen=True)
class Matched:
    """Pairs and clusters of one set of records."""

    pairs: pl.DataFrame
    """Grain: pair at or above clerical review, or refused. See docs/adr/0001."""
    clusters: pl.DataFrame
    """Grain: record. record_id, cluster_id, matched_by, match_probability."""
    rules: tuple[RuleCount, ...]
    trained: TrainedModel
    candidates: int


def compile_comparisons(model: CustomerModel, columns: Sequence[str]) -> tuple[LevelSet, ...]:
    """The model's comparisons, those left out whose columns no record has."""
    present = set(columns)
    compiled = []
    for name, comparison in model.comparisons.items():
        if any(
            column == comparison.of or column.startswith(f"{comparison.of}_") for column in present
        ):
            compiled.append(KINDS[comparison.kind](name, comparison.of, comparison.settings))
    return tuple(compiled)


def match_records(
    connection: duckdb.DuckDBPyConnection,
    records: pl.DataFrame,
    model: CustomerModel,
    trained: TrainedModel | None = None,
    seed: int = 1,
) -> Matched:
    """Matches `records` (see docs/adr/0001) with `trained`, or trains first when it is None.

    Deterministic for the same records, model and seed.
    """
    connection.register("records_frame", records.to_arrow())
    connection.execute(
        "CREATE OR REPLACE TABLE records AS SELECT * FROM records_frame ORDER BY record_id"
    )
    connection.unregister("records_frame")
    comparisons = compile_comparisons(model, _filled_columns(records))
    rules = {
        rule: columns
        for rule, columns in model.blocking.items()
        if all(column.removeprefix("list:") in records.columns for column in columns)
    }
    refine_by = [x for x in model.refine_by if x.removeprefix("list:") in records.columns]
    counts = find_candidates(connection, rules, refine_by)
    names = {item.name for item in comparisons}
    guards = [guard for guard in model.guards if guard.comparison in names]
    if trained is None:
        contradictions = [_contradiction(guard, names) for guard in guards]
        trained = train(connection, comparisons, sorted(set(contradictions), key=str), seed)
    guards = [x for x in guards if _contradiction(x, names) not in trained.mistrusted]
    scorer = PairScorer(connection, trained.comparisons, trained.prior)
    weigh = _Weigher(scorer, guards, records)
    scored = weigh("candidates", _weight_of(model.thresholds.clerical))
    pairs, clusters = _cluster(connection, weigh, scored, model, len(records))
    return Matched(
        _with_reasons(pairs, trained.comparisons),
        _with_best_link(clusters.clusters, pairs, trained.comparisons),
        tuple(counts),
        trained,
        count_rows(connection, "candidates"),
    )


def _contradiction(guard: Guard, names: set[str]) -> Contradiction:
    return Contradiction(guard.comparison, tuple(x for x in guard.unless if x in names))


def _filled_columns(records: pl.DataFrame) -> list[str]:
    return [
        name
        for name, kind in records.schema.items()
        if kind != pl.Null and records.get_column(name).null_count() < len(records)
    ]


def _weight_of(probability: float) -> float:
    return float(np.log2(probability / (1 - probability)))


@dataclass(frozen=True)
class _Weigher:
    """Scores a table of pairs and marks those that contradict each other."""

    scorer: PairScorer
    guards: Sequence[Guard]
    records: pl.DataFrame

    def __call__(self, table: str, threshold: float | None) -> pl.DataFrame:
        scored = self.scorer.score(table, threshold)
        return scored.with_columns(conflict=self._conflict(scored))

    def _conflict(self, scored: pl.DataFrame) -> pl.Series:
        """The reason of the first guard that fires, null where none does."""
        reason = pl.Series("conflict", [None] * len(scored), dtype=pl.String)
        for guard in reversed(self.guards):
            fires = self._fires(guard, scored)
            reason = pl.select(
                pl.when(fires).then(pl.lit(guard.reason)).otherwise(reason)
            ).to_series()
        return reason

    def _fires(self, guard: Guard, scored: pl.DataFrame) -> pl.Series:
        by_name = {item.name: item for item in self.scorer.comparisons}
        conflicts = [
            level_number(by_name[guard.comparison], place)
            for place, level in enumerate(by_name[guard.comparison].levels)
            if level.conflict
        ]
        fires = scored.get_column(f"gamma_{guard.comparison}").is_in(conflicts)
        for other in guard.unless:
            if other in by_name:
                fires &= scored.get_column(f"gamma_{other}") != len(by_name[other].levels) - 1
        if guard.outweighed_by is not None:
            fires &= scored.get_column("match_weight") < guard.outweighed_by
        if guard.sources:
            held = self.records.get_column("source").is_in(list(guard.sources))
            for side in "lr":
                fires &= held.gather(scored.get_column(f"record_id_{side}"))
        return fires


def _cluster(
    connection: duckdb.DuckDBPyConnection,
    weigh: _Weigher,
    scored: pl.DataFrame,
    model: CustomerModel,
    records: int,
) -> tuple[pl.DataFrame, Clusters]:
    """Clusters that hold no contradiction, and the pairs with their status."""
    link = pl.col("match_probability") >= model.thresholds.link
    links = scored.filter(link & pl.col("conflict").is_null())
    inside = pairs_within(group_links(records, links), LARGEST_COMPARED_WHOLE)
    unseen = inside.join(scored, on=["record_id_l", "record_id_r"], how="anti")
    connection.register("unseen_frame", unseen.to_arrow())
    connection.execute("CREATE OR REPLACE TABLE unseen_pairs AS SELECT * FROM unseen_frame")
    connection.unregister("unseen_frame")
    within = weigh("unseen_pairs", None) if len(unseen) else scored.clear()
    contradictions = pl.concat(
        [
            frame.filter(pl.col("conflict").is_not_null()).select("record_id_l", "record_id_r")
            for frame in (scored, within)
        ]
    )
    clusters = cluster_records(records, links, contradictions)
    torn = clusters.refused.with_columns(
        torn=pl.lit("would join records that contradict each other")
    )
    pairs = scored.join(torn, on=["record_id_l", "record_id_r"], how="left", maintain_order="left")
    refused = pl.coalesce("conflict", "torn")
    status = (
        pl.when(refused.is_not_null())
        .then(pl.lit("refused"))
        .when(link)
        .then(pl.lit("link"))
        .otherwise(pl.lit("clerical"))
    )
    return pairs.with_columns(status=status, refused_because=refused), clusters


def _with_reasons(pairs: pl.DataFrame, comparisons: Sequence[LevelSet]) -> pl.DataFrame:
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


def _with_best_link(
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
