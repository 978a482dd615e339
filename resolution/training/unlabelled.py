"""Training without labels: what two records of one customer, and of two, look like here."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from resolution.comparisons.levels import LevelSet
from resolution.engine.scorer import given_pairs
from resolution.scoring.blocking import Candidates
from resolution.scoring.scorers import Scorer
from resolution.training.contradictions import Contradiction, Evidence, Judgement, excused
from resolution.training.maximisation import Chance, Patterns, maximise
from resolution.training.monotone import capped
from resolution.training.thresholds import Chosen

SAMPLED_PAIRS = 400_000
"""Random pairs from which u is counted: a level of u 0.001 is then known to within 5 %."""

LEARNT_FROM = 4_000_000
"""Candidates, about, that m is learnt from; a sample of them where there are more."""

ROUNDS = 4
"""Rounds of learning and judging contradictions; on the measured sets two are enough."""


@dataclass(frozen=True)
class TrainedModel:
    """Comparisons with the m and u learned, and the prior."""

    comparisons: tuple[LevelSet, ...]
    prior: float
    """Probability that two records drawn at random are one customer."""
    expected_matches: float
    judged: tuple[Judgement, ...] = ()
    """What was found out about each contradiction."""
    left_out_rules: tuple[str, ...] = ()
    """Blocking rules that bring many candidates and hardly a match that no other rule brings."""
    chosen: Chosen | None = None
    """Thresholds as the data shows them."""


def train(
    scorer: Scorer,
    candidates: Candidates,
    contradictions: Sequence[Contradiction],
    seed: int,
) -> TrainedModel:
    """Learns m, u and the prior of the scorer's comparisons over its records, without labels.

    u comes from random pairs; m and the prior from expectation maximisation over the candidates
    (Fellegi and Sunter 1969), or LEARNT_FROM of them, started from the levels' declared values.
    Candidates with an unexcused contradiction count as two customers: relatives who share
    everything but their given name would otherwise teach the model that given names may differ.
    What pairs known to be one customer show of a contradiction decides how far it is believed
    (resolution.training.contradictions); training then starts again.
    """
    records = len(candidates.own)
    share = min(1.0, LEARNT_FROM / max(candidates.gross, 1))
    seen = _patterns(scorer.count_patterns(candidates.pairs(share)))
    if records < 2 or len(seen.pairs) == 0:
        return TrainedModel(scorer.comparisons, 1 / max(records, 2), 0.0)
    whole = Patterns(seen.levels, seen.pairs / share)
    sampled = _patterns(scorer.count_patterns(given_pairs(*random_pairs(records, seed))))
    return _train_with(scorer.comparisons, whole, Chance(sampled, records), tuple(contradictions))


def random_pairs(records: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Up to SAMPLED_PAIRS distinct pairs (left < right), the same for a seed."""
    generator = np.random.default_rng(seed)
    ends = generator.integers(0, records, size=(2, SAMPLED_PAIRS), dtype=np.int64)
    left, right = ends.min(axis=0), ends.max(axis=0)
    pairs = np.unique(left[left < right] * records + right[left < right])
    return pairs // records, pairs % records


def _patterns(counted: pl.DataFrame) -> Patterns:
    levels = {
        name.removeprefix("gamma_"): counted.get_column(name).to_numpy()
        for name in counted.columns
        if name.startswith("gamma_")
    }
    return Patterns(levels, counted.get_column("pairs").to_numpy().astype(float))


def _train_with(
    comparisons: tuple[LevelSet, ...],
    seen: Patterns,
    chance: Chance,
    contradictions: tuple[Contradiction, ...],
) -> TrainedModel:
    """Learns and judges in turns, until what is believed of contradictions no longer changes."""
    names = {item.comparison for item in contradictions}
    forgiven = {item: excused(seen, comparisons, item) for item in contradictions}
    possible = np.ones(len(seen.pairs), dtype=bool)
    for item in contradictions:
        possible &= ~seen.at_conflict(_named(comparisons, item.comparison)) | forgiven[item]
    judged: tuple[Judgement, ...] = ()
    proven: dict[str, np.ndarray] = {}
    for _ in range(ROUNDS):
        learned = maximise(comparisons, seen, chance, possible, proven)
        telling = [item for item in learned.comparisons if item.name in names]
        evidence = Evidence(seen, learned, telling)
        found = [evidence.judge(item, forgiven[item]) for item in contradictions]
        before, judged = judged, tuple(judgement for judgement, _ in found)
        if [_decision(item) for item in before] == [_decision(item) for item in judged]:
            break
        proven = {
            judgement.contradiction.comparison: shares
            for judgement, shares in found
            if judgement.known and judgement.believed
        }
        possible = np.ones(len(seen.pairs), dtype=bool)
        for judgement in judged:
            possible &= ~evidence.refused(judgement, forgiven[judgement.contradiction])
    matches = learned.matches
    held = tuple(capped(item, seen.per_level(item, matches)) for item in learned.comparisons)
    return TrainedModel(held, learned.prior, float(matches.sum()), judged)


def _named(comparisons: Sequence[LevelSet], name: str) -> LevelSet:
    return next(item for item in comparisons if item.name == name)


def _decision(item: Judgement) -> tuple[bool, float | None, bool]:
    return item.believed, item.outweighed_by, item.of_relatives
