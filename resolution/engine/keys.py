"""Blocking keys: what records of one rule must share, as 64-bit hashes."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl
from numba import njit

from resolution.engine.encode import hashes, list_hashes

LIST = "list:"

REFINEMENTS = 2
"""Columns more that have to agree, at most, where a block is too large."""

Large = tuple[np.ndarray, ...]
"""The keys (uint64, ascending) of one rule's blocks that are too large to compare whole; of their
parts by one more column that still are; and of those by two. An array each."""


class Keys(NamedTuple):
    """One row a (record, key) of one rule."""

    records: np.ndarray
    keys: np.ndarray


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


def rule_keys(
    maker: KeyMaker, columns: Sequence[str], refine_by: Sequence[str], large: Large
) -> Keys:
    """The records with the keys by which this rule brings them together: two records are a
    candidate of the rule where they share one."""
    kept: list[Keys] = []
    parts = [maker.keys(columns)]
    for depth in range(REFINEMENTS + 1):
        over: list[Keys] = []
        for item in parts:
            big = is_among(item.keys, large[depth])
            kept.append(Keys(item.records[~big], item.keys[~big]))
            over.append(Keys(item.records[big], item.keys[big]))
        if depth == REFINEMENTS:
            break
        parts = [part for item in over for part in refinements(maker, item, refine_by)]
    return Keys(np.concatenate([x.records for x in kept]), np.concatenate([x.keys for x in kept]))


def refinements(maker: KeyMaker, found: Keys, refine_by: Sequence[str]) -> Iterator[Keys]:
    """The rows with one more column in the key, for each column of `refine_by`."""
    for place, column in enumerate(refine_by, start=1):
        tagged = _mixed(found.keys, np.full(len(found.keys), np.uint64(place), np.uint64))
        yield maker.refined(Keys(found.records, tagged), [column])


def is_among(keys: np.ndarray, ascending: np.ndarray) -> np.ndarray:
    """Whether each key is in the ascending array."""
    if not len(ascending):
        return np.zeros(len(keys), bool)
    places = np.searchsorted(ascending, keys)
    places[places == len(ascending)] = 0
    found: np.ndarray = ascending[places] == keys
    return found
