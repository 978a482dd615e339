"""Records' columns as arrays: hashes for equality, bytes for likeness, one column at a time."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import polars as pl
from numba import njit

from resolution.engine.program import Layout
from resolution.engine.similarity import fill_texts

SHORT = 16
"""Items up to which a list is put in order as it is read, which for the most is the quickest; what
is longer is sorted before, and then only read."""


class Encoded(NamedTuple):
    """One row a record, in order of record id. Places within a row are those of a Layout."""

    values: np.ndarray
    """uint64, record x column: a hash of the value, 0 where there is none."""
    flags: np.ndarray
    """int64, record x word of 64 bits, which say what columns have a value (of enough
    characters)."""
    texts: np.ndarray
    """int64, record x text column x 2: where the value lies, and its mask (similarity.py). The
    first is where it begins in `text` (from bit 24), its bytes (bits 8 to 23) and how many of
    them fell on a bit of the mask that was set (bits 0 to 7; 255 for more); -1 for no value."""
    text: np.ndarray
    """uint8: the bytes of all text columns, one after the other."""
    list_starts: np.ndarray
    """int64, record x list column, one row more than records: where its items begin."""
    list_masks: np.ndarray
    """uint64, record x list column: a bit for each item; lists that share none share no item."""
    items: np.ndarray
    """uint64: distinct hashes of list elements, ascending within a list."""
    numbers: np.ndarray
    """float64, record x number column: NaN where there is none."""
    rarities: np.ndarray
    """float64, record x column: log2 of the value's term frequency, NaN where there is none."""


def encode(
    records: pl.LazyFrame, layout: Layout, frequencies: Mapping[str, pl.DataFrame] | None = None
) -> Encoded:
    """The columns of `layout`, from `records` in order of record_id; read one at a time.

    `frequencies`: column -> (value, tf_<column>); counted among the records when None. A column
    the records lack counts as empty.
    """
    reader = _Reader.of(records)
    encoder = _Encoder(layout, reader.total)
    rarities: np.ndarray = np.empty((reader.total, len(layout.rarities)))
    for name in layout.columns():
        column = reader.column(name)
        encoder.add(name, column)
        if name in layout.rarities:
            frequency = (frequencies or {}).get(name)
            rarities[:, layout.rarities[name]] = _rarity(column, name, frequency)
    return encoder.encoded()._replace(rarities=rarities)


def with_rarities(
    encoded: Encoded,
    records: pl.LazyFrame,
    layout: Layout,
    frequencies: Mapping[str, pl.DataFrame] | None,
) -> Encoded:
    """The same records with other term frequencies."""
    reader = _Reader.of(records)
    rarities: np.ndarray = np.empty((reader.total, len(layout.rarities)))
    for name, place in layout.rarities.items():
        rarities[:, place] = _rarity(reader.column(name), name, (frequencies or {}).get(name))
    return encoded._replace(rarities=rarities)


class _Reader(NamedTuple):
    records: pl.LazyFrame
    present: frozenset[str]
    total: int

    @classmethod
    def of(cls, records: pl.LazyFrame) -> "_Reader":
        present = frozenset(records.collect_schema().names())
        return cls(records, present, int(records.select(pl.len()).collect().item()))

    def column(self, name: str) -> pl.Series:
        if name not in self.present:
            return pl.Series(name, [None], dtype=pl.String).extend_constant(None, self.total - 1)
        return self.records.select(name).collect().to_series().rechunk()


class _Encoder:
    """Arrays that are filled a column at a time."""

    def __init__(self, layout: Layout, count: int) -> None:
        self._layout = layout
        self._values: np.ndarray = np.zeros((count, len(layout.values)), np.uint64)
        self._flags: np.ndarray = np.zeros((count, len(layout.flags) // 64 + 1), np.int64)
        self._texts: np.ndarray = np.zeros((count, len(layout.texts), 2), np.int64)
        self._starts: np.ndarray = np.zeros((count + 1, len(layout.lists)), np.int64)
        self._list_masks: np.ndarray = np.zeros((count, len(layout.lists)), np.uint64)
        self._numbers: np.ndarray = np.zeros((count, len(layout.numbers)))
        self._text: list[np.ndarray] = []
        self._items: list[np.ndarray] = []

    def add(self, name: str, column: pl.Series) -> None:
        layout = self._layout
        if name in layout.values:
            self._values[:, layout.values[name]] = hashes(column)
        for (flagged, least), bit in layout.flags.items():
            if flagged == name:
                holds = column.is_not_null()
                if least:
                    holds = (column.str.len_chars() >= least).fill_null(False)
                self._flags[:, bit // 64] |= holds.to_numpy().astype(np.int64) << (bit % 64)
        if name in layout.texts:
            text, bounds = _bytes(column)
            known, begin = column.is_not_null().to_numpy(), sum(len(x) for x in self._text)
            fill_texts(text, bounds, known, begin, self._texts[:, layout.texts[name]])
            self._text.append(text)
        if name in layout.lists:
            place, begin = layout.lists[name], sum(len(x) for x in self._items)
            starts, masks = self._starts[:, place], self._list_masks[:, place]
            self._items.append(_list_items(column, begin, starts, masks))
        if name in layout.numbers:
            self._numbers[:, layout.numbers[name]] = _numbers(column)

    def encoded(self) -> Encoded:
        return Encoded(
            self._values,
            self._flags,
            self._texts,
            np.concatenate([np.zeros(0, np.uint8), *self._text]),
            self._starts,
            self._list_masks,
            np.concatenate([np.zeros(0, np.uint64), *self._items]),
            self._numbers,
            np.zeros((len(self._flags), 0)),
        )


def hashes(column: pl.Series) -> np.ndarray:
    """A 64-bit hash of each value, equal for equal values of one type; 0 where there is none.

    Among 10 million distinct values the chance that any two collide is one in 400,000.
    """
    found: np.ndarray = column.hash().to_numpy().copy()
    found[found == 0] = 1
    if column.null_count():
        found[column.is_null().to_numpy()] = 0
    return found


def list_hashes(column: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    """(record, hash) of every element of a list column, in order of records; nulls left out."""
    lengths = column.list.len().fill_null(0).to_numpy()
    elements = column.filter(column.list.len() > 0).explode()
    owners = np.repeat(np.arange(len(column), dtype=np.int32), lengths)
    found = hashes(elements)
    return owners[found != 0], found[found != 0]


def _bytes(column: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    """The column's UTF-8 bytes, and where each value begins (one more than values)."""
    import pyarrow as pa

    array = column.cast(pl.String).to_arrow().cast(pa.large_string())
    _, offsets, content = array.buffers()
    bounds = np.frombuffer(offsets, np.int64)[array.offset : array.offset + len(array) + 1]
    return np.frombuffer(content or b"", np.uint8), bounds


def _list_items(column: pl.Series, begin: int, starts: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """A list column's items; fills its columns of Encoded.list_starts and list_masks. `begin`:
    items that come before."""
    if not isinstance(column.dtype, pl.List):
        starts[:] = begin
        return np.zeros(0, np.uint64)
    owners, found = list_hashes(column)
    return found[: fill_lists(owners, found, begin, starts, masks)]


@njit(nogil=True, cache=True)
def fill_lists(owners, found, begin, starts, masks):  # type: ignore[no-untyped-def]
    """Puts `found`, the hashes of lists' elements in order of `owners`, into ascending order within
    each list, each once; how many are left. See Encoded for `starts` and `masks`."""
    kept = at = 0
    for record in range(len(masks)):
        first, last, mask = kept, at, np.uint64(0)
        starts[record] = begin + first
        while last < len(found) and owners[last] == record:
            last += 1
        if last - at > SHORT:
            found[at:last].sort()
        for read in range(at, last):
            value, place = found[read], kept
            while place > first and found[place - 1] > value:
                place -= 1
            if place > first and found[place - 1] == value:
                continue
            for moved in range(kept, place, -1):  # no further than what was read already
                found[moved] = found[moved - 1]
            found[place] = value
            mask |= np.uint64(1) << (value & np.uint64(63))
            kept += 1
        masks[record], at = mask, last
    starts[len(masks)] = begin + kept
    return kept


def _numbers(column: pl.Series) -> np.ndarray:
    if column.dtype == pl.Date:
        column = column.cast(pl.Int32)
    return column.cast(pl.Float64, strict=False).fill_null(float("nan")).to_numpy()


def _rarity(column: pl.Series, name: str, frequency: pl.DataFrame | None) -> np.ndarray:
    if frequency is None:
        known = max(len(column) - column.null_count(), 1)
        value = pl.col(name)
        share = (
            column.to_frame(name)
            .select(pl.when(value.is_not_null()).then(pl.len().over(value) / known))
            .to_series()
        )
    else:
        share = (
            column.to_frame(name)
            .join(frequency, on=name, how="left", maintain_order="left")
            .get_column(f"tf_{name}")
        )
    return share.cast(pl.Float64).log(2.0).fill_null(float("nan")).to_numpy()
