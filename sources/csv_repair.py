"""Reads damaged CSV line by line: the damaged rows are named, every other row is kept."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sources.rows import DamagedRow, shown

if TYPE_CHECKING:
    from _csv import Reader

LONGEST_OPEN = 1 << 18
"""Bytes that an unfinished row at the end of a block may have, to be finished by the next."""
_NARROW = 4
"""Below this many columns a line inside a quoted text can look like a row by accident."""


@dataclass(frozen=True)
class Dialect:
    """How a CSV file is written. An empty `quote` means that nothing is quoted."""

    delimiter: str = ","
    quote: str = '"'
    encoding: str = "utf-8"

    @property
    def is_ascii(self) -> bool:
        """Whether delimiter and quote are single bytes in UTF-8."""
        return (self.delimiter + self.quote).isascii()

    @property
    def delimiter_byte(self) -> int:
        """The delimiter as a byte."""
        return ord(self.delimiter)

    @property
    def quote_byte(self) -> int:
        """The quote as a byte."""
        return ord(self.quote)

    def reader(self, lines: Iterator[str]) -> "Reader":
        """The standard library's strict reader of this dialect."""
        if not self.quote:
            return csv.reader(
                lines, delimiter=self.delimiter, quoting=csv.QUOTE_NONE, quotechar=None
            )
        return csv.reader(lines, delimiter=self.delimiter, quotechar=self.quote, strict=True)

    def is_row(self, line: str, width: int) -> bool:
        """Whether a line by itself is a well-formed row of `width` fields."""
        try:
            row = next(self.reader(iter([line])))
        except (csv.Error, StopIteration):
            return False
        if not self.quote:
            return len(row) == width
        # Quotes around fields come in pairs, and each quote within one is written twice.
        around = line.count(self.quote) - 2 * sum(text.count(self.quote) for text in row)
        return len(row) == width and around >= 0 and around % 2 == 0

    def may_be_row(self, line: str, width: int) -> bool:
        """Whether a line by itself has `width` fields, its quotes heeded or not."""
        return line.count(self.delimiter) == width - 1 or self.is_row(line, width)

    @staticmethod
    def wrong_width(found: int, expected: int) -> str:
        """Why a row with `found` fields is quarantined."""
        return f"wrong width: {found} field{'s' if found != 1 else ''}, the headings are {expected}"


@dataclass
class Repaired:
    """What a damaged block gave. `numbers` and the damaged rows' numbers count from 0."""

    rows: list[list[str]] = field(default_factory=list)
    raws: list[str] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    damaged: list[DamagedRow] = field(default_factory=list)
    counted: int = 0
    consumed: int = 0


def repair(block: bytes, width: int | None, dialect: Dialect, *, last: bool) -> Repaired:
    """The rows of `block`, well-formed or damaged; `width` None takes any number of fields.

    A row whose quote is left open is damaged in its first line only: reading resumes at the
    next line. An unfinished row at the end waits for the next block unless this is the last.
    """
    return _Repair(block, width, dialect, last).run()


class _Repair:
    def __init__(self, block: bytes, width: int | None, dialect: Dialect, last: bool) -> None:
        text = block.decode("utf-8", "surrogateescape")
        self.lines = io.StringIO(text, newline="").readlines()
        if not last and self.lines and not self.lines[-1].endswith("\n"):
            self.lines.pop()  # the rest of it is in the next block
        self.width = width
        self.dialect = dialect
        self.last = last
        self.doubtful = "\0" in text or not _is_text(text)
        self.start = 0
        self.result = Repaired()

    def run(self) -> Repaired:
        """All rows up to the end, or to one that the next block must finish."""
        while self.start < len(self.lines):
            if not self._read_on():
                break
        self.result.consumed = sum(
            len(line.encode("utf-8", "surrogateescape")) for line in self.lines[: self.start]
        )
        return self.result

    def _read_on(self) -> bool:
        """Read from `start` to the next damage or the end; False when the rest must wait."""
        origin = self.start
        reader = self.dialect.reader(map(self.lines.__getitem__, range(origin, len(self.lines))))
        try:
            for row in reader:
                if not self._take(row, origin + reader.line_num):
                    return True
        except csv.Error as error:
            waiting = sum(map(len, self.lines[self.start :]))
            if "unexpected end" in str(error) and not self.last and waiting < LONGEST_OPEN:
                return False
            self._condemn(self.start + 1, _reason(str(error)))
        return True

    def _take(self, row: list[str], end: int) -> bool:
        """Keep or condemn the row read from lines `start` to `end`; False to start afresh."""
        if len(row) <= 1 and not "".join(row).strip() and self.width != 1:
            self.start = end
            return True
        if end - self.start > 1 and self._swallowed(len(row), end):
            self._condemn(self.start + 1, "a quote is opened and not closed")
            return False
        raw = "".join(self.lines[self.start : end])
        reason = ""
        if self.width is not None and len(row) != self.width:
            reason = self.dialect.wrong_width(len(row), self.width)
        elif self.doubtful:
            reason = self._wrong_text(raw)
        if reason:
            self._condemn(end, reason)
            return True
        self.result.rows.append(row)
        self.result.raws.append(raw.rstrip("\r\n"))
        self.result.numbers.append(self.result.counted)
        self.result.counted += 1
        self.start = end
        return True

    def _swallowed(self, fields: int, end: int) -> bool:
        """Whether a row of several lines is rather a quote left open and the rows behind it."""
        width = self.width
        if width is None or width < 2:
            return False
        *inner, last = self.lines[self.start + 1 : end]
        if fields != width:
            return any(self.dialect.may_be_row(line, width) for line in (*inner, last))
        # A text of several lines may well end in a line with as many delimiters as a row, so
        # the last line alone must be a row in every respect.
        suspected = self.dialect.may_be_row if inner else self.dialect.is_row
        return (
            width >= _NARROW
            and suspected(last, width)
            and all(self.dialect.is_row(line, width) for line in inner)
        )

    def _wrong_text(self, raw: str) -> str:
        if "\0" in raw:
            return "broken encoding: the row holds NUL bytes"
        if not _is_text(raw):
            return f"broken encoding: the row holds bytes that are not {self.dialect.encoding}"
        return ""

    def _condemn(self, end: int, reason: str) -> None:
        raw = "".join(self.lines[self.start : end]).encode("utf-8", "surrogateescape")
        self.result.damaged.append(DamagedRow(self.result.counted, reason, shown(raw)))
        self.result.counted += 1
        self.start = end


def _is_text(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _reason(message: str) -> str:
    """The reader's complaint in the words of quarantine."""
    if "field larger" in message:
        return "a quote is opened and not closed, or a field is longer than 131,072 characters"
    if "unexpected end" in message:
        return "a quote is opened and not closed"
    return "a quoted field goes on behind its closing quote"
