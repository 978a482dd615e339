"""Expectation maximisation over level patterns: m, the prior, and u too rare to sample."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from resolution.comparisons.levels import Level, LevelSet, level_number

COUNTED = 30.0
"""Sampled pairs from which a level's u is taken from the sample (then known to within a fifth)."""

DOUBT = 4.0
"""How many times more or fewer other people may share a value than its level expects."""

BELIEF = 25.0
"""Pairs of one customer that a level's declared m is worth beside the pairs observed."""

ROUNDS = 40
"""Rounds of expectation maximisation; on the measured sets m moves by under 0.001 after 25."""


@dataclass(frozen=True)
class Patterns:
    """Level numbers by comparison over distinct patterns, and how many pairs show each."""

    levels: Mapping[str, np.ndarray]
    pairs: np.ndarray

    def per_level(self, item: LevelSet, weight: np.ndarray) -> np.ndarray:
        """Sum of `weight` (one a pattern) at each of the comparison's levels, in their order."""
        seen = self.levels[item.name]
        return np.array(
            [
                float(weight[seen == level_number(item, place)].sum())
                for place in range(len(item.levels))
            ]
        )

    def at_conflict(self, item: LevelSet, of_relatives: bool = False) -> np.ndarray:
        """Which patterns stand at one of the comparison's conflict levels."""
        conflicts = [level_number(item, place) for place in item.conflicts(of_relatives)]
        return np.isin(self.levels[item.name], conflicts)


@dataclass(frozen=True)
class Learned:
    """Comparisons with m and u, the prior, and the expected matches among each pattern's pairs."""

    comparisons: tuple[LevelSet, ...]
    prior: float
    matches: np.ndarray


@dataclass(frozen=True)
class Chance:
    """What two records of different customers look like, from random pairs."""

    sampled: Patterns
    records: int

    @property
    def total(self) -> float:
        """Pairs there are in all."""
        return self.records * (self.records - 1) / 2

    def with_u(
        self, comparisons: Sequence[LevelSet], seen: Patterns, others: np.ndarray, prior: float
    ) -> tuple[LevelSet, ...]:
        """u of each level. `others`: pairs of different customers among each pattern of `seen`.

        The sample holds one customer's own pairs too, `prior` of them: they are taken out. A
        level that is left with hardly any has at least what the candidates show of it, and a
        level that points at one person what people share anyway.
        """
        return tuple(
            self._with_u(item, seen.per_level(item, others), prior) for item in comparisons
        )

    def _with_u(self, item: LevelSet, others: np.ndarray, prior: float) -> LevelSet:
        counts = self.sampled.per_level(item, self.sampled.pairs)
        sampled = max(float(counts.sum()), 1.0)
        known = max(self.total * sampled / max(float(self.sampled.pairs.sum()), 1.0), 1.0)
        # records a customer has, if all had as many: the prior is (records - 1) / all records
        each = 1 + prior * self.records
        levels = []
        for level, count, other in zip(item.levels, counts, others, strict=True):
            of_others = count - sampled * prior * level.m
            if level.shared_with is not None:
                expected = level.shared_with * each / self.records
                u = float(np.clip(other / known, expected / DOUBT, expected * DOUBT))
            elif of_others >= COUNTED or sampled < COUNTED:
                u = of_others / sampled if of_others > 0 else level.u
            else:
                u = max(
                    (max(of_others, 0.0) + 1) / (sampled + 1 / level.u), (other + 1) / (known + 1)
                )
            levels.append(replace(level, u=float(min(max(u, 1e-9), 1.0))))
        return replace(item, levels=tuple(levels))


def maximise(
    comparisons: Sequence[LevelSet],
    seen: Patterns,
    chance: Chance,
    possible: np.ndarray,
    proven: Mapping[str, np.ndarray] | None = None,
) -> Learned:
    """m, u and the prior that make the candidates `seen` most likely (Winkler 1988).

    `possible`: which patterns may be one customer at all. Started from the declared m, which
    stay worth BELIEF pairs, so a level that is never seen keeps a sane weight. `proven`:
    comparison -> shares of its levels among pairs known to be one customer, believed of its
    conflict levels.
    """
    known = proven or {}
    declared = [_shares_of([level.m for level in item.levels]) for item in comparisons]
    prior = 1.0 / chance.records
    matches = np.zeros_like(seen.pairs)
    learned = chance.with_u(comparisons, seen, seen.pairs, prior)
    for _ in range(ROUNDS):
        odds = prior / (1 - prior) * np.exp2(weights_of(learned, seen))
        matches = np.where(possible, odds / (1 + odds), 0.0) * seen.pairs
        prior = float(np.clip(matches.sum() / chance.total, 1e-12, 0.5))
        learned = tuple(
            _with_m(item, seen.per_level(item, matches), before, known.get(item.name))
            for item, before in zip(comparisons, declared, strict=True)
        )
        learned = chance.with_u(learned, seen, seen.pairs - matches, prior)
    return Learned(learned, prior, matches)


def _shares_of(values: Sequence[float]) -> np.ndarray:
    shares: np.ndarray = np.array(values) / sum(values)
    return shares


def weights_of(comparisons: Sequence[LevelSet], seen: Patterns) -> np.ndarray:
    """Sum of the comparisons' log2 Bayes factors for each pattern."""
    total = np.zeros_like(seen.pairs)
    for item in comparisons:
        total += weight_by_level(item)[seen.levels[item.name]]
    return total


def weight_by_level(item: LevelSet) -> np.ndarray:
    """log2 Bayes factor by level number, and 0 at UNKNOWN (-1 is numpy's last element)."""
    table = np.zeros(len(item.levels) + 1)
    for place, level in enumerate(item.levels):
        table[level_number(item, place)] = np.log2(level.m / level.u)
    return table


def _with_m(
    item: LevelSet, counts: np.ndarray, declared: np.ndarray, proven: np.ndarray | None
) -> LevelSet:
    """m of each level from the expected matches at it. `proven`: the shares known otherwise."""
    shares = (counts + BELIEF * declared) / (counts.sum() + BELIEF)
    conflict = np.array([level.conflict for level in item.levels])
    # pairs at a conflict level are mostly kept out of training: what is left says too little
    least = np.where(conflict, declared / 5 if proven is None else proven, 0.0)
    shares = np.maximum(shares, least)
    if proven is not None:
        left = 1 - shares[conflict].sum()
        shares = np.where(conflict, shares, shares * left / shares[~conflict].sum())
    levels: list[Level] = [
        replace(level, m=float(share)) for level, share in zip(item.levels, shares, strict=True)
    ]
    return replace(item, levels=tuple(levels))
