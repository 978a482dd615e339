"""Reads ISO 8601 times in all their forms, as UTC."""

import re
from datetime import UTC, datetime, timedelta

import polars as pl

_ZONED = ("%Y-%m-%dT%H:%M:%S%.f%#z",)
_NAIVE = ("%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d")
_SHAPE = re.compile(
    r"(\d{4}-?\d\d-?\d\d|\d{4}-?W\d\d-?\d)"  # a day of a month, or of a week
    r"(T(\d\d(:?\d\d(:?\d\d([.,]\d+)?)?)?)(Z|[+-]\d\d(:?\d\d)?)?)?"
)


def parse_times(texts: pl.Series) -> pl.Series:
    """`texts` as UTC timestamps without zone, to the microsecond; null where unreadable.

    Days alone, `T` or a space, fractions, `Z`, offsets, without seconds, basic format and weeks
    are read; a time without offset is UTC, a day alone its midnight.
    """
    written = texts.str.strip_chars().str.to_uppercase()
    written = written.str.replace(r"^(\d{4}-?\d\d-?\d\d) +", "${1}T").str.replace(" ", "")
    shaped = written.str.contains(r"^\d{4}-\d\d-\d\d(T\d\d:\d\d:[0-5]\d(\.\d+)?(Z|[+-][\d:]+)?)?$")
    plain = written.set(~shaped.fill_null(False), None)
    parsed = _strptime(plain)
    missing = parsed.is_null() & written.is_not_null()
    if missing.any():
        rest = written.filter(missing).unique()
        read = {text: _read(text) for text in rest.to_list()}
        rare = written.replace_strict(
            list(read), list(read.values()), default=None, return_dtype=pl.Datetime("us")
        )
        parsed = parsed.zip_with(~missing, rare)
    sane = parsed.dt.year().is_between(1, 9999)
    return parsed.set(~sane.fill_null(False), None).alias(texts.name)


def _strptime(texts: pl.Series) -> pl.Series:
    parsed = pl.Series([None], dtype=pl.Datetime("us")).new_from_index(0, texts.len())
    for form in (*_NAIVE, *_ZONED):
        open_ = parsed.is_null() & texts.is_not_null()
        if not open_.any():
            break
        read = texts.str.to_datetime(form, time_unit="us", strict=False)
        if form in _ZONED:
            read = read.dt.replace_time_zone(None)
        parsed = parsed.zip_with(parsed.is_not_null(), read)
    return parsed


def _read(text: str) -> datetime | None:
    if not _SHAPE.fullmatch(text):
        return None
    late = timedelta()
    if "T24" in text:  # ISO 8601 also writes a day's end so
        text, late = text.replace("T24", "T00"), timedelta(days=1)
    elif re.search(r"T\d\d:?\d\d:?60", text):  # a leap second
        text, late = re.sub(r"(T\d\d:?\d\d:?)60", r"\g<1>59", text), timedelta(seconds=1)
    try:
        read = datetime.fromisoformat(text) + late
        return read.astimezone(UTC).replace(tzinfo=None) if read.tzinfo else read
    except (ValueError, OverflowError):
        return None
