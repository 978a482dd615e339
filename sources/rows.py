"""What every reader hands on: rows as text, each with its number and what it looked like."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True)
class DamagedRow:
    """A row that could not be read at all: its number in the file (from 1), why, and its text."""

    row_number: int
    reason: str
    raw: str


@dataclass(frozen=True)
class Batch:
    """Some consecutive rows of one file.

    `frame` has one text column a heading (unique, as written in the file) and one row for each
    of `row_numbers` (from 1, headings and blank lines not counted). `raw_of(position)` gives a
    row as it was delivered; it is asked for bad rows only, so good ones cost nothing.
    """

    frame: pl.DataFrame
    row_numbers: pl.Series
    raw_of: Callable[[int], str]
    damaged: tuple[DamagedRow, ...] = ()


def unique_headings(headings: Sequence[str]) -> list[str]:
    """`headings` stripped, with a name for every empty one and a number behind every repeat."""
    seen: dict[str, int] = {}
    unique = []
    for place, heading in enumerate(headings, 1):
        name = heading.strip() or f"column {place}"
        seen[name] = seen.get(name, 0) + 1
        unique.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return unique


def text_frame(headings: Sequence[str], columns: Iterable[Sequence[str | None]]) -> pl.DataFrame:
    """A frame of text columns, also when there are no rows."""
    filled = list(columns) or [() for _ in headings]
    return pl.DataFrame(
        [
            pl.Series(heading, values, dtype=pl.String)
            for heading, values in zip(headings, filled, strict=True)
        ]
    )


def shown(raw: bytes) -> str:
    """Bytes as text that can be stored anywhere: what is not UTF-8 is written like \\xff."""
    return raw.decode("utf-8", "backslashreplace").replace("\0", "\\x00").rstrip("\r\n")
