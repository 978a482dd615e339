"""Where decisions lie: SQLite beside the ledger, or the PostgreSQL that a setting names.

Rows are only ever added. Writers take turns, so the order of ids is the order of commits in both.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from core.errors import ConfigError, ProjectError
from core.files import written_whole
from core.project import Project

SETTING: Final = "ONEID_DATABASE_URL"
"""Environment variable: the PostgreSQL to keep decisions in, a database for each project."""
PATIENCE_SECONDS: Final = 30
"""How long a writer waits for its turn."""
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
        self._url = os.environ.get(SETTING, "").strip()

    @contextmanager
    def reading(self) -> Iterator[sa.Connection | None]:
        """A connection that sees one state of the tables; None before the first write."""
        with _told(self._where), self._connected("BEGIN") as connection:
            yield connection if connection and _are_there(connection) else None

    @contextmanager
    def writing(self) -> Iterator[sa.Connection]:
        """One transaction, alone; what it added is on the disk when the block ends."""
        with _told(self._where):
            if not self._url:
                make_file(self._file, _METADATA)
            # who begins at once waits at once, and reads what the one before it wrote
            with self._connected("BEGIN IMMEDIATE") as connection:
                assert connection is not None  # the file was made
                if self._url:
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_TURN)))
                    _METADATA.create_all(connection)
                yield connection

    @property
    def _where(self) -> str:
        return f"the database that {SETTING} names" if self._url else f"{self._file}"

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


def make_file(file: Path, tables: sa.MetaData) -> None:
    """Make a SQLite file with its tables in one step, whoever else is about to."""
    if file.is_file():
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.with_name(f"{file.name}.lock").open("a") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if file.is_file():
            return
        with written_whole(file) as draft:
            engine = embedded_engine(draft, "BEGIN IMMEDIATE")
            with engine.begin() as connection:
                tables.create_all(connection)
            engine.dispose()


def embedded_engine(file: Path, begin: str, pool: type[sa.Pool] = sa.NullPool) -> sa.Engine:
    """An engine on the SQLite file whose transactions begin with `begin`, durable when they end."""
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(file)),
        poolclass=pool,
        connect_args={"timeout": PATIENCE_SECONDS},
    )
    sa.event.listen(engine, "connect", _configured)
    # left alone, Python's driver begins with the first change: after what that was decided on
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def _configured(connection: Any, _: object) -> None:
    connection.isolation_level = None
    for pragma in ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON"):
        connection.execute(f"PRAGMA {pragma}").close()


def server_engine(url: str, pool: type[sa.Pool] = sa.NullPool) -> sa.Engine:
    """An engine on the PostgreSQL at `url`. Raises ConfigError where it names none."""
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError:
        parsed = None
    if parsed is None or parsed.get_backend_name() not in ("postgresql", "postgres"):
        raise ConfigError(
            SETTING,
            [
                "it is no address of a PostgreSQL database; write "
                "postgresql://user:password@host/database, or unset it to keep decisions in "
                "var/ledger/decisions.sqlite"
            ],
        )
    try:
        return sa.create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            poolclass=pool,
            connect_args={"connect_timeout": PATIENCE_SECONDS},
        )
    except ModuleNotFoundError:
        raise ConfigError(
            SETTING,
            ["PostgreSQL needs its driver, which is not installed: pip install 'oneid[postgres]'"],
        ) from None


@contextmanager
def _told(where: str) -> Iterator[None]:
    """The database's errors in words; its messages hold no values of ours."""
    try:
        yield
    except (sa.exc.DBAPIError, OSError) as error:
        cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
        told = (str(cause).strip() or type(cause).__name__).splitlines()[0]
        raise ProjectError(
            f"decisions cannot be read or written in {where}: {told}; see that it can be reached "
            "and written to and that no other process holds it, or restore it from a backup"
        ) from None
