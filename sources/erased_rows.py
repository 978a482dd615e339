"""Takes the rows of an erased person out of what has landed, their quarantined ones too."""

from collections.abc import Iterator
from contextlib import contextmanager

import duckdb
import polars as pl

from core.sql import literal, quoted
from sources.erasures import RowHashes
from sources.headings import EXTRA
from sources.landed import LandedStore
from sources.versions import HOUSEKEEPING, table

_SHORTEST = 4
"""Characters of the shortest value by which a quarantined row is taken for somebody's."""


def landed_keys(store: LandedStore) -> pl.DataFrame:
    """source, source_record_id of every row that ever landed, and of those erased and not yet
    forgotten."""
    parts = [
        f"SELECT DISTINCT {literal(x)} AS source, _key AS source_record_id FROM {table(x)}"
        for x in store.sources()
    ]
    parts.append("SELECT DISTINCT source, _key FROM restated")
    frame: pl.DataFrame = store.connection.sql(" UNION ".join(parts)).pl()
    return frame.sort("source", "source_record_id")


def count_rows(store: LandedStore, keys: pl.DataFrame) -> dict[str, int]:
    """How many versions, and quarantined rows, `erase_rows` would take out, by what they are."""
    with _erasing(store, keys) as sources:
        versions = sum(_count(store, f"{table(x)} SEMI JOIN going ON {_of(x)}") for x in sources)
        return {
            "versions": versions,
            "quarantined rows": _count(
                store, f"quarantine WHERE {_tells('quarantine', 'raw', 'reason')}"
            ),
        }


def erase_rows(store: LandedStore, keys: pl.DataFrame, at: object) -> None:
    """Take out every version of `keys` (source, source_record_id), the quarantined rows that hold
    one of them or a value that nobody else has, and what the drift says of such values.

    The keys are noted as restated, so that the next run makes what held them anew; `forget_keys`
    takes them out there when it is published. One transaction.
    """
    with store.transaction(), _erasing(store, keys) as sources:
        con = store.connection
        con.execute(f"DELETE FROM quarantine WHERE {_tells('quarantine', 'raw', 'reason')}")
        con.execute(f"DELETE FROM drift WHERE {_tells('drift', 'detail')}")
        number = store.last_delivery() + 1
        for source in sources:
            of_source = (
                f"FROM {table(source)} WHERE _key IN (SELECT key FROM going WHERE {_in(source)})"
            )
            con.execute(
                f"INSERT INTO restated SELECT DISTINCT {literal(source)}, _key, {number:d}, "
                f"?::TIMESTAMP {of_source}",
                [at],
            )
            con.execute(f"DELETE {of_source}")
        con.execute(
            "DELETE FROM snapshot_keys USING going WHERE snapshot_keys.source = going.source "
            "AND snapshot_keys._key = going.key"
        )


def forget_keys(store: LandedStore, hashes: RowHashes, erased: frozenset[str]) -> None:
    """Take the keys of erased rows out of what is noted as restated. The notes stay: deliveries are
    counted by them."""
    noted: pl.DataFrame = store.connection.sql(
        "SELECT DISTINCT source, _key AS source_record_id FROM restated"
    ).pl()
    store.connection.register("forgotten_keys", hashes.among(noted, erased).to_arrow())
    store.connection.execute(
        "UPDATE restated SET _key = '' FROM forgotten_keys f "
        "WHERE restated.source = f.source AND restated._key = f.source_record_id"
    )
    store.connection.unregister("forgotten_keys")


@contextmanager
def _erasing(store: LandedStore, keys: pl.DataFrame) -> Iterator[list[str]]:
    """The sources concerned. Makes `going` (source, key) and `telling` (value: in lower case, of
    those rows and of no other) for the block."""
    con = store.connection
    rows = keys.select("source", key="source_record_id")
    con.register("going_rows", rows.to_arrow())
    con.execute("CREATE OR REPLACE TEMP TABLE going AS FROM going_rows")
    con.unregister("going_rows")
    sources = [x for x in store.sources() if x in set(rows.get_column("source"))]
    mine = [_values_sql(con, x, f"SEMI JOIN going ON {_of(x)}") for x in sources]
    others = [_values_sql(con, x, f"ANTI JOIN going ON {_of(x)}") for x in store.sources()]
    none = "SELECT NULL::VARCHAR AS value WHERE false"
    con.execute(
        f"CREATE OR REPLACE TEMP TABLE telling AS SELECT DISTINCT value FROM "
        f"({' UNION ALL '.join([none, *mine])}) WHERE length(value) >= {_SHORTEST} "
        f"EXCEPT SELECT value FROM ({' UNION ALL '.join([none, *others])})"
    )
    try:
        yield sources
    finally:
        con.execute("DROP TABLE going")
        con.execute("DROP TABLE telling")


def _values_sql(con: duckdb.DuckDBPyConnection, source: str, which: str) -> str:
    """The texts of the rows, in lower case: of every text column, and those within `extra`."""
    columns = con.execute(
        "SELECT column_name FROM duckdb_columns() WHERE schema_name = 'versions' "
        "AND table_name = ? AND data_type = 'VARCHAR'",
        [source],
    ).fetchall()
    texts = [quoted(name) for (name,) in columns if name not in HOUSEKEEPING]
    extra = f"coalesce(json_extract_string({quoted(EXTRA)}, '$.*'), [])"
    listed = f"list_concat([{', '.join(texts) or 'NULL'}], {extra})"
    return f"SELECT lower(trim(unnest({listed}))) AS value FROM {table(source)} AS stored {which}"


def _of(source: str) -> str:
    return f"going.source = {literal(source)} AND going.key = _key"


def _in(source: str) -> str:
    return f"source = {literal(source)}"


def _tells(place: str, *columns: str) -> str:
    """SQL of whether a row of quarantine or drift tells of an erased one."""
    text = f"lower(concat_ws(' ', {', '.join(columns)}))"
    whole = "'(^|[^0-9a-z])' || regexp_escape(lower(going.key)) || '($|[^0-9a-z])'"
    return (
        f"EXISTS (FROM telling WHERE contains({text}, telling.value)) OR "
        f"EXISTS (FROM going WHERE going.source = {place}.source "
        f"AND regexp_matches({text}, {whole}))"
    )


def _count(store: LandedStore, rows: str) -> int:
    [(count,)] = store.connection.execute(f"SELECT count(*) FROM {rows}").fetchall()
    return int(count)
