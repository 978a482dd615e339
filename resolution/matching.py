"""Records to clusters: candidates, training, weights, guards, clustering."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import polars as pl

from resolution.blocking import RuleCount, find_candidates, leave_out_own_pairs
from resolution.clustering import Clusters, cluster_records, group_links, pairs_within
from resolution.comparisons import KINDS
from resolution.frequencies import frequencies_of, known_customers
from resolution.guards import GuardedScorer, believed_guards, contradiction_of
from resolution.levels import LevelSet
from resolution.linkage import PairScorer, write_table
from resolution.model import CustomerModel
from resolution.reasons import with_best_link, with_reasons
from resolution.training import TrainedModel, count_rows, train
from sources.spec import Names

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
    frequencies: Mapping[str, pl.DataFrame]
    """Column -> how common its values are among customers, as the weights took it."""


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

    Clustered twice: the first time values weigh by how many records bear them, the second by
    how many customers do. Deterministic for the same records, model and seed.
    """
    write_table(connection, "records", records.sort("record_id"))
    counts = find_candidates(connection, *_usable_rules(records, model))
    leave_out_own_pairs(connection, model.without_duplicates)
    if trained is None:
        comparisons = compile_comparisons(model, _filled_columns(records))
        names = {item.name for item in comparisons}
        watched = {contradiction_of(x, names) for x in model.guards if x.comparison in names}
        trained = train(connection, comparisons, sorted(watched, key=str), seed)
    _, clusters = _cluster(connection, records, model, trained, None)
    frequencies = _frequencies(records, clusters, trained)
    pairs, clusters = _cluster(connection, records, model, trained, frequencies)
    return Matched(
        with_reasons(pairs, trained.comparisons),
        with_best_link(clusters.clusters, pairs, trained.comparisons),
        tuple(counts),
        trained,
        count_rows(connection, "candidates"),
        frequencies,
    )


def _usable_rules(
    records: pl.DataFrame, model: CustomerModel
) -> tuple[dict[str, Names], list[str]]:
    """The model's blocking rules, and refining columns, on columns that the records have."""
    rules = {
        rule: columns
        for rule, columns in model.blocking.items()
        if all(column.removeprefix("list:") in records.columns for column in columns)
    }
    refine_by = [x for x in model.refine_by if x.removeprefix("list:") in records.columns]
    return rules, refine_by


def _frequencies(
    records: pl.DataFrame, clusters: Clusters, trained: TrainedModel
) -> dict[str, pl.DataFrame]:
    customers = known_customers(records, clusters.clusters, trained.comparisons)
    columns = {
        column: borne_in
        for item in trained.comparisons
        for column, borne_in in item.frequency_columns.items()
    }
    return {
        column: frequencies_of(column, borne_in, records, customers)
        for column, borne_in in columns.items()
    }


def _filled_columns(records: pl.DataFrame) -> list[str]:
    return [
        name
        for name, kind in records.schema.items()
        if kind != pl.Null and records.get_column(name).null_count() < len(records)
    ]


def _weight_of(probability: float) -> float:
    return float(np.log2(probability / (1 - probability)))


def _cluster(
    connection: duckdb.DuckDBPyConnection,
    records: pl.DataFrame,
    model: CustomerModel,
    trained: TrainedModel,
    frequencies: Mapping[str, pl.DataFrame] | None,
) -> tuple[pl.DataFrame, Clusters]:
    """The candidates with their weights and status, and clusters that hold no contradiction."""
    scorer = PairScorer(connection, trained.comparisons, trained.prior, frequencies)
    weigh = GuardedScorer(
        scorer, believed_guards(model.guards, trained), records, model.without_duplicates
    )
    scored = weigh("candidates", _weight_of(model.thresholds.clerical))
    linked = pl.col("match_probability") >= model.thresholds.link
    links = scored.filter(linked & pl.col("conflict").is_null())
    within = _weigh_unseen(connection, weigh, scored, group_links(len(records), links))
    contradictions = pl.concat(
        [
            frame.filter(pl.col("conflict").is_not_null()).select("record_id_l", "record_id_r")
            for frame in (scored, within)
        ]
    )
    clusters = cluster_records(len(records), links, contradictions)
    return _with_status(scored, clusters, linked), clusters


def _weigh_unseen(
    connection: duckdb.DuckDBPyConnection,
    weigh: GuardedScorer,
    scored: pl.DataFrame,
    components: np.ndarray,
) -> pl.DataFrame:
    """The pairs inside the components that no rule brought together, weighed."""
    inside = pairs_within(components, LARGEST_COMPARED_WHOLE)
    unseen = inside.join(scored, on=["record_id_l", "record_id_r"], how="anti")
    write_table(connection, "unseen_pairs", unseen)
    return weigh("unseen_pairs", None) if len(unseen) else scored.clear()


def _with_status(scored: pl.DataFrame, clusters: Clusters, linked: pl.Expr) -> pl.DataFrame:
    torn = clusters.refused.with_columns(
        torn=pl.lit("would join records that contradict each other")
    )
    pairs = scored.join(torn, on=["record_id_l", "record_id_r"], how="left", maintain_order="left")
    refused = pl.coalesce("conflict", "torn")
    status = (
        pl.when(refused.is_not_null())
        .then(pl.lit("refused"))
        .when(linked)
        .then(pl.lit("link"))
        .otherwise(pl.lit("clerical"))
    )
    return pairs.with_columns(status=status, refused_because=refused)
