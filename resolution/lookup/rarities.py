"""How rare the values of a record that is asked about are, from a release's frequencies."""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import polars as pl

from resolution.engine.encode import hashes
from resolution.engine.program import Layout
from resolution.lookup.columns import Columns
from resolution.training.frequencies import PARTS, TOGETHER


class _Counted(NamedTuple):
    """A column's values as they were counted when the model was trained."""

    hashes: np.ndarray
    """Ascending."""
    shares: np.ndarray
    """Term frequency of each."""
    least: float

    def share(self, value: int) -> float | None:
        """The value's term frequency; None where it was not counted."""
        key = np.uint64(value)
        place = int(self.hashes.searchsorted(key))
        known = place < len(self.hashes) and self.hashes[place] == key
        return float(self.shares[place]) if known else None


class Rarities:
    """log2 of the term frequency of any value of the columns that weigh by rarity."""

    def __init__(self, frequencies: Mapping[str, pl.DataFrame], layout: Layout) -> None:
        """`frequencies`: column -> (value, tf_<column>)."""
        self._columns = list(layout.rarities)
        self._counted = {
            name: _by_hash(found, name) for name, found in frequencies.items() if len(found)
        }
        self._parts = {name: _parts_of(name, self._counted) for name in self._columns}

    def columns(self) -> list[str]:
        """Columns whose hashes are looked up."""
        return [*self._columns, *(part for parts in self._parts.values() for part in parts)]

    def of(self, record: Columns, hashes_of: Mapping[str, Sequence[int]]) -> list[float]:
        """In the layout's order; NaN for no value. A value that was not there when they were
        counted: see resolution.training.frequencies.with_unseen."""
        found = []
        for name in self._columns:
            if name not in self._counted or not hashes_of[name]:
                found.append(math.nan)
                continue
            share = self._counted[name].share(hashes_of[name][0])
            found.append(
                math.log2(self._unseen(name, record, hashes_of) if share is None else share)
            )
        return found

    def _unseen(self, name: str, record: Columns, hashes_of: Mapping[str, Sequence[int]]) -> float:
        """As rare as the rarest; a whole name as rare as its parts make it."""
        least, parts = self._counted[name].least, self._parts[name]
        if not parts:
            return least
        counted = {part: self._counted[part] for part in parts}
        person = parts[0].removesuffix("_given_key").removesuffix("_family_key")
        share = max(each.least for each in counted.values())
        if record.get(f"{person}_self_chosen") is None and all(hashes_of[x] for x in parts):
            share = TOGETHER
            for part, each in counted.items():
                known = each.share(hashes_of[part][0])
                share *= each.least if known is None else known
        return min(max(share, least), 1.0)


def _parts_of(column: str, counted: Mapping[str, _Counted]) -> list[str]:
    """The counted parts of a whole name."""
    for ending, parts in PARTS.items():
        prefix = column.removesuffix(f"_{ending}")
        if prefix != column:
            return [name for part in parts if (name := f"{prefix}_{part}") in counted]
    return []


def _by_hash(frequency: pl.DataFrame, name: str) -> _Counted:
    found = hashes(frequency.get_column(name))
    order = np.argsort(found)
    shares = frequency.get_column(f"tf_{name}").cast(pl.Float64).to_numpy()
    return _Counted(found[order], shares[order], float(shares.min()))
