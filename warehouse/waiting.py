"""Opening the DuckDB files below var/ledger, which others may be reading or writing just now."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import duckdb

from core.errors import ProjectError
from core.sql import NO_PROGRESS_BAR, STORAGE, literal, quoted

PATIENCE = 60.0
"""Seconds to wait for another process before giving up. Who writes takes part of a second; who
reads a whole release from the logs takes some twenty at a million customers."""
_PAUSE = 0.05
_T = TypeVar("_T")


@contextmanager
def opened(file: Path, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to `file` of its own, closed after the block.

    Raises ProjectError when another process holds it for PATIENCE seconds, or it is damaged.
    """
    con = _patiently(file, lambda: duckdb.connect(str(file), read_only=read_only, config=STORAGE))
    try:
        con.execute(NO_PROGRESS_BAR)
        yield con
    finally:
        con.close()


def attach(con: duckdb.DuckDBPyConnection, file: Path, name: str) -> None:
    """Attach `file` to `con` as `name`, to be read only. Raises as `opened` does."""
    sql = f"ATTACH {literal(str(file))} AS {quoted(name)} (READ_ONLY)"
    _patiently(file, lambda: con.execute(sql))


def _patiently(file: Path, attempt: Callable[[], _T]) -> _T:
    give_up = time.monotonic() + PATIENCE
    while True:
        try:
            return attempt()
        except duckdb.IOException as error:
            locked = "Could not set lock" in str(error)
            if not locked or time.monotonic() > give_up:
                raise ProjectError(
                    f"{file.name} in var/ledger cannot be opened: another process holds it, or "
                    f"it is damaged; end that process, or restore var/ledger from a backup. {error}"
                ) from None
            time.sleep(_PAUSE)
