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

    @property
    def refuses(self) -> bool:
        """Whether this result alone keeps the release from being published."""
        return self.severity == "critical" and not self.passed

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
    link_pairs: int | None = None
    clerical_pairs: int | None = None
    seconds: float | None = None


def history_file(project: Project) -> Path:
    """Where the history lies."""
    return project.state / "history.duckdb"


def record_results(
    project: Project, run: str, results: Iterable[CheckResult], at: datetime
) -> None:
    """Keep what the checks of `run` said; a check said twice counts as said last."""
    with _writing(project) as con:
        for result in results:
            con.execute(
                'DELETE FROM results WHERE run = ? AND suite = ? AND "check" = ? AND severity = ?',
                [run, result.suite, result.check, result.severity],
            )
            _insert(con, "results", {"run": run, "at": without_zone(at)} | asdict(result))


def record_run(project: Project, figures: RunFigures) -> None:
    """Keep one run's figures, in place of what was kept under its name before."""
    with _writing(project) as con:
        con.execute("DELETE FROM runs WHERE run = ?", [figures.run])
        _insert(con, "runs", _row(figures))


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
