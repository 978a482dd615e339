"""The identity ledger: every id ever issued and what became of it; the one store that outlives all.

It only grows, but for the keys of erased rows (warehouse.erasing). A release is in the ledger from
the moment its transaction is committed, and that moment is what makes it published; everything else
in `var/` can be made again from here and from the deliveries.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from core.errors import ProjectError, QueryError
from core.ids import is_entity_id
from core.project import Project
from core.sql import STORAGE
from warehouse.waiting import opened

_TABLES = (Path(__file__).parent / "ledger.sql").read_text(encoding="utf-8")
_BORN = "kind = 'created'"


@dataclass(frozen=True)
class PublishedRelease:
    """What the ledger knows of a release: enough to point to it again."""

    release: str
    at: datetime
    """UTC, without a zone."""
    file: str
    sha256: str
    input_fingerprint: str


class IdentityLedger:
    """The ledger of one project. Every call opens the file for as long as it takes.

    Raises ProjectError where another process does not let go of it, or it cannot be read.
    """

    def __init__(self, project: Project) -> None:
        self.file = project.ledger / "identity.duckdb"

    def releases(self) -> list[PublishedRelease]:
        """Every release ever published, oldest first."""
        rows = self._rows(
            'SELECT release, "at", file, sha256, input_fingerprint FROM releases ORDER BY number'
        )
        return [PublishedRelease(*row) for row in rows]

    def last_release(self) -> PublishedRelease | None:
        """The newest release, or None before the first."""
        return next(reversed(self.releases()), None)

    def issued(self) -> pl.DataFrame:
        """entity_id, sequence: every id ever issued, in order of issue."""
        return self._frame("SELECT entity_id, sequence FROM entities ORDER BY sequence")

    def current_assignments(self) -> pl.DataFrame:
        """source, source_record_id, entity_id as of the last release; one row a source row."""
        return self._frame("SELECT * FROM current_assignments ORDER BY source, source_record_id")

    def departed(self) -> pl.DataFrame:
        """source, source_record_id, entity_id: rows that are nobody's now and were last of an
        entity that is retired now (of the one it redirects to, where it was merged since)."""
        return self._frame(_DEPARTED)

    def redirects(self) -> pl.DataFrame:
        """entity_id, living_entity_id: ids that were merged away and who they are now."""
        return self._frame("SELECT * FROM redirects ORDER BY entity_id")

    def history(self) -> pl.DataFrame:
        """Every change of identity in order; the columns of identity.events."""
        return self._frame("SELECT * FROM events ORDER BY sequence")

    def stamped(self, events: pl.DataFrame, release: str, at: datetime) -> pl.DataFrame:
        """`events` as the history will hold them once they are appended under `release`."""
        [(after,)] = self._rows("SELECT count(*) FROM events")
        return _stamped(events, int(after), release, at)

    def resolve(self, entity_id: str) -> str:
        """The id that `entity_id` goes by today; itself when it lives, or has been retired.

        Raises QueryError for what is no entity id, or was never issued.
        """
        if not is_entity_id(entity_id):
            raise QueryError(
                f"{entity_id!r} is not an entity id; one reads C- and thirteen characters, "
                "the last of which checks the others"
            )
        found = self._rows(
            "SELECT coalesce(r.living_entity_id, e.entity_id) FROM entities e "
            "LEFT JOIN redirects r USING (entity_id) WHERE e.entity_id = ?",
            [entity_id],
        )
        if not found:
            raise QueryError(f"{entity_id} was never issued in this project")
        return str(found[0][0])

    def append(
        self, published: PublishedRelease, changes: pl.DataFrame, events: pl.DataFrame
    ) -> None:
        """Record a release in one transaction; nothing happens when it is already there.

        `changes`: source, source_record_id, entity_id of every source row whose id is new or
        another, null where the row is gone. `events`: kind, entity_id, other_entity_id, cause.
        Raises ProjectError when an id would be issued twice, used without having been issued, or
        the release was recorded with other bytes.
        """
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self._connected(read_only=False) as con:
            con.execute("BEGIN")
            if not _is_recorded(con, published):
                _record(con, published, changes, events)
            con.execute("COMMIT")
            con.execute("CHECKPOINT")

    @contextmanager
    def _connected(self, read_only: bool) -> Iterator[duckdb.DuckDBPyConnection]:
        with opened(self.file, read_only) as con:
            if not read_only:
                con.execute(_TABLES)
            yield con

    @contextmanager
    def _reading(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The ledger, or an empty one in memory before the first release."""
        if self.file.is_file():
            with self._connected(read_only=True) as con:
                yield con
            return
        con = duckdb.connect(config=STORAGE)
        con.execute(_TABLES)
        yield con
        con.close()

    def _frame(self, query: str) -> pl.DataFrame:
        with self._reading() as con:
            frame: pl.DataFrame = con.sql(query).pl()
            return frame

    def _rows(self, query: str, values: list[str] | None = None) -> list[tuple[Any, ...]]:
        with self._reading() as con:
            return con.execute(query, values or []).fetchall()


def without_zone(at: datetime) -> datetime:
    """`at` in UTC without a zone, as every time is stored."""
    return at.astimezone(UTC).replace(tzinfo=None) if at.tzinfo else at


def _stamped(events: pl.DataFrame, after: int, release: str, at: datetime) -> pl.DataFrame:
    """`events` numbered on from `after`."""
    return events.select(
        sequence=pl.int_range(after + 1, after + 1 + pl.len(), dtype=pl.Int64),
        at=pl.lit(without_zone(at), pl.Datetime("us")),
        release=pl.lit(release, pl.String),
        kind="kind",
        entity_id="entity_id",
        other_entity_id="other_entity_id",
        cause="cause",
    )


def _is_recorded(con: duckdb.DuckDBPyConnection, published: PublishedRelease) -> bool:
    found = con.execute(
        "SELECT sha256 FROM releases WHERE release = ?", [published.release]
    ).fetchall()
    if found and found[0][0] != published.sha256:
        raise ProjectError(
            f"release {published.release} was published before with other bytes; "
            "run again so that the new state gets a release of its own"
        )
    return bool(found)


def _record(
    con: duckdb.DuckDBPyConnection,
    published: PublishedRelease,
    changes: pl.DataFrame,
    events: pl.DataFrame,
) -> None:
    [(after,)] = con.execute("SELECT count(*) FROM events").fetchall()
    stamped = _stamped(events, after, published.release, published.at)
    kept = changes.select("source", "source_record_id", "entity_id")
    con.register("new_rows", kept.to_arrow())
    con.register("new_events", stamped.to_arrow())
    con.execute(
        "INSERT INTO releases SELECT coalesce(max(number), 0) + 1, ?, ?, ?, ?, ? FROM releases",
        [
            published.release,
            without_zone(published.at),
            published.file,
            published.sha256,
            published.input_fingerprint,
        ],
    )
    con.execute("INSERT INTO events SELECT * FROM new_events ORDER BY sequence")
    con.execute(
        f"""
        INSERT INTO entities
        SELECT entity_id, (SELECT count(*) FROM entities) + row_number() OVER (ORDER BY sequence),
               release, "at"
        FROM new_events WHERE {_BORN} AND entity_id NOT IN (SELECT entity_id FROM entities)
        ORDER BY sequence
        """
    )
    con.execute(
        """
        INSERT INTO assignments
        SELECT source, source_record_id, entity_id, ? FROM new_rows
        ORDER BY source, source_record_id
        """,
        [published.release],
    )
    _refuse_contradictions(con)
    con.unregister("new_rows")
    con.unregister("new_events")


_DEPARTED = """
    WITH gone AS (SELECT DISTINCT source, source_record_id FROM assignments
                  WHERE entity_id IS NULL),
    last AS (SELECT source, source_record_id, arg_max(entity_id, number) AS was,
                    arg_max({'id': entity_id}, number).id AS now
             FROM assignments SEMI JOIN gone USING (source, source_record_id)
             JOIN releases USING (release) GROUP BY ALL),
    retired AS (SELECT entity_id FROM events WHERE kind IN ('created', 'retired', 'erased')
                GROUP BY entity_id HAVING arg_max(kind, sequence) = 'retired')
    SELECT source, source_record_id, coalesce(living_entity_id, was) AS entity_id
    FROM last LEFT JOIN redirects ON redirects.entity_id = was
    WHERE now IS NULL AND coalesce(living_entity_id, was) IN (FROM retired)
    ORDER BY source, source_record_id"""

_BORN_TWICE = """
    SELECT entity_id FROM (
        SELECT entity_id, release, kind,
               lag(kind) OVER (PARTITION BY entity_id ORDER BY sequence) AS before
        FROM events SEMI JOIN new_events USING (entity_id)
        WHERE kind IN ('created', 'retired', 'erased')
    ) WHERE kind = 'created' AND before <> 'retired'"""
"""Ids given out though they lived, or were erased. One that was retired may come back."""

_HELD_BY_ENDED = """
    WITH ended AS (SELECT other_entity_id AS entity_id FROM new_events WHERE kind = 'merged'),
    held AS (SELECT DISTINCT source, source_record_id FROM assignments
             WHERE entity_id IN (FROM ended)),
    latest AS (SELECT source, source_record_id, arg_max({'id': a.entity_id}, number).id AS entity_id
               FROM assignments a SEMI JOIN held USING (source, source_record_id)
               JOIN releases USING (release) GROUP BY ALL)
    SELECT entity_id FROM latest WHERE entity_id IN (FROM ended)"""


def _refuse_contradictions(con: duckdb.DuckDBPyConnection) -> None:
    """Raise ProjectError, which undoes the transaction, when an id is not what an id must be."""
    problems = {
        "ids were issued twice": _BORN_TWICE,
        "ids are used that were never issued": "SELECT entity_id FROM new_rows "
        "WHERE entity_id IS NOT NULL EXCEPT SELECT entity_id FROM entities",
        "ids are used that were merged away": "SELECT entity_id FROM new_rows "
        "INTERSECT SELECT entity_id FROM redirects",
        "rows keep an id that is merged away": _HELD_BY_ENDED,
        "source rows have two ids": "SELECT source FROM new_rows "
        "GROUP BY source, source_record_id HAVING count(*) > 1",
    }
    for problem, query in problems.items():
        [(found,)] = con.execute(f"SELECT count(*) FROM ({query})").fetchall()
        if found:
            raise ProjectError(
                f"the identity ledger refuses this release: {found} {problem}; the stage "
                "`entities` worked from another state of the ledger, so run the whole job again"
            )
