"""Reads CSV: whole blocks at once where they are well-formed, line by line where they are not.

A block whose quotes all stand where quotes may stand is cut into rows by array operations and
parsed by Polars. Any other block goes through `sources.csv_repair`, which finds the damaged rows
and keeps the rest.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from core.errors import SourceError
from sources.csv_repair import Dialect, Repaired, repair
from sources.rows import Batch, DamagedRow, shown, text_frame, unique_headings

Positions = npt.NDArray[np.int64]
LONGEST_RECORD = 1 << 18
"""Bytes one row may take; a quote left open must not swallow more than this."""
LONGEST_LINE = 1 << 24
_NEWLINE, _RETURN = 10, 13


@dataclass(frozen=True)
class _Cut:
    """A block cut into rows: their bounds, which are blank, their number of delimiters."""

    starts: Positions
    ends: Positions
    delimiters: Positions

    @property
    def consumed(self) -> int:
        """Bytes of the block that its whole rows take."""
        return int(self.ends[-1]) + 1


def read_csv(blocks: Iterator[bytes], dialect: Dialect) -> Iterator[Batch]:
    """The rows of a CSV file, in order, as batches of text columns.

    Rows that cannot be read (wrong number of fields, a quote left open, bytes that are no text)
    are in the batches' `damaged`. Raises SourceError where the heading line cannot be read.
    """
    headings, pending = _read_headings(blocks, dialect)
    if not headings:
        return
    yield Batch(text_frame(headings, ()), pl.Series([], dtype=pl.Int64), lambda _: "")
    row_number = 1
    for block in blocks:
        pending += block
        batch, consumed, row_number = _read_block(pending, headings, dialect, row_number)
        pending = pending[consumed:]
        if len(pending) > LONGEST_LINE:
            raise SourceError(f"no line ends within {LONGEST_LINE:,} bytes: this is not CSV")
        if batch is not None:
            yield batch
    if pending:
        batch, _, _ = _read_block(pending, headings, dialect, row_number, last=True)
        if batch is not None:
            yield batch


def _read_headings(blocks: Iterator[bytes], dialect: Dialect) -> tuple[list[str], bytes]:
    """The headings (none when the file is empty) and what was read beyond them."""
    pending = b""
    for block in blocks:
        pending += block
        line, newline, rest = pending.lstrip(b"\r\n").partition(b"\n")
        if newline:
            return _headings(line, dialect), rest
        if len(pending) > LONGEST_RECORD:
            break
    line, _, rest = pending.strip(b"\r\n").replace(b"\r", b"\n").partition(b"\n")
    return _headings(line, dialect), rest


def _headings(line: bytes, dialect: Dialect) -> list[str]:
    if not line.strip():
        return []
    if b"\0" in line:
        raise SourceError(
            "the heading line holds NUL bytes: the file may be UTF-16 without a byte order mark; "
            "if so, say `encoding: utf-16-le` under `format` in the source's spec"
        )
    repaired = repair(line + b"\n", None, dialect, last=True)
    if len(repaired.rows) != 1 or repaired.damaged:
        raise SourceError(
            "the heading line cannot be read: it is not valid text in the encoding of the "
            "source's spec (`format: encoding`), or a quote in it is not closed"
        )
    return unique_headings(repaired.rows[0])


def _read_block(
    block: bytes, headings: list[str], dialect: Dialect, row_number: int, *, last: bool = False
) -> tuple[Batch | None, int, int]:
    """A batch of the block's whole rows (if it has any), the bytes they took, the next number."""
    if last and not block.endswith((b"\n", b"\r")):
        block += b"\n"
    cut = _cut(block, len(headings), dialect) if _is_plain(block, dialect, headings) else None
    if cut is not None and (cut.consumed == len(block) if last else _goes_on(block, cut)):
        fast = _parse(block, cut, headings, dialect, row_number)
        if fast is not None:
            return fast[0], cut.consumed, fast[1]
    if not last and cut is None and len(block) < LONGEST_RECORD and b"\n" not in block:
        return None, 0, row_number
    repaired = repair(block, len(headings), dialect, last=last)
    return _repaired_batch(repaired, headings, row_number)


def _goes_on(block: bytes, cut: _Cut) -> bool:
    """Whether what follows the last whole row is short enough to be the beginning of one."""
    return len(block) - cut.consumed < LONGEST_RECORD


def _is_plain(block: bytes, dialect: Dialect, headings: list[str]) -> bool:
    """Whether array operations on bytes can be trusted with this block."""
    if len(headings) == 1 or b"\0" in block or not dialect.is_ascii:
        return False
    if block.count(b"\r") != block.count(b"\r\n"):
        return False
    if block.isascii():
        return True
    try:  # a block may end within a character; what follows the last newline is not judged yet
        block[: block.rfind(b"\n") + 1].decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _cut(block: bytes, width: int, dialect: Dialect) -> _Cut | None:
    """The block's whole rows; None where a quote stands where none may stand, or a row of
    several lines looks like several rows behind a quote left open."""
    letters = np.frombuffer(block, dtype=np.uint8)
    newlines = np.flatnonzero(letters == _NEWLINE)
    delimiters = np.flatnonzero(letters == dialect.delimiter_byte)
    quotes = np.flatnonzero(letters == dialect.quote_byte) if dialect.quote else newlines[:0]
    ends, separators = newlines, delimiters
    if quotes.size:
        ends = newlines[(np.searchsorted(quotes, newlines) & 1) == 0]
        separators = delimiters[(np.searchsorted(quotes, delimiters) & 1) == 0]
    if not ends.size:
        return None
    if quotes.size and not _quotes_are_sound(letters, quotes, int(ends[-1]), dialect):
        return None
    starts = np.concatenate((newlines[:0], [0], ends[:-1] + 1))
    if ends.size != newlines.size and _looks_swallowed(newlines, delimiters, starts, width):
        return None
    bounds = np.searchsorted(separators, np.append(starts, ends[-1] + 1))
    return _Cut(starts, ends, np.diff(bounds))


def _quotes_are_sound(
    letters: npt.NDArray[np.uint8], quotes: Positions, last_end: int, dialect: Dialect
) -> bool:
    """Each opening quote begins a field and each closing one ends it (doubled ones aside)."""
    quotes = quotes[quotes < last_end]
    opening, closing = quotes[::2], quotes[1::2]
    before = letters[np.maximum(opening - 1, 0)]
    after = letters[closing + 1]
    edges = (dialect.delimiter_byte, _NEWLINE, dialect.quote_byte)
    return bool(
        (np.isin(before, edges) | (opening == 0)).all() and np.isin(after, (*edges, _RETURN)).all()
    )


def _looks_swallowed(
    newlines: Positions, delimiters: Positions, starts: Positions, width: int
) -> bool:
    """Whether some line inside a row has as many delimiters as a row: `repair` must judge it."""
    line_starts = np.concatenate(([0], newlines[:-1] + 1))
    counts = np.diff(np.searchsorted(delimiters, np.append(line_starts, newlines[-1] + 1)))
    inside = ~np.isin(line_starts, starts) & (line_starts < starts[-1] + 1)
    inside |= line_starts > starts[-1]
    return bool((counts[inside] >= width - 1).any())


def _parse(
    block: bytes, cut: _Cut, headings: list[str], dialect: Dialect, row_number: int
) -> tuple[Batch, int] | None:
    """The rows of a well-formed block; None where it holds what only `repair` can judge."""
    right = cut.delimiters == len(headings) - 1
    starts, ends = cut.starts, cut.ends
    if right.all():
        numbers, wrong = np.arange(row_number, row_number + starts.size), []
        whole = block[: cut.consumed]
    else:
        odd = [int(place) for place in np.flatnonzero(~right)]
        blank = [p for p in odd if not block[starts[p] : ends[p]].strip()]
        wrong = [p for p in odd if block[starts[p] : ends[p]].strip()]
        if any(b"\n" in block[starts[p] : ends[p]] for p in wrong):
            return None
        counted = np.ones(starts.size, dtype=np.int64)
        counted[blank] = 0
        numbers = row_number - 1 + np.cumsum(counted)
        whole = b"".join(block[starts[p] : ends[p] + 1] for p in np.flatnonzero(right))
    frame = _polars_frame(whole, headings, dialect)
    if frame is None or frame.height != int(right.sum()):
        return None
    damaged = tuple(
        DamagedRow(
            int(numbers[p]),
            dialect.wrong_width(int(cut.delimiters[p]) + 1, len(headings)),
            shown(block[starts[p] : ends[p]]),
        )
        for p in wrong
    )
    starts, ends = starts[right], ends[right]
    batch = Batch(
        frame=frame,
        row_numbers=pl.Series(numbers[right], dtype=pl.Int64),
        raw_of=lambda position: shown(block[starts[position] : ends[position]]),
        damaged=damaged,
    )
    return batch, (int(numbers[-1]) + 1 if numbers.size else row_number)


def _polars_frame(whole: bytes, headings: list[str], dialect: Dialect) -> pl.DataFrame | None:
    if not whole:
        return text_frame(headings, ())
    try:
        return pl.read_csv(
            whole,
            has_header=False,
            new_columns=headings,
            infer_schema=False,
            separator=dialect.delimiter,
            quote_char=dialect.quote or None,
        )
    except pl.exceptions.ComputeError:
        return None


def _repaired_batch(
    repaired: Repaired, headings: list[str], row_number: int
) -> tuple[Batch, int, int]:
    frame = text_frame(headings, list(zip(*repaired.rows, strict=True)))
    batch = Batch(
        frame=frame,
        row_numbers=pl.Series([row_number + n for n in repaired.numbers], dtype=pl.Int64),
        raw_of=lambda position: repaired.raws[position],
        damaged=tuple(
            DamagedRow(row_number + row.row_number, row.reason, row.raw) for row in repaired.damaged
        ),
    )
    return batch, repaired.consumed, row_number + repaired.counted
