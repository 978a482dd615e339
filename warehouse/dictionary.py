"""The data dictionary: what the published warehouse says of its own tables, as Markdown."""

from collections.abc import Iterator
from pathlib import Path

import duckdb

from core.sql import STORAGE
from sources.spec import OWN_SPECS, load_spec
from warehouse.candidate import create_tables
from warehouse.facts import CONTRACT
from warehouse.mart_build import build_marts
from warehouse.mart_settings import OWN_SETTINGS, load_settings

DICTIONARY = Path(__file__).parents[1] / "docs" / "reference" / "data-dictionary.md"
"""Where the dictionary of a release of the default sources is kept."""

SCHEMAS = {
    "golden": "Customers as they are best known, and the evidence for it.",
    "identity": "Which source record belongs to which customer, and why.",
    "facts": "What customers did, row by row as the sources delivered it, with the customer.",
    "marts": "Figures of each customer. Cut-offs are set in `marts.yml`.",
    "quality": "Bad rows, checks and runs.",
}
"""Schemas of a release in the order they are read, and what is in them."""

OPENING = """# Data dictionary

Generated from the comments in a release; the same text is in every release file
(`duckdb_tables()`, `duckdb_columns()`). Times are UTC. A project's own sources and attributes add
tables and columns to these.
"""


def write_dictionary(con: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Write `render_dictionary` to `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render_dictionary(con), encoding="utf-8")


def render_dictionary(con: duckdb.DuckDBPyConnection) -> str:
    """The release on the connection: schema by schema its tables, every column with its meaning."""
    return "\n".join([OPENING, *_schema_lines(con)])


def _schema_lines(con: duckdb.DuckDBPyConnection) -> Iterator[str]:
    for schema, meaning in SCHEMAS.items():
        yield f"## {schema}\n\n{meaning}\n"
        tables = con.execute(
            "SELECT table_name, comment FROM duckdb_tables() "
            "WHERE schema_name = ? AND database_name = current_database() ORDER BY table_name",
            [schema],
        ).fetchall()
        for table, comment in tables:
            yield f"### {schema}.{table}\n\n{comment}\n"
            yield from _column_lines(con, schema, table)


def _column_lines(con: duckdb.DuckDBPyConnection, schema: str, table: str) -> Iterator[str]:
    yield "| column | type | meaning |\n|---|---|---|"
    columns = con.execute(
        "SELECT column_name, data_type, comment FROM duckdb_columns() "
        "WHERE schema_name = ? AND table_name = ? AND database_name = current_database() "
        "ORDER BY column_index",
        [schema, table],
    ).fetchall()
    for name, kind, comment in columns:
        yield f"| {name} | {kind} | {(comment or '').replace('|', chr(92) + '|')} |"
    yield ""


def main() -> None:
    """Write the dictionary of a release of the default sources, from a release without rows."""
    specs = {name: load_spec(OWN_SPECS / f"{name}.yml") for name in CONTRACT.values()}
    with duckdb.connect(config=STORAGE) as con:
        con.execute("ATTACH ':memory:' AS work")
        create_tables(con, specs)
        build_marts(con, specs, load_settings(OWN_SETTINGS))
        write_dictionary(con, DICTIONARY)


if __name__ == "__main__":
    main()
