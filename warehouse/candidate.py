"""The candidate release: its tables made, and filled with identity and quarantine.

The steps of a build, in order (the golden values and the visitors are chosen in between):

    with create_candidate(target) as con:
        create_tables(con, specs)
        attach_frames(con, project.work)
        attach_landed(con, landed_file)
        choose_golden_values(con, model)      # resolution.golden_records
        recognise_visitors(con, specs)        # resolution.visitors
        fill_identity(con)
        fill_model(con, project.work / "model_levels.parquet")
        fill_facts(con, specs)                # warehouse.facts
        fill_quarantine(con)
    with open_candidate(target) as con:
        build_marts(con, specs, settings)     # warehouse.mart_build
"""

from collections.abc import Mapping
from pathlib import Path

import duckdb

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


def fill_identity(con: duckdb.DuckDBPyConnection) -> None:
    """Fill identity.crosswalk, identity.matches and identity.events, in order of their keys."""
    _name_records(con)
    _fill_crosswalk(con)
    _fill_matches(con)
    con.execute("INSERT INTO identity.events BY NAME SELECT * FROM work.events ORDER BY ALL")


def fill_model(con: duckdb.DuckDBPyConnection, levels: Path) -> None:
    """Fill identity.model from the Parquet file `levels`: one row a comparison's level."""
    con.execute("INSERT INTO identity.model BY NAME FROM read_parquet(?)", [str(levels)])


def _name_records(con: duckdb.DuckDBPyConnection) -> None:
    """`work.firsts`: each record and the first of its rows, by which it is named."""
    con.execute(
        """
        CREATE OR REPLACE TABLE work.firsts AS
        SELECT record_id, min(source) AS source,
               arg_min(source_record_id, {'at': "at", 'row': source_record_id})
                   AS source_record_id
        FROM work.members GROUP BY record_id
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
        FROM work.pairs p
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
