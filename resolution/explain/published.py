"""What a release itself says: its source rows, their customers and the pairs that were scored."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from core.errors import QueryError
from core.ids import is_entity_id

Key = tuple[str, str]
"""A record's key: (source, source_record_id)."""


def written(key: Key) -> str:
    """The key as it is typed: source/source_record_id."""
    return "/".join(key)


@dataclass(frozen=True)
class Row:
    """A source row and the customer it belongs to."""

    key: Key
    entity_id: str
    matched_by: str
    matched_as: Key | None
    """The record it was matched as; None for a visitor, who is recognised and never matched."""


@dataclass(frozen=True)
class Pair:
    """One scored pair: status is link, clerical or refused; `why` as identity.matches has it."""

    left: Key
    right: Key
    weight: float
    probability: float
    status: str
    why: Mapping[str, Any]

    @property
    def refused(self) -> str | None:
        """Why it was refused, in words."""
        return self.why.get("refused")

    def strongest(self, count: int = 2) -> list[str]:
        """The comparisons that speak most for the pair."""
        parts = {name: part for name, part in self.why.items() if isinstance(part, dict)}
        ranked = sorted(parts, key=lambda name: -(parts[name]["weight"] + parts[name]["tf"]))
        return [name for name in ranked[:count] if parts[name]["weight"] + parts[name]["tf"] > 0]


def find_row(connection: duckdb.DuckDBPyConnection, asked: str) -> Row:
    """The source row written source/source_record_id. Raises QueryError where there is none."""
    if is_entity_id(asked):
        raise QueryError(
            f"{asked} is a customer; two records are compared (source/source_record_id), "
            f"or one customer is asked for alone: oneid why {asked}"
        )
    source, _, key = asked.partition("/")
    rows = connection.execute(
        "SELECT entity_id, matched_by, matched_as FROM identity.crosswalk "
        "WHERE source = ? AND source_record_id = ?",
        [source, key],
    ).fetchall()
    if not rows:
        sources = connection.execute("SELECT DISTINCT source FROM identity.crosswalk ORDER BY 1")
        known = ", ".join(name for (name,) in sources.fetchall())
        raise QueryError(
            f"{asked!r} is no record of the current release; write source/source_record_id, "
            f"with one of the sources {known}, or an entity id"
        )
    entity_id, matched_by, matched_as = rows[0]
    return Row((source, key), entity_id, matched_by, (source, matched_as) if matched_as else None)


def records_of(connection: duckdb.DuckDBPyConnection, entity_id: str) -> list[Key]:
    """The customer's records, each under the name it was matched as."""
    return connection.execute(
        "SELECT DISTINCT source, matched_as FROM identity.crosswalk "
        "WHERE entity_id = ? AND matched_as IS NOT NULL ORDER BY ALL",
        [entity_id],
    ).fetchall()


def rows_of(connection: duckdb.DuckDBPyConnection, entities: Sequence[str]) -> dict[Key, Key]:
    """Source row -> its record, of all rows that the customers have; of a visitor, itself."""
    rows = connection.execute(
        "SELECT source, source_record_id, coalesce(matched_as, source_record_id) "
        "FROM identity.crosswalk WHERE list_contains(?, entity_id) ORDER BY ALL",
        [list(entities)],
    ).fetchall()
    return {(source, key): (source, record) for source, key, record in rows}


def pairs_of(connection: duckdb.DuckDBPyConnection, records: Sequence[Key]) -> list[Pair]:
    """Scored pairs with at least one end among `records`, the strongest first.

    Equal ones in the order in which links are followed.
    """
    rows = connection.execute(
        """
        WITH asked AS (SELECT unnest($sources) AS source, unnest($keys) AS key),
        found AS ( -- joined end by end: an OR of both would look at every pair's names twice
            SELECT m.rowid AS place FROM identity.matches m
            JOIN asked a ON a.source = m.source_l AND a.key = m.source_record_id_l
            UNION
            SELECT m.rowid FROM identity.matches m
            JOIN asked a ON a.source = m.source_r AND a.key = m.source_record_id_r
        )
        SELECT source_l, source_record_id_l, source_r, source_record_id_r,
               match_weight, match_probability, status, why
        FROM identity.matches m SEMI JOIN found ON found.place = m.rowid
        ORDER BY match_weight DESC, rowid
        """,
        {"sources": [x for x, _ in records], "keys": [x for _, x in records]},
    ).fetchall()
    return [
        Pair((a, b), (c, d), weight, probability, status, json.loads(why))
        for a, b, c, d, weight, probability, status, why in rows
    ]


def entities_of(connection: duckdb.DuckDBPyConnection, records: Sequence[Key]) -> dict[Key, str]:
    """The customer of each of `records` (named as they were matched)."""
    rows = connection.execute(
        """
        WITH asked AS (SELECT unnest($sources) AS source, unnest($keys) AS matched_as)
        SELECT DISTINCT source, matched_as, entity_id FROM identity.crosswalk
        SEMI JOIN asked USING (source, matched_as)
        """,
        {"sources": [x for x, _ in records], "keys": [x for _, x in records]},
    ).fetchall()
    return {(source, key): entity_id for source, key, entity_id in rows}


@dataclass(frozen=True)
class PublishedLevel:
    """One row of identity.model."""

    m: float
    u: float


def published_model(
    connection: duckdb.DuckDBPyConnection,
) -> tuple[float, dict[str, dict[str, PublishedLevel]]]:
    """Match weight before any evidence, and comparison -> level in words -> m and u."""
    rows = connection.execute(
        "SELECT comparison, level, m, u, match_weight FROM identity.model "
        "ORDER BY comparison, place"
    ).fetchall()
    prior = 0.0
    levels: dict[str, dict[str, PublishedLevel]] = {}
    for comparison, level, m, u, weight in rows:
        if comparison == "prior":
            prior = weight
        else:
            levels.setdefault(comparison, {})[level] = PublishedLevel(m, u)
    return prior, levels
