"""The candidate release: its tables made, and filled with identity and quarantine.

The steps of a build are those of assets.golden. A candidate that begins as a copy of the last
release goes the same way, over the rows of touched records alone, once `drop_touched` has taken
away what they had there.
"""

from collections.abc import Mapping
from pathlib import Path

import duckdb

from core.sql import literal
from sources.spec import SourceSpec
from warehouse.facts import create_facts

DDL = Path(__file__).parent / "ddl"


def create_tables(con: duckdb.DuckDBPyConnection, specs: Mapping[str, SourceSpec]) -> None:
    """Create every table but the marts, empty, with its comments."""
    con.execute("BEGIN")  # one write to disk, not one a comment
    for file in sorted(DDL.glob("*.sql")):
        con.execute(file.read_text(encoding="utf-8"))
    create_facts(con, specs)
    con.execute("COMMIT")


def drop_touched(con: duckdb.DuckDBPyConnection) -> None:
    """Take away what the last release says of touched entities and records."""
    _name_records(con)
    for table in ("customers", "provenance", "contact_points"):
        con.execute(f"DELETE FROM golden.{table} WHERE entity_id IN (FROM work.touched_entities)")
    con.execute(
        """
        DELETE FROM identity.crosswalk c USING (
            SELECT source, source_record_id FROM work.members
            UNION ALL SELECT source, source_record_id FROM work.gone_members
        ) m WHERE c.source = m.source AND c.source_record_id = m.source_record_id
        """
    )
    con.execute(
        "DELETE FROM identity.crosswalk WHERE source IN (SELECT DISTINCT source FROM work.visitors)"
    )
    con.execute(
        "CREATE OR REPLACE TABLE work.renamed AS FROM work.firsts "
        "SEMI JOIN work.touched_records USING (record_id)"
    )
    for side in "lr":
        con.execute(
            f"""
            DELETE FROM identity.matches m USING work.renamed f
            WHERE m.source_{side} = f.source AND m.source_record_id_{side} = f.source_record_id
            """
        )
    for table in ("identity.model", "quality.quarantine"):
        con.execute(f"DELETE FROM {table}")


def fill_identity(con: duckdb.DuckDBPyConnection) -> None:
    """Fill identity.crosswalk, identity.matches and identity.events, in order of their keys."""
    _name_records(con)
    _fill_crosswalk(con)
    _fill_matches(con)
    con.execute("INSERT INTO identity.events BY NAME SELECT * FROM work.events ORDER BY ALL")


def fill_history(con: duckdb.DuckDBPyConnection, ledger: Path) -> None:
    """Fill identity.events with all that happened before this run."""
    if not ledger.is_file():
        return
    con.execute(f"ATTACH {literal(str(ledger))} AS ledger (READ_ONLY)")
    con.execute("INSERT INTO identity.events BY NAME FROM ledger.main.events ORDER BY sequence")
    con.execute("DETACH ledger")


def fill_model(con: duckdb.DuckDBPyConnection, levels: Path) -> None:
    """Fill identity.model from the Parquet file `levels`: one row a comparison's level."""
    con.execute("INSERT INTO identity.model BY NAME FROM read_parquet(?)", [str(levels)])


def _name_records(con: duckdb.DuckDBPyConnection) -> None:
    """`work.firsts`: each record and the first of its rows, by which it is named; of records that
    are gone, and those that only a pair names, too."""
    con.execute(
        """
        CREATE OR REPLACE TABLE work.firsts AS
        WITH named AS (
            SELECT record_id FROM work.members
            UNION SELECT record_id_l FROM work.told_pairs
            UNION SELECT record_id_r FROM work.told_pairs
        ),
        rows_of AS (
            FROM work.all_members SEMI JOIN named USING (record_id)
            UNION ALL FROM work.gone_members
        )
        SELECT record_id, min(source) AS source,
               arg_min(source_record_id, {'at': "at", 'row': source_record_id})
                   AS source_record_id
        FROM rows_of GROUP BY record_id
        """
    )


def _fill_crosswalk(con: duckdb.DuckDBPyConnection) -> None:
    """Every member row of a record, and every recognised visitor."""
    con.execute(
        """
        INSERT INTO identity.crosswalk
        SELECT m.source, m.source_record_id, e.entity_id, e.matched_by, e.match_probability,
               f.source_record_id AS matched_as
        FROM work.members m
        JOIN work.entities e USING (record_id)
        JOIN work.firsts f USING (record_id)
        UNION ALL
        SELECT source, source_record_id, entity_id, matched_by, share, NULL
        FROM work.recognised_visitors
        ORDER BY source, source_record_id
        """
    )


def _fill_matches(con: duckdb.DuckDBPyConnection) -> None:
    """Every scored pair, each record named by its first row."""
    con.execute(
        """
        INSERT INTO identity.matches
        SELECT l.source, l.source_record_id, r.source, r.source_record_id,
               p.match_weight, p.match_probability, p.status, p.why
        FROM work.told_pairs p
        JOIN work.firsts l ON l.record_id = p.record_id_l
        JOIN work.firsts r ON r.record_id = p.record_id_r
        ORDER BY p.record_id_l, p.record_id_r
        """
    )


def fill_quarantine(con: duckdb.DuckDBPyConnection) -> None:
    """Copy the rows that could not be used, in order of file and row."""
    con.execute(
        """
        INSERT INTO quality.quarantine
        SELECT source, file, row_number, reason, raw, delivered_at FROM landed.main.quarantine
        ORDER BY source, file, row_number, reason, raw
        """
    )
