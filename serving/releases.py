"""Published releases as the server reads them: every answer comes from one release alone.

CURRENT.json is followed: who begins to read gets the release that is current then, and keeps it to
the end, whatever is published meanwhile. A release's file is closed when another is current and
nobody reads it any more. A file that retention removes stays readable for as long as it is open.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar

import duckdb

from core.errors import ProjectError
from core.project import Project
from core.sql import NO_PROGRESS_BAR, quoted
from warehouse.release import Release, current_release

Made = TypeVar("Made")
_TRIES: Final = 5
"""How often a release that retention removed while it was being opened is looked for anew."""


class NothingPublished(ProjectError):  # noqa: N818 - a state of the project, told as such
    """There is no release yet."""

    def __init__(self) -> None:
        super().__init__("nothing has been published yet; make a release with: oneid run")


@dataclass
class _Opened:
    """A release's file, open."""

    release: Release
    connection: duckdb.DuckDBPyConnection
    tables: dict[str, dict[str, str]]
    readers: int = 0
    made: dict[str, Any] = field(default_factory=dict)
    making: threading.Lock = field(default_factory=threading.Lock)

    def once(self, name: str, make: Callable[[], Any]) -> Any:
        """See ReleaseReader.once."""
        with self.making:
            if name not in self.made:
                self.made[name] = make()
            return self.made[name]


@dataclass(frozen=True)
class ReleaseReader:
    """One release, to be read by one request."""

    release: Release
    tables: dict[str, dict[str, str]] = field(repr=False)
    """`schema.table` -> its columns and their DuckDB types, in order."""
    connection: duckdb.DuckDBPyConnection = field(repr=False)
    """Of this request alone; read-only."""
    _once: Callable[[str, Callable[[], Any]], Any] = field(repr=False)

    def once(self, name: str, make: Callable[[], Made]) -> Made:
        """What `make` works out of the release: when it is first asked for under `name`, then kept
        for as long as the file is open. Nobody may change it."""
        made: Made = self._once(name, make)
        return made

    def rows(self, sql: str, values: object = None) -> list[dict[str, Any]]:
        """What `sql` answers, a dict a row. Names in `sql` are schema.table of the release."""
        answer = self.connection.execute(sql, values or [])
        names = [column[0] for column in answer.description or []]
        return [dict(zip(names, row, strict=True)) for row in answer.fetchall()]

    def row(self, sql: str, values: object = None) -> dict[str, Any] | None:
        """The first row that `sql` answers; None where there is none."""
        return next(iter(self.rows(sql, values)), None)


class Releases:
    """The releases of one project. Safe to use from any thread."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._turn = threading.Lock()
        self._open: dict[str, _Opened] = {}
        self._seen: tuple[tuple[int, int, int], Release] | None = None

    def current(self) -> Release | None:
        """The release that is current now; None before the first.

        Raises ProjectError where the pointer is damaged, or its file is gone.
        """
        try:
            stat = self._project.current_pointer.stat()
        except FileNotFoundError:
            return None
        mark = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
        seen = self._seen
        if seen is None or seen[0] != mark:
            release = current_release(self._project)
            if release is None:
                return None
            seen = self._seen = (mark, release)  # older than the pointer at worst: looked at again
        return seen[1]

    @contextmanager
    def reading(self) -> Iterator[ReleaseReader]:
        """The current release, to read until the block ends. Raises NothingPublished."""
        opened = self._taken()
        cursor = opened.connection.cursor()
        try:
            yield ReleaseReader(opened.release, opened.tables, cursor, opened.once)
        finally:
            cursor.close()
            with self._turn:
                opened.readers -= 1
                self._close_idle()

    def open_files(self) -> list[str]:
        """The releases whose files are open, in order of name."""
        with self._turn:
            return sorted(self._open)

    def close(self) -> None:
        """Close what nobody reads; the rest closes when its last reader ends."""
        with self._turn:
            self._seen = None
            for name in [name for name, each in self._open.items() if not each.readers]:
                self._open.pop(name).connection.close()

    def _taken(self) -> _Opened:
        for _ in range(_TRIES):
            release = self.current()
            if release is None:
                raise NothingPublished
            with self._turn:
                try:
                    opened = self._open.get(release.release) or self._opened(release)
                except duckdb.IOException:
                    self._seen = None  # removed between two looks: what is current now?
                    continue
                opened.readers += 1
                self._close_idle(keep=release.release)
                return opened
        raise ProjectError(
            "the current release cannot be opened; see that its file in var/releases can be read, "
            "or run again: every entity id is kept by the ledger"
        )

    def _opened(self, release: Release) -> _Opened:
        connection = duckdb.connect(str(release.file), read_only=True)
        connection.execute(NO_PROGRESS_BAR)
        connection.execute("SET TimeZone = 'UTC'")
        opened = _Opened(release, connection, _columns(connection))
        self._open[release.release] = opened
        return opened

    def _close_idle(self, keep: str | None = None) -> None:
        """Close the releases that are no longer current and that nobody reads."""
        seen = self._seen
        current = keep or (seen[1].release if seen else None)
        for name, opened in list(self._open.items()):
            if name != current and not opened.readers:
                self._open.pop(name).connection.close()


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {}
    for schema, table, column, kind in connection.execute(
        "SELECT schema_name, table_name, column_name, data_type FROM duckdb_columns() "
        "WHERE NOT internal ORDER BY schema_name, table_name, column_index"
    ).fetchall():
        found.setdefault(f"{schema}.{table}", {})[column] = kind
    return found


def table_sql(table: str) -> str:
    """`schema.table`, quoted."""
    return quoted(*table.split(".", maxsplit=1))
