"""The table of one source's landed rows, every version of every key, and its view of today."""

import duckdb

from core.sql import quoted
from sources.headings import EXTRA
from sources.spec import FieldSpec, SourceSpec

TYPES: dict[str, str] = {
    "text": "VARCHAR",
    "category": "VARCHAR",
    "currency": "VARCHAR",
    "number": "DOUBLE",
    "integer": "BIGINT",
    "time": "TIMESTAMP",
    "date": "DATE",
}
HOUSEKEEPING = {
    EXTRA: "VARCHAR",
    "_key": "VARCHAR",
    "_content_hash": "UHUGEINT",
    "_version_at": "TIMESTAMP",
    "_file": "VARCHAR",
    "_row_number": "BIGINT",
    "_sequence": "BIGINT",
    "_delivery": "BIGINT",
    "_current": "BOOLEAN",
    "_withdrawal": "VARCHAR",
    "_stands": "BOOLEAN",
}
ROWS_A_DELIVERY = 1 << 36
"""`_sequence` is delivery x this + row number: the order of delivery over all sources."""
_UPGRADES = (
    "ALTER TABLE {} ADD COLUMN IF NOT EXISTS _withdrawal VARCHAR",
    "ALTER TABLE {} ADD COLUMN IF NOT EXISTS _stands BOOLEAN DEFAULT true",
)
"""Columns younger than stores in use: what landed before them is no withdrawal, and stands."""


def table(source: str) -> str:
    """The source's table of versions."""
    return quoted("versions", source)


def landed_sources(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """The sources that have ever landed, in order."""
    found = connection.execute(
        "SELECT table_name FROM duckdb_tables() WHERE schema_name = 'versions' "
        "AND database_name = current_database() ORDER BY table_name"
    ).fetchall()
    return [name for (name,) in found]


def upgrade(connection: duckdb.DuckDBPyConnection) -> None:
    """Bring the tables of all sources, also of those without a spec now, up to today's columns."""
    for source in landed_sources(connection):
        for statement in _UPGRADES:
            connection.execute(statement.format(table(source)))


def column_type(field: FieldSpec) -> str:
    """The DuckDB type of a field's column."""
    return TYPES[field.type]


def prepare(connection: duckdb.DuckDBPyConnection, spec: SourceSpec) -> None:
    """Make the source's table and views, or bring older ones up to the spec.

    Fields new to the spec are added, changed types are converted where they can be; fields that
    left the spec keep their column and leave the view.
    """
    wanted = {name: column_type(field) for name, field in spec.fields.items()} | HOUSEKEEPING
    listed = ", ".join(f"{quoted(name)} {kind}" for name, kind in wanted.items())
    connection.execute(f"CREATE TABLE IF NOT EXISTS {table(spec.name)} ({listed})")
    connection.execute(
        f"CREATE VIEW IF NOT EXISTS withdrawn.{quoted(spec.name)} AS "
        f"SELECT DISTINCT _key AS source_record_id FROM {table(spec.name)} "
        f"WHERE _withdrawal IS NOT NULL "
        f"AND _key NOT IN (SELECT _key FROM {table(spec.name)} WHERE _current)"
    )
    present = dict(
        connection.execute(
            "SELECT column_name, data_type FROM duckdb_columns() "
            "WHERE schema_name = 'versions' AND table_name = ?",
            [spec.name],
        ).fetchall()
    )
    view = _view_sql(spec)
    changed = {name: kind for name, kind in wanted.items() if present.get(name) != kind}
    if not changed and _view_is(connection, spec):
        return
    connection.execute(f"DROP VIEW IF EXISTS current.{quoted(spec.name)}")
    for name, kind in changed.items():
        connection.execute(_alteration_sql(spec.name, name, kind, name in present))
    connection.execute(view)


def _alteration_sql(source: str, column: str, kind: str, present: bool) -> str:
    if not present:
        return f"ALTER TABLE {table(source)} ADD COLUMN {quoted(column)} {kind}"
    return (
        f"ALTER TABLE {table(source)} ALTER COLUMN {quoted(column)} TYPE {kind} "
        f"USING TRY_CAST({quoted(column)} AS {kind})"
    )


def _view_columns(spec: SourceSpec) -> list[str]:
    return [*spec.fields, EXTRA, "_file", "_row_number", "_sequence"]


def _view_sql(spec: SourceSpec) -> str:
    columns = ", ".join(map(quoted, _view_columns(spec)))
    return (
        f"CREATE VIEW current.{quoted(spec.name)} AS "
        f"SELECT {columns} FROM {table(spec.name)} WHERE _current"
    )


def _view_is(connection: duckdb.DuckDBPyConnection, spec: SourceSpec) -> bool:
    columns = connection.execute(
        "SELECT column_name FROM duckdb_columns() "
        "WHERE schema_name = 'current' AND table_name = ? ORDER BY column_index",
        [spec.name],
    ).fetchall()
    return [name for (name,) in columns] == _view_columns(spec)
