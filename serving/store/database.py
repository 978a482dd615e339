"""The database of the server's own store: SQLite beside the ledger, or the PostgreSQL of a setting.

It is opened once and shared by the server's threads. Writers take turns, in both.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from core.errors import ProjectError
from core.project import Project
from resolution.decisions.tables import SETTING, embedded_engine, make_file, server_engine
from serving.store.tables import METADATA

_TURN: Final = 0x0E1E
"""The advisory lock that PostgreSQL's writers take turns by; decisions have their own."""


class ServingDatabase:
    """The store of one project; its tables are made when it is opened.

    Raises ProjectError where the database cannot be used, ConfigError for a setting that names
    none.
    """

    def __init__(self, project: Project) -> None:
        self.file: Path = project.ledger / "serving.sqlite"
        url = os.environ.get(SETTING, "").strip()
        self._is_server = bool(url)
        self._where = f"the database that {SETTING} names" if url else str(self.file)
        with self._told():
            if url:
                self._reader = self._writer = server_engine(url, sa.QueuePool)
            else:
                make_file(self.file, METADATA)
                self._reader = embedded_engine(self.file, "BEGIN", sa.QueuePool)
                self._writer = embedded_engine(self.file, "BEGIN IMMEDIATE", sa.QueuePool)
        with self.writing() as connection:
            METADATA.create_all(connection)  # also those that an older store lacks

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection that sees one state of the tables."""
        with self._told(), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """One transaction, alone; what it changed is on the disk when the block ends."""
        with self._told(), self._writer.begin() as connection:
            if self._is_server:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_TURN)))
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self._reader.dispose()
        self._writer.dispose()

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (sa.exc.DBAPIError, OSError) as error:
            cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
            told = (str(cause).strip() or type(cause).__name__).splitlines()[0]
            raise ProjectError(
                f"accounts, keys and the audit cannot be read or written in {self._where}: {told}; "
                "see that it can be reached and written to, or restore it from a backup"
            ) from None


def utc_now() -> datetime:
    """Now, in UTC without a zone, as every time is stored."""
    return datetime.now(UTC).replace(tzinfo=None)
