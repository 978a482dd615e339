"""The compiled program over one record and some others."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from resolution.comparisons.levels import LevelSet, level_number
from resolution.engine.encode import Encoded
from resolution.engine.kernel import explain, weigh
from resolution.engine.program import Program
from resolution.engine.scorer import CompiledScorer
from resolution.lookup.answers import Reason


@dataclass(frozen=True)
class Weighed:
    """Pairs of one record with others, a row a pair, a column a comparison."""

    levels: np.ndarray
    """Level numbers, -1 unknown."""
    weights: np.ndarray
    """Bits that the level adds."""
    rarities: np.ndarray
    """Bits that the rarity of the shared value adds."""
    totals: np.ndarray
    """Match weights."""


@dataclass(frozen=True)
class Weighing:
    """A model compiled, over the records of a release and the slots behind them."""

    comparisons: Sequence[LevelSet]
    program: Program
    encoded: Encoded
    order: np.ndarray
    most: np.ndarray
    longest: int

    @classmethod
    def of(cls, scorer: CompiledScorer, encoded: Encoded) -> "Weighing":
        """The scorer's model over `encoded`, its records with slots behind them."""
        order, most = scorer.bounds()
        return cls(scorer.comparisons, scorer.program, encoded, order, most, scorer.longest)

    def strong(
        self, row: int, places: np.ndarray, least: float, longest: int
    ) -> tuple[np.ndarray, np.ndarray]:
        """Those of `places` whose record weighs at least `least` with that in `row`; and what
        they weigh. `longest`: bytes of the longest text in `row`."""
        rows = np.full(len(places), row, np.int32)
        longest = max(longest, self.longest)
        weights = weigh(
            self.program, self.encoded, self.order, self.most, places, rows, least, longest
        )
        kept = weights >= least
        return places[kept], weights[kept]

    def weighed(self, row: int, places: np.ndarray, longest: int) -> Weighed:
        """The record in `row` with each of `places`."""
        rows = np.full(len(places), row, np.int32)
        levels, rarities = explain(
            self.program, self.encoded, places, rows, max(longest, self.longest)
        )
        columns = np.arange(levels.shape[1])
        weights = self.program.weight[columns, levels.astype(np.int64) + 1]
        totals = self.program.prior + (weights + rarities).sum(axis=1)
        return Weighed(levels, weights, rarities, totals)

    def reasons(self, weighed: Weighed, pair: int) -> tuple[Reason, ...]:
        """What each comparison of a pair saw; those with nothing to compare are left out."""
        found = []
        for column, item in enumerate(self.comparisons):
            number = int(weighed.levels[pair, column])
            if number >= 0:
                words = item.levels[level_number(item, 0) - number].words
                bits = float(weighed.weights[pair, column]), float(weighed.rarities[pair, column])
                found.append(Reason(item.name, words, *bits))
        return tuple(found)
