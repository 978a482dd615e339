"""Records that share a blocking key, and each pair of them once, whatever rules bring it."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import polars as pl
from numba import njit

from resolution.engine.encode import hashes, list_hashes

LIST = "list:"
EVERY = np.uint64(0xFFFFFFFFFFFFFFFF)
"""Take every pair: no pair's draw lies above."""


class Keys(NamedTuple):
    """One row a (record, key) of one rule."""

    records: np.ndarray
    keys: np.ndarray


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


class KeyMaker:
    """Keys of records by columns, each column hashed once."""

    def __init__(self, records: pl.LazyFrame) -> None:
        self._records = records
        self._hashed: dict[str, np.ndarray] = {}
        self._listed: dict[str, tuple[np.ndarray, np.ndarray]] = {}
        self.count = int(records.select(pl.len()).collect().item())

    def keys(self, columns: Sequence[str]) -> Keys:
        """Records that have a value in all of `columns`, each with its key; with `list:x` one
        row an element of x."""
        records = np.arange(self.count, dtype=np.int32)
        start = Keys(records, np.full(self.count, np.uint64(len(columns)), np.uint64))
        return self.refined(start, columns)

    def refined(self, found: Keys, columns: Sequence[str]) -> Keys:
        """`found` with `columns` added to the keys."""
        for column in columns:
            if column.startswith(LIST):
                found = _with_elements(found, *self._elements(column.removeprefix(LIST)))
            else:
                values = self._values(column)[found.records]
                known = values != 0
                found = Keys(found.records[known], _mixed(found.keys[known], values[known]))
        return found

    def _values(self, column: str) -> np.ndarray:
        if column not in self._hashed:
            self._hashed[column] = hashes(self._records.select(column).collect().to_series())
        return self._hashed[column]

    def _elements(self, column: str) -> tuple[np.ndarray, np.ndarray]:
        """Starts by record (one more than records), and the elements' hashes."""
        if column not in self._listed:
            owners, found = list_hashes(self._records.select(column).collect().to_series())
            starts = np.zeros(self.count + 1, np.int64)
            np.cumsum(np.bincount(owners, minlength=self.count), out=starts[1:])
            self._listed[column] = (starts, found)
        return self._listed[column]


@njit(nogil=True, cache=True)
def _mixed(keys, values):  # type: ignore[no-untyped-def]
    """The keys with the values mixed in."""
    mixed = np.empty_like(keys)
    for place in range(len(keys)):
        mixed[place] = mix(keys[place], values[place])
    return mixed


@njit(nogil=True, cache=True)
def mix(key, value):  # type: ignore[no-untyped-def]
    """A 64-bit hash of a key and a value (the finaliser of splitmix64)."""
    x = (key * np.uint64(0x9E3779B97F4A7C15)) ^ value
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))


def _with_elements(found: Keys, starts: np.ndarray, elements: np.ndarray) -> Keys:
    counts = (starts[1:] - starts[:-1])[found.records]
    repeated = np.repeat(np.arange(len(counts)), counts)
    within = np.arange(len(repeated)) - np.repeat(np.cumsum(counts) - counts, counts)
    taken = elements[starts[found.records[repeated]] + within]
    return Keys(found.records[repeated], _mixed(found.keys[repeated], taken))


class RuleBlocks(NamedTuple):
    """One rule's blocks, and what was done about those too large to compare whole."""

    members: np.ndarray
    sizes: np.ndarray
    largest: int
    """Records in the largest block before any was refined."""
    refined: int
    left_out: int


def rule_blocks(
    maker: KeyMaker, columns: Sequence[str], refine_by: Sequence[str], largest: int
) -> RuleBlocks:
    """The blocks of one rule.

    A block of more than `largest` records is compared only where a column of `refine_by` agrees
    as well, and where such a part is too large still, two of them.
    """
    members, sizes = _grouped(maker.keys(columns))
    biggest = int(sizes.max(initial=0))
    small, big = _parted(members, sizes, largest)
    kept_members, kept_sizes = [small[0]], [small[1]]
    refined = len(big[1])
    for _ in range(2):
        if len(big[1]) == 0:
            break
        parts = [_grouped(maker.refined(_as_keys(*big), [column])) for column in refine_by]
        split = [_parted(*part, largest) for part in parts]
        kept_members += [within[0] for within, _ in split]
        kept_sizes += [within[1] for within, _ in split]
        big = tuple(  # type: ignore[assignment]
            np.concatenate([np.zeros(0, np.int64), *[over[place] for _, over in split]])
            for place in (0, 1)
        )
    return RuleBlocks(
        np.concatenate(kept_members).astype(np.int32),
        np.concatenate(kept_sizes),
        biggest,
        refined,
        len(big[1]),
    )


def _as_keys(members: np.ndarray, sizes: np.ndarray) -> Keys:
    block = np.repeat(np.arange(1, len(sizes) + 1, dtype=np.uint64), sizes)
    return Keys(members.astype(np.int32), block)


def _grouped(found: Keys) -> tuple[np.ndarray, np.ndarray]:
    """Members and sizes of the blocks of two records or more."""
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
    return records[np.repeat(several, sizes)], sizes[several]


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


def _parted(
    members: np.ndarray, sizes: np.ndarray, largest: int
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """(members, sizes) of the blocks up to `largest`, and of those beyond."""
    small = sizes <= largest
    rows = np.repeat(small, sizes)
    return (members[rows], sizes[small]), (members[~rows], sizes[~small])


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


RuleColumns = Mapping[str, Sequence[str]]
"""Rule -> the columns that must be equal; `list:column` for any shared element."""


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
