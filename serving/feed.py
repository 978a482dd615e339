"""The change feed: every change of every customer, once and in order, from the ledger and its logs.

The logs are read once a release, into files of the release's changes in their order below
var/state/feed: readers of the feed would otherwise keep the logs from the run that writes them. The
files can be removed at any time; they are made again as they were.
"""

import os
import shutil
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import duckdb

from core.project import Project
from core.sql import NO_PROGRESS_BAR, STORAGE, literal
from serving.cursors import cursor_of, place_of
from serving.masking import masked
from serving.problems import ApiProblem
from serving.roles import Role
from warehouse.golden_log import golden_log_file
from warehouse.ledger import IdentityLedger
from warehouse.moments import attached_logs

KINDS: Final = ("created", "changed", "merged", "split", "retired", "erased")
_STEPS: Final = (Path(__file__).parent / "feed.sql").read_text(encoding="utf-8")
_MEMORY: Final = "1GB"
"""For the first release of a million customers; what does not fit waits on the disk."""
_END: Final = "2"
"""The place after all changes of a release."""
Row = dict[str, Any]


@dataclass(frozen=True)
class Cursor:
    """A place in the feed: after a change of a release."""

    number: int
    """Of the release, from 1; 0 is before the first."""
    release: str
    place: str

    @classmethod
    def read(cls, text: str) -> "Cursor":
        """The cursor in a text. Raises ApiProblem (422) where it is none of ours."""
        return cls(*place_of(text, (int, str, str)))

    def __str__(self) -> str:
        return cursor_of(self.number, self.release, self.place)


START: Final = Cursor(0, "", _END)


@dataclass(frozen=True)
class Step:
    """A part of the feed."""

    changes: tuple[Row, ...]
    cursor: Cursor
    """Where to go on."""
    more: bool
    """Whether there are more already."""


@dataclass(frozen=True)
class _Told:
    """A release that the feed can tell of."""

    number: int
    release: str
    at: datetime


class Feed:
    """The change feed of one project. Safe to use from any thread."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._folder = project.state / "feed"
        self._logs = (golden_log_file(project), IdentityLedger(project).file)
        self._turn = threading.Lock()
        self._told: tuple[tuple[int, ...], tuple[_Told, ...]] = ((), ())

    def end(self) -> Cursor:
        """The place after everything that has happened."""
        told = self._releases()
        return Cursor(told[-1].number, told[-1].release, _END) if told else START

    def read(
        self,
        after: Cursor,
        limit: int,
        role: Role,
        kinds: Sequence[str] | None = None,
        until: Cursor | None = None,
    ) -> Step:
        """At most `limit` changes after a place, values as `role` may see them.

        `kinds`: only these; the cursor moves past the others. `until`: none after this. Raises
        ApiProblem (410) for the cursor of a release that is not known here: the ledger was
        restored from before it.
        """
        told = self._releases()
        _require_known(after, told)
        changes: list[Row] = []
        cursor = after
        for each in told[max(after.number - 1, 0) : until.number if until else None]:
            place = after.place if each.number == after.number else ""
            last = until.place if until and each.number == until.number else _END
            rows = self._rows(each, (place, last), limit - len(changes) + 1, kinds)
            rest = limit - len(changes)
            shown = [_shown(each, row, role) for row in rows[:rest]]
            changes += shown
            if len(rows) > rest:
                cursor = Cursor.read(changes[-1]["cursor"]) if changes else cursor
                return Step(tuple(changes), cursor, more=True)
            cursor = Cursor(each.number, each.release, _END)
        return Step(tuple(changes), cursor, more=False)

    def mark(self) -> tuple[int, ...]:
        """Changes whenever there may be more to tell; asking takes no time. Empty before the
        first release."""
        try:
            stats = [file.stat() for file in self._logs]
        except FileNotFoundError:
            return ()
        return tuple(x for stat in stats for x in (stat.st_mtime_ns, stat.st_size, stat.st_ino))

    def _releases(self) -> tuple[_Told, ...]:
        """The releases that are in the golden log, in order; looked up where the log changed."""
        mark = self.mark()
        if not mark or self._told[0] == mark:
            return self._told[1]
        with self._turn, attached_logs(self._project) as con:
            rows = con.execute(
                'SELECT number, release, "at" FROM ledger.releases '
                "WHERE number <= (SELECT max(number) FROM golden_log.releases) ORDER BY number"
            ).fetchall()
            self._told = (mark, tuple(_Told(*row) for row in rows))
        return self._told[1]

    def _rows(
        self, told: _Told, between: tuple[str, str], limit: int, kinds: Sequence[str] | None
    ) -> list[Row]:
        """At most `limit` changes of a release after a place until another, with their values."""
        if between[0] >= _END:
            return []
        folder = self._made(told)
        wanted = f"AND kind IN ({', '.join(literal(x) for x in kinds)})" if kinds else ""
        with duckdb.connect(config=STORAGE) as con:
            con.execute(NO_PROGRESS_BAR)
            found = con.execute(
                "SELECT place, kind, entity_id, other_entity_id, cause "
                f"FROM {_parquet(folder, 'changes')} WHERE place > ? AND place <= ? {wanted} "
                "ORDER BY place LIMIT ?",
                [*between, limit],
            ).fetchall()
            names = ("place", "kind", "entity_id", "other_entity_id", "cause")
            rows = [dict(zip(names, row, strict=True)) | {"values": []} for row in found]
            values = con.execute(
                "SELECT place, attribute, old_value, new_value "
                f"FROM {_parquet(folder, 'values')} WHERE place BETWEEN ? AND ? "
                "ORDER BY place, attribute",
                [rows[0]["place"], rows[-1]["place"]] if rows else ["", ""],
            ).fetchall()
        by_place = {row["place"]: row["values"] for row in rows}
        for at, *value in values:
            if at in by_place:  # `kinds` may leave its change out
                by_place[at].append(value)
        return rows

    def _made(self, told: _Told) -> Path:
        """The folder with the release's changes and values; made where it is not there."""
        folder = self._folder / f"{told.number:06d}-{told.release}"
        if folder.is_dir():
            return folder
        with self._turn:
            if not folder.is_dir():
                self._make(told, folder)
        return folder

    def _make(self, told: _Told, folder: Path) -> None:
        draft = folder.with_name(f".{folder.name}.{os.getpid()}.draft")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        with attached_logs(self._project) as con:
            con.execute(f"SET memory_limit = '{_MEMORY}'")
            con.execute(f"SET temp_directory = {literal(str(draft / 'spilled'))}")
            con.execute(_STEPS, {"number": told.number, "release": told.release})
            form = "(FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 20000)"
            con.execute(
                "COPY (SELECT place, attribute, old_value, new_value FROM golden_log.changes "
                f"JOIN steps USING (entity_id) WHERE number = {told.number:d} AND bears "
                f"ORDER BY place, attribute) TO {literal(str(draft / 'values.parquet'))} {form}"
            )
            con.execute(
                "COPY (SELECT * EXCLUDE (bears) FROM steps ORDER BY place) "
                f"TO {literal(str(draft / 'changes.parquet'))} {form}"
            )
            con.execute("DROP TABLE steps")
        shutil.rmtree(draft / "spilled", ignore_errors=True)
        try:
            draft.rename(folder)
        except OSError:  # another server of this project was quicker, with the same
            shutil.rmtree(draft)


def _parquet(folder: Path, name: str) -> str:
    return f"read_parquet({literal(str(folder / f'{name}.parquet'))})"


def _require_known(cursor: Cursor, told: Sequence[_Told]) -> None:
    if cursor == START:
        return
    known = 0 < cursor.number <= len(told) and told[cursor.number - 1].release == cursor.release
    if not known:
        detail = (
            "the cursor is of a release that is not known here, perhaps because a backup from "
            "before it was restored; read again from the beginning, without a cursor"
        )
        raise ApiProblem(410, "cursor-gone", detail)


def _shown(told: _Told, row: Row, role: Role) -> Row:
    return {
        "cursor": str(Cursor(told.number, told.release, row["place"])),
        "release": told.release,
        "at": told.at,
        "kind": row["kind"],
        "entity_id": row["entity_id"],
        "other_entity_id": row["other_entity_id"],
        "cause": row["cause"],
        "values": [
            {
                "attribute": name,
                "from": masked(name, old, role),
                "to": masked(name, new, role),
            }
            for name, old, new in row["values"]
        ],
    }
