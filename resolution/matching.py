"""Records to clusters: candidates, training, weights, guards, clustering."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb
import numpy as np
import polars as pl

from resolution.ambiguous import ambiguous_records
from resolution.blocking import Candidates, RuleCount, find_candidates
from resolution.clustering import Clusters, cluster_records, group_links, pairs_within
from resolution.comparisons import KINDS
from resolution.frequencies import frequencies_of, known_customers
from resolution.guards import Watch, believed_guards, contradiction_of
from resolution.lesson import Lesson, lesson_of
from resolution.levels import LevelSet
from resolution.model import CustomerModel
from resolution.parity import check_parity, sample_of
from resolution.reasons import with_best_link, with_reasons
from resolution.rule_report import rules_not_worth_it
from resolution.scoring import BySplink, Scorer, by_splink, scorer_for
from resolution.thresholds import LOWEST, Chosen, choose_thresholds, thresholds_of
from resolution.training import TrainedModel, train

LOG = logging.getLogger(__name__)

FITS_TWO = "a record fits two customers who contradict each other equally well"
"""Why a link is left to a steward though it is strong enough."""

LARGEST_COMPARED_WHOLE = 80
"""Records in a component up to which all its pairs are compared, so that a contradiction
between two records no rule put together is seen: 80 make 3,160 pairs."""

AGAINST = 4.0
"""Bits that a pair's evidence must weigh against it before it counts in doubting a link."""


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
    lesson: Lesson | None = None
    """What was learned from decisions, where it trained with any."""


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
    records: pl.LazyFrame,
    model: CustomerModel,
    trained: TrainedModel | None = None,
    seed: int = 1,
    decisions: pl.DataFrame | None = None,
) -> Matched:
    """Matches `records` (see docs/adr/0001; in order of record_id, read a column at a time) with
    `trained`, or trains first when it is None.

    `decisions` (record_id_l < record_id_r, same) are learned from when it trains.
    Clustered twice: the first time values weigh by how many records bear them, the second by
    how many of the customers found then do. The first time must look at rarity too: without it
    namesakes are one customer, whose name then looks rare. Deterministic for the same records,
    model and seed. A run that trains holds a sample of its weights against
    Splink's, which weighs everything where they differ. `connection` is Splink's to use.
    """
    known = trained or _untrained(records, model)
    sources = records.select("source").collect().to_series()
    candidates = candidates_of(records, model, known)
    scorer = scorer_for(connection, records, known.comparisons, known.prior)
    if trained is None:
        names = {item.name for item in scorer.comparisons}
        watched = {contradiction_of(x, names) for x in model.guards if x.comparison in names}
        known = train(scorer, candidates, sorted(watched, key=str), seed)
    first = _Matching(records, sources, model, known, candidates, scorer).cluster(None)
    frequencies = _frequencies(records, first.clusters, known)
    if trained is None:
        known = replace(known, left_out_rules=tuple(rules_not_worth_it(candidates, first.pairs)))
        candidates = candidates_of(records, model, known)
        scorer = _checked(connection, scorer, records, first.pairs, known, frequencies)
    lesson = None
    if trained is None and decisions is not None and len(decisions):
        weighing = scorer.with_model(known.comparisons, known.prior, frequencies)
        lesson = lesson_of(weighing, candidates, known, decisions)
        known = lesson.learnt()
        # as a later run will, which is given this model: who bears a value follows from the links
        first = _Matching(records, sources, model, known, candidates, scorer).cluster(None)
        frequencies = _frequencies(records, first.clusters, known)
    if trained is None:
        last = _Matching(records, sources, model, known, candidates, scorer)
        known = replace(known, chosen=choose_thresholds(len(sources), last.weighed(frequencies)))
    found = _Matching(records, sources, model, known, candidates, scorer).cluster(
        frequencies, known.chosen
    )
    return Matched(
        with_reasons(found.pairs, known.comparisons),
        with_best_link(found.clusters.clusters, found.pairs, known.comparisons),
        candidates.counts,
        known,
        found.candidates,
        frequencies,
        lesson,
    )


def _untrained(records: pl.LazyFrame, model: CustomerModel) -> TrainedModel:
    comparisons = compile_comparisons(model, filled_columns(records))
    return TrainedModel(comparisons, 1 / max(_count(records), 2), 0.0)


def _count(records: pl.LazyFrame) -> int:
    return int(records.select(pl.len()).collect().item())


def _checked(
    connection: duckdb.DuckDBPyConnection,
    scorer: Scorer,
    records: pl.LazyFrame,
    pairs: pl.DataFrame,
    known: TrainedModel,
    frequencies: Mapping[str, pl.DataFrame],
) -> Scorer:
    """The scorer if it weighs as Splink does, or else Splink."""
    if isinstance(scorer, BySplink) or not len(pairs):
        return scorer
    ready = scorer.with_model(known.comparisons, known.prior, frequencies)
    sample = sample_of(pairs, _count(records), seed=1)
    parity = check_parity(connection, ready, records, sample, known.prior, frequencies)
    if parity.holds:
        return scorer
    LOG.error(
        "Splink weighs this run: of %d pairs the compiled weights differ by up to %g bits, at "
        "other levels in %s; please report this",
        parity.pairs,
        parity.largest_difference,
        parity.other_levels or "none",
    )
    return by_splink(connection, records, known.comparisons, known.prior)


def candidates_of(records: pl.LazyFrame, model: CustomerModel, known: TrainedModel) -> Candidates:
    """The pairs worth comparing, by the model's rules on columns that the records have, but
    those that training left out. `records`: in order of record_id."""
    present = set(records.collect_schema().names())
    rules = {
        rule: columns
        for rule, columns in model.blocking.items()
        if rule not in known.left_out_rules
        and all(column.removeprefix("list:") in present for column in columns)
    }
    refine_by = [x for x in model.refine_by if x.removeprefix("list:") in present]
    return find_candidates(records, rules, refine_by, model.without_duplicates)


def _frequencies(
    records: pl.LazyFrame, clusters: Clusters, trained: TrainedModel
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


def filled_columns(records: pl.LazyFrame) -> list[str]:
    """Columns in which at least one record has a value."""
    filled = records.select(pl.all().is_not_null().any()).collect().row(0, named=True)
    return [name for name, holds in filled.items() if holds]


def _weight_of(probability: float) -> float:
    return float(np.log2(probability / (1 - probability)))


@dataclass(frozen=True)
class _Found:
    pairs: pl.DataFrame
    """Weighed pairs with their status."""
    clusters: Clusters
    candidates: int


@dataclass(frozen=True)
class _Matching:
    """Records, what is known of them, and what weighs them."""

    records: pl.LazyFrame
    sources: pl.Series
    model: CustomerModel
    known: TrainedModel
    candidates: Candidates
    scorer: Scorer

    def weighed(self, frequencies: Mapping[str, pl.DataFrame] | None) -> pl.DataFrame:
        """The candidates that weigh enough to choose thresholds by, contradictions marked."""
        scorer = self.scorer.with_model(self.known.comparisons, self.known.prior, frequencies)
        return self._watch().marked(scorer.score_candidates(self.candidates, LOWEST)[0])

    def _watch(self) -> Watch:
        guards = believed_guards(self.model.guards, self.known)
        return Watch(self.known.comparisons, guards, self.sources, self.model.without_duplicates)

    def cluster(
        self, frequencies: Mapping[str, pl.DataFrame] | None, chosen: Chosen | None = None
    ) -> _Found:
        """The candidates with their weights and status, and clusters that hold no
        contradiction. `chosen`: the thresholds, where the model names none."""
        known, thresholds = self.known, thresholds_of(self.model, chosen)
        scorer = self.scorer.with_model(known.comparisons, known.prior, frequencies)
        watch = self._watch()
        least = _weight_of(thresholds.clerical)
        weighed, candidates = scorer.score_candidates(self.candidates, least)
        scored = watch.marked(weighed)
        linked = pl.col("match_probability") >= thresholds.link
        links = scored.filter(linked & pl.col("conflict").is_null())
        inside = pairs_within(group_links(len(self.sources), links), LARGEST_COMPARED_WHOLE)
        unseen = inside.join(scored, on=["record_id_l", "record_id_r"], how="anti")
        within = watch.marked(scorer.score(unseen)) if len(unseen) else scored.clear()
        contradictions = pl.concat(
            [
                frame.filter(pl.col("conflict").is_not_null()).select("record_id_l", "record_id_r")
                for frame in (scored, within)
            ]
        )
        unclear = ambiguous_records(
            links.select("record_id_l", "record_id_r", "match_weight"), contradictions
        )
        even = pl.any_horizontal(
            pl.col(f"record_id_{side}").is_in(unclear.implode()) for side in "lr"
        )
        clusters = cluster_records(
            len(self.sources), links.filter(~even), contradictions, self._against(scored, within)
        )
        return _Found(_with_status(scored, clusters, linked, even), clusters, candidates)

    def _against(self, scored: pl.DataFrame, within: pl.DataFrame) -> pl.DataFrame:
        """Pairs that are far less likely one customer than two records drawn at random."""
        least = _weight_of(self.known.prior) - AGAINST
        against = pl.col("conflict").is_null() & (pl.col("match_weight") < least)
        return pl.concat(
            [x.filter(against).select("record_id_l", "record_id_r") for x in (scored, within)]
        )


def _with_status(
    scored: pl.DataFrame, clusters: Clusters, linked: pl.Expr, even: pl.Expr
) -> pl.DataFrame:
    torn = clusters.refused.with_columns(
        torn=pl.lit("would join records that contradict each other")
    )
    thread = clusters.doubted.with_columns(
        thread=pl.lit("the two groups have little else in common, and much against")
    )
    ends = ["record_id_l", "record_id_r"]
    pairs = scored.join(torn, on=ends, how="left", maintain_order="left")
    pairs = pairs.join(thread, on=ends, how="left", maintain_order="left")
    fits_two = pl.when(linked & even).then(pl.lit(FITS_TWO))
    pairs = pairs.with_columns(thread=pl.coalesce("thread", fits_two))
    refused = pl.coalesce("conflict", "torn")
    status = (
        pl.when(refused.is_not_null())
        .then(pl.lit("refused"))
        .when(linked & pl.col("thread").is_null())
        .then(pl.lit("link"))
        .otherwise(pl.lit("clerical"))
    )
    return pairs.with_columns(status=status, refused_because=pl.coalesce(refused, "thread"))
