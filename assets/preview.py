"""What decisions would change, before they are made: the next run's own stages, in a folder aside.

Nothing is published, nothing outside that folder is written, and it is removed again.
"""

import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl

from assets.base import Base, find_base
from assets.entities import assign_lasting_ids
from assets.golden import build_candidate
from assets.make_records import make_records
from assets.marts import make_marts
from assets.run_sheet import new_run_sheet
from assets.trained_model import match_project
from core.errors import ProjectError
from core.frames import scan_frame
from core.project import Project

if TYPE_CHECKING:
    from resolution.decisions.decision import Decision
    from warehouse.candidate_diff import ReleaseChanges

ABANDONED_AFTER = 3600.0
"""Seconds after which a folder left in var/preview is nobody's any more."""


@dataclass(frozen=True)
class Preview:
    """How the release would differ, and what else the next run takes in."""

    changes: "ReleaseChanges"
    pending: int
    """Decisions and undos that the next run applies as well, because they were recorded since the
    last one; what they change is among the changes."""
    deliveries: int
    """Deliveries that have landed since the last release; the same holds for them."""

    def as_json(self) -> dict[str, Any]:
        """The preview as plain values, for programs."""
        from warehouse.candidate_diff import as_json

        pending = {"pending_decisions": self.pending, "pending_deliveries": self.deliveries}
        return as_json(self.changes) | pending


@dataclass(frozen=True)
class _Aside(Project):
    """The project, with a work folder of its own."""

    aside: Path = field(default_factory=Path)

    @property
    def work(self) -> Path:
        """A folder that nobody else looks into."""
        return self.aside


def preview_decisions(
    project: Project, decisions: Sequence["Decision"], undone: Sequence[int] = ()
) -> Preview:
    """What a run would change if these decisions were made, and those of the ids `undone` taken
    back: with all that is pending besides.

    Raises ProjectError before a release, where the next run would work everything out anew (then
    there are no few changes to show), and while a run is at work; DecisionError where a decision
    says nothing usable.
    """
    from resolution.decisions.binding import binding_decisions
    from resolution.decisions.decision import require_usable
    from resolution.decisions.store import DecisionStore, as_if
    from warehouse.candidate_diff import compare_releases

    require_usable(decisions)
    base, why = find_base(project, full=False)
    if base is None:
        raise ProjectError(
            f"{project.root}: there is no preview, as the next run will be a full one ({why}); "
            "run first: oneid run"
        )
    known = DecisionStore(project).all()
    bound = binding_decisions(as_if(known, decisions, undone)).applied
    pending = _differing(scan_frame(base.folder, "decisions").collect(), known)
    try:
        with _work_aside(project) as aside:
            _build(aside, base, bound)
            changes = compare_releases(base.file, aside.candidate)
            return Preview(changes, pending, _deliveries_since(project, base))
    except (duckdb.IOException, FileNotFoundError):
        raise ProjectError(
            f"{project.root}: there is no preview while a run is at work; "
            "ask again when it has ended"
        ) from None


def _build(aside: Project, base: Base, bound: pl.DataFrame) -> None:
    """The stages of a run on `base`, up to its marts, with the decisions `bound`."""
    at = datetime.now(UTC)
    new_run_sheet("preview", at, "preview", full=False, base=base.release).write(aside)
    make_records(aside, bound)
    match_project(aside, retrain=False)
    assign_lasting_ids(aside)
    build_candidate(aside)
    make_marts(aside)


@contextmanager
def _work_aside(project: Project) -> Iterator[_Aside]:
    folder = project.var / "preview"
    folder.mkdir(parents=True, exist_ok=True)
    for each in folder.iterdir():
        if time.time() - each.stat().st_mtime > ABANDONED_AFTER:
            shutil.rmtree(each, ignore_errors=True)
    aside = Path(tempfile.mkdtemp(dir=folder))
    try:
        yield _Aside(project.root, aside)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _differing(before: pl.DataFrame, known: pl.DataFrame) -> int:
    """How many decisions bind now and did not in the last release, or the other way round."""
    from resolution.decisions.binding import binding_decisions

    now = binding_decisions(known).applied.get_column("id")
    return len(set(before.get_column("id")) ^ set(now))


def _deliveries_since(project: Project, base: Base) -> int:
    from sources.landed import LandedStore, landed_path

    with LandedStore(landed_path(project), read_only=True) as store:
        return store.last_delivery() - base.facts.deliveries
