"""The marts: figures of each customer, computed from the candidate's golden records and facts."""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC
from pathlib import Path
from typing import Any

import duckdb

from core.sql import literal, quoted
from sources.spec import SourceSpec
from warehouse.facts import facts_tables
from warehouse.mart_settings import MartSettings

FOLDER = Path(__file__).parent / "marts"

MARTS = ("households", "customer_360", "rfm", "lifecycle", "satisfaction", "settings")
"""In the order they are built: a mart may read those before it."""

PREPARED = ("prepare", "prepare_households")
"""What marts read besides, in tables of `work`: made before, as a transaction writes one file."""


def build_marts(
    con: duckdb.DuckDBPyConnection,
    specs: Mapping[str, SourceSpec],
    settings: MartSettings,
    touched: str | None = None,
) -> None:
    """Build every mart from what the candidate holds; all of them or, on an error, none.

    Marts that the candidate holds already are replaced. `touched` is a table of the `entity_id`s
    whose golden record or facts may differ from those the candidate's marts were built with;
    customer_360, the widest mart, is then renewed in their rows and those of their households
    alone. It holds the same rows either way. Without `touched`, or with other cut-offs than those
    of the last build, every row is.
    """
    _list_touches(con, specs)
    _lay_out_settings(con, settings)
    for name in PREPARED:
        con.execute(_text_of(name))
    con.execute("CREATE SCHEMA IF NOT EXISTS marts")
    kept = touched is not None and _cut_offs_are_kept(con)
    _list_renewed(con, touched if kept else None)
    con.execute("BEGIN")
    try:
        if not kept:
            con.execute("DROP TABLE IF EXISTS marts.customer_360")
        for name in MARTS:
            con.execute(_text_of(name))
    except duckdb.Error:
        con.execute("ROLLBACK")
        raise
    con.execute("COMMIT")


def _text_of(name: str) -> str:
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def _cut_offs_are_kept(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether the candidate's marts were built with the same settings; as_of may have moved on,
    for no figure of customer_360 is counted to it."""
    tables = "SELECT count(*) FROM duckdb_tables() WHERE database_name = current_database() "
    tables += "AND schema_name = 'marts' AND table_name IN ('settings', 'customer_360')"
    if con.execute(tables).fetchall() != [(2,)]:
        return False
    [(differing,)] = con.execute(
        """
        SELECT count(*) FROM work.listed_settings n
        FULL JOIN marts.settings o USING (setting)
        WHERE setting <> 'as_of' AND n.value IS DISTINCT FROM o.value
        """
    ).fetchall()
    return bool(differing == 0)


def _list_renewed(con: duckdb.DuckDBPyConnection, touched: str | None) -> None:
    """`work.renewed`: the customers whose rows in customer_360 are made anew."""
    if touched is None:
        source = "SELECT entity_id FROM golden.customers"
    else:
        source = f"""
            SELECT entity_id FROM {touched}
            UNION
            SELECT entity_id FROM golden.customers ANTI JOIN marts.customer_360 USING (entity_id)
            UNION
            SELECT entity_id FROM marts.customer_360 c LEFT JOIN work.households h USING (entity_id)
            WHERE c.household_id IS DISTINCT FROM h.household_id
               OR c.household_members <> coalesce(h.members, 1)"""
    con.execute(f"CREATE OR REPLACE TABLE work.renewed AS {source}")


def _list_touches(con: duckdb.DuckDBPyConnection, specs: Mapping[str, SourceSpec]) -> None:
    """`work.touches`: one row an event of any facts table: entity_id, kind (the table), at."""
    con.execute(
        'CREATE OR REPLACE TABLE work.touches (entity_id VARCHAR, kind VARCHAR, "at" TIMESTAMP)'
    )
    for table in facts_tables(specs):
        for spec in table.sources:
            if spec.time:
                con.execute(
                    f"INSERT INTO work.touches SELECT entity_id, {literal(table.name)}, "
                    f"{quoted(spec.time)} FROM {table.path} WHERE source_name = $source",
                    {"source": spec.name},
                )


def _lay_out_settings(con: duckdb.DuckDBPyConnection, settings: MartSettings) -> None:
    """The settings as tables the marts can join: one row of scalars, and a table a list."""
    as_of = settings.as_of
    if as_of is not None and as_of.tzinfo is not None:
        as_of = as_of.astimezone(UTC).replace(tzinfo=None)
    scalars: dict[str, Any] = {
        "fixed": as_of,
        "reporting_currency": settings.currency.reporting,
        "order_without_status": settings.order_without_status,
        **{f"{name}_days": days for name, days in settings.lifecycle.model_dump().items()},
        **{f"household_{name}": bound for name, bound in settings.households.model_dump().items()},
        **settings.satisfaction.model_dump(exclude={"bands", "closed_statuses"}),
        "closed_statuses": [word.lower() for word in settings.satisfaction.closed_statuses],
    }
    named = ", ".join(f"${name} AS {quoted(name)}" for name in scalars if name != "fixed")
    con.execute(
        f"""
        CREATE OR REPLACE TABLE work.settings AS
        SELECT {named}, coalesce($fixed::TIMESTAMP, greatest(
            (SELECT max("at") FROM work.touches),
            (SELECT max(last_seen_at) FROM golden.customers))) AS as_of
        """,
        scalars,
    )
    _lay_out_lists(con, settings)
    _list_settings(con, settings)


def _lay_out_lists(con: duckdb.DuckDBPyConnection, settings: MartSettings) -> None:
    con.execute("CREATE OR REPLACE TABLE work.rates (currency VARCHAR, rate DOUBLE)")
    con.executemany("INSERT INTO work.rates VALUES (?, ?)", [*settings.currency.rates.items()])
    con.execute(
        "CREATE OR REPLACE TABLE work.rfm_segments (place INT, name VARCHAR, "
        "recency_from INT, recency_to INT, frequency_from INT, frequency_to INT, "
        "monetary_from INT, monetary_to INT)"
    )
    con.executemany(
        "INSERT INTO work.rfm_segments VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        [
            [place, segment.name, *segment.recency, *segment.frequency, *segment.monetary]
            for place, segment in enumerate(settings.rfm_segments)
        ],
    )
    con.execute(
        "CREATE OR REPLACE TABLE work.satisfaction_bands (place INT, name VARCHAR, floor DOUBLE)"
    )
    con.executemany(
        "INSERT INTO work.satisfaction_bands VALUES (?, ?, ?)",
        [[place, band.name, band.floor] for place, band in enumerate(settings.satisfaction.bands)],
    )


def _list_settings(con: duckdb.DuckDBPyConnection, settings: MartSettings) -> None:
    """`work.listed_settings`: what marts.settings publishes, the date that was found included."""
    (as_of,) = con.execute("SELECT as_of FROM work.settings").fetchall()[0]
    content = settings.model_dump(mode="json", by_alias=True)
    content["as_of"] = as_of.isoformat() if as_of else None
    con.execute("CREATE OR REPLACE TABLE work.listed_settings (setting VARCHAR, value VARCHAR)")
    con.executemany(
        "INSERT INTO work.listed_settings VALUES (?, ?)", [list(row) for row in _flat(content)]
    )


def _flat(content: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for name, value in content.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", json.dumps(value, ensure_ascii=False)
