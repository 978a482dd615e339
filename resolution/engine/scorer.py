"""Weighs pairs with the compiled program, on all cores, and hands them back as Splink would."""

import os
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from resolution.comparisons.levels import LevelSet
from resolution.engine.blocks import EVERY, Blocks, pairs_of, pieces
from resolution.engine.encode import Encoded, encode, with_rarities
from resolution.engine.kernel import SIZE, explain, weigh
from resolution.engine.program import ALIKE, CONTAINS, EDITS, Layout, Program, compile_levels

PIECE = 400_000
"""Pairs that are written down at a time: they stay in the processor's cache."""

SEED = 1


def workers() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class CompiledScorer:
    """One model over one set of records."""

    comparisons: tuple[LevelSet, ...]
    records: pl.LazyFrame
    program: Program
    layout: Layout
    encoded: Encoded
    longest: int
    """Bytes of the longest value that is compared as text."""

    def with_model(
        self,
        comparisons: Sequence[LevelSet],
        prior: float,
        frequencies: Mapping[str, pl.DataFrame] | None,
    ) -> "CompiledScorer":
        """The same records with other m, u, prior and frequencies; the same conditions."""
        program, layout = compile_levels(comparisons, prior)
        encoded = with_rarities(self.encoded, self.records, layout, frequencies)
        return replace(self, comparisons=tuple(comparisons), program=program, encoded=encoded)

    def score(self, pairs: pl.DataFrame, least: float | None = None) -> pl.DataFrame:
        """Weights of `pairs` (record_id_l, record_id_r), in their order.

        Columns: record_id_l, record_id_r, match_weight, match_probability, and for each
        comparison `gamma_<name>` (level number, -1 unknown), `mw_<name>` and, where its levels
        know frequencies, `mw_tf_adj_<name>`. `least`: match weight to return at least.
        """
        left, right = (
            pairs.get_column(f"record_id_{side}").to_numpy().astype(np.int32) for side in "lr"
        )
        if least is None:
            return self._told(left, right)
        bounds = self.bounds()
        ends = ((left[a:b], right[a:b]) for a, b in _slices(len(left)))
        return self._told(*_joined([self._strong(*each, bounds, least) for each in ends]))

    def score_blocks(
        self, blocks: Blocks, own: np.ndarray, least: float
    ) -> tuple[pl.DataFrame, int]:
        """The blocks' pairs that weigh at least `least`, as `score` gives them, in order of ids;
        and how many pairs there were. See pairs_of for `own`."""

        bounds = self.bounds()

        def piece(part: tuple[int, int]) -> tuple[np.ndarray, np.ndarray, int]:
            left, right = pairs_of(blocks, *part, own, EVERY, SEED)
            return *self._strong(left, right, bounds, least), len(left)

        with ThreadPoolExecutor(workers()) as pool:
            found = list(pool.map(piece, pieces(blocks, PIECE)))
        left, right = _joined([item[:2] for item in found])
        order = np.lexsort((right, left))
        return self._told(left[order], right[order]), sum(item[2] for item in found)

    def count_patterns(self, pairs: "PairSource") -> pl.DataFrame:
        """How often each combination of levels occurs: `gamma_<name>` by comparison, `pairs`."""

        def piece(ends: tuple[np.ndarray, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
            levels, _ = explain(self.program, self.encoded, *ends, self.longest)
            return _patterns(levels)

        with ThreadPoolExecutor(workers()) as pool:
            found = list(pool.map(piece, pairs))
        names = [f"gamma_{item.name}" for item in self.comparisons]
        seen = [np.zeros((0, len(names)), np.int8), *[levels for levels, _ in found]]
        counts = [np.zeros(0, np.int64), *[count for _, count in found]]
        frame = pl.DataFrame(np.concatenate(seen), schema=dict.fromkeys(names, pl.Int32))
        counted = frame.with_columns(pl.Series("pairs", np.concatenate(counts)))
        return counted.group_by(names).agg(pl.col("pairs").sum()).sort(names)

    def _strong(
        self,
        left: np.ndarray,
        right: np.ndarray,
        bounds: tuple[np.ndarray, np.ndarray],
        least: float,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Those of the pairs that weigh at least `least`."""
        weights = weigh(self.program, self.encoded, *bounds, left, right, least, self.longest)
        kept = weights >= least
        return left[kept], right[kept]

    def bounds(self) -> tuple[np.ndarray, np.ndarray]:
        """Comparisons from the cheapest to ask, and the most that each and all after it add."""
        rarest = np.nanmin(self.encoded.rarities, axis=0, initial=0.0)
        order = np.argsort(_costs(self.program), kind="stable")
        most = np.array([_most(self.program, comparison, rarest) for comparison in order])
        return order, np.ascontiguousarray(np.cumsum(most[::-1])[::-1])

    def _told(self, left: np.ndarray, right: np.ndarray) -> pl.DataFrame:

        def piece(part: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
            ends = left[slice(*part)], right[slice(*part)]
            levels, adjusted = explain(self.program, self.encoded, *ends, self.longest)
            return levels, adjusted

        with ThreadPoolExecutor(workers()) as pool:
            parts = list(pool.map(piece, _slices(len(left))))
        count = len(self.comparisons)
        levels = np.concatenate([np.zeros((0, count), np.int8), *[x for x, _ in parts]])
        adjusted = np.concatenate([np.zeros((0, count)), *[x for _, x in parts]])
        columns: dict[str, np.ndarray] = {}
        total = np.full(len(left), self.program.prior)
        for place, item in enumerate(self.comparisons):
            weight = self.program.weight[place, levels[:, place].astype(np.int64) + 1]
            columns[f"gamma_{item.name}"] = levels[:, place].astype(np.int32)
            columns[f"mw_{item.name}"] = weight
            if item.frequency_columns:
                columns[f"mw_tf_adj_{item.name}"] = adjusted[:, place]
            total = total + weight + adjusted[:, place]
        return pl.DataFrame(
            {
                "record_id_l": left.astype(np.int64),
                "record_id_r": right.astype(np.int64),
                "match_weight": total,
                "match_probability": 1 / (1 + np.exp2(-total)),
                **columns,
            }
        )


PairSource = Iterator[tuple[np.ndarray, np.ndarray]]
"""Pairs of record numbers, a piece at a time."""


def compiled_scorer(
    records: pl.LazyFrame,
    comparisons: Sequence[LevelSet],
    prior: float,
    frequencies: Mapping[str, pl.DataFrame] | None = None,
) -> CompiledScorer:
    """The model compiled, and `records` (in order of record_id, dense from 0) encoded for it.

    `frequencies`: column -> (value, tf_<column>); counted among the records when None. Raises
    NotCompiledError where a comparison holds a condition the compiler does not know.
    """
    program, layout = compile_levels(comparisons, prior)
    encoded = encode(records, layout, frequencies)
    placed = encoded.texts[:, :, 0]
    longest = int(((placed >> 8) & SIZE).max(initial=0, where=placed >= 0))
    return CompiledScorer(tuple(comparisons), records, program, layout, encoded, longest)


def block_pairs(blocks: Blocks, own: np.ndarray, share: float = 1.0) -> PairSource:
    """The blocks' pairs a piece at a time; with `share` under 1 a sample, the same every time."""
    below = EVERY if share >= 1 else np.uint64(share * float(EVERY))
    for first, last in pieces(blocks, PIECE):
        yield pairs_of(blocks, first, last, own, below, SEED)


def given_pairs(left: np.ndarray, right: np.ndarray) -> PairSource:
    """Two arrays of record numbers as a source of pairs."""
    for begin, end in _slices(len(left)):
        yield left[begin:end].astype(np.int32), right[begin:end].astype(np.int32)


def _slices(total: int) -> Iterator[tuple[int, int]]:
    for begin in range(0, total, PIECE):
        yield begin, min(begin + PIECE, total)


def _joined(found: Sequence[tuple[np.ndarray, np.ndarray]]) -> tuple[np.ndarray, np.ndarray]:
    none = np.zeros(0, np.int32)
    return (
        np.concatenate([none, *[left for left, _ in found]]),
        np.concatenate([none, *[right for _, right in found]]),
    )


def _patterns(levels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Distinct rows, and how often each occurs."""
    if levels.shape[1] == 0 or len(levels) == 0:
        return levels[:0], np.zeros(0, np.int64)
    rows = np.ascontiguousarray(levels).view(np.dtype((np.void, levels.shape[1]))).ravel()
    _, first, counts = np.unique(rows, return_index=True, return_counts=True)
    return levels[first], counts.astype(np.int64)


def _most(program: Program, comparison: int, rarest: np.ndarray) -> float:
    """The most that a comparison can add to a weight. `rarest`: log2 of the least term frequency
    in each column of rarities."""
    best = 0.0
    for level in range(program.weight.shape[1]):
        weight = float(program.weight[comparison, level])
        place = program.rarity[comparison, level]
        if place >= 0:
            least = max(float(rarest[place]), float(program.floor[comparison, level]))
            weight += max(float(program.base[comparison, level]) - least, 0.0)
        best = max(best, weight)
    return best


def _costs(program: Program) -> np.ndarray:
    """Rough cost of each comparison: the tests it can reach, those of text above all."""
    costs = []
    for entry in program.entry:
        ahead, seen = [int(entry)], set[int]()
        while ahead:
            test = ahead.pop()
            if test >= 0 and test not in seen:
                seen.add(test)
                ahead += program.tests[test, 3:5].tolist()
        textual = sum(program.tests[test, 0] in (ALIKE, EDITS, CONTAINS) for test in seen)
        costs.append(10 * textual + len(seen))
    return np.array(costs)
