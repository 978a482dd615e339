"""What holds one customer's records together, what is weakest in it, and what was kept out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import duckdb

from core.errors import QueryError
from core.ids import is_entity_id
from resolution.explain.archive import Archive
from resolution.explain.decided import Word
from resolution.explain.paths import followed, sides
from resolution.explain.published import (
    Key,
    Pair,
    entities_of,
    find_row,
    pairs_of,
    published_model,
)
from resolution.explain.values import values_of
from resolution.explain.waterfall import Waterfall, from_published
from resolution.explain.weighing import read_records, record_numbers

ALONE = "only record"
"""What matching says of a record without links."""


@dataclass(frozen=True)
class Held:
    """A record of the customer; a visitor has no links."""

    key: Key
    rows: int
    """Source rows that carry its values."""
    matched_by: str
    probability: float
    """Match probability of its best link; for a visitor, the share of visits that are theirs."""
    visitor: bool
    values: dict[str, str]
    """Comparison -> standardised values; empty when nothing was kept beside the release."""

    @property
    def how(self) -> str:
        """What holds it, in words."""
        rows = "visitor" if self.visitor else f"{self.rows:,} row{'' if self.rows == 1 else 's'}"
        return f"{rows}, {self.matched_by if self.matched_by == ALONE else f'by {self.matched_by}'}"


@dataclass(frozen=True)
class Neighbour:
    """A pair with a record of another customer, refused or left to a steward."""

    pair: Pair
    own: Key
    other: Key
    entity_id: str


@dataclass(frozen=True)
class Arrival:
    """Source rows of one record that came in one release, from one place."""

    release: str
    at: datetime
    """UTC, without a zone."""
    rows: int
    came_from: str | None
    """The customer they were of before; None where they were new."""


@dataclass(frozen=True)
class Change:
    """A change of this identity."""

    release: str
    kind: str
    other_entity_id: str | None
    cause: str
    entity_id: str
    """The customer named first: who lives on in a merge, whom rows left in a split."""
    at: datetime
    """When the release was made; UTC, without a zone."""


@dataclass(frozen=True)
class EntityStory:
    """What there is to tell of one customer."""

    entity_id: str
    records: tuple[Held, ...]
    holding: tuple[Pair, ...]
    """Links that hold the records together, the strongest first: one fewer than records."""
    evidence: tuple[Waterfall, ...]
    """Of each link in `holding`."""
    further: tuple[Pair, ...]
    """Links beside them, which only confirm."""
    neighbours: tuple[Neighbour, ...]
    changes: tuple[Change, ...]
    arrivals: Mapping[Key, tuple[Arrival, ...]] = field(default_factory=dict)
    """Record -> in which release its rows came; see resolution.explain.arrivals."""
    words: tuple[Word, ...] = ()
    """Decisions on its rows; see resolution.explain.decided."""

    @property
    def strangers(self) -> dict[str, list[Neighbour]]:
        """The neighbours by customer, each customer's strongest pair first."""
        found: dict[str, list[Neighbour]] = {}
        for each in self.neighbours:
            found.setdefault(each.entity_id, []).append(each)
        return found

    def is_decided(self, pair: Pair) -> bool:
        """Whether a decision binds the two records, whatever they weigh."""
        return {pair.left, pair.right} in self._decided

    @property
    def weakest(self) -> Pair | None:
        """The link that would give way first; None where there is none, or all were decided."""
        return next((x for x in reversed(self.holding) if not self.is_decided(x)), None)

    @property
    def bridge(self) -> tuple[int, int] | None:
        """Records on either side of the weakest link."""
        if self.weakest is None:
            return None
        left, right = sides(list(self.holding), self.weakest)
        return len(left), len(right)

    @property
    def _decided(self) -> list[set[Key]]:
        return [set(word.records) for word in self.words if word.binds and word.applied]


def tell_entity(archive: Archive, asked: str) -> EntityStory:
    """The story of a customer, asked for by its id or by one of its source rows.

    Raises QueryError where there is none.
    """
    con = archive.release
    entity_id = asked if is_entity_id(asked) else find_row(con, asked).entity_id
    records = _records(archive, entity_id)
    if not records:
        raise QueryError(_unknown(con, entity_id))
    keys = {record.key for record in records if not record.visitor}
    pairs = pairs_of(con, sorted(keys))
    links = [x for x in pairs if x.status == "link" and {x.left, x.right} <= keys]
    holding = followed(links)
    prior, model = published_model(con)
    return EntityStory(
        entity_id,
        records,
        tuple(holding),
        tuple(from_published(x, prior, model) for x in holding),
        tuple(x for x in links if x not in holding),
        _neighbours(con, pairs, keys),
        _changes(con, entity_id),
    )


def _records(archive: Archive, entity_id: str) -> tuple[Held, ...]:
    """The customer's records and visitors, those with most rows first."""
    rows = archive.release.execute(
        """
        SELECT source, coalesce(matched_as, source_record_id) AS key, count(*) AS rows,
               any_value(matched_by ORDER BY source_record_id),
               max(match_probability), matched_as IS NULL AS visitor
        FROM identity.crosswalk WHERE entity_id = ?
        GROUP BY source, key, visitor ORDER BY visitor, source, key
        """,
        [entity_id],
    ).fetchall()
    values = _values(archive, [(source, key) for source, key, *_, visitor in rows if not visitor])
    return tuple(
        Held((source, key), count, by, probability, visitor, values.get((source, key), {}))
        for source, key, count, by, probability, visitor in rows
    )


def _values(archive: Archive, keys: list[Key]) -> dict[Key, dict[str, str]]:
    if archive.kept is None or not keys:
        return {}
    numbers = record_numbers(archive.kept, keys)
    records = read_records(archive.kept, list(numbers.values()))
    told = {row["record_id"]: values_of(archive.kept.rules(), row) for row in records.to_dicts()}
    return {key: told[number] for key, number in numbers.items()}


def _neighbours(
    connection: duckdb.DuckDBPyConnection, pairs: list[Pair], own: set[Key]
) -> tuple[Neighbour, ...]:
    """Pairs that were not followed, the strongest first."""
    outward = [x for x in pairs if not {x.left, x.right} <= own]
    ends = [(x.left, x.right) if x.left in own else (x.right, x.left) for x in outward]
    entities = entities_of(connection, sorted({other for _, other in ends}))
    return tuple(
        Neighbour(pair, mine, other, entities[other])
        for pair, (mine, other) in zip(outward, ends, strict=True)
    )


def _changes(connection: duckdb.DuckDBPyConnection, entity_id: str) -> tuple[Change, ...]:
    rows = connection.execute(
        'SELECT release, kind, other_entity_id, cause, entity_id, "at" FROM identity.events '
        "WHERE entity_id = $id OR other_entity_id = $id ORDER BY sequence",
        {"id": entity_id},
    ).fetchall()
    return tuple(Change(*row) for row in rows)


def _unknown(connection: duckdb.DuckDBPyConnection, entity_id: str) -> str:
    merged = connection.execute(
        "SELECT entity_id FROM identity.events WHERE kind = 'merged' AND other_entity_id = ? "
        "ORDER BY sequence DESC LIMIT 1",
        [entity_id],
    ).fetchall()
    if merged:
        return f"{entity_id} was merged into {merged[0][0]}; ask for that: oneid why {merged[0][0]}"
    return (
        f"no customer {entity_id} in the current release; "
        'oneid query "SELECT entity_id, full_name FROM golden.customers" lists them'
    )
