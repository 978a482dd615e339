"""The files of a landing folder: which there are, what they are, and their bytes as UTF-8."""

import codecs
import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, cast

from core.errors import SourceError

FORMATS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".xlsx": "excel",
    ".xls": "excel",
}
COMPRESSIONS = (".gz", ".zst")
WITHDRAWN = ".withdrawn"
"""Before the ending that says the format: the file lists keys that its source takes back."""
BLOCK = 1 << 22
"""Bytes read at a time: some 25,000 rows, so that a damaged row slows down few others."""
UNFINISHED = (".tmp", ".part", ".partial", ".crdownload", ".filepart")
"""Endings under which transfer programs write; such files are not deliveries yet."""
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DAMAGED = "oneid.damaged"


@dataclass(frozen=True)
class FileKind:
    """What a file's name says it is. `compression` is `.gz`, `.zst` or empty."""

    format: str
    compression: str


def delivered_files(folder: Path, pattern: str) -> list[Path]:
    """The files below `folder` that match `pattern`, in order of path; hidden and unfinished
    ones left out. Empty when there is no such folder."""
    if not folder.is_dir():
        return []
    found = {
        path
        for path in folder.glob(pattern)
        if path.is_file()
        and not any(part.startswith(".") for part in path.relative_to(folder).parts)
        and not path.name.lower().endswith(UNFINISHED)
    }
    return sorted(found, key=lambda path: path.relative_to(folder).as_posix())


def kind_of(path: Path) -> FileKind:
    """Format and compression by the file's name.

    Raises SourceError where the name says no format that can be read.
    """
    suffixes = [suffix.lower() for suffix in path.suffixes]
    compression = suffixes.pop() if suffixes and suffixes[-1] in COMPRESSIONS else ""
    ending = suffixes[-1] if suffixes else ""
    if ending not in FORMATS:
        raise SourceError(
            f"unknown format {ending or 'without an ending'!r}; files can be "
            f"{', '.join(FORMATS)}, each also {' or '.join(COMPRESSIONS)}"
        )
    return FileKind(FORMATS[ending], compression)


def lists_withdrawn_keys(name: str) -> bool:
    """Whether a file's name says that it lists keys to withdraw, such as `day3.withdrawn.csv`."""
    suffixes = [suffix.lower() for suffix in Path(name).suffixes]
    if suffixes and suffixes[-1] in COMPRESSIONS:
        suffixes.pop()
    return suffixes[-2:-1] == [WITHDRAWN]


@contextmanager
def opened(path: Path, compression: str) -> Iterator[BinaryIO]:
    """The file's bytes, decompressed as they are read; one that ends early raises EOFError or
    OSError while it is being read."""
    with path.open("rb") as plain:
        if compression == ".gz":
            with gzip.open(plain, "rb") as unpacked:
                yield cast(BinaryIO, unpacked)
        elif compression == ".zst":
            import pyarrow as pa

            if not plain.read(1):
                raise SourceError("the compressed file is empty")
            plain.seek(0)
            stream = pa.CompressedInputStream(plain, "zstd")
            yield cast(BinaryIO, io.BufferedReader(stream, BLOCK))
        else:
            yield plain


def utf8_blocks(stream: BinaryIO, encoding: str) -> Iterator[bytes]:
    """The stream as UTF-8, a block at a time, without byte order mark.

    A byte order mark overrides `encoding`. Bytes that are no text in the file's encoding come
    out as bytes that are no text in UTF-8 either, so that the row they are in can be found.
    """
    block = stream.read(BLOCK)
    for mark, marked in _BYTE_ORDER_MARKS:
        if block.startswith(mark):
            encoding, block = marked, block[len(mark) :]
            break
    if codecs.lookup(encoding).name in ("utf-8", "utf-8-sig"):
        while block:
            yield block
            block = stream.read(BLOCK)
        return
    yield from _translated(block, stream, encoding)


def _translated(block: bytes, stream: BinaryIO, encoding: str) -> Iterator[bytes]:
    codecs.register_error(_DAMAGED, _marked_as_damaged)
    decoder = codecs.getincrementaldecoder(encoding)(_DAMAGED)
    while block:
        yield decoder.decode(block).encode("utf-8", "surrogateescape")
        block = stream.read(BLOCK)
    yield decoder.decode(b"", final=True).encode("utf-8", "surrogateescape")


def _marked_as_damaged(error: UnicodeError) -> tuple[str, int]:
    """Each byte as the surrogate that `surrogateescape` turns into one invalid byte."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return "".join(chr(0xDC00 + max(byte, 0x80)) for byte in wrong), error.end
