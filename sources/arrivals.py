"""Stores delivered rows that are new; one that only repeats what is known changes nothing."""

from dataclasses import dataclass

import duckdb
import polars as pl

from core.sql import literal, quoted
from sources.headings import EXTRA
from sources.spec import SourceSpec
from sources.versions import ROWS_A_DELIVERY, table
from sources.withdrawals import TOMBSTONE, withdraws_sql

_COMPLETE = """
SELECT * FROM identified
WHERE NOT EXISTS (
    FROM {table} AS stored
    WHERE stored._key = identified._key AND stored._content_hash = identified._content_hash)
"""
"""Where nothing was ever withdrawn: rows whose key and content no stored version has."""

_TAKING_TURNS = """
SELECT identified.* REPLACE (turns._version_at AS _version_at)
FROM identified JOIN (
    WITH known AS (
        SELECT _key, _content_hash, _version_at, _withdrawal IS NOT NULL AS gone, _sequence,
               false AS arrives
        FROM {table} SEMI JOIN identified USING (_key)
        UNION ALL
        SELECT _key, _content_hash, _version_at, _withdrawal IS NOT NULL, _sequence, true
        FROM identified
    ), dated AS (
        SELECT * REPLACE (
            CASE WHEN gone THEN coalesce(_version_at, max(_version_at) OVER earlier)
            ELSE _version_at END AS _version_at)
        FROM known WINDOW earlier AS (PARTITION BY _key ORDER BY _sequence)
    ), turned AS (
        SELECT _sequence, _version_at, arrives,
               max(_sequence) OVER same_before AS equal_before,
               min(_sequence) FILTER (NOT arrives) OVER same_after AS equal_after,
               CASE WHEN gone THEN max(_sequence) FILTER (NOT gone) OVER before
               ELSE max(_sequence) FILTER (gone) OVER before END AS opposite_before,
               CASE WHEN gone THEN min(_sequence) FILTER (NOT gone) OVER after
               ELSE min(_sequence) FILTER (gone) OVER after END AS opposite_after
        FROM dated
        WINDOW same_before AS (PARTITION BY _key, _content_hash ORDER BY _sequence
                               ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
               same_after AS (PARTITION BY _key, _content_hash ORDER BY _sequence
                              ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING),
               before AS (PARTITION BY _key, _version_at ORDER BY _sequence
                          ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING),
               after AS (PARTITION BY _key, _version_at ORDER BY _sequence
                         ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING)
    )
    SELECT _sequence, _version_at FROM turned
    WHERE arrives AND (equal_before IS NULL OR opposite_before > equal_before)
        AND (equal_after IS NULL OR opposite_after < equal_after)
) AS turns USING (_sequence)
"""
"""Where keys are withdrawn and come again: a row is a repeat unless, among versions of its time, a
withdrawal lies between it and each equal (and the other way round). Equals that follow are
there when an earlier file is read again. A withdrawal without a time is
as old as the newest version known of its key, so that an older one that comes late stays out."""

_AS_OF_NOW = """
SELECT * FROM identified SEMI JOIN (
    WITH stored AS (
        SELECT _key, _content_hash, _delivery, _version_at, _sequence
        FROM {table} SEMI JOIN identified USING (_key) WHERE _delivery <= $delivery
    ), newest AS (
        SELECT _key, last(_content_hash ORDER BY _delivery, _version_at NULLS FIRST, _sequence)
               AS newest_hash
        FROM stored GROUP BY _key
    ), compared AS (
        SELECT identified._key, identified._sequence,
               row_number() OVER (
                   PARTITION BY identified._key
                   ORDER BY identified._version_at DESC NULLS LAST, identified._sequence DESC
               ) = 1 AS last_word,
               CASE WHEN last_word
               THEN identified._content_hash IS DISTINCT FROM newest_hash
               ELSE NOT EXISTS (
                   FROM stored WHERE stored._key = identified._key
                   AND stored._content_hash = identified._content_hash) END AS differs
        FROM identified LEFT JOIN newest USING (_key)
    )
    SELECT _sequence FROM compared
    QUALIFY differs OR (last_word AND bool_or(differs) OVER (PARTITION BY _key))
) AS differing USING (_sequence)
"""
"""Of a snapshot: rows that differ from the newest version of their key, also where they equal an
older one. Of several rows of a key the last is compared; the others are history if new."""


@dataclass(frozen=True)
class Arrival:
    """The file that rows come from. `lists_keys`: it holds keys to withdraw, and nothing else."""

    spec: SourceSpec
    file: str
    delivery: int
    lists_keys: bool = False


def insert_rows(connection: duckdb.DuckDBPyConnection, arrival: Arrival, rows: pl.DataFrame) -> int:
    """Store those of `rows` that are new; returns how many they were.

    A row equal to a stored version of its key is a repeat and changes nothing, unless the key was
    withdrawn in between. Which version is current is not decided yet; see sources.standing.
    """
    spec = arrival.spec
    columns = [spec.key] if arrival.lists_keys else [*spec.fields, EXTRA]
    listed = ", ".join(map(quoted, columns))
    new = _new_sql(connection, arrival)
    once = new is not _TAKING_TURNS and rows[spec.key].n_unique() != rows.height
    connection.register("delivered_rows", rows.to_arrow())
    try:
        done = connection.execute(
            f"""
            INSERT INTO {table(spec.name)}
                ({listed}, _key, _content_hash, _version_at, _file, _row_number,
                 _sequence, _delivery, _current, _withdrawal, _stands)
            WITH identified AS ({_identified_sql(arrival, once)}),
            new_rows AS ({new.format(table=table(spec.name))})
            SELECT {listed}, _key, _content_hash, _version_at, $file, _row_number,
                   _sequence, $delivery::BIGINT, _withdrawal IS NULL, _withdrawal,
                   _withdrawal IS NULL
            FROM new_rows
            """,
            {"file": arrival.file, "delivery": arrival.delivery},
        ).fetchone()
    finally:
        connection.unregister("delivered_rows")
    return int(done[0]) if done else 0


def _new_sql(connection: duckdb.DuckDBPyConnection, arrival: Arrival) -> str:
    """The cheapest SQL that finds what is new."""
    spec = arrival.spec
    if spec.delivery == "snapshot":
        return _AS_OF_NOW
    if arrival.lists_keys or spec.withdrawn_when:
        return _TAKING_TURNS
    withdrawn = connection.execute(
        f"SELECT 1 FROM {table(spec.name)} WHERE _withdrawal IS NOT NULL LIMIT 1"
    ).fetchall()
    return _TAKING_TURNS if withdrawn else _COMPLETE


def _identified_sql(arrival: Arrival, once: bool) -> str:
    """The delivered rows with key, hash of content, time of version and place in the order."""
    spec = arrival.spec
    versions = ", ".join(f"{quoted(name)}::TIMESTAMP" for name in spec.version)
    version_at = f"coalesce({versions})" if versions else "NULL::TIMESTAMP"
    content = f"md5_number({_content_sql(spec)})"
    withdrawal = f"CASE WHEN {withdraws_sql(spec)} THEN 'value' END"
    if arrival.lists_keys:
        version_at, content, withdrawal = "NULL::TIMESTAMP", TOMBSTONE, "'list'"
    first = "QUALIFY row_number() OVER (PARTITION BY _key, _content_hash ORDER BY _row_number) = 1"
    return f"""
        SELECT *, {quoted(spec.key)}::VARCHAR AS _key, {content} AS _content_hash,
               {version_at} AS _version_at, {withdrawal} AS _withdrawal,
               $delivery::BIGINT * {ROWS_A_DELIVERY} + _row_number AS _sequence
        FROM delivered_rows {first if once else ""}"""


def _content_sql(spec: SourceSpec) -> str:
    """Key and content as one text. Absent values leave no trace, so that a field that is new to
    the spec does not make old rows look new."""
    parts = [
        f"{literal(chr(31) + name + chr(30))} || {quoted(name)}"
        for name in sorted([*spec.fields, EXTRA])
    ]
    return f"concat({', '.join(parts)})"
