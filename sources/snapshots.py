"""What is no longer in a source that always delivers all it has.

A snapshot is all files of the source that are new in one run: an export may be written in parts. It
is settled when all of them have been read; what it lacks is withdrawn then. Until that is done the
keys it has are kept, so that a run that was killed half way loses none.
"""

from dataclasses import dataclass
from datetime import datetime

import duckdb
import polars as pl

from core.sql import quoted
from sources.spec import SourceSpec
from sources.standing import settle_current
from sources.versions import ROWS_A_DELIVERY, table
from sources.withdrawals import TOMBSTONE

TABLES = """
CREATE TABLE IF NOT EXISTS snapshots (
    source VARCHAR, delivery BIGINT, withdrawn BIGINT, delivered_at TIMESTAMP);
CREATE TABLE IF NOT EXISTS snapshot_keys (source VARCHAR, _key VARCHAR);
"""
"""The snapshots that have been settled; the keys of those that have not."""


@dataclass(frozen=True)
class Snapshot:
    """One settled snapshot: its number among the deliveries, how many keys it withdrew."""

    delivery: int
    withdrawn: int


def last_settled(connection: duckdb.DuckDBPyConnection, source: str) -> int:
    """The delivery number under which the source's newest snapshot was settled; 0 before that."""
    found = connection.execute(
        "SELECT coalesce(max(delivery), 0) FROM snapshots WHERE source = ?", [source]
    ).fetchall()
    return int(found[0][0])


def note_keys(connection: duckdb.DuckDBPyConnection, spec: SourceSpec, keys: pl.DataFrame) -> None:
    """Keep the keys (the column of the spec's key) that a snapshot holds, bad rows' too."""
    connection.register("held_keys", keys.to_arrow())
    try:
        connection.execute(
            f"INSERT INTO snapshot_keys SELECT DISTINCT ?, {quoted(spec.key)}::VARCHAR "
            f"FROM held_keys WHERE {quoted(spec.key)} IS NOT NULL",
            [spec.name],
        )
    finally:
        connection.unregister("held_keys")


def forget_keys(connection: duckdb.DuckDBPyConnection, spec: SourceSpec) -> None:
    """Forget an unsettled snapshot, when the source no longer delivers any."""
    connection.execute("DELETE FROM snapshot_keys WHERE source = ?", [spec.name])


def is_open(connection: duckdb.DuckDBPyConnection, source: str) -> bool:
    """Whether there is a snapshot to settle. One without a single key is a failed export."""
    found = connection.execute("SELECT 1 FROM snapshot_keys WHERE source = ? LIMIT 1", [source])
    return bool(found.fetchall())


def misses_files(connection: duckdb.DuckDBPyConnection, source: str, after: int) -> bool:
    """Whether a file that was delivered after the number `after` could not be read."""
    found = connection.execute(
        "SELECT 1 FROM files WHERE source = ? AND delivery > ? AND reason IS NOT NULL LIMIT 1",
        [source, after],
    )
    return bool(found.fetchall())


def settle_snapshot(
    connection: duckdb.DuckDBPyConnection, spec: SourceSpec, number: int, now: datetime
) -> Snapshot:
    """Withdraw every current key that the snapshot lacks, under the delivery number `number`."""
    done = connection.execute(
        f"""
        INSERT INTO {table(spec.name)}
            (_key, _content_hash, _version_at, _sequence, _delivery, _current, _withdrawal, _stands)
        SELECT _key, {TOMBSTONE}, _version_at,
               $number::BIGINT * {ROWS_A_DELIVERY} + row_number() OVER (ORDER BY _key),
               $number::BIGINT, false, 'snapshot', false
        FROM {table(spec.name)} ANTI JOIN (
            SELECT _key FROM snapshot_keys WHERE source = $source) AS held USING (_key)
        WHERE _current
        """,
        {"number": number, "source": spec.name},
    ).fetchone()
    settle_current(connection, spec, number)
    forget_keys(connection, spec)
    withdrawn = int(done[0]) if done else 0
    connection.execute(
        "INSERT INTO snapshots VALUES (?, ?, ?, ?)", [spec.name, number, withdrawn, now]
    )
    return Snapshot(number, withdrawn)
