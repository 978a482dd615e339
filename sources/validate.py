"""Judges delivered rows by their spec: typed rows to land, bad ones with every reason."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from math import isfinite
from typing import Any

import polars as pl

from sources.currencies import CURRENCIES
from sources.headings import EXTRA, joined, members
from sources.spec import FieldSpec, SourceSpec
from sources.times import parse_times
from sources.withdrawals import withdraws_sql

ROW_NUMBER = "_row_number"
POSITION = "_position"
REASON = "reason"
EARLIEST = datetime(1900, 1, 1)
_LEEWAY = timedelta(days=1)
_EXACT = 2.0**53
_WORD = re.compile(r"[A-Za-z0-9_-]{1,24}")


@dataclass(frozen=True)
class Judged:
    """`good`: the spec's fields typed, `extra`, `_row_number`. `bad`: `_position` in the batch,
    `_row_number`, `reason`, and the key, null where it cannot be read. `outside`: how often which
    field held which unlisted category."""

    good: pl.DataFrame
    bad: pl.DataFrame
    outside: Counter[tuple[str, str]]


@dataclass(frozen=True)
class _Rule:
    """What condemns a row: a condition on the typed frame, and the reason to give, from the
    field's value (`shown` names the column to take it from)."""

    wrong: pl.Expr
    shown: str
    reason: Callable[[Any], str]


def judge_rows(
    rows: pl.DataFrame, row_numbers: pl.Series, spec: SourceSpec, now: datetime
) -> Judged:
    """The rows of one batch (columns as `under_field_names` gives them), judged.

    A required field that is missing, a number, category, currency or required time that cannot
    be what it says condemns the row. An optional time that cannot be read does not: it is null,
    and what was written is kept in `extra`. Reasons quote no free text.
    """
    latest = _utc(now) + _LEEWAY
    typed = _typed(rows.rechunk(), spec, latest).with_columns(row_numbers.alias(ROW_NUMBER))
    rules = [rule for name, field in spec.fields.items() for rule in _rules(name, field, latest)]
    required = {name for name, field in spec.fields.items() if field.required} | {spec.key}
    rules += [_missing(name, spec) for name in spec.fields if name in required]
    wrong = typed.select(
        pl.any_horizontal([rule.wrong.fill_null(False) for rule in rules])
    ).to_series()
    good = typed if not wrong.any() else typed.filter(~wrong)
    # in one piece: Polars 2.1's str.format panics on a frame whose columns are in several
    condemned = typed.with_row_index(POSITION).filter(wrong).rechunk()
    return Judged(
        good=good.select([*spec.fields, EXTRA, ROW_NUMBER]),
        bad=condemned.select(POSITION, ROW_NUMBER, spec.key).with_columns(
            _reasons(condemned, rules)
        ),
        outside=_outside(condemned, spec),
    )


def _utc(now: datetime) -> datetime:
    return now.astimezone(UTC).replace(tzinfo=None) if now.tzinfo else now


def _written(name: str) -> str:
    return f"written {name}"


def _typed(rows: pl.DataFrame, spec: SourceSpec, latest: datetime) -> pl.DataFrame:
    """Every field in its type, null where it cannot be; beside it what was written."""
    columns: list[pl.Series] = []
    extras = [rows[EXTRA]]
    for name, field in spec.fields.items():
        written = rows[name]
        if field.type == "text":
            stripped = name in (spec.key, *spec.subject, *spec.withdrawn_when)
            columns.append(written.str.strip_chars() if stripped else written)
            continue
        written = written.str.strip_chars()
        value = _value(written, field)
        if field.type in ("time", "date") and not _is_required(name, spec):
            if name in spec.version:  # a wrong clock must not make a version the newest for ever
                sane = value.is_between(EARLIEST, latest)
                value = value.set(~sane.fill_null(False), None)
            lost = written.set(value.is_not_null(), None)
            extras.append(members(lost, name))
        columns += [value.alias(name), written.alias(_written(name))]
    extra = joined(extras, rows.height)
    braced = pl.select("{" + pl.lit(extra) + "}").to_series() if rows.height else extra
    return pl.DataFrame([*columns, braced.alias(EXTRA)])


def _is_required(name: str, spec: SourceSpec) -> bool:
    return spec.fields[name].required or name == spec.key


def _value(written: pl.Series, field: FieldSpec) -> pl.Series:
    if field.type == "time":
        return parse_times(written)
    if field.type == "date":
        return parse_times(written).dt.date()
    if field.type == "category":
        listed = {value.lower(): value for value in field.values}
        return _listed(written.str.to_lowercase(), listed)
    if field.type == "currency":
        return _listed(written.str.to_uppercase(), {code: code for code in sorted(CURRENCIES)})
    number = written.cast(pl.Float64, strict=False)
    number = number.set(~number.is_finite().fill_null(False), None)
    if field.type == "number":
        return number
    whole = (number == number.round(0)) & (number.abs() < _EXACT)
    rounded = number.set(~whole.fill_null(False), None).cast(pl.Int64)
    exact = written.cast(pl.Int64, strict=False)
    return exact.zip_with(exact.is_not_null(), rounded)


def _listed(written: pl.Series, listed: dict[str, str]) -> pl.Series:
    return written.replace_strict(
        list(listed), list(listed.values()), default=None, return_dtype=pl.String
    )


def _rules(name: str, field: FieldSpec, latest: datetime) -> list[_Rule]:
    if field.type in ("number", "integer"):
        return _number_rules(name, field)
    if field.type in ("category", "currency"):
        return [_outside_rule(name, field)]
    if field.type in ("time", "date") and field.required:
        return _time_rules(name, latest)
    return []


def _unread(name: str) -> pl.Expr:
    """Something was written and could not be taken for what it should be."""
    return pl.col(_written(name)).is_not_null() & pl.col(name).is_null()


def _missing(name: str, spec: SourceSpec) -> _Rule:
    column = name if spec.fields[name].type == "text" else _written(name)
    missing = pl.col(column).is_null()
    if name != spec.key and spec.withdrawn_when:
        missing &= ~pl.sql_expr(withdraws_sql(spec))
    return _Rule(missing, column, lambda _: f"{name}: required and missing")


def _time_rules(name: str, latest: datetime) -> list[_Rule]:
    value = pl.col(name)
    unread = f"{name}: not a time; ISO 8601 is read, such as 2026-01-31T09:30:00Z"
    return [
        _Rule(_unread(name), name, lambda _: unread),
        _Rule(value > latest, name, lambda at: f"{name}: {at:%Y-%m-%d} lies in the future"),
        _Rule(value < EARLIEST, name, lambda at: f"{name}: {at:%Y-%m-%d} lies before 1900"),
    ]


def _number_rules(name: str, field: FieldSpec) -> list[_Rule]:
    value = pl.col(name)
    rules = [_Rule(_unread(name), _written(name), partial(_no_number, name, field.type))]
    bounds = (
        (field.above, value.le, "not above"),
        (field.minimum, value.lt, "below the minimum"),
        (field.maximum, value.gt, "above the maximum"),
    )
    for bound, wrong, words in bounds:
        if bound is not None:
            told = partial(_out_of_bounds, name, f"{words} {bound:g}")
            rules.append(_Rule(wrong(bound), _written(name), told))
    return rules


def _out_of_bounds(name: str, words: str, written: str) -> str:
    return f"{name}: {written} is {words}"


def _no_number(name: str, kind: str, written: str) -> str:
    try:
        whole = kind == "integer" and isfinite(float(written))
    except ValueError:
        whole = False
    return f"{name}: {written} is not a whole number" if whole else f"{name}: not a number"


def _outside_rule(name: str, field: FieldSpec) -> _Rule:
    allowed = (
        "no ISO 4217 currency code"
        if field.type == "currency"
        else f"not one of {', '.join(field.values)}"
    )
    return _Rule(
        _unread(name), _written(name), lambda value: f"{name}: {_shown(value)} is {allowed}"
    )


def _shown(written: str) -> str:
    """A short word as it was written, else only its length: a shifted column may hold a person."""
    return f"'{written}'" if _WORD.fullmatch(written) else f"a text of {len(written)} characters"


def _reasons(condemned: pl.DataFrame, rules: list[_Rule]) -> pl.Series:
    """Every reason of every row, joined by semicolons."""
    found: list[list[str]] = [[] for _ in range(condemned.height)]
    for rule in rules:
        wrong = condemned.select(rule.wrong.fill_null(False)).to_series()
        values = condemned[rule.shown]
        for place in wrong.arg_true().to_list():
            found[place].append(rule.reason(values[place]))
    return pl.Series(REASON, map("; ".join, found), dtype=pl.String)


def _outside(condemned: pl.DataFrame, spec: SourceSpec) -> Counter[tuple[str, str]]:
    counted: Counter[tuple[str, str]] = Counter()
    for name, field in spec.fields.items():
        if field.type in ("category", "currency"):
            values = condemned.filter(_unread(name))[_written(name)]
            counted.update((name, _shown(value)) for value in values.to_list())
    return counted
