"""What a candidate release changes for those who use the one before it, customer by customer."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from core.sql import NO_PROGRESS_BAR, literal, quoted

COUNTED = (
    ("orders", "facts.transactions"),
    ("feedback", "facts.feedback"),
    ("web events", "facts.web_events"),
    ("social interactions", "facts.social_interactions"),
)
"""What moves with a customer: how it is called, where its rows are."""

SEGMENTS = (
    ("rfm", "segment"),
    ("rfm", "cell"),
    ("lifecycle", "stage"),
    ("satisfaction", "band"),
)
"""Mart and column of what a customer is sorted into; told as <mart>_<column>."""


@dataclass(frozen=True)
class ReleaseChanges:
    """What a candidate changes. Only entities of which a source row moves are told of."""

    entities: pl.DataFrame
    """Grain: entity that is touched. entity_id, rows_before, rows_after (of identity.crosswalk;
    null where the entity is not there), redirect (the id it would redirect to)."""
    rows: pl.DataFrame
    """Grain: source row whose entity is another. source, source_record_id, before, after."""
    values: pl.DataFrame
    """Grain: golden value that is another. entity_id, attribute, old_value, new_value."""
    moved: pl.DataFrame
    """Grain: what and entity. what (orders, feedback, …), entity_id, before, after: how many."""
    segments: pl.DataFrame
    """Grain: entity and figure that is another. entity_id, figure (a column of customer_360 that is
    no golden value, or a segment), before, after."""

    @property
    def changes_nothing(self) -> bool:
        """Whether every row would stay where it is."""
        return not len(self.rows)

    @property
    def downstream(self) -> list[dict[str, Any]]:
        """What a system that holds a copy of the customers must do: entity_id, action (create,
        redirect, fetch again, remove), to (the id it redirects to). In order of entity_id."""
        return [
            {"entity_id": each["entity_id"], "action": _action(each), "to": each["redirect"]}
            for each in self.entities.iter_rows(named=True)
        ]


def _action(entity: Mapping[str, Any]) -> str:
    if entity["rows_before"] is None:
        return "create"
    if entity["rows_after"] is not None:
        return "fetch again"
    return "remove" if entity["redirect"] is None else "redirect"


def compare_releases(before: Path, after: Path) -> ReleaseChanges:
    """How the candidate `after` differs from the release `before` that it builds on; both files
    are only read."""
    con = duckdb.connect()
    try:
        con.execute(NO_PROGRESS_BAR)
        for name, file in (("old", before), ("new", after)):
            con.execute(f"ATTACH {literal(str(file))} AS {name} (READ_ONLY)")
        con.execute(_ROWS)
        con.execute(
            "CREATE TABLE named AS SELECT before AS entity_id FROM turned "
            "WHERE before IS NOT NULL UNION SELECT after FROM turned WHERE after IS NOT NULL"
        )
        return ReleaseChanges(
            entities=_asked(con, _ENTITIES),
            rows=_asked(con, "FROM turned ORDER BY source, source_record_id"),
            values=_asked(con, _VALUES),
            moved=_asked(con, _moved_sql()),
            segments=_asked(con, _segments_sql(con)),
        )
    finally:
        con.close()


def _asked(con: duckdb.DuckDBPyConnection, query: str) -> pl.DataFrame:
    answer: pl.DataFrame = con.sql(query).pl()
    return answer


_ROWS = """
CREATE TABLE turned AS
SELECT source, source_record_id, o.entity_id AS before, n.entity_id AS after
FROM old.identity.crosswalk o
FULL JOIN new.identity.crosswalk n USING (source, source_record_id)
WHERE o.entity_id IS DISTINCT FROM n.entity_id"""

_ENTITIES = """
WITH counts AS (
    SELECT entity_id, 'before' AS side FROM old.identity.crosswalk SEMI JOIN named USING (entity_id)
    UNION ALL
    SELECT entity_id, 'after' FROM new.identity.crosswalk SEMI JOIN named USING (entity_id)
),
heirs AS (
    SELECT other_entity_id AS entity_id, max(entity_id) AS redirect FROM new.identity.events
    WHERE kind = 'merged'
        AND sequence > (SELECT coalesce(max(sequence), 0) FROM old.identity.events)
    GROUP BY other_entity_id
)
SELECT entity_id, nullif(count(*) FILTER (side = 'before'), 0) AS rows_before,
       nullif(count(*) FILTER (side = 'after'), 0) AS rows_after, any_value(redirect) AS redirect
FROM counts LEFT JOIN heirs USING (entity_id) GROUP BY entity_id ORDER BY entity_id"""

_VALUES = """
SELECT entity_id, attribute, old_value, new_value FROM new.golden.changes
SEMI JOIN named USING (entity_id) ORDER BY entity_id, attribute"""


def _segments_sql(con: duckdb.DuckDBPyConnection) -> str:
    """The figures of customer_360 that are not golden values, and what SEGMENTS names, where they
    differ: as a query."""
    told = con.execute(
        "SELECT column_name FROM duckdb_columns() WHERE database_name = 'old' "
        "AND table_name = 'customer_360' AND column_name NOT IN (SELECT column_name "
        "FROM duckdb_columns() WHERE database_name = 'old' AND schema_name = 'golden' "
        "AND table_name = 'customers') ORDER BY column_index"
    ).fetchall()
    figures = [("customer_360", name, name) for (name,) in told]
    figures += [(mart, name, f"{mart}_{name}") for mart, name in SEGMENTS]
    parts = [
        f"SELECT entity_id, {literal(words)} AS figure, o.{quoted(name)}::VARCHAR AS before, "
        f"n.{quoted(name)}::VARCHAR AS after FROM (FROM old.marts.{mart} SEMI JOIN named "
        f"USING (entity_id)) o FULL JOIN (FROM new.marts.{mart} SEMI JOIN named "
        "USING (entity_id)) n USING (entity_id)"
        for mart, name, words in figures
    ]
    return (
        f"FROM ({' UNION ALL '.join(parts)}) WHERE before IS DISTINCT FROM after "
        "ORDER BY entity_id, figure"
    )


def _moved_sql() -> str:
    parts = [
        f"SELECT {literal(what)} AS what, entity_id, {side} FROM {catalogue}.{table} "
        "SEMI JOIN named USING (entity_id)"
        for what, table in COUNTED
        for catalogue, side in (
            ("old", "1 AS before, 0 AS after"),
            ("new", "0 AS before, 1 AS after"),
        )
    ]
    return (
        f"SELECT what, entity_id, sum(before)::BIGINT AS before, sum(after)::BIGINT AS after "
        f"FROM ({' UNION ALL '.join(parts)}) GROUP BY ALL "
        "HAVING sum(before) <> sum(after) ORDER BY what, entity_id"
    )


def as_json(changes: ReleaseChanges) -> dict[str, Any]:
    """The changes as plain values, for programs."""
    tables = ("entities", "rows", "values", "moved", "segments")
    return {
        **{name: getattr(changes, name).to_dicts() for name in tables},
        "downstream": changes.downstream,
    }
