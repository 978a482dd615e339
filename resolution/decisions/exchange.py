"""Decisions as CSV: every standing one out; a file of them in, whole or not at all."""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import polars as pl

from core.errors import DecisionError
from core.files import written_whole
from resolution.decisions.binding import standing_words
from resolution.decisions.decision import Decision, RowKey, Steward, problems_of
from resolution.learning.decided_pairs import ENDS

NEEDED: Final = (*ENDS, "decision")
OPTIONAL: Final = ("who", "at", "note", "batch")
IMPORT: Final = "import"
"""What batches begin with that a file brought which names none."""

_Line = tuple[int, dict[str, str]]
"""Number of the line a row ends on, and its cells."""


@dataclass(frozen=True)
class DecisionFile:
    """What a file says."""

    decisions: tuple[Decision, ...]
    lines: tuple[int, ...]
    """The line each decision ends on."""
    blank: int
    """Rows that say nothing yet: their decision is empty."""
    ignored: tuple[str, ...]
    """Columns that mean nothing here."""


def read_decisions(file: Path, steward: Steward) -> DecisionFile:
    """The decisions in a CSV file with the columns NEEDED and any of OPTIONAL.

    `steward` speaks where a row names nobody; without a column `batch` all rows are one. Raises
    DecisionError with every bad line by its number.
    """
    columns, rows = _read(file)
    missing = [name for name in NEEDED if name not in columns]
    if missing:
        problem = f"line 1: no column {', '.join(missing)}; needed are {', '.join(NEEDED)}"
        raise _refusal(file, [f"{problem}; {', '.join(OPTIONAL)} may be there too"])
    said = [(line, cells) for line, cells in rows if cells["decision"]]
    batch = None if "batch" in columns else steward.batch(IMPORT, file.stem)
    problems = [f"line {line}: {each}" for line, cells in said for each in _bad(cells, steward)]
    if problems:
        raise _refusal(file, problems)
    return DecisionFile(
        tuple(_decision(cells, steward, batch) for _, cells in said),
        tuple(line for line, _ in said),
        len(rows) - len(said),
        tuple(name for name in columns if name not in (*NEEDED, *OPTIONAL)),
    )


def news_in(decisions: Iterable[Decision], known: pl.DataFrame) -> list[Decision]:
    """Those that say something else than the same steward's last word on the same pair.

    `known`: as in DecisionStore.all. So a file that was imported before brings nothing.
    """
    words = {
        (row["who"], *_ends_of(row)): row["verdict"]
        for row in standing_words(known).iter_rows(named=True)
    }
    news = []
    for decision in decisions:
        about = (decision.who, *decision.ends)
        if words.get(about) != decision.verdict:
            words[about] = decision.verdict
            news.append(decision)
    return news


def write_decisions(file: Path, known: pl.DataFrame) -> int:
    """Write every decision that stands, oldest first, as `read_decisions` reads it; how many.

    Left out are those undone, and those the same steward replaced. Raises DecisionError where the
    file cannot be written.
    """
    standing = standing_words(known)
    keys = {f"key_{side}": f"source_record_id_{side}" for side in "lr"}
    rows = standing.rename({**keys, "verdict": "decision"}).with_columns(
        at=pl.col("at").dt.to_string("%Y-%m-%dT%H:%M:%S%.6fZ")
    )
    try:
        with written_whole(file) as draft:
            rows.select(*NEEDED, *OPTIONAL).write_csv(draft)
    except OSError as error:
        problem = f"cannot be written: {error.strerror}"
        raise DecisionError(str(file), [problem], "nothing was exported") from None
    return standing.height


def _read(file: Path) -> tuple[list[str], list[_Line]]:
    """The headings, and each row by heading; cells without blanks around them."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as text:
            reader = csv.reader(text, strict=True)
            columns = [name.strip() for name in next(reader, [])]
            rows = [(reader.line_num, cells) for cells in reader if any(cells)]
    except OSError as error:
        raise _refusal(file, [f"cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError:
        raise _refusal(file, ["is not UTF-8; save it as CSV in UTF-8"]) from None
    except csv.Error as error:
        raise _refusal(file, [f"line {reader.line_num}: no CSV ({error})"]) from None
    uneven = [
        f"line {line}: {len(cells)} cells under {len(columns)} headings"
        for line, cells in rows
        if len(cells) != len(columns)
    ]
    if uneven:
        raise _refusal(file, uneven)
    return columns, [
        (line, {name: cell.strip() for name, cell in zip(columns, cells, strict=True)})
        for line, cells in rows
    ]


def _bad(cells: Mapping[str, str], steward: Steward) -> Iterator[str]:
    yield from problems_of(_decision({**cells, "at": ""}, steward, None))
    written = cells.get("at", "")
    at = _time(written)
    if written and at is None:
        yield f"at {written!r} is no time; write it as 2026-11-22T09:30:00Z, or leave it empty"
    elif at is not None and at > steward.at:
        yield f"at {written} is yet to come"


def _decision(cells: Mapping[str, str], steward: Steward, batch: str | None) -> Decision:
    return Decision(
        cells["decision"].lower(),
        RowKey(cells["source_l"], cells["source_record_id_l"]),
        RowKey(cells["source_r"], cells["source_record_id_r"]),
        cells.get("who") or steward.who,
        cells.get("note") or steward.note,
        cells.get("batch") or batch,
        _time(cells.get("at", "")) or steward.at,
    )


def _time(written: str) -> datetime | None:
    """UTC without a zone; None for what is no time."""
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        return None
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at


def _ends_of(row: Mapping[str, str]) -> tuple[RowKey, RowKey]:
    left, right = (RowKey(row[f"source_{side}"], row[f"key_{side}"]) for side in "lr")
    return min(left, right), max(left, right)


def _refusal(file: Path, problems: list[str]) -> DecisionError:
    return DecisionError(file.name, problems, "nothing was imported")
