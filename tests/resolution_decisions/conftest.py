"""A small release in memory, as far as decisions look at one."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

DDL = Path(__file__).parents[2] / "warehouse/ddl/identity.sql"
ENTITIES = {
    "C-ANN": [("crm", "1", "1"), ("shop", "1", "1"), ("shop", "2", "1"), ("till", "1", "1")],
    "C-BOB": [("crm", "2", "2"), ("shop", "3", "3")],
    "C-EVE": [("crm", "3", "3")],
}
"""Entity -> source, key and matched_as of its rows: shop/1 and shop/2 are one record."""
ORDERS = {"C-ANN": (3, 100.0), "C-BOB": (40, 9000.0), "C-EVE": (0, None)}
THREAD = '{"refused": "hangs by a thread"}'
MATCHES = [
    ("crm", "1", "crm", "2", -1.0, 0.5, "clerical", "{}"),
    ("crm", "2", "shop", "1", 2.0, 0.5, "clerical", THREAD),
    ("crm", "1", "crm", "3", -2.0, 0.2, "clerical", "{}"),
    ("crm", "2", "crm", "3", -3.0, 0.1, "clerical", "{}"),
    ("crm", "1", "till", "1", 9.0, 0.99, "link", "{}"),
]


@pytest.fixture
def release() -> Iterator[duckdb.DuckDBPyConnection]:
    """Three entities, and four pairs left to stewards."""
    con = duckdb.connect()
    con.execute(DDL.read_text(encoding="utf-8"))
    con.execute(
        "CREATE SCHEMA marts; CREATE TABLE marts.customer_360 "
        "(entity_id VARCHAR, full_name VARCHAR, orders BIGINT, revenue DOUBLE)"
    )
    for entity, rows in ENTITIES.items():
        con.execute(
            "INSERT INTO marts.customer_360 VALUES (?, ?, ?, ?)", [entity, entity, *ORDERS[entity]]
        )
        for source, key, matched_as in rows:
            con.execute(
                "INSERT INTO identity.crosswalk VALUES (?, ?, ?, 'name', 0.9, ?)",
                [source, key, entity, matched_as],
            )
    con.execute("INSERT INTO identity.crosswalk VALUES ('web', 'v1', 'C-ANN', 'email', 1.0, NULL)")
    con.executemany("INSERT INTO identity.matches VALUES (?, ?, ?, ?, ?, ?, ?, ?)", MATCHES)
    yield con
    con.close()
