"""What became of the customers between two releases, from the logs; their files are not needed."""

from dataclasses import dataclass
from typing import Any, Literal

import duckdb

from core.errors import QueryError
from core.project import Project
from warehouse.moments import Moment, attached_logs, find_release, require_logged

KINDS = ("created", "merged", "split", "retired", "changed")
"""Events of identity, in the order they are told; others that occur follow."""
TURNS = """
    SELECT kind, sequence, number, if(kind = 'merged', other_entity_id, entity_id) AS entity_id
    FROM ledger.events JOIN ledger.releases USING (release)
    WHERE kind IN ('created', 'merged', 'retired', 'erased')"""
"""kind, sequence, number, entity_id: when each id began to live, and when it ended."""
LIVING = f"""
    SELECT entity_id FROM ({TURNS}) WHERE number <= {{}}
    GROUP BY entity_id HAVING arg_max(kind, sequence) = 'created'"""
"""entity_id of the customers there were as of a release, to be given by its number."""


@dataclass(frozen=True)
class AttributeChanges:
    """Values of customers that were there before and after, by attribute."""

    attribute: str
    changed: int
    gained: int
    """There was no value before."""
    lost: int
    """There is none any more."""


@dataclass(frozen=True)
class EventExample:
    """One change of identity."""

    kind: str
    release: str
    entity_id: str
    other_entity_id: str | None
    cause: str | None


@dataclass(frozen=True)
class ValueExample:
    """One customer's value before and after: personal data."""

    attribute: str
    entity_id: str
    old_value: str | None
    new_value: str | None


@dataclass(frozen=True)
class ReleaseDiff:
    """Everything that differs between two releases."""

    older: Moment
    newer: Moment
    customers_before: int
    customers_after: int
    events: dict[str, int]
    """Changes of identity on the way, by kind."""
    rows: dict[Literal["came", "gone", "moved"], int]
    """Source rows that are new, no more, or another customer's."""
    values: tuple[AttributeChanges, ...]
    customers_with_other_values: int
    event_examples: tuple[EventExample, ...]
    value_examples: tuple[ValueExample, ...]


def compare_releases(project: Project, older: str, newer: str, examples: int = 0) -> ReleaseDiff:
    """The difference between two releases, named as for `find_release`.

    With `examples` up to so many of each kind of event and of each attribute. Raises QueryError
    where one is not there, was never logged, or the first is the newer one.
    """
    first, second = find_release(project, older), find_release(project, newer)
    if first.number > second.number:
        raise QueryError(
            f"{older} is newer than {newer}; name the older one first: oneid diff {newer} {older}"
        )
    with attached_logs(project) as con:
        require_logged(con, first)
        require_logged(con, second)
        span = {"after": first.number, "until": second.number}
        _find_values(con, span)
        [(others,)] = con.execute("SELECT count(DISTINCT entity_id) FROM differing").fetchall()
        return ReleaseDiff(
            first,
            second,
            _customers(con, first.number),
            _customers(con, second.number),
            _count_events(con, span),
            _count_rows(con, span),
            _count_values(con),
            others,
            _event_examples(con, span, examples),
            _value_examples(con, examples),
        )


def _customers(con: duckdb.DuckDBPyConnection, number: int) -> int:
    """How many customers there were as of release `number`."""
    [(count,)] = con.execute(
        f"SELECT count(*) FROM ({LIVING.format('$number')})", {"number": number}
    ).fetchall()
    return int(count)


def _count_events(con: duckdb.DuckDBPyConnection, span: dict[str, int]) -> dict[str, int]:
    counted = dict(
        con.execute(
            "SELECT kind, count(*) FROM ledger.events JOIN ledger.releases USING (release) "
            "WHERE number > $after AND number <= $until GROUP BY kind ORDER BY kind",
            span,
        ).fetchall()
    )
    return dict.fromkeys(KINDS, 0) | counted


def _count_rows(
    con: duckdb.DuckDBPyConnection, span: dict[str, int]
) -> dict[Literal["came", "gone", "moved"], int]:
    """Source rows whose customer differs; one that came and went in between does not."""
    rows: list[tuple[Any, ...]] = con.execute(
        """
        WITH placed AS (
            SELECT source, source_record_id, a.entity_id, r.number
            FROM ledger.assignments a JOIN ledger.releases r USING (release)
        ),
        met AS (
            SELECT DISTINCT source, source_record_id FROM placed
            WHERE number > $after AND number <= $until
        ),
        sides AS (
            SELECT arg_max_null(entity_id, number) FILTER (number <= $after) AS before,
                   arg_max_null(entity_id, number) FILTER (number <= $until) AS now
            FROM placed SEMI JOIN met USING (source, source_record_id)
            GROUP BY source, source_record_id
        )
        SELECT count(*) FILTER (before IS NULL), count(*) FILTER (now IS NULL),
               count(*) FILTER (before IS NOT NULL AND now IS NOT NULL)
        FROM sides WHERE before IS DISTINCT FROM now
        """,
        span,
    ).fetchall()
    came, gone, moved = rows[0]
    return {"came": came, "gone": gone, "moved": moved}


def _find_values(con: duckdb.DuckDBPyConnection, span: dict[str, int]) -> None:
    """`differing`: entity_id, attribute, old_value, new_value of customers there on both sides."""
    con.execute(
        f"""
        CREATE TEMP TABLE differing AS
        WITH met AS (
            SELECT DISTINCT entity_id, attribute FROM golden_log.changes
            WHERE number > $after AND number <= $until
        ),
        there AS (
            {LIVING.format("$after")} INTERSECT {LIVING.format("$until")}
        ),
        sides AS (
            SELECT entity_id, attribute,
                   arg_max_null(new_value, number) FILTER (number <= $after) AS old_value,
                   arg_max_null(new_value, number) FILTER (number <= $until) AS new_value
            FROM golden_log.changes
            SEMI JOIN met USING (entity_id, attribute)
            SEMI JOIN there USING (entity_id)
            GROUP BY entity_id, attribute
        )
        FROM sides WHERE old_value IS DISTINCT FROM new_value
        """,
        span,
    )


def _count_values(con: duckdb.DuckDBPyConnection) -> tuple[AttributeChanges, ...]:
    rows = con.execute(
        "SELECT attribute, count(*) FILTER (old_value IS NOT NULL AND new_value IS NOT NULL), "
        "count(*) FILTER (old_value IS NULL), count(*) FILTER (new_value IS NULL) "
        "FROM differing GROUP BY attribute ORDER BY attribute"
    ).fetchall()
    return tuple(AttributeChanges(*row) for row in rows)


def _event_examples(
    con: duckdb.DuckDBPyConnection, span: dict[str, int], examples: int
) -> tuple[EventExample, ...]:
    rows = con.execute(
        "SELECT kind, release, entity_id, other_entity_id, cause FROM ledger.events "
        "JOIN ledger.releases USING (release) WHERE number > $after AND number <= $until "
        "QUALIFY row_number() OVER (PARTITION BY kind ORDER BY sequence) <= $examples "
        "ORDER BY sequence",
        span | {"examples": examples},
    ).fetchall()
    return tuple(EventExample(*row) for row in rows)


def _value_examples(con: duckdb.DuckDBPyConnection, examples: int) -> tuple[ValueExample, ...]:
    rows = con.execute(
        "SELECT attribute, entity_id, old_value, new_value FROM differing "
        "QUALIFY row_number() OVER (PARTITION BY attribute ORDER BY entity_id) <= ? "
        "ORDER BY attribute, entity_id",
        [examples],
    ).fetchall()
    return tuple(ValueExample(*row) for row in rows)
