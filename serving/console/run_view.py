"""Runs, what their gates found and by how much, quarantine, and how releases differ."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from core.errors import QueryError
from core.project import Project
from core.sql import literal
from warehouse.query import run_query

RUNS: Final = 30
QUARANTINED: Final = 25
Row = dict[str, Any]
_BOUND: Final = re.compile(r"(at least|at most|exactly) (-?[0-9.]+)")


def list_runs(project: Project) -> list[Row]:
    """The newest runs, newest first; empty before the first."""
    try:
        asked = f"SELECT * FROM quality.runs ORDER BY started_at DESC, run LIMIT {RUNS}"
        return run_query(project, asked).to_dicts()
    except QueryError:
        return []


def gates_of(project: Project, run: str) -> list[Row]:
    """What each check of a run found, failures first, with `by`: how far from what is allowed."""
    rows = run_query(
        project,
        f"SELECT * FROM quality.results WHERE run = {literal(run)} "
        'ORDER BY passed, severity, stage, suite, "check"',
    ).to_dicts()
    return [row | {"by": beyond(row["observed"], row["expected"])} for row in rows]


def beyond(observed: str | None, expected: str | None) -> float | None:
    """How far a figure lies outside what is allowed: below it negative, above it positive, 0
    within; None where either is no figure."""
    bounds = _BOUND.findall(expected or "")
    try:
        value = float(observed or "")
        limits = [(kind, float(limit)) for kind, limit in bounds]
    except ValueError:
        return None
    if not limits:
        return None
    for kind, limit in limits:
        if kind != "at most" and value < limit:
            return value - limit
        if kind != "at least" and value > limit:
            return value - limit
    return 0.0


def quarantined(project: Project, source: str, reason: str, page: int) -> tuple[list[Row], int]:
    """A page of quarantined rows, newest first, and how many there are in all."""
    chosen = ["true"]
    if source:
        chosen.append(f"source = {literal(source)}")
    if reason:
        chosen.append(f"reason = {literal(reason)}")
    where = " AND ".join(chosen)
    start = (page - 1) * QUARANTINED
    rows = run_query(
        project,
        f"SELECT *, count(*) OVER () AS total FROM quality.quarantine WHERE {where} "
        f"ORDER BY delivered_at DESC, source, file, row_number LIMIT {QUARANTINED} OFFSET {start}",
    ).to_dicts()
    return rows, rows[0]["total"] if rows else 0


def quarantine_reasons(project: Project) -> list[Row]:
    """source, reason, rows: most first."""
    return run_query(
        project,
        "SELECT source, reason, count(*) AS rows FROM quality.quarantine "
        "GROUP BY ALL ORDER BY rows DESC, source, reason",
    ).to_dicts()


def histogram(rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Bars of pairs by match weight: bar -> how many of each status, and the tallest."""
    bars: dict[int, dict[str, int]] = {}
    for row in rows:
        bars.setdefault(int(row["weight"]), {})[row["status"]] = row["pairs"]
    tallest = max((sum(each.values()) for each in bars.values()), default=0)
    return {"bars": dict(sorted(bars.items())), "tallest": tallest}
