"""The database of a store: a SQLite file beside the ledger, or the PostgreSQL of a setting."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from core.errors import ConfigError, ProjectError
from core.files import written_whole

SETTING: Final = "ONEID_DATABASE_URL"
"""Environment variable: the PostgreSQL to keep stores in, a database for each project."""
PATIENCE_SECONDS: Final = 30
"""How long a writer waits for its turn."""


def server_url() -> str:
    """The PostgreSQL that the setting names; empty where stores are files."""
    return os.environ.get(SETTING, "").strip()


def named(url: str, file: Path) -> str:
    """The database as messages call it: never by its address, which holds a password."""
    return f"the database that {SETTING} names" if url else str(file)


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
                "postgresql://user:password@host/database, or unset it to keep "
                "everything in var/ledger/"
            ],
        )
    return sa.create_engine(
        parsed.set(drivername="postgresql+psycopg"),
        poolclass=pool,
        connect_args={"connect_timeout": PATIENCE_SECONDS},
    )


@contextmanager
def told(what: str, where: str) -> Iterator[None]:
    """Tell the database's errors in words; its own messages hold no values of ours.

    Raises ProjectError: `what` cannot be read or written `where`.
    """
    try:
        yield
    except (sa.exc.DBAPIError, OSError) as error:
        cause = error.orig if isinstance(error, sa.exc.DBAPIError) else error
        reason = (str(cause).strip() or type(cause).__name__).splitlines()[0]
        raise ProjectError(
            f"{what} cannot be read or written in {where}: {reason}; see that it can be reached "
            "and written to and that no other process holds it, or restore it from a backup"
        ) from None
