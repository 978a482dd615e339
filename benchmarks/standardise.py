"""How many distinct values a second each kind standardises, beside the libraries alone.

`python -m benchmarks.standardise [--values N] [--write]`; both sides are timed in the same run,
on the same generated values and in seconds of the processor, so the ratio holds on a busy machine.
"""

import argparse
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version

import polars as pl

from benchmarks.report import say, table, write_report
from benchmarks.written_values import GENERATORS, Row, distinct_rows, han_names, latin_names
from resolution.standardise import ROLES_OF, STANDARDISERS
from resolution.standardise.emails import library_email
from resolution.standardise.phones import library_number

VALUES = 1_000_000
OTHER_VALUES = 100_000
"""Kinds that have no library beside them are timed on fewer values."""
SEED = 1
NOTES = """\
Distinct values a second of the processor (all threads counted), standardised by OneID and by the
library alone: the same values, the same run. One value in twenty is odd: titles, extensions,
Unicode, wrong lengths.

*Differing* counts values that the library accepts and OneID gives otherwise, placeholders apart.
phonenumbers is told the country where the value has one, China where it has none; what OneID reads
by a guess and the library then refuses is not counted. pypinyin only transliterates: OneID also
finds surname and given name, splits columns, tells titles and placeholders, and makes the keys.
Its readings differ where a surname has one of its own (曾, 解, 单), which is meant. No library
here does for Western names what OneID does, so they stand beside none.
"""


@dataclass(frozen=True)
class Library:
    """What a kind is measured against."""

    name: str
    read: Callable[[Row], str | None]
    column: str
    """OneID's column that holds the same as `read`."""


@dataclass(frozen=True)
class Measured:
    """One kind's speed, in distinct values a second of the processor."""

    kind: str
    values: int
    per_second: float
    library: str = ""
    library_per_second: float | None = None
    differing: int | None = None


def _pinyin(row: Row) -> str:
    from pypinyin import lazy_pinyin

    full, given, family = row
    return " ".join(lazy_pinyin(full or f"{family or ''}{given or ''}"))


def _email(row: Row) -> str | None:
    return library_email(row[0] or "")


def _phone(row: Row) -> str | None:
    found = library_number(row[0] or "", row[1] or "CN")
    return found[0] if found else None


LIBRARIES = {
    "email": Library("email-validator", _email, "email"),
    "phone": Library("phonenumbers", _phone, "phone"),
    "person_name": Library("pypinyin", _pinyin, ""),
    "person_name, Han": Library("pypinyin", _pinyin, ""),
}
MAKERS = {
    **GENERATORS,
    "person_name, Han": han_names,
    "person_name, Western": latin_names,
}
LARGE = ("email", "phone", "person_name", "person_name, Han", "person_name, Western")
Make = Callable[[random.Random], Row]


def measure(name: str, make: Make, values: int, library: Library | None) -> Measured:
    """The speed on `values` distinct generated values, data files read before."""
    rows = distinct_rows(make, values, SEED)
    kind = name.partition(",")[0]
    frame = pl.DataFrame(rows, schema=dict.fromkeys(ROLES_OF[kind], pl.String), orient="row")
    STANDARDISERS[kind](frame.head(100))
    started = time.process_time()
    found = STANDARDISERS[kind](frame)
    speed = len(rows) / (time.process_time() - started)
    if library is None:
        return Measured(name, len(rows), speed)
    for row in rows[:100]:
        library.read(row)
    started = time.process_time()
    alone = [library.read(row) for row in rows]
    library_speed = len(rows) / (time.process_time() - started)
    differing = _differing(found, library.column, alone) if library.column else None
    return Measured(name, len(rows), speed, library.name, library_speed, differing)


def _differing(found: pl.DataFrame, column: str, alone: Sequence[str | None]) -> int:
    """How many values the library accepts and `found` has otherwise, placeholders apart."""
    accepted = pl.Series(alone, dtype=pl.String)
    ours = found.get_column(column)
    held = (found.get_column("reason") == "placeholder").fill_null(False)
    return int((accepted.is_not_null() & ~held & ours.ne_missing(accepted)).sum())


def results_table(results: Sequence[Measured]) -> str:
    """The results as a markdown table."""
    headings = (
        "kind",
        "values",
        "values/s",
        "s per 1M",
        "library",
        "values/s",
        "ratio",
        "differing",
    )
    return table(headings, [_line(found) for found in results])


def _line(found: Measured) -> tuple[str, ...]:
    own = (found.kind, f"{found.values:,}", f"{found.per_second:,.0f}")
    seconds = f"{1e6 / found.per_second:.1f}"
    alone = found.library_per_second
    if alone is None:
        return (*own, seconds, "", "", "", "")
    differing = "" if found.differing is None else f"{found.differing:,}"
    ratio = f"{found.per_second / alone:.1f}"
    return (*own, seconds, found.library, f"{alone:,.0f}", ratio, differing)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure every kind and print the table; --write puts it under benchmarks/results too."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.standardise", description=__doc__)
    parser.add_argument("--values", type=int, default=VALUES, help="values of the large kinds")
    parser.add_argument("--write", action="store_true", help="write benchmarks/results/")
    options = parser.parse_args(arguments)
    results = []
    for name in sorted(MAKERS, key=lambda one: (one not in LARGE, one)):
        values = options.values if name in LARGE else min(options.values, OTHER_VALUES)
        results.append(measure(name, MAKERS[name], values, LIBRARIES.get(name)))
        say(f"{name}: {results[-1].per_second:,.0f} values/s")
    libraries = sorted({library.name for library in LIBRARIES.values()})
    beside = ", ".join(f"{name} {version(name)}" for name in libraries)
    text = f"# Standardising\n\n{NOTES}\n{results_table(results)}\n\nLibraries: {beside}."
    say(results_table(results))
    if options.write:
        say(f"written: {write_report('standardise', text).name}")


if __name__ == "__main__":
    main()
