"""A release written by hand: a chain of three records of Ann, and Bob beside them."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import duckdb

from core.ids import mint_entity_id
from resolution.explain import Archive

ANN, BOB, GONE = (mint_entity_id(name) for name in ("ann", "bob", "gone"))
WHY = {"name": {"level": "same full name", "weight": 12.0, "tf": -1.5}}
PRIOR = -9.0
FIRST, SECOND = datetime(2026, 3, 1, 5, 30), datetime(2026, 3, 2, 5, 30)
"""When r1 and r2 were made."""
TABLES = """
    CREATE SCHEMA identity;
    CREATE TABLE identity.crosswalk (source VARCHAR, source_record_id VARCHAR,
        entity_id VARCHAR, matched_by VARCHAR, match_probability DOUBLE, matched_as VARCHAR);
    CREATE TABLE identity.matches (source_l VARCHAR, source_record_id_l VARCHAR,
        source_r VARCHAR, source_record_id_r VARCHAR, match_weight DOUBLE,
        match_probability DOUBLE, status VARCHAR, why JSON);
    CREATE TABLE identity.events (sequence BIGINT, release VARCHAR, kind VARCHAR,
        entity_id VARCHAR, other_entity_id VARCHAR, cause VARCHAR, "at" TIMESTAMP);
    CREATE TABLE identity.model (comparison VARCHAR, place BIGINT, level VARCHAR, m DOUBLE,
        u DOUBLE, match_weight DOUBLE);
"""


def row(source: str, key: str, entity: str, matched_as: str | None) -> tuple[object, ...]:
    """A row of identity.crosswalk."""
    return (source, key, entity, "name", 0.99, matched_as)


def pair(left: str, right: str, status: str, weight: float, **more: str) -> tuple[object, ...]:
    """A row of identity.matches within the source crm."""
    return ("crm", left, "crm", right, weight, 0.9, status, json.dumps(WHY | more))


@contextmanager
def archive_of_ann() -> Iterator[Archive]:
    """Crm 1, 2, 3 (and 3b, equal to 3) are Ann's, 8 and 9 Bob's; a visitor is known as Ann."""
    with duckdb.connect() as con, duckdb.connect() as scratch:
        con.execute(TABLES)
        rows = [row("crm", key, ANN, key) for key in ("1", "2", "3")]
        rows += [row("crm", "3b", ANN, "3"), row("crm", "9", BOB, "9"), row("crm", "8", BOB, "8")]
        rows.append(row("web", "cookie", ANN, None))
        con.executemany("INSERT INTO identity.crosswalk VALUES (?, ?, ?, ?, ?, ?)", rows)
        pairs = [
            pair("1", "2", "link", 9.0),
            pair("2", "3", "link", 4.0),
            pair("1", "3", "clerical", 0.5),
            pair("8", "9", "link", 7.0),
            pair("3", "9", "refused", 8.0, refused="clearly different names"),
            pair("2", "9", "clerical", -1.0),
        ]
        con.executemany("INSERT INTO identity.matches VALUES (?, ?, ?, ?, ?, ?, ?, ?)", pairs)
        changes = [
            (1, "r1", "created", ANN, None, "3 source rows seen for the first time", FIRST),
            (2, "r2", "merged", ANN, GONE, "1 source row came over", SECOND),
        ]
        con.executemany("INSERT INTO identity.events VALUES (?, ?, ?, ?, ?, ?, ?)", changes)
        levels = [
            ("prior", 0, "any two records", 0.1, 0.9, PRIOR),
            ("name", 1, "same full name", 0.4, 0.0001, 12.0),
            ("email", 1, "same email", 0.7, 0.0001, 13.0),
        ]
        con.executemany("INSERT INTO identity.model VALUES (?, ?, ?, ?, ?, ?)", levels)
        yield Archive(con, None, scratch)
