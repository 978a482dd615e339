"""Figures about records, matching and the candidate, each one SQL query over what a stage left."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb
import polars as pl

from core.errors import ProjectError
from core.frames import frame_sql
from core.project import Project
from core.sql import NO_PROGRESS_BAR, STORAGE, literal, quoted
from sources.spec import SourceSpec
from warehouse.release import current_release

_QUERIES = Path(__file__).parent
_NO_CROSSWALK = (
    "SELECT NULL::VARCHAR AS source, NULL::VARCHAR AS source_record_id, "
    "NULL::VARCHAR AS entity_id WHERE false"
)


def measure_records(project: Project, specs: Mapping[str, SourceSpec]) -> pl.DataFrame:
    """One row of figures about `records`, `members` and `values`; see records.sql."""
    with _frames(project, "records", "members", "values") as con:
        _attach(con, project.state / "landed.duckdb", "landed")
        rows = [
            f"SELECT {literal(name)} AS source, {quoted(spec.key)}::VARCHAR AS source_record_id "
            f"FROM landed.current.{quoted(name)}"
            for name, spec in specs.items()
            if not spec.recognise_by and _has_landed(con, name)
        ]
        nothing = "SELECT NULL::VARCHAR AS source, NULL::VARCHAR AS source_record_id WHERE false"
        con.execute(f"CREATE VIEW landed_rows AS {' UNION ALL '.join(rows) or nothing}")
        return _asked(con, "records")


def measure_matching(project: Project) -> pl.DataFrame:
    """One row of figures about `pairs` and `entities`, and their drift; see matching.sql."""
    with _frames(project, "members", "values", "pairs", "entities") as con:
        release = current_release(project)
        last = _NO_CROSSWALK
        if release:
            _attach(con, release.file, "last")
            if (landed := project.state / "landed.duckdb").is_file():
                _attach(con, landed, "landed")
            last = "SELECT source, source_record_id, entity_id FROM last.identity.crosswalk"
            # what a source took back is not lost
            last += f" ANTI JOIN ({_withdrawn_sql(con)}) USING (source, source_record_id)"
        con.execute(f"CREATE VIEW last_crosswalk AS {last}")
        return _asked(con, "matching")


def measure_golden(project: Project, candidate: Path) -> pl.DataFrame:
    """One row of figures about the candidate, held against the frames it was made from; see
    golden.sql."""
    with _frames(project, "members", "values", "entities") as con:
        _attach(con, candidate, "candidate")
        tables = con.execute(
            "SELECT schema_name, table_name FROM duckdb_tables() "
            "WHERE database_name = 'candidate' ORDER BY ALL"
        ).fetchall()
        for schema, table in tables:
            con.execute(f"CREATE SCHEMA IF NOT EXISTS {quoted(schema)}")
            view = quoted(schema, table)
            con.execute(f"CREATE VIEW {view} AS FROM {quoted('candidate', schema, table)}")
        _offer_facts(con, [table for schema, table in tables if schema == "facts"])
        return _asked(con, "golden")


def _offer_facts(con: duckdb.DuckDBPyConnection, tables: list[str]) -> None:
    """`known_facts`: the entity ids that any fact names."""
    parts = [
        f"SELECT entity_id FROM {quoted('facts', table)} WHERE entity_id IS NOT NULL"
        for table in tables
    ]
    nothing = "SELECT NULL::VARCHAR AS entity_id WHERE false"
    con.execute(f"CREATE VIEW known_facts AS {' UNION ALL '.join(parts) or nothing}")


@contextmanager
def _frames(project: Project, *names: str) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection in memory with the frames as views. Raises ProjectError naming missing ones."""
    queries = {name: frame_sql(project.work, name) for name in names}
    con = duckdb.connect(config=STORAGE)
    try:
        con.execute(NO_PROGRESS_BAR)
        for name, query in queries.items():
            con.execute(f"CREATE VIEW {quoted(name)} AS {query}")
        yield con
    finally:
        con.close()


def _attach(con: duckdb.DuckDBPyConnection, file: Path, name: str) -> None:
    if not file.is_file():
        raise ProjectError(f"{file.name} is not there; run the stages before")
    con.execute(f"ATTACH {literal(str(file))} AS {quoted(name)} (READ_ONLY)")


def _has_landed(con: duckdb.DuckDBPyConnection, source: str) -> bool:
    found = con.execute(
        "SELECT count(*) FROM duckdb_views() WHERE database_name = 'landed' "
        "AND schema_name = 'current' AND view_name = ?",
        [source],
    ).fetchall()
    return found != [(0,)]


def _withdrawn_sql(con: duckdb.DuckDBPyConnection) -> str:
    """source, source_record_id of every row that its source has taken back."""
    names = con.execute(
        "SELECT view_name FROM duckdb_views() WHERE database_name = 'landed' "
        "AND schema_name = 'withdrawn' ORDER BY view_name"
    ).fetchall()
    parts = [
        f"SELECT {literal(name)} AS source, source_record_id FROM landed.withdrawn.{quoted(name)}"
        for (name,) in names
    ]
    none = "SELECT NULL::VARCHAR AS source, NULL::VARCHAR AS source_record_id WHERE false"
    return " UNION ALL ".join([none, *parts])


def _asked(con: duckdb.DuckDBPyConnection, name: str) -> pl.DataFrame:
    query = (_QUERIES / f"{name}.sql").read_text(encoding="utf-8")
    answer: pl.DataFrame = con.sql(query).pl()
    return answer
