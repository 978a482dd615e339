"""Room beside the encoded records for those that are asked about, written and weighed in place.

The compiled program compares two rows of one set of arrays. So every array gets spare rows: a slot
is written with the record that is asked about, and whoever holds the slot compares it with any
other row. Nothing is copied for a question.
"""

import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from functools import lru_cache
from queue import SimpleQueue
from typing import Any, Final

import numpy as np
import polars as pl

from resolution.engine.encode import Encoded, hashes
from resolution.engine.program import Layout
from resolution.engine.similarity import fill_texts
from resolution.lookup.columns import Columns

SLOTS: Final = 16
"""Questions that can be weighed at one time; more wait."""
_ROWS: Final = 2 * SLOTS + 1
"""Every other one is a slot: where a list ends is where that of the next row begins."""
TEXT_ROOM: Final = 1 << 16
"""Bytes of text in a slot."""
ITEM_ROOM: Final = 1 << 12
"""Items of lists in a slot."""
DAY_0: Final = date(1970, 1, 1)


def hashed(record: Columns, columns: Sequence[str]) -> dict[str, list[int]]:
    """Column -> hashes of its values, as resolution.engine.encode makes them: none where there is
    no value, several for a list."""
    values = {
        name: value if isinstance(value, list) else [] if value is None else [value]
        for name in columns
        for value in [record.get(name)]
    }
    texts = [name for name, several in values.items() if several and isinstance(several[0], str)]
    listed = [value for name in texts for value in values[name]]
    numbers = iter(hashes(pl.Series(listed, dtype=pl.String)).tolist())
    found = {
        name: [_hash_of_other(each, type(each).__name__) for each in several]
        for name, several in values.items()
        if name not in texts
    }
    return found | {name: [next(numbers) for _ in values[name]] for name in texts}


@lru_cache(maxsize=1 << 17)
def _hash_of_other(value: Hashable, kind: str) -> int:
    """Of a value that is no text; there are few days and years, and asking takes long."""
    return int(hashes(pl.Series([value], dtype=_TYPES[kind]))[0])


_TYPES: Final[Mapping[str, type[pl.DataType]]] = {
    "date": pl.Date,
    "int": pl.Int32,
    "bool": pl.Boolean,
}
"""Types of a record's values, as its frame has them."""


def with_room(records: pl.LazyFrame) -> pl.LazyFrame:
    """`records` with the rows of the slots behind them, empty: to be encoded in one go, as a copy
    would double the memory while it is made."""
    empty = pl.DataFrame(schema=records.collect_schema()).clear(_ROWS)
    return pl.concat([records, empty.lazy()])


class Slots:
    """Encoded records with slots behind them."""

    def __init__(self, encoded: Encoded, layout: Layout) -> None:
        """`encoded`: of records as `with_room` gives them."""
        self.layout = layout
        self._records = len(encoded.values) - _ROWS
        self._text_begin, self._item_begin = len(encoded.text), len(encoded.items)
        text, items = np.zeros(SLOTS * TEXT_ROOM, np.uint8), np.zeros(SLOTS * ITEM_ROOM, np.uint64)
        self.encoded = encoded._replace(
            text=np.concatenate([encoded.text, text]), items=np.concatenate([encoded.items, items])
        )
        self._free: SimpleQueue[int] = SimpleQueue()
        for slot in range(SLOTS):
            self._free.put(slot)

    @contextmanager
    def written(
        self, record: Columns, hashes_of: Mapping[str, Sequence[int]], rarities: Sequence[float]
    ) -> Iterator[tuple[int, int]]:
        """The row that holds the record until the block ends, and the bytes of its longest text.

        `hashes_of`: of the layout's columns of values and lists. `rarities`: in the layout's order.
        """
        slot = self._free.get()
        try:
            row = self._records + 1 + 2 * slot
            self._write_plain(row, record, hashes_of, rarities)
            self._write_lists(row, slot, hashes_of)
            yield row, self._write_texts(row, slot, record)
        finally:
            self._free.put(slot)

    def _write_plain(
        self,
        row: int,
        record: Columns,
        hashes_of: Mapping[str, Sequence[int]],
        rarities: Sequence[float],
    ) -> None:
        encoded, layout = self.encoded, self.layout
        values = [hashes_of[name][0] if hashes_of[name] else 0 for name in layout.values]
        encoded.values[row] = np.array(values, np.uint64)
        words = [0] * encoded.flags.shape[1]
        for (name, least), bit in layout.flags.items():
            value = record.get(name)
            if value is not None and (not least or len(value) >= least):
                words[bit // 64] |= 1 << (bit % 64)
        encoded.flags[row] = np.array(words, np.uint64).view(np.int64)
        if layout.numbers:
            encoded.numbers[row] = [_number(record.get(name)) for name in layout.numbers]
        if layout.rarities:
            encoded.rarities[row] = rarities

    def _write_texts(self, row: int, slot: int, record: Columns) -> int:
        encoded, begin = self.encoded, self._text_begin + slot * TEXT_ROOM
        values = [record.get(name) for name in self.layout.texts]
        written = [b"" if value is None else str(value).encode() for value in values]
        room = TEXT_ROOM // max(len(written), 1)
        written = [text[:room] for text in written]
        bounds = np.cumsum([0, *map(len, written)])
        text = np.frombuffer(b"".join(written), np.uint8)
        encoded.text[begin : begin + len(text)] = text
        known = np.array([value is not None for value in values], np.bool_)
        fill_texts(text, bounds, known, begin, encoded.texts[row])
        return max(map(len, written), default=0)

    def _write_lists(self, row: int, slot: int, hashes_of: Mapping[str, Sequence[int]]) -> None:
        encoded, begin = self.encoded, self._item_begin + slot * ITEM_ROOM
        room = ITEM_ROOM // max(len(self.layout.lists), 1)
        for name, place in self.layout.lists.items():
            items = sorted(set(hashes_of[name]))[:room]
            encoded.items[begin : begin + len(items)] = np.array(items, np.uint64)
            encoded.list_starts[row, place] = begin
            begin += len(items)
            encoded.list_starts[row + 1, place] = begin
            mask = 0
            for item in items:
                mask |= 1 << (item & 63)
            encoded.list_masks[row, place] = mask


def _number(value: Any) -> float:
    if isinstance(value, date):
        return float((value - DAY_0).days)
    try:
        return math.nan if value is None else float(value)
    except ValueError:
        return math.nan
