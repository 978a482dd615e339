"""Reads any delivered file in batches of text rows; the one door to all formats."""

import gzip
import tempfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from shutil import copyfileobj
from typing import BinaryIO, cast

from core.errors import SourceError
from sources.csv_repair import Dialect
from sources.csv_rows import read_csv
from sources.deliveries import FileKind, kind_of, opened, utf8_blocks
from sources.json_rows import read_json_lines
from sources.parquet_rows import read_excel, read_parquet
from sources.rows import Batch
from sources.spec import FormatSpec

_IN_MEMORY = 1 << 26


def read_batches(path: Path, written: FormatSpec) -> Iterator[Batch]:
    """The rows of the file at `path`, in order, in batches that fit into memory.

    A file without any row may give no batch or empty ones. Raises SourceError where the file as
    a whole cannot be read: unknown format, cut off, damaged, no headings.
    """
    kind = kind_of(path)
    try:
        if kind.format == "excel":
            yield from _read_workbook(path, kind)
            return
        with opened(path, kind.compression) as stream:
            yield from _read_stream(stream, kind, written)
    except (EOFError, OSError, zlib.error, gzip.BadGzipFile) as error:
        what = "cut off or damaged" if kind.compression else "cannot be read"
        message = (str(error) or type(error).__name__).split("\n", 1)[0].replace(str(path), "it")
        raise SourceError(f"{what}: {message}") from error


def _read_stream(stream: BinaryIO, kind: FileKind, written: FormatSpec) -> Iterator[Batch]:
    if kind.format == "parquet":
        yield from read_parquet(_seekable(stream) if kind.compression else stream)
    elif kind.format == "jsonl":
        yield from read_json_lines(utf8_blocks(stream, "utf-8"))
    else:
        delimiter = "\t" if kind.format == "tsv" else written.delimiter
        dialect = Dialect(delimiter, written.quote, written.encoding)
        yield from read_csv(utf8_blocks(stream, written.encoding), dialect)


def _read_workbook(path: Path, kind: FileKind) -> Iterator[Batch]:
    if kind.compression:
        raise SourceError("a compressed Excel workbook; workbooks are compressed as they are")
    yield from read_excel(path)


def _seekable(stream: BinaryIO) -> BinaryIO:
    """Parquet is read from its end, so a compressed one is unpacked first."""
    unpacked = tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115
    copyfileobj(stream, unpacked)
    unpacked.seek(0)
    return cast(BinaryIO, unpacked)
