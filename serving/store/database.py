"""The database of the server's own store: SQLite beside the ledger, or the PostgreSQL of a setting.

It is opened once and shared by the server's threads. Writers take turns, in both.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from core.database import embedded_engine, make_file, named, server_engine, server_url, told
from core.project import Project
from serving.store.tables import METADATA

_TURN: Final = 0x0E1E
"""The advisory lock that PostgreSQL's writers take turns by; decisions have their own."""
_KEPT: Final = "accounts, keys and the audit"


class ServingDatabase:
    """The store of one project; its tables are made when it is opened.

    Raises ProjectError where the database cannot be used, ConfigError for a setting that names
    none.
    """

    def __init__(self, project: Project) -> None:
        self.file: Path = project.ledger / "serving.sqlite"
        url = server_url()
        self._is_server = bool(url)
        self._where = named(url, self.file)
        with told(_KEPT, self._where):
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
        with told(_KEPT, self._where), self._reader.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """One transaction, alone; what it changed is on the disk when the block ends."""
        with told(_KEPT, self._where), self._writer.begin() as connection:
            if self._is_server:
                connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_TURN)))
            yield connection

    def close(self) -> None:
        """Close every connection."""
        self._reader.dispose()
        self._writer.dispose()


def utc_now() -> datetime:
    """Now, in UTC without a zone, as every time is stored."""
    return datetime.now(UTC).replace(tzinfo=None)
