"""Run history: what every run did and what its gates said, kept outside the releases.

A refused run publishes nothing, so its results would be lost with its candidate; here they stay.
Each release carries a copy of the history up to and including its own run. That run's row says
`published` before it is: a file that nobody published is read by nobody.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import duckdb

from core.errors import ProjectError
from core.project import Project
from core.sql import STORAGE, literal, quoted
from warehouse.ledger import without_zone

_TABLES = (Path(__file__).parent / "history.sql").read_text(encoding="utf-8")
Outcome = Literal["published", "refused", "failed", "nothing new"]


@dataclass(frozen=True)
class CheckResult:
    """What one check of one suite said; holds no personal data."""

    suite: str
    check: str
    stage: str
    severity: str
    """critical (a failure refuses the release) or warning."""
    passed: bool
    observed: str | None
    expected: str
    accepted_by: str | None = None
    """Who vouches for the figure though the check failed; see warehouse.acceptance."""
    accepted_because: str | None = None

    @property
    def refuses(self) -> bool:
        """Whether this result alone keeps the release from being published."""
        return self.severity == "critical" and not self.passed and self.accepted_by is None

    def sentence(self) -> str:
        """Which gate, what was observed, what is allowed."""
        return f"{self.suite}.{self.check}: observed {self.observed}, allowed {self.expected}"


@dataclass(frozen=True)
class RunFigures:
    """One run's row in quality.runs; figures a run did not get to are None."""

    run: str
    outcome: Outcome
    started_at: datetime | None = None
    finished_at: datetime | None = None
    release: str | None = None
    rows_in: int | None = None
    quarantined: int | None = None
    records: int | None = None
    entities: int | None = None
    new_entities: int | None = None
    merged: int | None = None
    split: int | None = None
    changed: int | None = None
    retired: int | None = None
    known_rows: int | None = None
    """Source rows of the last release that are still there."""
    kept_rows: int | None = None
    """Those of them that are of the entity they were of."""
    link_pairs: int | None = None
    clerical_pairs: int | None = None
    seconds: float | None = None


def history_file(project: Project) -> Path:
    """Where the history lies."""
    return project.state / "history.duckdb"


def record_results(
    project: Project, run: str, results: Iterable[CheckResult], at: datetime
) -> None:
    """Keep what the checks of `run` said; what a suite said twice counts as said last."""
    told = list(results)
    with _writing(project) as con:
        for suite in sorted({result.suite for result in told}):
            con.execute("DELETE FROM results WHERE run = ? AND suite = ?", [run, suite])
        for result in told:
            _insert(con, "results", {"run": run, "at": without_zone(at)} | asdict(result))


def record_run(project: Project, figures: RunFigures) -> None:
    """Keep one run's figures, in place of what was kept under its name before."""
    with _writing(project) as con:
        con.execute("DELETE FROM runs WHERE run = ?", [figures.run])
        _insert(con, "runs", _row(figures))


def newest_run(project: Project) -> tuple[str, str] | None:
    """The last run's name and outcome; None before the first."""
    if not history_file(project).is_file():
        return None
    with _writing(project) as con:
        found = con.execute(
            "SELECT run, outcome FROM runs ORDER BY coalesce(finished_at, started_at) DESC LIMIT 1"
        ).fetchall()
    return (str(found[0][0]), str(found[0][1])) if found else None


def critical_failures(project: Project, run: str) -> list[CheckResult]:
    """The critical checks that failed in `run`, accepted ones too, in order of suite and check."""
    names = ", ".join(quoted(each.name) for each in fields(CheckResult))
    with _writing(project) as con:
        rows = con.execute(
            f"SELECT {names} FROM results WHERE run = ? AND severity = 'critical' AND NOT passed "
            'ORDER BY suite, "check", expected',
            [run],
        ).fetchall()
    return [CheckResult(*row) for row in rows]


def has_refused(project: Project, run: str, result: CheckResult) -> bool:
    """Whether `run` was refused, and this check failed in it with the same figure."""
    with _writing(project) as con:
        rows = con.execute(
            """
            SELECT 1 FROM results JOIN runs USING (run)
            WHERE run = ? AND outcome = 'refused' AND suite = ? AND "check" = ? AND NOT passed
                AND observed IS NOT DISTINCT FROM ? AND expected = ?
            """,
            [run, result.suite, result.check, result.observed, result.expected],
        ).fetchall()
    return bool(rows)


def copy_into(project: Project, candidate: duckdb.DuckDBPyConnection, figures: RunFigures) -> None:
    """Fill quality.runs and quality.results of the candidate: all runs so far, then this one.

    `figures.outcome` is `published`: see the module. What was there before is replaced, so the
    step can be rerun. Must be the last thing before the candidate is closed and signed.
    """
    with _writing(project):
        pass  # makes the file on the first run
    candidate.execute(f"ATTACH {literal(str(history_file(project)))} AS history (READ_ONLY)")
    try:
        candidate.execute(
            """
            DELETE FROM quality.runs;
            DELETE FROM quality.results;
            """
        )
        candidate.execute(
            "INSERT INTO quality.runs BY NAME SELECT * FROM history.main.runs WHERE run <> ? "
            "ORDER BY started_at, run",
            [figures.run],
        )
        _insert(candidate, "quality.runs", _row(figures))
        candidate.execute(
            "INSERT INTO quality.results BY NAME SELECT * FROM history.main.results "
            'ORDER BY "at", run, suite, "check", severity'
        )
    finally:
        candidate.execute("DETACH history")


def restore_history(project: Project, release_file: Path) -> None:
    """Take over runs that the release knows and the history does not.

    They are missing when a run was killed after it had published, or `var/state` was removed.
    """
    with _writing(project) as con:
        con.execute(f"ATTACH {literal(str(release_file))} AS published (READ_ONLY)")
        for table in ("results", "runs"):
            con.execute(
                f"INSERT INTO {table} BY NAME SELECT * FROM published.quality.{table} "
                f"WHERE run NOT IN (SELECT run FROM {table})"
            )


def _row(figures: RunFigures) -> dict[str, Any]:
    values = {field.name: getattr(figures, field.name) for field in fields(figures)}
    return {
        name: without_zone(value) if isinstance(value, datetime) else value
        for name, value in values.items()
    }


def _insert(con: duckdb.DuckDBPyConnection, table: str, row: dict[str, Any]) -> None:
    columns = ", ".join(quoted(name) for name in row)
    marks = ", ".join("?" for _ in row)
    con.execute(
        f"INSERT INTO {quoted(*table.split('.'))} ({columns}) VALUES ({marks})", list(row.values())
    )


@contextmanager
def _writing(project: Project) -> Iterator[duckdb.DuckDBPyConnection]:
    """One transaction on the history. Raises ProjectError while another process holds it."""
    file = history_file(project)
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        con = duckdb.connect(str(file), config=STORAGE)
    except duckdb.IOException as error:
        raise ProjectError(
            f"the run history ({file.name}) cannot be opened: another process holds it, or it is "
            f"damaged; end that process, or remove the file. {error}"
        ) from None
    try:
        con.execute(_TABLES)
        con.execute("BEGIN")
        yield con
        con.execute("COMMIT")
    finally:
        con.close()
