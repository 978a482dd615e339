"""Carries out what was asked to be erased: the landed rows at a run's start, the rest once it is
published. Either half may be killed and is then done again by the next run."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from core.project import Project
from sources.erasures import (
    Erasure,
    RowHashes,
    note_begun,
    note_done,
    waiting_erasures,
)


def begin_erasures(project: Project, at: datetime) -> int:
    """Take the rows of the requests that wait out of what has landed and out of the decisions;
    how many requests wait."""
    from resolution.decisions.erasing import forget_rows
    from resolution.erased_values import set_aside
    from resolution.kept import kept_for
    from sources.erased_rows import erase_rows, landed_keys
    from sources.landed import LandedStore, landed_path
    from sources.rewriting import rewrite_database
    from warehouse.erasing import concerned_by
    from warehouse.release import current_release

    waiting = waiting_erasures(project)
    if not waiting:
        return 0
    hashes, when = RowHashes(project), at.astimezone(UTC).replace(tzinfo=None)
    rows = {each.number: _rows(project, each, hashes) for each in waiting}
    every = frozenset(row for found in rows.values() for row in found)
    release = current_release(project)
    with LandedStore(landed_path(project)) as store:
        keys = hashes.among(landed_keys(store), every)
        if release and (kept := kept_for(project, release.release)):
            set_aside(kept, keys, _aside(project))
        erase_rows(store, keys, when)
    rewrite_database(landed_path(project))
    pairs = keys.select("source", "source_record_id").iter_rows()
    forget_rows(project, {(a, b): f"erased:{hashes.of(a, b)[:16]}" for a, b in pairs})
    for each in waiting:
        concerned = concerned_by(project, hashes, rows[each.number], each.entities)
        after = release.release if release else None
        note_begun(project, each.number, rows[each.number], concerned, after, when)
    return len(waiting)


def _rows(project: Project, asked: Erasure, hashes: RowHashes) -> frozenset[str]:
    """The rows of a request, those that its customers have got since among them."""
    from sources.spec import load_specs
    from warehouse.erasing import rows_of

    if not asked.entities:
        return asked.rows
    found = rows_of(project, load_specs(project), asked.entities)
    return asked.rows | {hashes.of(*row) for row in found.iter_rows()}


def told_with_erasures(project: Project, events: pl.DataFrame) -> pl.DataFrame:
    """This run's changes of identity, with what becomes of the erased."""
    from resolution.identity.events import in_order
    from warehouse.erasing import told_as_erased

    waiting = [each for each in waiting_erasures(project) if each.is_begun]
    if not waiting:
        return events
    rows = frozenset(row for each in waiting for row in each.rows)
    named = sorted({entity for each in waiting for entity in each.entities})
    return in_order(told_as_erased(project, events, RowHashes(project), rows, named))


def concerned(project: Project) -> list[str]:
    """The customers whose golden values are not to be told as they were."""
    return sorted({entity for each in waiting_erasures(project) for entity in each.concerned})


def finish_erasures(project: Project) -> list[int]:
    """Where a release was published since the landed rows went: take what is left of the erased out
    of everything below var/. Returns the numbers of the requests that are done with it."""
    from warehouse.ledger import IdentityLedger

    last = IdentityLedger(project).last_release()
    waiting = [x for x in waiting_erasures(project) if x.is_begun]
    ready = [x for x in waiting if last and last.release != x.begun_after]
    if not ready or last is None:
        return []
    _forget(project, ready, last.release)
    for each in ready:
        note_done(project, each.number, last.release, datetime.now(UTC).replace(tzinfo=None))
    return [each.number for each in ready]


def _forget(project: Project, ready: list[Erasure], release: str) -> None:
    from resolution.kept import forget_others
    from sources.erased_rows import forget_keys
    from sources.landed import LandedStore, landed_path
    from sources.rewriting import rewrite_database
    from warehouse.erasing import drop_earlier_files, forget_in_ledger, forget_in_log

    hashes, rows = RowHashes(project), frozenset(row for each in ready for row in each.rows)
    forget_in_log(project, sorted({entity for each in ready for entity in each.concerned}))
    forget_in_ledger(project, hashes, rows)
    drop_earlier_files(project)
    forget_others(project, release)
    _forget_frequencies(project, release)
    for folder in (project.state / "feed", project.work, project.var / "preview"):
        shutil.rmtree(folder, ignore_errors=True)
    for draft in project.var.rglob(".*.draft"):
        shutil.rmtree(draft) if draft.is_dir() else draft.unlink()
    with LandedStore(landed_path(project)) as store:
        forget_keys(store, hashes, rows)
    rewrite_database(landed_path(project))


def _forget_frequencies(project: Project, release: str) -> None:
    """Take values that nobody else bears out of the model, the release's and the project's own."""
    from resolution.erased_values import forget_aside, take_out
    from resolution.kept import Kept, kept_for

    if kept := kept_for(project, release):
        records = kept.scan("records")
        for folder in (kept.folder, project.root / "model"):
            take_out(Kept(folder), records, _aside(project))
    forget_aside(_aside(project))


def _aside(project: Project) -> Path:
    """Where values wait to be taken out of the model."""
    return project.state / "erasing"
