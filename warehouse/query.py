"""Questions to a release: SQL that can read the release and nothing else."""

from pathlib import Path
from typing import Final

import duckdb
import polars as pl

from core.errors import QueryError
from core.project import Project
from core.sql import NO_PROGRESS_BAR, STORAGE, literal, quoted
from warehouse.as_of import rebuild
from warehouse.history import history_file
from warehouse.moments import Moment
from warehouse.release import current_release

_READING: Final = ("SELECT", "EXPLAIN", "PRAGMA", "MULTI")
"""Kinds of statement let through; MULTI is a PIVOT. None can change what it reads."""


def run_query(project: Project, sql: str, as_of: Moment | None = None) -> pl.DataFrame:
    """What `sql` answers over golden, identity, facts, marts and quality.

    quality.runs, quality.results and quality.quarantine are the newest there are, so a run whose
    release was refused shows too. With `as_of` everything is as that release had it; when its file
    is gone, there are only the tables that `warehouse.as_of` rebuilds. One statement, reading
    only: it cannot write, open files or change settings. Raises QueryError for SQL that cannot be
    answered, or when nothing has been published and no run has been recorded.
    """
    con = duckdb.connect(config=STORAGE)
    try:
        con.execute("SET TimeZone = 'UTC'")
        con.execute(NO_PROGRESS_BAR)
        if as_of is None:
            _expose_current(con, project)
        elif as_of.is_kept:
            _expose(con, as_of.file)
        else:
            rebuild(con, project, as_of)
        con.execute("SET enable_external_access = false")
        con.execute("SET lock_configuration = true")
        _require_reading(con, sql)
        answer: pl.DataFrame = con.sql(sql).pl()
        return answer
    except duckdb.Error as error:
        raise QueryError(_explained(con, error)) from None
    finally:
        con.close()


def _expose_current(con: duckdb.DuckDBPyConnection, project: Project) -> None:
    """Make the current release's schemas readable, with quality from the live stores."""
    release = current_release(project)
    if release is not None:
        _expose(con, release.file)
    con.execute("CREATE SCHEMA IF NOT EXISTS quality")
    live = [
        _take_live(con, history_file(project), "runs"),
        _take_live(con, history_file(project), "results"),
        _take_live(con, project.state / "landed.duckdb", "quarantine"),
    ]
    if release is None and not any(live):
        raise QueryError("nothing has been published yet; make a release with: oneid run")


def _expose(con: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Make the schemas of the release in `file` readable under their own names."""
    con.execute(f"ATTACH {literal(str(file))} AS release (READ_ONLY)")
    for schema, table in con.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = 'release' "
        "UNION ALL SELECT schema_name, view_name FROM duckdb_views() "
        "WHERE database_name = 'release' AND NOT internal ORDER BY 1, 2"
    ).fetchall():
        con.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)}")
        name = quoted(schema, table)
        con.execute(f"CREATE VIEW {name} AS SELECT * FROM {quoted('release', schema, table)}")


def _take_live(con: duckdb.DuckDBPyConnection, file: Path, table: str) -> bool:
    """Copy `table` of a live store to quality.<table>; False where it cannot be read now.

    It is copied, not attached, so that a run that starts meanwhile finds the store free. While a
    run is writing to it, what the release says is good enough.
    """
    if not file.is_file():
        return False
    try:
        con.execute(f"ATTACH {literal(str(file))} AS live (READ_ONLY)")
    except duckdb.Error:
        return False
    try:
        # What a store keeps for itself begins with an underscore.
        con.execute(f"CREATE TABLE taken AS SELECT COLUMNS('^[^_]') FROM live.main.{quoted(table)}")
        con.execute(f"DROP VIEW IF EXISTS quality.{quoted(table)}")
        con.execute(f"CREATE TABLE quality.{quoted(table)} AS SELECT * FROM taken")
        con.execute("DROP TABLE taken")
    except duckdb.CatalogException:
        return False
    finally:
        con.execute("DETACH live")
    return True


def _require_reading(con: duckdb.DuckDBPyConnection, sql: str) -> None:
    statements = con.extract_statements(sql)
    if len(statements) != 1:
        raise QueryError(f"one statement at a time, please: this is {len(statements)}")
    kind = statements[0].type.name
    if kind not in _READING:
        raise QueryError(f"{kind} is not possible: a release is only read; write a SELECT")


def _explained(con: duckdb.DuckDBPyConnection, error: duckdb.Error) -> str:
    """The engine's message, and the tables there are when one was not found."""
    message = str(error).strip()
    if not isinstance(error, duckdb.CatalogException):
        return message
    rows = con.execute(
        "SELECT DISTINCT schema_name || '.' || table_name FROM duckdb_tables() "
        "WHERE database_name IN ('release', current_database()) ORDER BY 1"
    ).fetchall()
    return f"{message}\nThe tables are: {', '.join(name for (name,) in rows)}" if rows else message
