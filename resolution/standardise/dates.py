"""Dates as people write them, the other reading kept where day and month can be mistaken."""

import re
from collections.abc import Mapping
from datetime import date
from functools import lru_cache

import polars as pl

from resolution.standardise.characters import tidy
from resolution.standardise.junk import is_junk, junk_lists

Parts = tuple[int, int | None, int | None]
"""Year, month, day; what is not known is null."""
Row = tuple[date | None, date | None, str | None, str | None]
DATE_SCHEMA: Mapping[str, type[pl.DataType]] = {
    "date": pl.Date,
    "alternative": pl.Date,
    "precision": pl.String,
    "reason": pl.String,
}
EARLIEST, LATEST = 1000, 2100
_PIVOT = 30
"""Two-digit years up to this belong to the 2000s: few customers are older than ninety."""


def standardise_dates(values: pl.DataFrame, day_first: bool = True) -> pl.DataFrame:
    """Dates of any usual form; same height and order as `values` (column date, text).

    Gives date, alternative (the reading with day and month exchanged, where both are possible
    and nothing in the form says which is meant; `day_first` picks the first one), precision
    (day, month, year; what is not known is 1) and reason (unreadable_date, placeholder,
    impossible_date).
    """
    rows = [one_date(tidy(text), day_first) for text in values.get_column("date").to_list()]
    return pl.DataFrame(rows, schema=DATE_SCHEMA, orient="row")


def one_date(text: str, day_first: bool) -> Row:
    """One date that is tidy."""
    if not text:
        return None, None, None, None
    if is_junk("date", text) or not text.strip("0-/. :T"):
        return None, None, None, "placeholder"
    return _read(text, day_first)


@lru_cache(maxsize=1 << 17)
def _read(text: str, day_first: bool) -> Row:
    readings = _readings(text, day_first)
    found = [reading for parts in readings if (reading := _as_date(parts)) is not None]
    precision = _precision(readings[0]) if readings else None
    if readings and _is_placeholder(readings[0]):
        return None, None, None, "placeholder"
    if not found:
        return None, None, None, "impossible_date" if readings else "unreadable_date"
    other = found[1] if len(found) > 1 and found[1] != found[0] else None
    return found[0], other, precision, None


def _precision(parts: Parts) -> str:
    return "day" if parts[2] else "month" if parts[1] else "year"


def _is_placeholder(parts: Parts) -> bool:
    """Whether a whole date is one that stands for none; the year 9999 always is."""
    year, month, day = parts
    return year == 9999 or f"{year:04}{month or 0:02}{day or 0:02}" in _placeholders()


def _placeholders() -> frozenset[str]:
    return junk_lists()["placeholder_dates"]


def _as_date(parts: Parts) -> date | None:
    year, month, day = parts
    if not EARLIEST <= year <= LATEST:
        return None
    try:
        return date(year, month or 1, day or 1)
    except ValueError:
        return None


_MONTHS = {
    name: place + 1
    for place, names in enumerate(
        (
            *("jan january", "feb february", "mar march", "apr april", "may", "jun june"),
            *("jul july", "aug august", "sep sept september", "oct october", "nov november"),
            "dec december",
        )
    )
    for name in names.split()
}
_TIME = re.compile(r"[T ]\d{1,2}:\d{2}.*$")
_CHINESE = re.compile(r"(\d{2,4})\s*年(?:\s*(\d{1,2})\s*月(?:\s*(\d{1,2})\s*[日号號]?)?)?")
_YEAR_FIRST = re.compile(r"(\d{4})[-/. ](\d{1,2})(?:[-/. ](\d{1,2}))?")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/. ](\d{1,2})[-/. ](\d{4})")
_SHORT_YEAR = re.compile(r"(\d{1,2})([-/. ])(\d{1,2})[-/. ](\d{1,2})")
_MONTH_YEAR = re.compile(r"(\d{1,2})[-/. ](\d{4})")
_WORDS = re.compile(r"\d+|[a-z]+")


def _readings(text: str, day_first: bool) -> list[Parts]:
    """Every way to read `text`, the likeliest first; [] when it is no date."""
    text = _TIME.sub("", text).strip()
    if found := _CHINESE.fullmatch(_arabic(text)):
        year, month, day = (int(part) if part else None for part in found.groups())
        return [(_century(year or 0) if len(found[1]) == 2 else year or 0, month, day)]
    if found := _YEAR_FIRST.fullmatch(text):
        year, month, day = int(found[1]), int(found[2]), int(found[3]) if found[3] else None
        swapped = day is not None and month > 12 >= day
        return [(year, day, month) if swapped else (year, month, day)]
    if found := _YEAR_LAST.fullmatch(text):
        return _either(int(found[1]), int(found[2]), int(found[3]), day_first)
    if found := _SHORT_YEAR.fullmatch(text):
        return _short_year(int(found[1]), int(found[3]), int(found[4]), found[2], day_first)
    if found := _MONTH_YEAR.fullmatch(text):
        return [(int(found[2]), int(found[1]), None)]
    return _digits_only(text, day_first) if text.isdecimal() else _in_words(text.casefold())


def _century(year: int) -> int:
    return year + (2000 if year <= _PIVOT else 1900)


def _either(first: int, second: int, year: int, day_first: bool) -> list[Parts]:
    """Both orders of day and month that exist, the preferred one first."""
    orders = [(year, second, first), (year, first, second)]
    possible = [parts for parts in (orders if day_first else orders[::-1]) if parts[1] <= 12]
    return list(possible or orders[:1])


def _short_year(first: int, second: int, third: int, sign: str, day_first: bool) -> list[Parts]:
    """A date with a year of two digits: year first with hyphens, last with strokes and dots."""
    year_first = first > 31 or (sign == "-" and third <= 31)
    if year_first:
        return [(_century(first), second, third)]
    return _either(first, second, _century(third), day_first)


def _digits_only(text: str, day_first: bool) -> list[Parts]:
    if len(text) == 8:
        year, month, day = int(text[:4]), int(text[4:6]), int(text[6:])
        if year >= 1300 and (month <= 12 or year <= LATEST):
            return [(year, day, month) if month > 12 >= day else (year, month, day)]
        return _either(int(text[:2]), int(text[2:4]), int(text[4:]), day_first)
    if len(text) == 6:
        if 1900 <= int(text[:4]) <= LATEST and 1 <= int(text[4:]) <= 12:
            return [(int(text[:4]), int(text[4:]), None)]
        return [(_century(int(text[:2])), int(text[2:4]), int(text[4:]))]
    return [(int(text), None, None)] if len(text) == 4 else []


def _in_words(text: str) -> list[Parts]:
    """A date with the month's name: 3 Apr 1985, April 3rd, 1985, Apr-1985."""
    words = _WORDS.findall(text)
    months = [_MONTHS[word] for word in words if word in _MONTHS]
    numbers = [word for word in words if word.isdigit()]
    others = {w for w in words if w not in _MONTHS and not w.isdigit()}
    if len(months) != 1 or others - _WITH_DATES or not 1 <= len(numbers) <= 2:
        return []
    long = [int(n) for n in numbers if len(n) == 4]
    short = [int(n) for n in numbers if len(n) <= 2]
    if len(long) == 1:
        return [(long[0], months[0], short[0] if short else None)]
    return [(_century(short[1]), months[0], short[0])] if len(short) == 2 else []


_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WITH_DATES = frozenset(("st", "nd", "rd", "th", "of", "the", "tues", "thur", "thurs"))
_WITH_DATES |= {day for long in _WEEKDAYS for day in (long, long[:3])}
_HAN_DIGITS = str.maketrans("〇零一二三四五六七八九", "00123456789")


def _arabic(text: str) -> str:
    """Han numerals of a date as digits: 一九八五年十二月三十日."""
    if text.isascii() or not re.search("[〇零一二三四五六七八九十]", text):
        return text
    text = text.translate(_HAN_DIGITS)
    return re.sub(r"(\d?)十(\d?)", lambda found: f"{found[1] or 1}{found[2] or 0}", text)
