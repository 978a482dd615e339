"""A run's figures for the history: counted from what its stages left, as far as it got."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from assets.run_sheet import RunSheet, read_run_sheet
from core.errors import ProjectError
from core.frames import frame_files, scan_frame
from core.project import Project
from core.sql import quoted

if TYPE_CHECKING:
    from sources.landed import LandedStore
    from warehouse.history import Outcome, RunFigures


def record_end(project: Project, run: str, outcome: "Outcome") -> None:
    """Keep what became of `run`; the figures are those of the stages it got to."""
    from warehouse.history import RunFigures, record_run

    try:
        sheet = read_run_sheet(project)
    except ProjectError:
        sheet = None
    if sheet is None or sheet.run != run:
        # It ended before it began: its deliveries or its settings could not be read.
        record_run(project, RunFigures(run, outcome, finished_at=datetime.now(UTC)))
    else:
        record_run(project, figures_of(project, sheet, outcome))


def figures_of(project: Project, sheet: RunSheet, outcome: "Outcome") -> "RunFigures":
    """The row of this run in quality.runs, as of now."""
    from warehouse.history import RunFigures

    now = datetime.now(UTC)
    counts = _landed(project) | _records(project, sheet) | _pairs(project, sheet)
    return RunFigures(
        sheet.run,
        outcome,
        started_at=sheet.at,
        finished_at=now,
        release=sheet.release if outcome == "published" else None,
        seconds=round((now - sheet.at).total_seconds(), 1),
        **counts,
        **_entities(project, sheet),
    )


def rows_by_source(store: "LandedStore") -> dict[str, int]:
    """Newest versions of rows in the store, by source."""
    counts = {}
    for source in store.sources():
        found = store.connection.execute(
            f"SELECT count(*) FROM current.{quoted(source)}"
        ).fetchone()
        counts[source] = int(found[0]) if found else 0
    return counts


def quarantined_by_source(store: "LandedStore") -> dict[str, int]:
    """Quarantined rows (a whole refused file is one) in the store, by source."""
    found = store.connection.execute(
        "SELECT source, count(*) FROM quarantine GROUP BY source ORDER BY source"
    ).fetchall()
    return dict(found)


def _landed(project: Project) -> dict[str, Any]:
    from sources.landed import LandedStore, landed_path

    with LandedStore(landed_path(project), read_only=True) as store:
        return {
            "rows_in": sum(rows_by_source(store).values()),
            "quarantined": sum(quarantined_by_source(store).values()),
        }


def _records(project: Project, sheet: RunSheet) -> dict[str, Any]:
    frame = _frame(project, sheet, "records")
    return {} if frame is None else {"records": frame.select(pl.len()).collect().item()}


def _pairs(project: Project, sheet: RunSheet) -> dict[str, Any]:
    frame = _frame(project, sheet, "pairs")
    if frame is None:
        return {}
    counts = dict(frame.group_by("status").len().collect().iter_rows())
    return {"link_pairs": counts.get("link", 0), "clerical_pairs": counts.get("clerical", 0)}


def _entities(project: Project, sheet: RunSheet) -> dict[str, Any]:
    entities, events = _frame(project, sheet, "entities"), _frame(project, sheet, "events")
    if entities is None or events is None:
        return {}
    now = events.group_by("kind").len().collect()
    kinds = dict(now.iter_rows())
    return {
        "entities": entities.select(pl.col("entity_id").n_unique()).collect().item(),
        "new_entities": kinds.get("created", 0),
        "merged": kinds.get("merged", 0),
        "split": kinds.get("split", 0),
        "changed": kinds.get("changed", 0),
        "retired": kinds.get("retired", 0),
        **_frame_row(project, sheet, "churn"),
    }


def _frame_row(project: Project, sheet: RunSheet, name: str) -> dict[str, Any]:
    """The only row of a frame."""
    frame = _frame(project, sheet, name)
    return {} if frame is None else frame.collect().row(0, named=True)


def _frame(project: Project, sheet: RunSheet, name: str) -> pl.LazyFrame | None:
    """A stage's frame; None when it is missing, or left by an earlier run."""
    try:
        newest = frame_files(project.work, name)[-1]
    except ProjectError:
        return None
    if newest.stat().st_mtime < sheet.at.timestamp():
        return None
    return scan_frame(project.work, name)
