"""The golden log: every golden value that ever changed, release by release; outlives their files.

It follows the identity ledger: a release is logged from its file as soon as the ledger has it, and
`log_releases` finishes what a killed run left undone. The rows of golden.changes are taken over as
they are where they continue the log; where they do not (files or log were lost in between), the
release's golden.customers are compared with what the log says.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import duckdb

from core.project import Project
from core.sql import literal, quoted
from warehouse.changes import changes_sql, compared_sql, value_columns
from warehouse.ledger import IdentityLedger, PublishedRelease
from warehouse.waiting import opened

TABLES = (Path(__file__).parent / "golden_log.sql").read_text(encoding="utf-8")
_FILE = "release_file"


def golden_log_file(project: Project) -> Path:
    """Where the log lies."""
    return project.ledger / "golden_log.duckdb"


def log_releases(project: Project) -> list[str]:
    """Log every release of the ledger that the log lacks and whose file is there; their names.

    One transaction a release, so it can be killed and called again at any moment. Raises
    ProjectError where the log cannot be opened.
    """
    published = IdentityLedger(project).releases()
    if not published or _is_complete(project, published[-1]):
        return []
    with _writing(project) as con:
        _forget_unknown(con, published)
        [(last,)] = con.execute("SELECT coalesce(max(number), 0) FROM releases").fetchall()
        missing = [
            (number, each)
            for number, each in enumerate(published, start=1)
            if number > last and (project.releases / each.file).is_file()
        ]
        for number, each in missing:
            _log(con, number, each, project.releases / each.file)
        con.execute("CHECKPOINT")
    return [each.release for _, each in missing]


def replayed_sql(attributes: Sequence[str], log: str = "changes", until: int | None = None) -> str:
    """One row a customer with a value after release number `until` (None: the newest in the log).

    Columns: entity_id, and each of `attributes` as text.
    """
    last = "arg_max_null(new_value, number)"
    columns = [
        f"{last} FILTER (WHERE attribute = {literal(name)}) AS {quoted(name)}"
        for name in attributes
    ]
    bound = "true" if until is None else f"number <= {until:d}"
    values = " OR ".join(f"{quoted(name)} IS NOT NULL" for name in attributes) or "false"
    return (
        f"SELECT {', '.join(['entity_id', *columns])} FROM {log} WHERE {bound} "
        f"GROUP BY entity_id HAVING {values}"
    )


def logged_attributes(con: duckdb.DuckDBPyConnection, log: str = "changes") -> list[str]:
    """Every attribute that the log knows, in order of name."""
    rows = con.execute(f"SELECT DISTINCT attribute FROM {log} ORDER BY attribute").fetchall()
    return [name for (name,) in rows]


def _is_complete(project: Project, newest: PublishedRelease) -> bool:
    """Whether the log ends with `newest`, so that nobody need wait for the right to write."""
    if not golden_log_file(project).is_file():
        return False
    with opened(golden_log_file(project), read_only=True) as con:
        rows = con.execute("SELECT arg_max(release, number) FROM releases").fetchall()
    return rows == [(newest.release,)]


def _forget_unknown(con: duckdb.DuckDBPyConnection, published: Sequence[PublishedRelease]) -> None:
    """Take out releases that the ledger does not know: it was restored from before they were."""
    known = [f"{number}/{each.release}" for number, each in enumerate(published, start=1)]
    con.execute("BEGIN")
    for table in ("changes", "releases"):
        con.execute(
            f"DELETE FROM {table} WHERE number >= (SELECT min(number) FROM releases "
            "WHERE NOT list_contains(?, number || '/' || release))",
            [known],
        )
    con.execute("COMMIT")


def _log(
    con: duckdb.DuckDBPyConnection, number: int, published: PublishedRelease, file: Path
) -> None:
    con.execute(f"ATTACH {literal(str(file))} AS {_FILE} (READ_ONLY)")
    con.execute("BEGIN")
    rows = f"{_FILE}.golden.changes" if _continues(con, number) else _compared_sql(con)
    stamp = [number, published.release, published.at]
    con.execute(
        "INSERT INTO changes SELECT ?, ?, ?, entity_id, attribute, old_value, new_value "
        f"FROM {rows}",
        stamp,
    )
    con.execute("INSERT INTO releases VALUES (?, ?, ?)", stamp)
    con.execute("COMMIT")
    con.execute(f"DETACH {_FILE}")


def _continues(con: duckdb.DuckDBPyConnection, number: int) -> bool:
    """Whether the release's own changes begin where the log ends, value by value."""
    known = con.execute(
        "SELECT 1 FROM duckdb_tables() WHERE database_name = ? AND schema_name = 'golden' "
        "AND table_name = 'changes'",
        [_FILE],
    ).fetchall()
    [(last,)] = con.execute("SELECT coalesce(max(number), 0) FROM releases").fetchall()
    if not known or last != number - 1:
        return False
    if last == 0:
        [(old,)] = con.execute(f"SELECT count(old_value) FROM {_FILE}.golden.changes").fetchall()
        return bool(old == 0)
    [(odd,)] = con.execute(
        f"""
        WITH told AS (FROM {_FILE}.golden.changes),
        held AS (
            SELECT entity_id, attribute, arg_max_null(new_value, number) AS value
            FROM changes SEMI JOIN told USING (entity_id) GROUP BY ALL
        )
        SELECT count(*) FROM told LEFT JOIN held USING (entity_id, attribute)
        WHERE old_value IS DISTINCT FROM value
        """
    ).fetchall()
    return bool(odd == 0)


def _compared_sql(con: duckdb.DuckDBPyConnection) -> str:
    """The changes from what the log says to what the release says, as a query in brackets."""
    customers = f"{_FILE}.golden.customers"
    old, new = logged_attributes(con), value_columns(con, customers)
    con.execute(
        "CREATE OR REPLACE TEMP TABLE altered AS "
        + compared_sql(customers, new, f"({replayed_sql(old)})", old)
    )
    return f"({changes_sql(list(dict.fromkeys([*new, *old])), 'altered')})"


@contextmanager
def _writing(project: Project) -> Iterator[duckdb.DuckDBPyConnection]:
    file = golden_log_file(project)
    file.parent.mkdir(parents=True, exist_ok=True)
    with opened(file, read_only=False) as con:
        con.execute(TABLES)
        yield con
