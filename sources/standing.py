"""Which version of a key is current, and which ones a withdrawal has taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import duckdb

from sources.spec import SourceSpec
from sources.versions import table
from sources.withdrawals import withdraws_sql


@dataclass(frozen=True)
class Settled:
    """What one delivery did to those before it. `superseded`: rows that a newer version replaced;
    `withdrawn`: keys that were there and are no more."""

    superseded: int
    withdrawn: int


def oldest_first(spec: SourceSpec) -> str:
    """SQL that orders the versions of a key. A version without a time is older than one with one,
    among equals the later delivered is newer; of snapshots always."""
    by_time = "_version_at NULLS FIRST, _sequence"
    return f"_delivery, {by_time}" if spec.delivery == "snapshot" else by_time


def settle_current(
    connection: duckdb.DuckDBPyConnection,
    spec: SourceSpec,
    delivery: int,
    also: Sequence[str] = (),
) -> Settled:
    """Decide for every key of `delivery` (and the keys `also`) which version is current.

    It is the newest, or none where that one is a withdrawal. A withdrawal takes back itself and all
    versions older than it: they no longer stand, also when the key comes again.
    """
    versions = table(spec.name)
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE settled AS
        WITH touched AS (
            SELECT _key FROM {versions} WHERE _delivery = ?
            UNION
            SELECT unnest(?::VARCHAR[])
        ), contested AS (
            SELECT _key FROM {versions} SEMI JOIN touched USING (_key) GROUP BY _key
            HAVING count(*) FILTER (_current) <> 1
                OR count(_withdrawal) > 0 OR NOT bool_and(_stands)
        ), placed AS (
            SELECT *, row_number() OVER (PARTITION BY _key ORDER BY {oldest_first(spec)}) AS place
            FROM {versions} SEMI JOIN contested USING (_key)
        ), judged AS (
            SELECT _key, _sequence, _delivery, _current, _stands,
                   place > coalesce(max(place) FILTER (_withdrawal IS NOT NULL) OVER of_key, 0)
                   AS stands,
                   stands AND place = max(place) OVER of_key AS won
            FROM placed WINDOW of_key AS (PARTITION BY _key)
        )
        SELECT *, bool_or(won) OVER (PARTITION BY _key) AS lives FROM judged
        QUALIFY won <> _current OR stands <> _stands
        """,
        [delivery, list(also)],
    )
    connection.execute(
        f"UPDATE {versions} AS stored SET _current = settled.won, _stands = settled.stands "
        "FROM settled WHERE stored._sequence = settled._sequence"
    )
    lost = connection.execute(
        "SELECT count(*) FILTER (lives), count(DISTINCT _key) FILTER (NOT lives) FROM settled "
        "WHERE _current AND NOT won AND _delivery <> ?",
        [delivery],
    ).fetchone()
    connection.execute("DROP TABLE settled")
    return Settled(*lost) if lost else Settled(0, 0)


def restate_withdrawals(
    connection: duckdb.DuckDBPyConnection, spec: SourceSpec, number: int, at: datetime
) -> None:
    """Judge all stored rows by what the spec says now under `withdrawn_when`; keys for which that
    differs are noted as restated under the delivery number `number`."""
    withdraws = withdraws_sql(spec)
    differs = (
        f"((_withdrawal IS NULL AND {withdraws}) OR (_withdrawal = 'value' AND NOT {withdraws}))"
    )
    keys = connection.execute(
        f"SELECT DISTINCT _key FROM {table(spec.name)} WHERE {differs}"
    ).fetchall()
    if not keys:
        return
    connection.execute(
        f"INSERT INTO restated SELECT DISTINCT ?, _key, ?::BIGINT, ?::TIMESTAMP "
        f"FROM {table(spec.name)} WHERE {differs}",
        [spec.name, number, at],
    )
    connection.execute(
        f"UPDATE {table(spec.name)} SET _withdrawal = "
        f"CASE WHEN {withdraws} THEN 'value' END WHERE {differs}"
    )
    settle_current(connection, spec, number, [key for (key,) in keys])
