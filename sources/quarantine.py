"""Sets bad rows aside, each once however often its like is delivered."""

from dataclasses import dataclass
from datetime import datetime

import duckdb
import polars as pl

TABLE = """
CREATE TABLE IF NOT EXISTS quarantine (
    source VARCHAR, file VARCHAR, row_number BIGINT, reason VARCHAR, raw VARCHAR,
    delivered_at TIMESTAMP, _delivery BIGINT, _raw_hash UHUGEINT, _occurrence BIGINT);
"""

CONDEMNED = {
    "row_number": pl.Int64,
    "reason": pl.String,
    "raw": pl.String,
    "keyed": pl.Boolean,
}
"""Columns of bad rows to be set aside; `keyed`: the row's key could be read."""

_COUNT_CONDEMNED = """
CREATE OR REPLACE TEMP TABLE counted AS
WITH hashed AS (
    SELECT *, md5_number(concat_ws(chr(31), reason, raw)) AS raw_hash FROM condemned
), numbered AS (
    SELECT *, row_number() OVER (PARTITION BY raw_hash ORDER BY row_number) AS occurrence
    FROM hashed
), earlier AS (
    SELECT _raw_hash AS raw_hash, _occurrence AS occurrence, list(file) AS known_in
    FROM quarantine WHERE source = ? GROUP BY ALL
)
SELECT *, known_in IS NOT NULL AS known
FROM numbered LEFT JOIN earlier USING (raw_hash, occurrence)
"""
"""The bad rows of one file, and in which files the like of each was set aside before."""


def begin_condemning(connection: duckdb.DuckDBPyConnection) -> None:
    """Make room for the bad rows of one file."""
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE condemned (row_number BIGINT, reason VARCHAR, "
        "raw VARCHAR, keyed BOOLEAN)"
    )


def condemn(connection: duckdb.DuckDBPyConnection, bad: pl.DataFrame) -> None:
    """Set aside bad rows (columns: CONDEMNED) of the file being read."""
    connection.register("bad_rows", bad.to_arrow())
    try:
        connection.execute(
            "INSERT INTO condemned SELECT row_number, reason, raw, keyed FROM bad_rows"
        )
    finally:
        connection.unregister("bad_rows")


@dataclass(frozen=True)
class Origin:
    """The file that bad rows are from."""

    source: str
    file: str
    delivery: int
    delivered_at: datetime


def quarantine_condemned(
    connection: duckdb.DuckDBPyConnection, origin: Origin, brought: int = 0
) -> int:
    """Quarantine what was condemned in a file; returns how many rows were new.

    A bad row that an earlier delivery already brought is not set aside twice: the n-th
    occurrence of the same text in this file is new only if no file had n of it. Rows without
    a key, and whole files, must come from a file of the same name for that: nothing else
    says that two of them are the same. But a file that `brought` no good row and no bad one
    that is not known is an earlier one packed or named otherwise.
    """
    connection.execute(_COUNT_CONDEMNED, [origin.source])
    done = connection.execute(
        """
        INSERT INTO quarantine
        SELECT ?, ?, row_number, reason, raw, ?, ?, raw_hash, occurrence FROM counted
        WHERE NOT (keyed AND known) AND NOT coalesce(list_contains(known_in, ?), false)
          AND NOT (? AND (SELECT bool_and(known AND row_number IS NOT NULL) FROM counted))
        """,
        [
            origin.source,
            origin.file,
            origin.delivered_at,
            origin.delivery,
            origin.file,
            brought == 0,
        ],
    ).fetchone()
    return int(done[0]) if done else 0
