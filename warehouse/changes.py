"""What this release changed: the golden values of its customers beside those of the release before.

The last step of the golden stage, when golden.customers holds this release's values:

    fill_changes(con, base=file of the last release, release=id, at=time, touched="work.touched")

Each release carries its own changes alone; `warehouse.golden_log` keeps those of all releases.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import duckdb

from core.sql import literal, quoted
from warehouse.ledger import without_zone

DERIVED = (
    "record_count",
    "sources",
    "first_seen_at",
    "last_seen_at",
    "confidence",
    "updated_at",
    "home_key",
)
"""Columns of golden.customers whose changes are not logged: they count or date evidence and move
with every order, or follow from the address."""
_KEY = "entity_id"
_BASE = "last_release"


def fill_changes(
    con: duckdb.DuckDBPyConnection,
    base: Path | None,
    release: str,
    at: datetime,
    touched: str | None,
) -> int:
    """Fill golden.changes, one row a customer and attribute whose value differs; returns how many.

    `con` is the open candidate, `base` the file of the last release (None before the first, and
    where it is gone: then every value is new), `touched` a table of the entity ids that may
    differ (None: all are compared). What golden.changes held before is replaced. A value that a
    customer gained has old_value null; one it lost, or that went with the customer, new_value.
    """
    con.execute("TRUNCATE golden.changes")
    with _attached(con, base) as old:
        con.execute(f"CREATE OR REPLACE TEMP TABLE altered AS {_altered_sql(con, old, touched)}")
    con.execute(f"INSERT INTO golden.changes {_rows_sql(con)}", [release, without_zone(at)])
    con.execute("DROP TABLE altered")
    [(count,)] = con.execute("SELECT count(*) FROM golden.changes").fetchall()
    return int(count)


def value_columns(con: duckdb.DuckDBPyConnection, table: str) -> list[str]:
    """The attributes of a table of golden customers, in order of its columns."""
    names = con.execute(f"SELECT column_name FROM (DESCRIBE {table})").fetchall()
    return [name for (name,) in names if name not in (_KEY, *DERIVED)]


def compared_sql(
    new: str, new_attributes: Sequence[str], old: str | None, old_attributes: Sequence[str]
) -> str:
    """One row a customer of `new` or `old` whose values differ, both sides as text.

    `old` and `new` are tables, or None for nothing at all. Columns: entity_id, then
    `old_<attribute>` and `new_<attribute>` of every attribute of either.
    """
    attributes = list(dict.fromkeys([*new_attributes, *old_attributes]))
    columns = [f"coalesce(n.{_KEY}, o.{_KEY}) AS {_KEY}"]
    differs = []
    for attribute in attributes:
        before = _text("o", attribute, attribute in old_attributes)
        after = _text("n", attribute, attribute in new_attributes)
        columns.append(f"{before} AS {quoted('old_' + attribute)}")
        columns.append(f"{after} AS {quoted('new_' + attribute)}")
        differs.append(f"{before} IS DISTINCT FROM {after}")
    none = f"(SELECT NULL::VARCHAR AS {_KEY} WHERE false)"
    return f"""
        SELECT {", ".join(columns)}
        FROM {new} n FULL JOIN {old or none} o ON n.{_KEY} = o.{_KEY}
        WHERE {" OR ".join(differs) or "false"}
        ORDER BY {_KEY}"""


def changes_sql(attributes: Sequence[str], table: str) -> str:
    """entity_id, attribute, old_value, new_value of `table`, which `compared_sql` made.

    In order of attribute, then of the table: so stored they take least room, and one customer's
    are found without reading the others'.
    """
    parts = [
        f"SELECT {_KEY}, {literal(attribute)} AS attribute, {quoted('old_' + attribute)} AS "
        f"old_value, {quoted('new_' + attribute)} AS new_value FROM {table} "
        f"WHERE {quoted('old_' + attribute)} IS DISTINCT FROM {quoted('new_' + attribute)}"
        for attribute in attributes
    ]
    return " UNION ALL ".join(parts)


def _text(side: str, attribute: str, there: bool) -> str:
    return f"{side}.{quoted(attribute)}::VARCHAR" if there else "NULL::VARCHAR"


def _altered_sql(con: duckdb.DuckDBPyConnection, old: str | None, touched: str | None) -> str:
    new_attributes = value_columns(con, "golden.customers")
    old_attributes = value_columns(con, old) if old else []
    new, old = _only("golden.customers", touched), _only(old, touched) if old else None
    return compared_sql(new, new_attributes, old, old_attributes)


def _only(table: str, touched: str | None) -> str:
    """`table`, or those of its rows that `touched` names."""
    if touched is None:
        return table
    return f"(FROM {table} SEMI JOIN {quoted(*touched.split('.'))} USING ({_KEY}))"


def _rows_sql(con: duckdb.DuckDBPyConnection) -> str:
    names = con.execute("SELECT column_name FROM (DESCRIBE altered)").fetchall()
    attributes = [name.removeprefix("new_") for (name,) in names if name.startswith("new_")]
    return f"SELECT ?, ?, * FROM ({changes_sql(attributes, 'altered')})"


@contextmanager
def _attached(con: duckdb.DuckDBPyConnection, base: Path | None) -> Iterator[str | None]:
    """The golden customers of `base`, under the name it is attached by already where it is."""
    if base is None:
        yield None
        return
    names = con.execute(
        "SELECT database_name FROM duckdb_databases() WHERE path = ?", [str(base)]
    ).fetchall()
    if not names:
        con.execute(f"ATTACH {literal(str(base))} AS {_BASE} (READ_ONLY)")
    try:
        yield quoted(names[0][0] if names else _BASE, "golden", "customers")
    finally:
        if not names:
            con.execute(f"DETACH {_BASE}")
