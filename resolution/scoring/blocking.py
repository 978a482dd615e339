"""Candidate pairs: records that agree on a blocking rule's columns, no block left to explode."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from resolution.engine.blocks import Blocks, assemble, rule_blocks
from resolution.engine.keys import KeyMaker, Large
from resolution.engine.scorer import PairSource, block_pairs

LARGEST_BLOCK = 300
"""Records in one block from which it is refined: 300 make 45,000 pairs."""


@dataclass(frozen=True)
class RuleCount:
    """What one rule contributed."""

    rule: str
    pairs: int
    """Pairs that agree on the rule, found by other rules too or not."""
    largest_block: int
    """Records in its largest block, before any was refined."""
    refined_blocks: int
    """Blocks too large to compare whole; their records were compared where they also agree on
    a refining column, or on two."""
    left_out_blocks: int
    """Blocks too large even after refining; their pairs were not compared by this rule."""


@dataclass(frozen=True)
class Candidates:
    """The pairs worth comparing, as blocks; they are written down only a piece at a time."""

    blocks: Blocks
    counts: tuple[RuleCount, ...]
    own: np.ndarray
    """By record: the number of its source where that holds nobody twice, 0 otherwise."""
    large: Mapping[str, Large]
    """Rule -> its blocks that were too large to compare whole."""

    @property
    def gross(self) -> int:
        """Pairs, those counted again that several rules bring."""
        return int(self.blocks.pairs.sum())

    def pairs(self, share: float = 1.0) -> PairSource:
        """Every pair once, or a sample of about `share` of them, the same every time."""
        return block_pairs(self.blocks, self.own, share)


def find_candidates(
    records: pl.DataFrame | pl.LazyFrame,
    rules: Mapping[str, Sequence[str]],
    refine_by: Sequence[str] = (),
    without_duplicates: Sequence[str] = (),
    largest: int = LARGEST_BLOCK,
    large: Mapping[str, Large] | None = None,
) -> Candidates:
    """The candidate pairs of `records`, which are in order of record_id, dense from 0.

    A rule is a list of columns that must all be present and equal; `list:x` stands for any
    element of the list column x. A block of more than `largest` records is compared only where
    columns of `refine_by` agree as well; where `large` names such blocks, those and no others.
    Sources in `without_duplicates` hold nobody twice.
    """
    maker = KeyMaker(records.lazy())
    found = [
        rule_blocks(maker, columns, refine_by, largest, large[rule] if large else None)
        for rule, columns in rules.items()
    ]
    counts = tuple(
        RuleCount(
            rule,
            int((item.sizes * (item.sizes - 1) // 2).sum()),
            item.largest,
            item.refined,
            item.left_out,
        )
        for rule, item in zip(rules, found, strict=True)
    )
    return Candidates(
        assemble(found, maker.count),
        counts,
        own_numbers(records.lazy(), maker.count, without_duplicates),
        {rule: item.large for rule, item in zip(rules, found, strict=True)},
    )


def own_numbers(records: pl.LazyFrame, count: int, without_duplicates: Sequence[str]) -> np.ndarray:
    """By record: the number of its source where that is in `without_duplicates`, 0 otherwise."""
    if not without_duplicates:
        return np.zeros(count, np.int64)
    numbers = {name: number for number, name in enumerate(without_duplicates, start=1)}
    own = pl.col("source").replace_strict(
        list(numbers), list(numbers.values()), default=0, return_dtype=pl.Int64
    )
    found: np.ndarray = records.select(own).collect().to_series().to_numpy()
    return found
