"""Records that share a blocking key, and each pair of them once, whatever rules bring it."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numba import njit

from resolution.engine.keys import REFINEMENTS, KeyMaker, Keys, Large, is_among, mix, refinements

EVERY = np.uint64(0xFFFFFFFFFFFFFFFF)
"""Take every pair: no pair's draw lies above."""


class Blocks(NamedTuple):
    """Blocks of two records or more, rule after rule."""

    members: np.ndarray
    """int32: the blocks' records one block after the other, ascending within each."""
    starts: np.ndarray
    """int64, one more than blocks."""
    rule: np.ndarray
    """int16, block: the place of its rule."""
    of_record: np.ndarray
    """int32: each record's blocks, ascending."""
    record_starts: np.ndarray
    """int64, one more than records."""

    @property
    def pairs(self) -> np.ndarray:
        """Pairs in each block."""
        sizes = np.diff(self.starts)
        found: np.ndarray = sizes * (sizes - 1) // 2
        return found


class RuleBlocks(NamedTuple):
    """One rule's blocks, and what was done about those too large to compare whole."""

    members: np.ndarray
    sizes: np.ndarray
    largest: int
    """Records in the largest block before any was refined."""
    refined: int
    left_out: int
    large: Large


def rule_blocks(
    maker: KeyMaker,
    columns: Sequence[str],
    refine_by: Sequence[str],
    largest: int,
    large: Large | None = None,
) -> RuleBlocks:
    """The blocks of one rule.

    A block of more than `largest` records is compared only where a column of `refine_by` agrees
    as well, and where such a part is too large still, two of them. `large`: the blocks that
    were too large when the model was trained; with it these are refined, and no others.
    """
    members, sizes, keys = _grouped(maker.keys(columns))
    biggest = int(sizes.max(initial=0))
    kept: list[tuple[np.ndarray, np.ndarray]] = []
    found: list[np.ndarray] = []
    parts = [(members, sizes, keys)]
    for depth in range(REFINEMENTS + 1):
        over: list[Keys] = []
        listed: list[np.ndarray] = []
        for members, sizes, keys in parts:
            big = sizes > largest if large is None else is_among(keys, large[depth])
            rows = np.repeat(big, sizes)
            kept.append((members[~rows], sizes[~big]))
            over.append(Keys(members[rows], np.repeat(keys[big], sizes[big])))
            listed.append(keys[big])
        found.append(np.unique(np.concatenate([np.zeros(0, np.uint64), *listed])))
        if depth == REFINEMENTS or not len(found[-1]):
            break
        parts = [_grouped(part) for item in over for part in refinements(maker, item, refine_by)]
    while len(found) <= REFINEMENTS:
        found.append(np.zeros(0, np.uint64))
    return RuleBlocks(
        np.concatenate([np.zeros(0, np.int32), *[x for x, _ in kept]]).astype(np.int32),
        np.concatenate([np.zeros(0, np.int64), *[x for _, x in kept]]),
        biggest,
        len(found[0]),
        len(found[-1]),
        tuple(found),
    )


def _grouped(found: Keys) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Members, sizes and keys of the blocks of two records or more."""
    records, keys = _without_loners(*found)
    order = np.argsort(keys, kind="stable")
    keys, records = keys[order], records[order]
    if len(keys):
        # a list may hold a value twice
        new = np.ones(len(keys), bool)
        new[1:] = (keys[1:] != keys[:-1]) | (records[1:] != records[:-1])
        keys, records = keys[new], records[new]
    starts = np.flatnonzero(np.append(np.ones(min(len(keys), 1), bool), keys[1:] != keys[:-1]))
    sizes = np.diff(np.append(starts, len(keys))).astype(np.int64)
    several = sizes > 1
    return records[np.repeat(several, sizes)], sizes[several], keys[starts[several]]


@njit(nogil=True, cache=True)
def _without_loners(records, keys):  # type: ignore[no-untyped-def]
    """The rows but those whose key is sure to be nobody else's."""
    bits = 10
    while (1 << bits) < 4 * len(keys):
        bits += 1
    shift = np.uint64(64 - bits)
    seen = np.zeros(1 << bits, np.uint8)
    for key in keys:
        slot = key >> shift
        if seen[slot] < 2:
            seen[slot] += 1
    kept = 0
    for key in keys:
        kept += seen[key >> shift] > 1
    found_records, found_keys = np.empty(kept, records.dtype), np.empty(kept, keys.dtype)
    at = 0
    for place in range(len(keys)):
        if seen[keys[place] >> shift] > 1:
            found_records[at], found_keys[at] = records[place], keys[place]
            at += 1
    return found_records, found_keys


def assemble(rules: Sequence[RuleBlocks], count: int) -> Blocks:
    """The rules' blocks as one, with each of the `count` records' own blocks."""
    members = np.concatenate([np.zeros(0, np.int32), *[item.members for item in rules]])
    sizes = np.concatenate([np.zeros(0, np.int64), *[item.sizes for item in rules]])
    rule = np.repeat(np.arange(len(rules), dtype=np.int16), [len(item.sizes) for item in rules])
    starts = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    of_record, record_starts = _by_record(members, starts, count)
    return Blocks(members, starts, rule, of_record, record_starts)


@njit(nogil=True, cache=True)
def _by_record(members, starts, count):  # type: ignore[no-untyped-def]
    """Each record's blocks in ascending order, and where each record's begin."""
    ends = np.zeros(count + 1, np.int64)
    for record in members:
        ends[record + 1] += 1
    record_starts = np.cumsum(ends)
    of_record = np.empty(len(members), np.int32)
    filled = record_starts[:-1].copy()
    for block in range(len(starts) - 1):
        for place in range(starts[block], starts[block + 1]):
            record = members[place]
            of_record[filled[record]] = block
            filled[record] += 1
    return of_record, record_starts


@njit(nogil=True, cache=True)
def pairs_of(blocks, first, last, own, draw_below, seed):  # type: ignore[no-untyped-def]
    """Pairs of the blocks `first` to `last` that no earlier block holds: left < right.

    `own`: by record, 0 or a number; two records of one number are no pair. `draw_below`: only
    pairs whose draw, a hash of the pair and `seed`, is not above it.
    """
    most = 0
    for block in range(first, last):
        size = blocks.starts[block + 1] - blocks.starts[block]
        most += size * (size - 1) // 2
    left, right = np.empty(most, np.int32), np.empty(most, np.int32)
    found = 0
    for block in range(first, last):
        begin, end = blocks.starts[block], blocks.starts[block + 1]
        for x in range(begin, end):
            a = blocks.members[x]
            for y in range(x + 1, end):
                b = blocks.members[y]
                i, j = min(a, b), max(a, b)
                if i == j or (own[i] != 0 and own[i] == own[j]):
                    continue
                if draw_below != EVERY and drawn(i, j, seed) > draw_below:
                    continue
                if first_common(blocks, i, j) == block:
                    left[found], right[found] = i, j
                    found += 1
    return left[:found], right[:found]


@njit(nogil=True, cache=True)
def drawn(i, j, seed):  # type: ignore[no-untyped-def]
    """The pair's draw: the same number for the same pair and seed."""
    return mix(mix(np.uint64(seed), np.uint64(i)), np.uint64(j))


@njit(nogil=True, cache=True)
def first_common(blocks, i, j):  # type: ignore[no-untyped-def]
    """The first block that holds both records."""
    a, b = blocks.record_starts[i], blocks.record_starts[j]
    while blocks.of_record[a] != blocks.of_record[b]:
        if blocks.of_record[a] < blocks.of_record[b]:
            a += 1
        else:
            b += 1
    return blocks.of_record[a]


def pieces(blocks: Blocks, most: int) -> list[tuple[int, int]]:
    """Runs of blocks (first, last) of about `most` pairs each."""
    work = np.cumsum(blocks.pairs)
    if len(work) == 0:
        return []
    cuts = np.searchsorted(work, np.arange(most, int(work[-1]), most)) + 1
    bounds = np.unique(np.concatenate([[0], cuts, [len(work)]]))
    return [(int(a), int(b)) for a, b in pairwise(bounds)]


@njit(nogil=True, cache=True)
def rules_of(blocks, left, right):  # type: ignore[no-untyped-def]
    """The rules that bring each pair, as bits: 1 for the first rule, 2 for the second, 4 …"""
    found = np.zeros(len(left), np.int64)
    for pair in range(len(left)):
        a, end_a = blocks.record_starts[left[pair]], blocks.record_starts[left[pair] + 1]
        b, end_b = blocks.record_starts[right[pair]], blocks.record_starts[right[pair] + 1]
        while a < end_a and b < end_b:
            if blocks.of_record[a] == blocks.of_record[b]:
                found[pair] |= np.int64(1) << blocks.rule[blocks.of_record[a]]
                a += 1
                b += 1
            elif blocks.of_record[a] < blocks.of_record[b]:
                a += 1
            else:
                b += 1
    return found
