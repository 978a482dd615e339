"""Rows that come back after they were withdrawn: whether they still tell of the same person."""

import duckdb
import polars as pl

from core.sql import quoted
from sources.spec import SourceSpec
from sources.versions import table


def unlike_before(
    connection: duckdb.DuckDBPyConnection, spec: SourceSpec, keys: pl.Series
) -> pl.DataFrame:
    """source, source_record_id: those of `keys` (text) that have come to tell of somebody else.

    Compared are the current row's identity fields with those of each version that was taken back:
    where more than half of the values that both give differ in every one of them, the source has
    given the key to another. Where nothing can be compared a key counts for the same.
    """
    fields = sorted({name for names in spec.identity.values() for name in names} - {spec.key})
    same = " + ".join(
        f"coalesce({_folded('now', x)} = {_folded('was', x)}, false)::INT" for x in fields
    )
    both = " + ".join(
        f"(now.{quoted(x)} IS NOT NULL AND was.{quoted(x)} IS NOT NULL)::INT" for x in fields
    )
    connection.register("returning_keys", keys.cast(pl.String).alias("_key").to_frame().to_arrow())
    try:
        found: pl.DataFrame = connection.sql(
            f"""
            SELECT now._key AS source_record_id
            FROM {table(spec.name)} AS now
            SEMI JOIN returning_keys USING (_key)
            JOIN {table(spec.name)} AS was ON was._key = now._key AND NOT was._stands
            WHERE now._current AND ({both or 0}) > 0
            GROUP BY now._key HAVING NOT bool_or(2 * ({same or 0}) >= ({both or 0}))
            ORDER BY now._key
            """
        ).pl()
    finally:
        connection.unregister("returning_keys")
    return found.select(pl.lit(spec.name).alias("source"), pl.col("source_record_id"))


def _folded(side: str, field: str) -> str:
    """A field as text, without regard to case or blanks around it."""
    return f"lower(trim({side}.{quoted(field)}::VARCHAR))"
