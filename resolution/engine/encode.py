"""Records' columns as arrays: hashes for equality, bytes for likeness, one column at a time."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import polars as pl

from resolution.engine.program import Layout
from resolution.engine.similarity import fill_masks

MOST_FLAGS = 63
"""Bits of the word that says what a record holds."""


class Encoded(NamedTuple):
    """One row a record, in order of record id. Places within a row are those of a Layout."""

    values: np.ndarray
    """uint64, record x column: a hash of the value, 0 where there is none."""
    flags: np.ndarray
    """int64, record: bits that say which columns have a value (of enough characters)."""
    texts: np.ndarray
    """int64, record x text column x 4: where the value begins in `text`, its bytes (-1 where
    there is no value), and its mask and what the mask lost, see similarity.fill_masks."""
    text: np.ndarray
    """uint8: the bytes of all text columns, one after the other."""
    list_starts: np.ndarray
    """int64, record x list column, one row more than records: where its items begin."""
    items: np.ndarray
    """uint64: distinct hashes of list elements, ascending within a list."""
    numbers: np.ndarray
    """float64, record x number column: NaN where there is none."""
    rarities: np.ndarray
    """float64, record x column: log2 of the value's term frequency, NaN where there is none."""


def encode(
    records: pl.LazyFrame, layout: Layout, frequencies: Mapping[str, pl.DataFrame] | None = None
) -> Encoded:
    """The columns of `layout`, from `records` in order of record_id.

    `frequencies`: column -> (value, tf_<column>); counted among the records when None. A column
    the records lack counts as empty.
    """
    present = set(records.collect_schema().names())
    count = int(records.select(pl.len()).collect().item())
    words = {name: _collect(records, name, present, count) for name in layout.columns()}
    texts, text = _texts([words[name] for name in layout.texts], count)
    lists = [_list_items(words[name]) for name in layout.lists]
    begins = np.cumsum([0, *[len(items) for _, items in lists]])
    starts = [own + begin for (own, _), begin in zip(lists, begins, strict=False)]
    return Encoded(
        values=_matrix([hashes(words[name]) for name in layout.values], count, np.uint64),
        flags=_flags(words, layout, count),
        texts=texts,
        text=text,
        list_starts=_matrix(starts, count + 1, np.int64),
        items=_joined([items for _, items in lists], np.uint64),
        numbers=_matrix([_numbers(words[name]) for name in layout.numbers], count, np.float64),
        rarities=_rarities(words, layout, count, frequencies),
    )


def with_rarities(
    encoded: Encoded,
    records: pl.LazyFrame,
    layout: Layout,
    frequencies: Mapping[str, pl.DataFrame] | None,
) -> Encoded:
    """The same records with other term frequencies."""
    present = set(records.collect_schema().names())
    count = len(encoded.flags)
    words = {name: _collect(records, name, present, count) for name in layout.rarities}
    return encoded._replace(rarities=_rarities(words, layout, count, frequencies))


def _collect(records: pl.LazyFrame, name: str, present: set[str], count: int) -> pl.Series:
    if name not in present:
        return pl.Series(name, [None] * count, dtype=pl.String)
    return records.select(name).collect().to_series().rechunk()


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


def _texts(columns: list[pl.Series], count: int) -> tuple[np.ndarray, np.ndarray]:
    """`texts` and `text` of an Encoded."""
    texts = np.zeros((count, len(columns), 4), np.int64)
    written, begin = [], 0
    for place, column in enumerate(columns):
        text, bounds = _bytes(column)
        sizes = np.diff(bounds)
        fill_masks(text, bounds[:-1], sizes, texts[:, place])
        sizes[column.is_null().to_numpy()] = -1
        texts[:, place, 0] = bounds[:-1] + begin
        texts[:, place, 1] = sizes
        written.append(text)
        begin += len(text)
    return texts, _joined(written, np.uint8)


def _bytes(column: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    """The column's UTF-8 bytes, and where each value begins (one more than values)."""
    import pyarrow as pa

    array = column.cast(pl.String).to_arrow().cast(pa.large_string())
    _, offsets, content = array.buffers()
    bounds = np.frombuffer(offsets, np.int64)[array.offset : array.offset + len(array) + 1]
    return np.frombuffer(content or b"", np.uint8), bounds


def _list_items(column: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    """Starts (one more than records) and items: distinct and ascending within each list."""
    if not isinstance(column.dtype, pl.List):
        return np.zeros(len(column) + 1, np.int64), np.zeros(0, np.uint64)
    owners, found = list_hashes(column)
    if len(found):
        order = np.lexsort((found, owners))
        owners, found = owners[order], found[order]
        first = np.ones(len(found), bool)
        first[1:] = (owners[1:] != owners[:-1]) | (found[1:] != found[:-1])
        owners, found = owners[first], found[first]
    starts = np.zeros(len(column) + 1, np.int64)
    np.cumsum(np.bincount(owners, minlength=len(column)), out=starts[1:])
    return starts, found


def _numbers(column: pl.Series) -> np.ndarray:
    if column.dtype == pl.Date:
        column = column.cast(pl.Int32)
    return column.cast(pl.Float64, strict=False).fill_null(float("nan")).to_numpy()


def _flags(words: Mapping[str, pl.Series], layout: Layout, count: int) -> np.ndarray:
    if len(layout.flags) > MOST_FLAGS:
        raise ValueError(f"a model asks for {len(layout.flags)} flags, more than {MOST_FLAGS}")
    flags = np.zeros(count, np.int64)
    for (name, least), bit in layout.flags.items():
        column = words[name]
        holds = column.is_not_null()
        if least:
            holds = (column.str.len_chars() >= least).fill_null(False)
        flags |= holds.to_numpy().astype(np.int64) << bit
    return flags


def _rarities(
    words: Mapping[str, pl.Series],
    layout: Layout,
    count: int,
    frequencies: Mapping[str, pl.DataFrame] | None,
) -> np.ndarray:
    return _matrix(
        [_rarity(words[name], name, (frequencies or {}).get(name)) for name in layout.rarities],
        count,
        np.float64,
    )


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


def _matrix(columns: list[np.ndarray], count: int, kind: type) -> np.ndarray:
    matrix: np.ndarray = np.empty((count, len(columns)), kind)
    for place, column in enumerate(columns):
        matrix[:, place] = column
    return matrix


def _joined(parts: list[np.ndarray], kind: type) -> np.ndarray:
    return np.concatenate([np.zeros(0, kind), *parts])
