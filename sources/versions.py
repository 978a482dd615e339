"""SQL of one source's landed rows: every version of every key, and which one is current."""

from collections.abc import Sequence

import duckdb
import polars as pl

from core.sql import literal, quoted
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
}
ROWS_A_DELIVERY = 1 << 36
"""`_sequence` is delivery x this + row number: the order of delivery over all sources."""


def table(source: str) -> str:
    """The source's table of versions."""
    return quoted("versions", source)


def column_type(field: FieldSpec) -> str:
    """The DuckDB type of a field's column."""
    return TYPES[field.type]


def prepare(connection: duckdb.DuckDBPyConnection, spec: SourceSpec) -> None:
    """Make the source's table and view, or bring older ones up to the spec.

    Fields new to the spec are added, changed types are converted where they can be; fields that
    left the spec keep their column and leave the view.
    """
    wanted = {name: column_type(field) for name, field in spec.fields.items()} | HOUSEKEEPING
    listed = ", ".join(f"{quoted(name)} {kind}" for name, kind in wanted.items())
    connection.execute(f"CREATE TABLE IF NOT EXISTS {table(spec.name)} ({listed})")
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


def insert_rows(
    connection: duckdb.DuckDBPyConnection,
    spec: SourceSpec,
    rows: pl.DataFrame,
    file: str,
    delivery: int,
) -> int:
    """Store those of `rows` whose key and content are new; returns how many they were.

    A row equal to any stored version of its key is a repeat and changes nothing.
    """
    once = ""
    if rows[spec.key].n_unique() != rows.height:
        once = (
            "QUALIFY row_number() OVER (PARTITION BY _key, _content_hash ORDER BY _row_number) = 1"
        )
    columns = ", ".join(map(quoted, spec.fields))
    versions = ", ".join(f"{quoted(name)}::TIMESTAMP" for name in spec.version)
    version_at = f"coalesce({versions})" if versions else "NULL::TIMESTAMP"
    connection.register("delivered_rows", rows.to_arrow())
    try:
        done = connection.execute(
            f"""
            INSERT INTO {table(spec.name)}
                ({columns}, {EXTRA}, _key, _content_hash, _version_at, _file, _row_number,
                 _sequence, _delivery, _current)
            WITH identified AS (
                SELECT *, {quoted(spec.key)}::VARCHAR AS _key,
                       md5_number({_content_sql(spec)}) AS _content_hash
                FROM delivered_rows
                {once}
            )
            SELECT {columns}, {EXTRA}, _key, _content_hash, {version_at}, ?, _row_number,
                   ? * {ROWS_A_DELIVERY} + _row_number, ?, true
            FROM identified
            WHERE NOT EXISTS (
                FROM {table(spec.name)} AS stored
                WHERE stored._key = identified._key
                  AND stored._content_hash = identified._content_hash)
            """,
            [file, delivery, delivery],
        ).fetchone()
    finally:
        connection.unregister("delivered_rows")
    return int(done[0]) if done else 0


def _content_sql(spec: SourceSpec) -> str:
    """Key and content as one text. Absent values leave no trace, so that a field that is new to
    the spec does not make old rows look new."""
    parts = [
        f"{literal(chr(31) + name + chr(30))} || {quoted(name)}"
        for name in sorted([*spec.fields, EXTRA])
    ]
    return f"concat({', '.join(parts)})"


def settle_current(
    connection: duckdb.DuckDBPyConnection, source: str, delivery: int, also: Sequence[str] = ()
) -> int:
    """Decide which version is current for every key of `delivery` (and of the keys `also`).

    Newest `_version_at` first, then the latest delivered; a version without a time is older than
    one with. Returns how many rows of other deliveries stopped being current.
    """
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE settled AS
        WITH touched AS (
            SELECT _key FROM {table(source)} WHERE _delivery = ?
            UNION
            SELECT unnest(?::VARCHAR[])
        ), contested AS (
            SELECT _key FROM {table(source)} SEMI JOIN touched USING (_key)
            GROUP BY _key HAVING count(*) FILTER (_current) <> 1
        ), ranked AS (
            SELECT *, row_number() OVER (
                PARTITION BY _key ORDER BY _version_at DESC NULLS LAST, _sequence DESC) = 1 AS won
            FROM {table(source)} SEMI JOIN contested USING (_key)
        )
        SELECT _sequence, _delivery, won FROM ranked WHERE won <> _current
        """,
        [delivery, list(also)],
    )
    connection.execute(
        f"UPDATE {table(source)} AS stored SET _current = settled.won "
        "FROM settled WHERE stored._sequence = settled._sequence"
    )
    lost = connection.execute(
        "SELECT count(*) FROM settled WHERE NOT won AND _delivery <> ?", [delivery]
    ).fetchone()
    connection.execute("DROP TABLE settled")
    return int(lost[0]) if lost else 0
