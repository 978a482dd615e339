"""Records to clusters: candidates, training, weights, guards, clustering."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb
import polars as pl

from resolution.clustering.clusters import Clusters
from resolution.comparisons.kinds import KINDS
from resolution.comparisons.levels import LevelSet
from resolution.engine.keys import Large
from resolution.learning.lesson import Lesson, lesson_of
from resolution.matching.reasons import with_best_link, with_reasons
from resolution.matching.settling import NOTHING_DECIDED, Settled, Settling
from resolution.model import CustomerModel
from resolution.scoring.blocking import Candidates, RuleCount, find_candidates
from resolution.scoring.parity import check_parity, sample_of
from resolution.scoring.rule_report import rules_not_worth_it
from resolution.scoring.scorers import BySplink, Scorer, by_splink, scorer_for
from resolution.training.frequencies import frequencies_of, known_customers, with_unseen
from resolution.training.guards import contradiction_of
from resolution.training.thresholds import LOWEST, Chosen, choose_thresholds
from resolution.training.unlabelled import TrainedModel, train

LOG = logging.getLogger(__name__)

SEED = 1
"""Of the random pairs that training counts."""

ROUNDING = 1e-6
"""Bits; a weight that is a threshold to the last digit but one is at the threshold."""


@dataclass(frozen=True)
class FixedModel:
    """All that was estimated from a whole set of records. With it, whether two records are a
    candidate and what they weigh depends on these two records alone."""

    trained: TrainedModel
    frequencies: Mapping[str, pl.DataFrame]
    """Column -> how common its values are among customers."""
    large: Mapping[str, Large]
    """Rule -> blocks too large to compare whole."""


@dataclass(frozen=True)
class Matched:
    """Pairs and clusters of one set of records."""

    pairs: pl.DataFrame
    """Grain: pair at or above clerical review, or refused. See docs/adr/0001."""
    clusters: pl.DataFrame
    """Grain: record. record_id, cluster_id, matched_by, match_probability."""
    rules: tuple[RuleCount, ...]
    fixed: FixedModel
    candidates: int
    lesson: Lesson | None = None
    """What was learned from decisions, where it trained with any."""

    @property
    def trained(self) -> TrainedModel:
        """The model that weighed the pairs."""
        return self.fixed.trained


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
    fixed: FixedModel | None = None,
    decisions: pl.DataFrame | None = None,
    bound: pl.DataFrame = NOTHING_DECIDED,
) -> Matched:
    """Matches `records` (see docs/adr/0001; in order of record_id, dense from 0, read a column at
    a time) with the model `fixed`, or trains first when it is None.

    `decisions` (record_id_l < record_id_r, same) are learned from when it trains; `bound`, of the
    same columns, hold whatever the pairs weigh. Deterministic for the same records, model and
    seed. `connection` is Splink's to use.
    """
    if fixed is None:
        return _trained_anew(connection, records, model, decisions, bound)
    known = fixed.trained
    candidates = candidates_of(records, model, known, fixed.large)
    scorer = scorer_for(connection, records, known.comparisons, known.prior)
    matching = _Matching(records, model, candidates, scorer)
    frequencies = with_unseen(fixed.frequencies, records)
    return _matched(matching, fixed, *matching.settled(known, frequencies, known.chosen, bound))


def _trained_anew(
    connection: duckdb.DuckDBPyConnection,
    records: pl.LazyFrame,
    model: CustomerModel,
    decisions: pl.DataFrame | None,
    bound: pl.DataFrame,
) -> Matched:
    """Clustered twice: the first time values weigh by how many records bear them, the second by
    how many of the customers found then do. The first time must look at rarity too: without it
    namesakes are one customer, whose name then looks rare. A sample of the weights is held
    against Splink's, which weighs everything where they differ."""
    known = _untrained(records, model)
    candidates = candidates_of(records, model, known)
    scorer = scorer_for(connection, records, known.comparisons, known.prior)
    names = {item.name for item in scorer.comparisons}
    watched = {contradiction_of(x, names) for x in model.guards if x.comparison in names}
    known = train(scorer, candidates, sorted(watched, key=str), SEED)
    first = _Matching(records, model, candidates, scorer).settled(known, None)[0]
    frequencies = _frequencies(records, first.clusters, known)
    if left_out := tuple(rules_not_worth_it(candidates, first.pairs)):
        known = replace(known, left_out_rules=left_out)
        candidates = candidates_of(records, model, known)
    scorer = _checked(connection, scorer, records, first.pairs, known, frequencies)
    matching = _Matching(records, model, candidates, scorer)
    lesson = None
    if decisions is not None and len(decisions):
        weighing = scorer.with_model(known.comparisons, known.prior, frequencies)
        lesson = lesson_of(weighing, candidates, known, decisions)
        known = lesson.learnt()
        # as a later run will, which is given this model: who bears a value follows from the links
        frequencies = _frequencies(records, matching.settled(known, None)[0].clusters, known)
    settling = matching.settling(known, frequencies)
    lowest = min(LOWEST, settling.least(None)) - ROUNDING
    scored, count = settling.candidates(candidates, lowest)
    chosen = choose_thresholds(matching.count, scored)
    scored = scored.filter(pl.col("match_weight") >= settling.least(chosen))
    settled = settling.settle(scored, chosen, bound)
    fixed = FixedModel(replace(known, chosen=chosen), frequencies, candidates.large)
    return replace(_matched(matching, fixed, settled, count), lesson=lesson)


def _matched(
    matching: "_Matching", fixed: FixedModel, settled: Settled, candidates: int
) -> Matched:
    pairs, clusters = told(settled, fixed.trained)
    return Matched(pairs, clusters, matching.candidates.counts, fixed, candidates)


def told(settled: Settled, known: TrainedModel) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Pairs with their reasons, clusters with what holds each record in them."""
    pairs = with_reasons(settled.pairs, known.comparisons)
    clusters = with_best_link(settled.clusters.clusters, settled.pairs, known.comparisons)
    return pairs, clusters


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


def candidates_of(
    records: pl.LazyFrame,
    model: CustomerModel,
    known: TrainedModel,
    large: Mapping[str, Large] | None = None,
) -> Candidates:
    """The pairs worth comparing, by the rules in use. `records`: in order of record_id, dense
    from 0. `large`: rule -> the blocks not to compare whole, where that was decided before."""
    rules, refine_by = rules_in_use(records.collect_schema().names(), model, known)
    return find_candidates(records, rules, refine_by, model.without_duplicates, large=large)


def rules_in_use(
    columns: Sequence[str], model: CustomerModel, known: TrainedModel
) -> tuple[Mapping[str, Sequence[str]], list[str]]:
    """The model's blocking rules on columns that the records have, but those that training left
    out; and the columns to refine by."""
    present = set(columns)
    rules = {
        rule: fields
        for rule, fields in model.blocking.items()
        if rule not in known.left_out_rules
        and all(column.removeprefix("list:") in present for column in fields)
    }
    return rules, [x for x in model.refine_by if x.removeprefix("list:") in present]


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


@dataclass(frozen=True)
class _Matching:
    """Records, their candidates, and what weighs them."""

    records: pl.LazyFrame
    model: CustomerModel
    candidates: Candidates
    scorer: Scorer

    @property
    def count(self) -> int:
        """Records."""
        return len(self.candidates.own)

    def settled(
        self,
        known: TrainedModel,
        frequencies: Mapping[str, pl.DataFrame] | None,
        chosen: Chosen | None = None,
        bound: pl.DataFrame = NOTHING_DECIDED,
    ) -> tuple[Settled, int]:
        """What becomes of the candidates, and how many there were."""
        settling = self.settling(known, frequencies)
        scored, count = settling.candidates(self.candidates, settling.least(chosen))
        return settling.settle(scored, chosen, bound), count

    def settling(
        self, known: TrainedModel, frequencies: Mapping[str, pl.DataFrame] | None
    ) -> Settling:
        """What weighs the candidates with a model, and clusters them."""
        sources = self.records.select("source").collect().to_series()
        return Settling.of(sources, self.model, known, self.scorer, frequencies)
