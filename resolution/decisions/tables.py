"""Where decisions lie: SQLite beside the ledger, or the PostgreSQL that a setting names.

Rows are only ever added. Writers take turns, so the order of ids is the order of commits in both.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Final

import sqlalchemy as sa

from core.database import embedded_engine, make_file, named, server_engine, server_url, told
from core.project import Project

_TURN: Final = 0x0E1D
"""The advisory lock that PostgreSQL's writers take turns by."""

_METADATA = sa.MetaData()

DECISIONS = sa.Table(
    "decisions",
    _METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("source_l", sa.Text, nullable=False),
    sa.Column("key_l", sa.Text, nullable=False),
    sa.Column("source_r", sa.Text, nullable=False),
    sa.Column("key_r", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("batch", sa.Text),
    comment="One row a steward's word on two source rows",
    sqlite_autoincrement=True,
)

UNDOS = sa.Table(
    "decision_undos",
    _METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("decision_id", sa.ForeignKey(DECISIONS.c.id), nullable=False, unique=True),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    comment="One row a decision that was taken back",
    sqlite_autoincrement=True,
)


class DecisionTables:
    """A project's tables of decisions. They are made by the first write."""

    def __init__(self, project: Project) -> None:
        self._file = project.ledger / "decisions.sqlite"
        self._url = server_url()
        self._where = named(self._url, self._file)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection | None]:
        """A connection that sees one state of the tables; None before the first write."""
        with told("decisions", self._where), self._connected("BEGIN") as connection:
            yield connection if connection and _are_there(connection) else None

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """One transaction, alone; what it added is on the disk when the block ends."""
        with told("decisions", self._where):
            if not self._url:
                make_file(self._file, _METADATA)
            # who begins at once waits at once, and reads what the one before it wrote
            with self._connected("BEGIN IMMEDIATE") as connection:
                assert connection is not None  # the file was made
                if self._url:
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_TURN)))
                    _METADATA.create_all(connection)
                yield connection

    def rewrite(self) -> None:
        """Have the file hold nothing of what was overwritten. A server does so by itself."""
        if self._url:
            return
        with told("decisions", self._where), closing(sqlite3.connect(self._file)) as connection:
            connection.execute("VACUUM")
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    @contextmanager
    def _connected(self, begin: str) -> Iterator[sa.Connection | None]:
        if not self._url and not self._file.is_file():
            yield None
            return
        engine = server_engine(self._url) if self._url else embedded_engine(self._file, begin)
        try:
            with engine.begin() as connection:
                yield connection
        finally:
            engine.dispose()


def _are_there(connection: sa.Connection) -> bool:
    return bool(sa.inspect(connection).has_table(UNDOS.name))
