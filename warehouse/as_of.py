"""The warehouse as it was at an earlier release, rebuilt from the logs when its file is gone.

Rebuilt are golden.customers (values, record_count, sources), identity.crosswalk (without browsers
that were recognised, and without what held a row to its customer) and identity.events.
"""

from pathlib import Path

import duckdb
import polars as pl

from core.project import Project
from core.sql import STORAGE, quoted
from warehouse.changes import DERIVED
from warehouse.golden_log import logged_attributes, replayed_sql
from warehouse.moments import Moment, attached_logs, find_release, require_logged

DDL = Path(__file__).parent / "ddl"
REBUILT = ("golden.customers", "identity.crosswalk", "identity.events")
"""What can be had of a release without its file."""
_COUNTED = ("record_count", "sources")
"""Figures that follow from the crosswalk; the others are gone with the file."""
_OF_MATCHING = ("matched_by", "match_probability", "matched_as")


def golden_as_of(project: Project, asked: str) -> pl.DataFrame:
    """golden.customers as of a release or time, one row a customer, in order of entity_id.

    Its columns but first_seen_at, last_seen_at, confidence, updated_at and home_key. `asked` as
    for `find_release`; raises QueryError as that does, and for a release that was never logged.
    """
    moment = find_release(project, asked)
    with duckdb.connect(config=STORAGE) as con:
        rebuild(con, project, moment)
        golden: pl.DataFrame = con.sql("SELECT * FROM golden.customers ORDER BY entity_id").pl()
        return golden


def crosswalk_as_of(project: Project, asked: str) -> pl.DataFrame:
    """source, source_record_id, entity_id as of a release or time, in order of the first two.

    One row a source row; browsers that were recognised are in no log. Raises QueryError as
    `find_release` does.
    """
    moment = find_release(project, asked)
    with attached_logs(project) as con:
        crosswalk: pl.DataFrame = con.sql(
            f"{assigned_sql(moment.number)} ORDER BY source, source_record_id"
        ).pl()
        return crosswalk


def rebuild(con: duckdb.DuckDBPyConnection, project: Project, moment: Moment) -> None:
    """Make the tables REBUILT in `con`, a database in memory, as they were at `moment`.

    Raises QueryError for a release that was never logged.
    """
    with attached_logs(project, con):
        require_logged(con, moment)
        _make_tables(con)
        con.execute(
            f"INSERT INTO identity.crosswalk BY NAME {assigned_sql(moment.number)} "
            "ORDER BY source, source_record_id"
        )
        con.execute(
            "INSERT INTO identity.events BY NAME SELECT e.* FROM ledger.events e "
            "JOIN ledger.releases r USING (release) WHERE r.number <= ? ORDER BY sequence",
            [moment.number],
        )
        _fill_customers(con, moment)


def assigned_sql(number: int) -> str:
    """source, source_record_id, entity_id as of release `number`, from `ledger`."""
    return f"""
        SELECT source, source_record_id, arg_max_null(a.entity_id, r.number) AS entity_id
        FROM ledger.assignments a JOIN ledger.releases r USING (release)
        WHERE r.number <= {number:d}
        GROUP BY source, source_record_id
        HAVING arg_max_null(a.entity_id, r.number) IS NOT NULL"""


def _make_tables(con: duckdb.DuckDBPyConnection) -> None:
    """The tables REBUILT as every release has them, empty, without the columns nothing fills."""
    for schema in ("golden", "identity"):
        con.execute((DDL / f"{schema}.sql").read_text(encoding="utf-8"))
    made = con.execute(
        "SELECT schema_name, table_name FROM duckdb_tables() "
        "WHERE database_name = current_database() AND schema_name IN ('golden', 'identity')"
    ).fetchall()
    for schema, table in made:
        if f"{schema}.{table}" not in REBUILT:
            con.execute(f"DROP TABLE {quoted(schema, table)}")
    gone = {"golden.customers": DERIVED, "identity.crosswalk": _OF_MATCHING}
    for name, columns in gone.items():
        for column in set(columns) - set(_COUNTED):
            con.execute(f"ALTER TABLE {name} DROP COLUMN {quoted(column)}")


def _fill_customers(con: duckdb.DuckDBPyConnection, moment: Moment) -> None:
    attributes = logged_attributes(con, "golden_log.changes")
    known = {name for (name, *_) in con.execute("DESCRIBE golden.customers").fetchall()}
    for attribute in attributes:
        if attribute not in known:
            con.execute(f"ALTER TABLE golden.customers ADD COLUMN {quoted(attribute)} VARCHAR")
    replayed = replayed_sql(attributes, "golden_log.changes", moment.number)
    con.execute(
        f"""
        INSERT INTO golden.customers BY NAME
        SELECT * FROM (
            SELECT entity_id, count(*) AS record_count, list_sort(list(DISTINCT source)) AS sources
            FROM identity.crosswalk GROUP BY entity_id
        ) LEFT JOIN ({replayed}) USING (entity_id)
        ORDER BY entity_id
        """
    )
