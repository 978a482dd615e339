"""Compares what was delivered with what the spec says a healthy delivery holds."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import duckdb

from core.sql import quoted
from sources import versions
from sources.headings import Matched
from sources.spec import SourceSpec

Kind = Literal[
    "unknown_column",
    "missing_column",
    "category_outside",
    "empty_file",
    "incomplete_snapshot",
    "count_outside",
    "quarantined_share",
    "present_share",
]


@dataclass(frozen=True)
class Drift:
    """One difference: its kind, the field or heading (empty for the whole), the figures."""

    kind: Kind
    field: str
    detail: str


def column_drift(matched: Matched, spec: SourceSpec) -> list[Drift]:
    """Columns that the spec does not know, and fields that did not come at all."""
    unknown = [
        Drift("unknown_column", name[:100], "kept in `extra`; add it to the spec to use it")
        for name in matched.unknown
    ]
    missing = [
        Drift("missing_column", name, "required" if field.required else "optional")
        for name, field in spec.fields.items()
        if name not in matched.fields
    ]
    return unknown + missing


def category_drift(outside: Counter[tuple[str, str]]) -> list[Drift]:
    """Categories outside their lists, with how often each came."""
    return [
        Drift("category_outside", field, f"{shown} {times} time{'s' if times != 1 else ''}")
        for (field, shown), times in sorted(outside.items())
    ]


def share_drift(spec: SourceSpec, rows: int, quarantined: int) -> list[Drift]:
    """Whether too large a share of a delivery's rows was bad."""
    allowed = spec.assertions.quarantined_share_maximum
    if rows == 0 or quarantined / rows <= allowed:
        return []
    detail = f"{quarantined:,} of {rows:,} rows ({quarantined / rows:.1%}); allowed {allowed:.1%}"
    return [Drift("quarantined_share", "", detail)]


def state_drift(connection: duckdb.DuckDBPyConnection, spec: SourceSpec) -> list[Drift]:
    """Whether the source's current rows are as many and as filled as the spec asserts."""
    shares = spec.assertions.present_share_minimum
    counts = ", ".join(["count(*)", *(f"count({quoted(name)})" for name in shares)])
    found = connection.execute(
        f"SELECT {counts} FROM {versions.table(spec.name)} WHERE _current"
    ).fetchone()
    total, *present = found if found else (0,)
    return [
        *_count_drift(spec, total),
        *_present_drift(total, zip(shares, present, strict=True), shares),
    ]


def _count_drift(spec: SourceSpec, total: int) -> list[Drift]:
    least, most = spec.assertions.rows_minimum, spec.assertions.rows_maximum
    if total < least:
        return [Drift("count_outside", "", f"{total:,} rows; at least {least:,} expected")]
    if most is not None and total > most:
        return [Drift("count_outside", "", f"{total:,} rows; at most {most:,} expected")]
    return []


def _present_drift(
    total: int, present: Iterable[tuple[str, int]], shares: dict[str, float]
) -> list[Drift]:
    return [
        Drift("present_share", name, f"{count / total:.1%} of rows; at least {shares[name]:.1%}")
        for name, count in present
        if total and count / total < shares[name]
    ]
