"""Reads Parquet (and Excel): typed columns as the text a person would write them as."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import polars as pl

from core.errors import SourceError
from sources.json_rows import number_text
from sources.rows import Batch, text_frame, unique_headings

BATCH_ROWS = 1 << 16
_EXACT = 2.0**53


def read_parquet(file: BinaryIO) -> Iterator[Batch]:
    """The rows of a Parquet file, in order, as batches of text columns.

    Raises SourceError where the file is damaged or no Parquet.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    row_number = 1
    try:
        parquet = pq.ParquetFile(file)
        yield _batch(text_frame(unique_headings(parquet.schema_arrow.names), ()), 1)
        for batch in parquet.iter_batches(batch_size=BATCH_ROWS):
            named = batch.rename_columns(unique_headings(batch.schema.names))
            frame = pl.DataFrame(pl.from_arrow(pa.Table.from_batches([named])))
            yield _batch(as_text(frame), row_number)
            row_number += frame.height
    except (pa.ArrowException, OSError) as error:
        raise SourceError(f"damaged or no Parquet file: {_first_line(error)}") from error


def read_excel(path: Path) -> Iterator[Batch]:
    """The rows of the first sheet of an Excel workbook, as one batch.

    Raises SourceError where the module that reads workbooks is missing, or the file is damaged.
    """
    try:
        import fastexcel  # type: ignore[import-not-found, unused-ignore]
    except ImportError:
        raise SourceError(
            "an Excel workbook, and the module that reads those is not installed; "
            "install it with `pip install fastexcel`, or deliver CSV"
        ) from None
    try:
        sheet = fastexcel.read_excel(path).load_sheet(0, dtypes="string")
    except fastexcel.FastExcelError as error:
        raise SourceError(f"damaged or no Excel workbook: {_first_line(error)}") from error
    yield _batch(as_text(sheet.to_polars()), 1)


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """`frame` with every column as text: times and dates ISO 8601 (with a zone: in UTC), whole
    numbers without a fraction, no exponents, NaN absent, nested values as JSON, bytes that are no
    text in hexadecimal."""
    return frame.select(_text(column) for column in frame.iter_columns())


def _batch(frame: pl.DataFrame, row_number: int) -> Batch:
    return Batch(
        frame=frame,
        row_numbers=pl.int_range(row_number, row_number + frame.height, eager=True),
        raw_of=lambda position: json.dumps(frame.row(position, named=True), ensure_ascii=False),
    )


def _text(column: pl.Series) -> pl.Series:
    kind = column.dtype
    if kind == pl.String:
        return column
    if kind.is_float():
        return _floats(column)
    if isinstance(kind, pl.Datetime):
        return _datetimes(column, kind)
    if kind == pl.Binary:
        return _bytes(column)
    if kind.is_nested():
        return _nested(column)
    return column.cast(pl.String)


def _floats(column: pl.Series) -> pl.Series:
    """Whole numbers through integers; the rest shortest, exponents written out."""
    column = column.fill_nan(None)
    whole = (column == column.round(0)) & (column.abs() < _EXACT)
    texts = column.cast(pl.String)
    if whole.any():
        as_whole = column.set(~whole.fill_null(False), None).cast(pl.Int64).cast(pl.String)
        texts = as_whole.zip_with(as_whole.is_not_null(), texts)
    if texts.str.contains("e", literal=True).any():
        texts = texts.map_elements(
            lambda text: number_text(text) if "e" in text else text, return_dtype=pl.String
        )
    return texts


def _datetimes(column: pl.Series, kind: pl.Datetime) -> pl.Series:
    """Midnight without zone is written as a date: it mostly was one."""
    texts = column.dt.strftime("%Y-%m-%dT%H:%M:%S%.6f").str.replace(".000000", "", literal=True)
    if kind.time_zone is not None:
        utc = column.dt.convert_time_zone("UTC").dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")
        return utc.str.replace(".000000Z", "Z", literal=True)
    return texts.str.strip_suffix("T00:00:00")


def _bytes(column: pl.Series) -> pl.Series:
    return pl.Series(column.name, map(_decoded, column.to_list()), dtype=pl.String)


def _decoded(value: bytes | None) -> str | None:
    if value is None:
        return None
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value.hex()


def _nested(column: pl.Series) -> pl.Series:
    """The JSON of a frame's one column, without the braces and the key around it."""
    wrapped = column.alias("").to_frame().select(pl.struct("").struct.json_encode()).to_series()
    texts = wrapped.str.strip_prefix('{"":').str.strip_suffix("}")
    return texts.set(column.is_null(), None).alias(column.name)


def _first_line(error: Exception) -> str:
    return str(error).split("\n", 1)[0][:200]
