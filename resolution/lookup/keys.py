"""The blocking keys of one record, and who bears them.

Worked out with whole numbers, one key at a time; the same keys as resolution.engine.keys makes a
column at a time.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numba import njit

from resolution.engine.key_index import segments_in
from resolution.engine.keys import LIST, REFINEMENTS, Large

_64_BITS = (1 << 64) - 1

Hashed = Mapping[str, Sequence[int]]
"""Column -> hashes of its values; none where there is no value, several for a list."""


def mixed(key: int, value: int) -> int:
    """As resolution.engine.keys.mix."""
    x = (key * 0x9E3779B97F4A7C15 & _64_BITS) ^ value
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9 & _64_BITS
    x = (x ^ (x >> 27)) * 0x94D049BB133111EB & _64_BITS
    return x ^ (x >> 31)


@dataclass(frozen=True)
class RuleKeys:
    """The rules in use, and the blocks of theirs that are not compared whole."""

    rules: Mapping[str, Sequence[str]]
    refine_by: Sequence[str]
    large: Mapping[str, Sequence[frozenset[int]]]
    """Rule -> keys; see resolution.engine.keys.Large."""

    @classmethod
    def of(
        cls,
        rules: Mapping[str, Sequence[str]],
        refine_by: Sequence[str],
        large: Mapping[str, Large],
    ) -> "RuleKeys":
        """The keys of large blocks as sets."""
        sets = {rule: [frozenset(keys.tolist()) for keys in large[rule]] for rule in rules}
        return cls(rules, refine_by, sets)

    def columns(self) -> list[str]:
        """Every column that a key is made of, in order."""
        named = [*self.refine_by, *(name for fields in self.rules.values() for name in fields)]
        return sorted({name.removeprefix(LIST) for name in named})

    def keys(self, hashed: Hashed) -> list[tuple[int, int]]:
        """(place of the rule, key) of a record: as resolution.engine.keys.rule_keys."""
        return [
            (place, key)
            for place, (rule, columns) in enumerate(self.rules.items())
            for start in _with_columns([len(columns)], columns, hashed)
            for key in self._refined(start, self.large[rule], hashed, 0)
        ]

    def _refined(
        self, key: int, large: Sequence[frozenset[int]], hashed: Hashed, depth: int
    ) -> Iterator[int]:
        """The key, or where its block is too large its refinements."""
        if key not in large[depth]:
            yield key
        elif depth < REFINEMENTS:
            for place, column in enumerate(self.refine_by, start=1):
                for part in _with_columns([mixed(key, place)], [column], hashed):
                    yield from self._refined(part, large, hashed, depth + 1)


def _with_columns(keys: list[int], columns: Sequence[str], hashed: Hashed) -> list[int]:
    for column in columns:
        values = hashed[column.removeprefix(LIST)]
        keys = [mixed(key, value) for key in keys for value in values]
    return keys


class KeyFiles:
    """The key index of a release, mapped into memory."""

    def __init__(self, folder: Path, places: np.ndarray) -> None:
        """`places`: by record_id, the record's place; -1 for one that is no more."""
        self._places = places
        self._segments = [
            (
                # plain arrays over the mapped files: compiled code takes no memmap
                np.asarray(np.load(segment / "keys.npy", mmap_mode="r")),
                np.asarray(np.load(segment / "records.npy", mmap_mode="r")),
                np.load(segment / "bounds.npy"),
            )
            for segment in segments_in(folder)
        ]

    def bearers(self, keys: Sequence[tuple[int, int]]) -> np.ndarray:
        """Places of the records with one of these keys, each once, ascending."""
        rules = np.array([rule for rule, _ in keys], np.int64)
        asked = np.array([key for _, key in keys], np.uint64)
        found = [
            _bearers(known, records, bounds, rules, asked, self._places)
            for known, records, bounds in self._segments
        ]
        return np.unique(np.concatenate([np.zeros(0, np.int32), *found]))


@njit(nogil=True, cache=True)
def _bearers(known, records, bounds, rules, asked, places):  # type: ignore[no-untyped-def]
    """Places of the living records that bear the asked keys; some more than once."""
    first, last = np.empty(len(asked), np.int64), np.empty(len(asked), np.int64)
    total = 0
    for at in range(len(asked)):
        begin, end = bounds[rules[at]], bounds[rules[at] + 1]
        within = known[begin:end]
        first[at] = begin + np.searchsorted(within, asked[at], side="left")
        last[at] = begin + np.searchsorted(within, asked[at], side="right")
        total += last[at] - first[at]
    found = np.empty(total, np.int32)
    count = 0
    for at in range(len(asked)):
        for item in range(first[at], last[at]):
            place = places[records[item]]
            if place >= 0:
                found[count] = place
                count += 1
    return found[:count]
