"""Where explanations are read from: a release, and what was kept beside it."""

from dataclasses import dataclass

import duckdb

from resolution.kept import Kept


@dataclass(frozen=True)
class Archive:
    """One release and its evidence."""

    release: duckdb.DuckDBPyConnection
    """To the published file; only read."""
    kept: Kept | None
    """None when nothing was kept for this release: then only its own pairs can be explained."""
    scratch: duckdb.DuckDBPyConnection
    """A database in memory to weigh pairs in."""
