"""Values as customers write them, made at random: most plain, some odd, some wrong."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache
from itertools import accumulate

from resolution.standardise.pinyin import chinese

Row = tuple[str | None, ...]
_GIVEN = (
    "伟芳娜秀英敏静丽强磊军洋勇艳杰涛明超霞平刚桂小文志建国玉梅红兰华佳欣怡子轩浩宇梓涵雨晨博思"
)
_FIRST = ("john", "mary", "robert", "linda", "michael", "susan", "david", "karen", "emma", "anna")
_LAST = ("smith", "jones", "garcia", "o'brien", "baker", "miller", "davis", "mcdonald", "lee")
_DOMAINS = ("gmail.com", "outlook.com", "qq.com", "163.com", "yahoo.com", "icloud.com")
_ODD = 0.05
"""Share of values that are not plainly written."""


@cache
def _words(seed: int, count: int) -> tuple[tuple[str, ...], tuple[float, ...]]:
    """Names of Western sound and their cumulative weights, which fall as those of real names do."""
    chance = random.Random(seed)
    openings = (
        "b",
        "br",
        "c",
        "d",
        "f",
        "g",
        "h",
        "j",
        "k",
        "l",
        "m",
        "n",
        "p",
        "r",
        "s",
        "t",
        "w",
    )
    endings = (
        "son",
        "ton",
        "ley",
        "man",
        "er",
        "ett",
        "ard",
        "is",
        "a",
        "e",
        "ia",
        "ine",
        "ez",
        "ski",
    )
    words: dict[str, None] = {}
    while len(words) < count:
        parts = (f"{chance.choice('aeiou')}{chance.choice('lnrstmdgv')}" for _ in range(2))
        middle = "".join(parts)[: chance.choice((2, 4))]
        words[f"{chance.choice(openings)}{middle}{chance.choice(endings)}".title()] = None
    return tuple(words), tuple(accumulate(1 / (rank + 10) for rank in range(count)))


@cache
def _surnames() -> tuple[tuple[str, ...], tuple[float, ...]]:
    return tuple(chinese().surnames), tuple(accumulate(chinese().surnames.values()))


def _picked(chance: random.Random, pool: tuple[tuple[str, ...], tuple[float, ...]]) -> str:
    return chance.choices(pool[0], cum_weights=pool[1])[0]


def han_names(chance: random.Random) -> Row:
    """A Chinese name in Han characters."""
    surname = _picked(chance, _surnames())
    given = "".join(chance.choices(_GIVEN, k=chance.choice((1, 2, 2, 2))))
    if chance.random() < _ODD:
        return (chance.choice((f"{surname} {given}", f"{surname}{given}先生")), None, None)
    return (None, given, surname) if chance.random() < 0.3 else (f"{surname}{given}", None, None)


def latin_names(chance: random.Random) -> Row:
    """A Western name."""
    first, last = _picked(chance, _words(1, 5_000)), _picked(chance, _words(2, 50_000))
    if chance.random() < _ODD:
        odd = (f"Mr. {first} {last}", f"{first} {last} Jr.", f"{first} van {last}", f"{first}")
        return (chance.choice(odd), None, None)
    kind = chance.random()
    if kind < 0.4:
        return (None, first, last)
    middle = f" {_picked(chance, _words(1, 5_000))[:1]}" if kind < 0.5 else ""
    full = f"{last}, {first}" if kind > 0.95 else f"{first}{middle} {last}"
    return (full.upper() if kind > 0.9 else full, None, None)


def _names(chance: random.Random) -> Row:
    return han_names(chance) if chance.random() < 0.5 else latin_names(chance)


def _emails(chance: random.Random) -> Row:
    corporate = f"firm{chance.randrange(3000)}.co.uk"
    domain = chance.choice((*_DOMAINS, corporate))
    local = f"{chance.choice(_FIRST)}.{chance.choice(_LAST)}{chance.randrange(10**6)}"
    if chance.random() < _ODD:
        odd = (f"{local}@", f"{local} @{domain}", f"{local}..x@{domain}", f"josé.{local}@{domain}")
        return (chance.choice((*odd, f"{local}@münchen.de", f'"{local} x"@{domain}')),)
    return (f"{local}@{domain}",)


_ABROAD = {
    "FR": "+33 6 {:08}", "DE": "+49 151 {:08}", "JP": "+81 90-{:08}", "IN": "+91 98{:08}",
    "CA": "+1 416 5{:06}", "AU": "+61 4{:08}", "BR": "+55 11 9{:08}",
}  # fmt: skip


def _phones(chance: random.Random) -> Row:
    mobile = f"13{chance.randrange(10**9):09}"
    american = f"{chance.choice((205, 212, 312, 415))}{chance.randrange(200, 999)}"
    nanp = f"({american[:3]}) {american[3:]}-{chance.randrange(10**4):04}"
    if chance.random() < _ODD:
        odd = ((f"{nanp} ext {chance.randrange(99)}", "US"), (f"9{mobile}9", None), (mobile, "GB"))
        return chance.choice((*odd, (mobile[:9], "CN")))
    country, shape = chance.choice(list(_ABROAD.items()))
    digits = chance.randrange(10**6 if country == "CA" else 10**8)
    return chance.choice(
        (
            (f"+86{mobile}", None),
            (mobile, "CN"),
            (nanp, "US"),
            (f"0{chance.randrange(7400000000, 7500000000)}", "GB"),
            (f"010-{chance.randrange(60000000, 69999999)}", "CN"),
            (shape.format(digits), country),
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


def distinct_rows(make: Callable[[random.Random], Row], count: int, seed: int) -> list[Row]:
    """`count` distinct rows, always the same for the same seed."""
    chance = random.Random(seed)
    rows: dict[Row, None] = {}
    while len(rows) < count:
        rows[make(chance)] = None
    return list(rows)
