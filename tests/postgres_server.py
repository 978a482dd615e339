"""A PostgreSQL server of the tests' own: on loopback, at a free port, gone when they end."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Final

import sqlalchemy as sa

OWNER: Final = "oneid"
_DEBIANS: Final = "/usr/lib/postgresql"
_numbers = count(1)


def programs() -> Path | None:
    """The folder of PostgreSQL's own programs; None where it is not installed."""
    found = shutil.which("pg_ctl")
    if found:
        return Path(found).resolve().parent
    versions = sorted(Path(_DEBIANS).glob("*/bin/pg_ctl"), key=lambda file: file.parts[-3])
    return versions[-1].parent if versions else None


@contextmanager
def running(folder: Path) -> Iterator[str]:
    """The address of a new server, made with the programs of `folder`, without a database."""
    home = Path(tempfile.mkdtemp(prefix="oneid-postgres-"))
    # it does not run as root
    user = "nobody" if os.geteuid() == 0 else None
    if user:
        shutil.chown(home, user)

    def run(program: str, *arguments: str) -> None:
        subprocess.run(
            [folder / program, "--pgdata", home / "data", *arguments],
            check=True, user=user, cwd=home, stdout=subprocess.DEVNULL, env={"LC_ALL": "C"},
        )  # fmt: skip

    port = _free_port()
    run("initdb", "--username", OWNER, "--auth", "trust", "--encoding", "UTF8")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories="
    run("pg_ctl", "--log", str(home / "log"), "--options", options, "--wait", "start")
    try:
        yield f"postgresql://{OWNER}@127.0.0.1:{port}"
    finally:
        run("pg_ctl", "--mode", "immediate", "--wait", "stop")
        shutil.rmtree(home)


def new_database(server: str) -> str:
    """The address of an empty database of the server."""
    name = f"project_{next(_numbers)}"
    engine = sa.create_engine(
        sa.make_url(f"{server}/postgres").set(drivername="postgresql+psycopg"),
        isolation_level="AUTOCOMMIT",
        poolclass=sa.NullPool,
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    return f"{server}/{name}"


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])
