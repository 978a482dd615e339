"""The history of one customer or source row, from the logs: also of those long ended."""

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import duckdb

from core.errors import QueryError
from core.ids import is_entity_id
from core.project import Project
from warehouse.ledger import IdentityLedger
from warehouse.moments import attached_logs


@dataclass(frozen=True)
class IdentityEvent:
    """One change of identity, as identity.events has it."""

    sequence: int
    kind: str
    entity_id: str
    other_entity_id: str | None
    cause: str | None


@dataclass(frozen=True)
class ValueChange:
    """One golden value that changed; a side is None where there was, or is, no value."""

    attribute: str
    old_value: str | None
    new_value: str | None


@dataclass(frozen=True)
class RowMove:
    """One source row that came to the customer or left it."""

    source: str
    source_record_id: str
    other_entity_id: str | None
    """The customer it came from, or went to; None where it was new, or is gone."""


@dataclass(frozen=True)
class Step:
    """What one release changed about a customer."""

    number: int
    release: str
    at: datetime
    """UTC, without a zone."""
    events: tuple[IdentityEvent, ...]
    rows_joined: tuple[RowMove, ...]
    rows_left: tuple[RowMove, ...]
    values: tuple[ValueChange, ...]


@dataclass(frozen=True)
class Chapter:
    """The life of one entity id."""

    entity_id: str
    merged_into: str | None
    """The id it redirects to, where it was merged away."""
    is_living: bool
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class RowStay:
    """From which release on a source row belonged to which customer; None: it was gone."""

    number: int
    release: str
    at: datetime
    entity_id: str | None


@dataclass(frozen=True)
class History:
    """What was asked for, and everything the logs know about it."""

    asked: str
    living_entity_id: str | None
    """Who the asked one is today; None where it was retired, or the row is gone."""
    row_key: tuple[str, str] | None
    """For a source row: its source and key."""
    row: tuple[RowStay, ...]
    """For a source row: where it was, in order of time."""
    chapters: tuple[Chapter, ...]
    """The asked customer, then the one it was merged into, and so on to the living one."""


def tell_history(project: Project, asked: str) -> History:
    """The history of `asked`: an entity id, or a source row written source/source_record_id.

    A source row's chapters are those of the last customer it belonged to. Raises QueryError for
    what was never known.
    """
    ledger = IdentityLedger(project)
    if not ledger.file.is_file():
        raise QueryError("nothing has been published yet; make a release with: oneid run")
    if is_entity_id(asked):
        ledger.resolve(asked)  # or it was never issued
        with attached_logs(project) as con:
            chapters = _chapters(con, asked)
            return History(asked, _living(chapters), None, (), chapters)
    with attached_logs(project) as con:
        source, key = (*re.split("[:/]", asked, maxsplit=1), "")[:2]
        stays = _stays(con, source, key)
        if not stays:
            raise _unknown(con, asked)
        chapters = _chapters(con, next(x.entity_id for x in reversed(stays) if x.entity_id))
        living = _living(chapters) if stays[-1].entity_id else None
        return History(asked, living, (source, key), tuple(stays), chapters)


def _chapters(con: duckdb.DuckDBPyConnection, entity: str) -> tuple[Chapter, ...]:
    chapters = [_chapter(con, entity)]
    while heir := chapters[-1].merged_into:
        chapters.append(_chapter(con, heir))
    return tuple(chapters)


def _living(chapters: tuple[Chapter, ...]) -> str | None:
    return chapters[-1].entity_id if chapters[-1].is_living else None


def _stays(con: duckdb.DuckDBPyConnection, source: str, key: str) -> list[RowStay]:
    """Every customer that the source row belonged to, in order of time."""
    rows = con.execute(
        'SELECT r.number, r.release, r."at", a.entity_id FROM ledger.assignments a '
        "JOIN ledger.releases r USING (release) WHERE a.source = ? AND a.source_record_id = ? "
        "ORDER BY r.number",
        [source, key],
    ).fetchall()
    return [RowStay(*row) for row in rows]


def _unknown(con: duckdb.DuckDBPyConnection, asked: str) -> QueryError:
    sources = con.execute("SELECT DISTINCT source FROM ledger.assignments ORDER BY 1").fetchall()
    return QueryError(
        f"{asked!r} was never in a release; write an entity id, or a source row as "
        f"source/source_record_id, with one of the sources {', '.join(x for (x,) in sources)}"
    )


def _chapter(con: duckdb.DuckDBPyConnection, entity: str) -> Chapter:
    events = _events(con, entity)
    told = [event for number in sorted(events) for event in events[number]]
    heirs = [event.entity_id for event in told if _is_turn(event, entity, "merged")]
    lives = [x.kind for x in told if _is_turn(x, entity, "created", "retired", "erased")]
    ended = bool(heirs) or lives[-1:] != ["created"]
    joined, left = _row_moves(con, entity)
    values = _values(con, entity)
    steps = [
        Step(
            number,
            release,
            at,
            events=tuple(events.get(number, ())),
            rows_joined=tuple(joined.get(number, ())),
            rows_left=tuple(left.get(number, ())),
            values=tuple(values.get(number, ())),
        )
        for number, release, at in _releases(con, {*events, *joined, *left, *values})
    ]
    return Chapter(entity, heirs[0] if heirs else None, not ended, tuple(steps))


def _is_turn(event: IdentityEvent, entity: str, *kinds: str) -> bool:
    """Whether `entity` began or ended with this event, by one of `kinds`."""
    turned = event.other_entity_id if event.kind == "merged" else event.entity_id
    return event.kind in kinds and turned == entity


def _releases(
    con: duckdb.DuckDBPyConnection, numbers: Iterable[int]
) -> list[tuple[int, str, datetime]]:
    """number, release, at of the releases with these numbers, in order."""
    return con.execute(
        'SELECT number, release, "at" FROM ledger.releases WHERE list_contains(?, number) '
        "ORDER BY number",
        [sorted(numbers)],
    ).fetchall()


def _events(con: duckdb.DuckDBPyConnection, entity: str) -> dict[int, list[IdentityEvent]]:
    """Changes of identity that `entity` had part in, by number of release, in order."""
    rows = con.execute(
        "SELECT r.number, e.sequence, e.kind, e.entity_id, e.other_entity_id, e.cause "
        "FROM ledger.events e JOIN ledger.releases r USING (release) "
        "WHERE e.entity_id = $entity OR e.other_entity_id = $entity ORDER BY e.sequence",
        {"entity": entity},
    ).fetchall()
    found: dict[int, list[IdentityEvent]] = defaultdict(list)
    for number, *event in rows:
        found[number].append(IdentityEvent(*event))
    return found


def _row_moves(
    con: duckdb.DuckDBPyConnection, entity: str
) -> tuple[dict[int, list[RowMove]], dict[int, list[RowMove]]]:
    """Source rows that came to `entity`, and that left it, by number of release."""
    rows: list[tuple[Any, ...]] = con.execute(
        """
        WITH mine AS (
            SELECT DISTINCT source, source_record_id FROM ledger.assignments WHERE entity_id = $e
        ),
        moves AS (
            SELECT r.number, source, source_record_id, a.entity_id AS now,
                   lag(a.entity_id) OVER (
                       PARTITION BY source, source_record_id ORDER BY r.number
                   ) AS before
            FROM ledger.assignments a
            SEMI JOIN mine USING (source, source_record_id)
            JOIN ledger.releases r USING (release)
        )
        SELECT number, source, source_record_id, before, now FROM moves
        WHERE now = $e OR before = $e ORDER BY number, source, source_record_id
        """,
        {"e": entity},
    ).fetchall()
    joined: dict[int, list[RowMove]] = defaultdict(list)
    left: dict[int, list[RowMove]] = defaultdict(list)
    for number, source, key, before, now in rows:
        if now == entity:
            joined[number].append(RowMove(source, key, before))
        else:
            left[number].append(RowMove(source, key, now))
    return joined, left


def _values(con: duckdb.DuckDBPyConnection, entity: str) -> dict[int, list[ValueChange]]:
    """Golden values of `entity` that changed, by number of release, in order of attribute."""
    rows = con.execute(
        "SELECT number, attribute, old_value, new_value FROM golden_log.changes "
        "WHERE entity_id = ? ORDER BY number, attribute",
        [entity],
    ).fetchall()
    found: dict[int, list[ValueChange]] = defaultdict(list)
    for number, *change in rows:
        found[number].append(ValueChange(*change))
    return found
