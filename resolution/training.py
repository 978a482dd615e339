"""Training without labels: what two records of one customer, and of two, look like here."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from resolution.blocking import Candidates
from resolution.engine.scorer import given_pairs
from resolution.levels import LevelSet
from resolution.maximisation import UNKNOWN, Chance, Learned, Patterns, maximise
from resolution.scoring import Scorer

SAMPLED_PAIRS = 400_000
"""Random pairs from which u is counted: a level of u 0.001 is then known to within 5 %."""

LEARNT_FROM = 4_000_000
"""Candidates, about, that m is learnt from; a sample of them where there are more."""

BELIEVED = 0.05
"""Share of one customer's pairs that may show a contradiction before it is no contradiction."""

ENOUGH_PROOF = 30.0
"""Expected matches that prove or disprove a contradiction; it is believed with fewer."""


@dataclass(frozen=True)
class Contradiction:
    """A comparison whose conflict levels set two customers apart, unless another one agrees."""

    comparison: str
    unless: tuple[str, ...] = ()


@dataclass(frozen=True)
class TrainedModel:
    """Comparisons with the m and u learned, and the prior."""

    comparisons: tuple[LevelSet, ...]
    prior: float
    """Probability that two records drawn at random are one customer."""
    expected_matches: float
    mistrusted: tuple[Contradiction, ...] = ()
    """Contradictions that are too common here among records that are one customer."""
    left_out_rules: tuple[str, ...] = ()
    """Blocking rules that bring many candidates and hardly a match that no other rule brings."""


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
    Where pairs that are excused show a contradiction often, it is dropped and training starts
    again.
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
    mistrusted: tuple[Contradiction, ...] = ()
    while True:
        believed = [item for item in contradictions if item not in mistrusted]
        possible = np.ones(len(seen.pairs), dtype=bool)
        for item in believed:
            possible &= ~_contradicted(seen, comparisons, item) | _excused(seen, comparisons, item)
        learned = maximise(comparisons, seen, chance, possible)
        doubted = tuple(item for item in believed if _is_common(seen, learned, item))
        if not doubted:
            matches = float(learned.matches.sum())
            return TrainedModel(learned.comparisons, learned.prior, matches, mistrusted)
        mistrusted += doubted


def _is_common(seen: Patterns, learned: Learned, item: Contradiction) -> bool:
    known = seen.levels[item.comparison] != UNKNOWN
    known &= _excused(seen, learned.comparisons, item)
    contradicted = known & _contradicted(seen, learned.comparisons, item)
    proven = float(learned.matches[known].sum())
    return proven >= ENOUGH_PROOF and float(learned.matches[contradicted].sum()) > BELIEVED * proven


def _contradicted(
    seen: Patterns, comparisons: Sequence[LevelSet], item: Contradiction
) -> np.ndarray:
    return seen.at_conflict(next(each for each in comparisons if each.name == item.comparison))


def _excused(seen: Patterns, comparisons: Sequence[LevelSet], item: Contradiction) -> np.ndarray:
    excused = np.zeros(len(seen.pairs), dtype=bool)
    for other in comparisons:
        if other.name in item.unless:
            excused |= seen.levels[other.name] == len(other.levels) - 1
    return excused
