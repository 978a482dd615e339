"""How many distinct values a second each kind standardises, beside the libraries alone.

Run by `python -m benchmarks.standardise [values]`; both sides are timed in the same run, on the
same generated values and in seconds of the processor, so the ratio holds on a busy machine.
"""

import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import polars as pl

from resolution.standardise import ROLES_OF, STANDARDISERS
from resolution.standardise.emails import library_email
from resolution.standardise.phones import library_number
from resolution.standardise.pinyin import chinese

VALUES = 100_000
LIBRARY_VALUES = 10_000
"""The libraries are timed on fewer values: their cost is the same for each."""
_GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰涛明超霞平刚桂小文志建国玉"
_FIRST = ("john", "mary", "robert", "linda", "michael", "susan", "david", "karen", "emma", "anna")
_LAST = ("smith", "jones", "garcia", "o'brien", "van_dyke", "miller", "davis", "mcdonald", "lee")
_DOMAINS = ("gmail.com", "outlook.com", "qq.com", "163.com", "yahoo.com", "icloud.com")
Row = tuple[str | None, ...]


@dataclass(frozen=True)
class Measured:
    """One kind's speed, in distinct values a second of the processor."""

    kind: str
    values: int
    per_second: float
    library: str
    library_per_second: float | None


def _names(chance: random.Random) -> Row:
    surnames = list(chinese().surnames)[:100]
    given = "".join(chance.choices(_GIVEN, k=chance.choice((1, 2, 2))))
    if chance.random() < 0.5:
        return (f"{chance.choice(surnames)}{given}", None, None)
    first = f"{chance.choice(_FIRST)}{chance.choice('aeiou')}{chance.choice('lnrst')}"
    last = f"{chance.choice(_LAST)}{chance.choice('aeiou')}{chance.choice('lnrst')}"
    return (None, first, last) if chance.random() < 0.5 else (f"{first} {last}", None, None)


def _emails(chance: random.Random) -> Row:
    corporate = f"firm{chance.randrange(3000)}.co.uk"
    domain = chance.choice((*_DOMAINS, corporate))
    return (f"{chance.choice(_FIRST)}.{chance.choice(_LAST)}{chance.randrange(10**6)}@{domain}",)


def _phones(chance: random.Random) -> Row:
    mobile = f"13{chance.randrange(10**9):09}"
    american = f"{chance.choice((205, 212, 312, 415))}{chance.randrange(200, 999)}"
    return chance.choice(
        (
            (f"+86{mobile}", None),
            (mobile, "CN"),
            (f"({american[:3]}) {american[3:]}-{chance.randrange(10**4):04}", "US"),
            (f"0{chance.randrange(7400000000, 7500000000)}", "GB"),
            (f"010-{chance.randrange(60000000, 69999999)}", "CN"),
        )
    )


def _dates(chance: random.Random) -> Row:
    day = date(1850, 1, 1) + timedelta(chance.randrange(60000))
    return (day.strftime(chance.choice(("%Y-%m-%d", "%d/%m/%Y", "%Y%m%d", "%d %b %Y"))),)


def _addresses(chance: random.Random) -> Row:
    number = chance.randrange(1, 9999)
    if chance.random() < 0.5:
        road = "".join(chance.choices(_GIVEN, k=2))
        return (
            f"广东省广州市天河区{road}路{number}号{number % 30}栋",
            "广州市",
            "广东省",
            "510000",
            "CN",
        )
    street = f"{chance.choice(_LAST).title()}{chance.choice('aeiou')}{chance.choice('lnrst')}"
    return (f"{number} {street} Ave Apt {number % 90}", "Springfield", "Illinois", "62701", "US")


def _texts(chance: random.Random) -> Row:
    return (
        f"{chance.choice(_LAST).title()} & {chance.choice(_FIRST)} {chance.randrange(10**6)} Ltd.",
    )


def _identifiers(chance: random.Random) -> Row:
    return (f"ab-{chance.randrange(10**9)}",)


GENERATORS: dict[str, Callable[[random.Random], Row]] = {
    "person_name": _names,
    "email": _emails,
    "phone": _phones,
    "date": _dates,
    "address": _addresses,
    "identifier": _identifiers,
    "text": _texts,
}


def _pinyin_alone(values: Sequence[Row]) -> None:
    from pypinyin import lazy_pinyin

    for row in values:
        lazy_pinyin("".join(part or "" for part in row))


def _email_alone(values: Sequence[Row]) -> None:
    for row in values:
        library_email(row[0] or "")


def _phone_alone(values: Sequence[Row]) -> None:
    for text, country in values:
        library_number(text or "", country or "CN")


LIBRARIES: dict[str, tuple[str, Callable[[Sequence[Row]], None]]] = {
    "person_name": ("pypinyin", _pinyin_alone),
    "email": ("email-validator", _email_alone),
    "phone": ("phonenumbers", _phone_alone),
}


def measure(kind: str, values: int, seed: int = 1) -> Measured:
    """The speed of one kind on about `values` distinct generated values, data files read before."""
    chance = random.Random(seed)
    rows = list(dict.fromkeys(GENERATORS[kind](chance) for _ in range(values)))
    schema = dict.fromkeys(ROLES_OF[kind], pl.String)
    frame = pl.DataFrame(rows, schema=schema, orient="row")
    STANDARDISERS[kind](frame.head(100))
    started = time.process_time()
    STANDARDISERS[kind](frame)
    speed = len(rows) / (time.process_time() - started)
    library, alone = LIBRARIES.get(kind, ("", None))
    if alone is None:
        return Measured(kind, len(rows), speed, library, None)
    alone(rows[:100])
    some = rows[100 : 100 + LIBRARY_VALUES]
    started = time.process_time()
    alone(some)
    return Measured(kind, len(rows), speed, library, len(some) / (time.process_time() - started))


def table(results: Sequence[Measured]) -> str:
    """The results as a markdown table."""
    lines = [
        "| kind | distinct values | values/s | s per 1M | library alone | its values/s | ratio |",
        "|---|---|---|---|---|---|---|",
    ]
    for found in results:
        alone = found.library_per_second
        beside = f"{alone:,.0f} | {found.per_second / alone:.1f}" if alone else " | "
        lines.append(
            f"| {found.kind} | {found.values:,} | {found.per_second:,.0f} "
            f"| {1e6 / found.per_second:.1f} | {found.library} | {beside} |"
        )
    return "\n".join(lines)


def main() -> None:
    """Print the table for every kind."""
    values = int(sys.argv[1]) if len(sys.argv) > 1 else VALUES
    sys.stdout.write(table([measure(kind, values) for kind in GENERATORS]) + "\n")


if __name__ == "__main__":
    main()
