"""Golden customers, their provenance and contact points, from the values that survived."""

from collections.abc import Iterator, Sequence

import duckdb

from core.sql import literal, quoted
from resolution.golden.survivorship import (
    LATIN,
    Choice,
    choices_of,
    collect_evidence,
    contacts_of,
    credit_values,
    rank_values,
)
from resolution.model import CustomerModel


def choose_golden_values(con: duckdb.DuckDBPyConnection, model: CustomerModel) -> None:
    """Fill golden.customers, golden.provenance and golden.contact_points.

    The connection has these tables empty, and the frames as `work.<frame>`. An attribute of the
    model that golden.customers has no column for gets one. Raises ConfigError for a survivorship
    section that cannot be used.
    """
    choices = choices_of(model)
    collect_evidence(con, model)
    for choice in choices:
        rank_values(con, choice)
    _summarise_records(con)
    _add_columns(con, choices)
    _fill_customers(con, choices)
    credit_values(con, choices)
    _fill_contact_points(con, model)
    for table in (*(choice.ranked for choice in choices), "work.evidence", "work.credited"):
        con.execute(f"DROP TABLE {table}")  # gives the memory back to the steps that follow


def _summarise_records(con: duckdb.DuckDBPyConnection) -> None:
    """One row an entity: how many rows stand behind it, of which sources, when, how surely."""
    con.execute(
        """
        CREATE OR REPLACE TABLE work.summaries AS
        WITH rows_of AS (SELECT record_id, count(*) AS row_count FROM work.members GROUP BY ALL),
        observed AS (SELECT entity_id, max(observed_at) AS observed_at
                     FROM work.evidence GROUP BY ALL),
        summed AS (
            SELECT e.entity_id, sum(coalesce(m.row_count, 0))::BIGINT AS record_count,
                   list_sort(list(DISTINCT r.source)) AS sources,
                   min(r.first_seen_at)::TIMESTAMP AS first_seen_at,
                   max(r.last_seen_at)::TIMESTAMP AS last_seen_at,
                   CASE WHEN count(*) = 1 THEN 1.0
                        ELSE coalesce(min(e.match_probability), 1.0) END AS confidence
            FROM work.entities e
            JOIN work.records r USING (record_id)
            LEFT JOIN rows_of m USING (record_id)
            GROUP BY e.entity_id
        )
        SELECT summed.*, greatest(last_seen_at, observed_at) AS updated_at
        FROM summed LEFT JOIN observed USING (entity_id)
        """
    )


def _add_columns(con: duckdb.DuckDBPyConnection, choices: Sequence[Choice]) -> None:
    known = {
        name
        for (name,) in con.execute("SELECT column_name FROM (DESCRIBE golden.customers)").fetchall()
    }
    for attribute in (name for choice in choices for name in choice.attributes):
        if attribute not in known:
            column = quoted(attribute)
            con.execute(f"ALTER TABLE golden.customers ADD COLUMN {column} VARCHAR")
            comment = literal(f"The surviving {attribute} (an attribute of this project's model)")
            con.execute(f"COMMENT ON COLUMN golden.customers.{column} IS {comment}")


def _fill_customers(con: duckdb.DuckDBPyConnection, choices: Sequence[Choice]) -> None:
    selected = ["s.*"]
    joins = []
    for place, choice in enumerate(choices):
        joins.append(f"LEFT JOIN (FROM {choice.ranked} WHERE place = 1) c{place} USING (entity_id)")
        selected += _published_sql(choice, f"c{place}")
        if LATIN in choice.attributes:
            joins.append(f"LEFT JOIN ({_latin_sql(choice)}) latin USING (entity_id)")
    con.execute(
        f"""
        INSERT INTO golden.customers BY NAME
        SELECT {", ".join(selected)} FROM work.summaries s {" ".join(joins)} ORDER BY entity_id
        """
    )


def _published_sql(choice: Choice, alias: str) -> Iterator[str]:
    for attribute in choice.attributes:
        column = f"{alias}.{quoted(attribute)}"
        if attribute == LATIN:
            column = f"coalesce({column}, latin.form)"
        if attribute == "date_of_birth":
            column = f"try_cast({column} AS DATE)"
        yield f"{column} AS {quoted(attribute)}"


def _latin_sql(choice: Choice) -> str:
    """The best Latin spelling of each entity, for names whose winner has none."""
    return f"""
        SELECT entity_id, arg_min({quoted(LATIN)}, place) AS form FROM {choice.ranked}
        WHERE {quoted(LATIN)} IS NOT NULL GROUP BY entity_id"""


def _fill_contact_points(con: duckdb.DuckDBPyConnection, model: CustomerModel) -> None:
    """One row an entity, kind and value of the model's email and phone standardisers."""
    kinds = contacts_of(model)
    con.execute(
        """
        INSERT INTO golden.contact_points
        WITH kinds AS (SELECT unnest($attributes::VARCHAR[]) AS attribute,
                              unnest($kinds::VARCHAR[]) AS kind)
        SELECT e.entity_id, k.kind, e.value,
               coalesce(bool_or(p.value = e.value), false) AS is_primary,
               min(e.first_seen_at), max(e.observed_at), list_sort(list(DISTINCT e.source))
        FROM work.evidence e
        JOIN kinds k USING (attribute)
        LEFT JOIN work.credited p USING (entity_id, attribute)
        GROUP BY e.entity_id, k.kind, e.value
        ORDER BY e.entity_id, k.kind, is_primary DESC, e.value
        """,
        {"attributes": list(kinds), "kinds": list(kinds.values())},
    )
