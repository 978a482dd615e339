"""Why two records are together or apart, or what holds a customer's records together."""

import json
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb

from core.errors import QueryError
from core.ids import is_entity_id

Key = tuple[str, str]
"""A record's key: (source, source_record_id)."""


@dataclass(frozen=True)
class Pair:
    """One scored pair: status is link, clerical or refused; `why` as identity.matches has it."""

    left: Key
    right: Key
    weight: float
    probability: float
    status: str
    why: Mapping[str, Any]


@dataclass(frozen=True)
class Explanation:
    """What `oneid why` tells."""

    verdict: str
    """One sentence."""
    pairs: tuple[Pair, ...]
    """The pair asked about, or the links that hold the records together, in order of the path."""


def explain(
    connection: duckdb.DuckDBPyConnection, first: str, second: str | None = None
) -> Explanation:
    """Why record `first` and record `second` are one customer or two, on a release's connection.

    A record is written source/source_record_id. With one argument, a record or an entity id:
    every link between the records of that customer. Raises QueryError where nothing is known of
    what was asked.
    """
    if second is None:
        return _explain_customer(connection, first)
    left, right = _record(connection, first), _record(connection, second)
    if left.matched_as is None or right.matched_as is None:
        return Explanation(_recognised(left, right), ())
    ends = (left.matched_as, right.matched_as)
    direct = [x for x in _pairs(connection, ends) if {x.left, x.right} == set(ends)]
    if left.entity_id != right.entity_id:
        return Explanation(_apart(direct), tuple(direct))
    if left.matched_as == right.matched_as:
        return Explanation("together: both rows carry the same identity values", ())
    if direct and direct[0].status == "link":
        return Explanation(f"together in {left.entity_id}: linked directly", tuple(direct))
    path = _path(_links_within(connection, left.entity_id), *ends)
    steps = f"together in {left.entity_id}: through {len(path)} links, weakest "
    return Explanation(steps + f"{min(pair.weight for pair in path):.1f}", tuple(path))


@dataclass(frozen=True)
class _Row:
    key: Key
    entity_id: str
    matched_by: str
    matched_as: Key | None
    """None for a visitor, who is recognised and never matched."""


def _recognised(left: _Row, right: _Row) -> str:
    """Why a visitor and another row are one customer's or not."""
    told = [
        f"{'/'.join(row.key)} is a visitor recognised by {row.matched_by} as {row.entity_id}"
        for row in (left, right)
        if row.matched_as is None
    ]
    together = left.entity_id == right.entity_id
    return f"{'together' if together else 'apart'}: {'; '.join(told)}"


def _record(connection: duckdb.DuckDBPyConnection, written: str) -> _Row:
    if is_entity_id(written):
        raise QueryError(
            f"{written} is a customer; two records are compared (source/source_record_id), "
            f"or one customer is asked for alone: oneid why {written}"
        )
    source, _, key = written.partition("/")
    rows = connection.execute(
        "SELECT entity_id, matched_by, matched_as FROM identity.crosswalk "
        "WHERE source = ? AND source_record_id = ?",
        [source, key],
    ).fetchall()
    if not rows:
        sources = connection.execute("SELECT DISTINCT source FROM identity.crosswalk ORDER BY 1")
        known = ", ".join(name for (name,) in sources.fetchall())
        raise QueryError(
            f"{written!r} is no record of the current release; write source/source_record_id, "
            f"with one of the sources {known}, or an entity id"
        )
    entity_id, matched_by, matched_as = rows[0]
    named = (source, matched_as) if matched_as is not None else None
    return _Row((source, key), entity_id, matched_by, named)


def _explain_customer(connection: duckdb.DuckDBPyConnection, asked: str) -> Explanation:
    entity_id = asked if is_entity_id(asked) else _record(connection, asked).entity_id
    members = _members(connection, entity_id)
    if not members:
        raise QueryError(
            f"no customer {entity_id} in the current release; if it was merged away, "
            f"oneid query \"SELECT * FROM identity.events WHERE entity_id = '{entity_id}'\""
        )
    links = _links_within(connection, entity_id)
    told = f"{entity_id}: {len(members)} distinct records held together by {len(links)} links"
    return Explanation(told, tuple(links))


def _members(connection: duckdb.DuckDBPyConnection, entity_id: str) -> list[Key]:
    """The customer's records, each under the name it was matched as."""
    return connection.execute(
        "SELECT DISTINCT source, matched_as FROM identity.crosswalk "
        "WHERE entity_id = ? AND matched_as IS NOT NULL ORDER BY ALL",
        [entity_id],
    ).fetchall()


def _links_within(connection: duckdb.DuckDBPyConnection, entity_id: str) -> list[Pair]:
    """The links between the customer's records, the strongest first."""
    members = set(_members(connection, entity_id))
    return [
        pair
        for pair in _pairs(connection, sorted(members))
        if pair.status == "link" and {pair.left, pair.right} <= members
    ]


def _pairs(connection: duckdb.DuckDBPyConnection, records: Sequence[Key]) -> list[Pair]:
    """Scored pairs with at least one end among `records`, the strongest first."""
    rows = connection.execute(
        """
        WITH asked AS (SELECT unnest($sources) AS source, unnest($keys) AS key)
        SELECT DISTINCT source_l, source_record_id_l, source_r, source_record_id_r,
               match_weight, match_probability, status, why
        FROM identity.matches
        WHERE (source_l, source_record_id_l) IN (SELECT (source, key) FROM asked)
           OR (source_r, source_record_id_r) IN (SELECT (source, key) FROM asked)
        ORDER BY match_weight DESC, source_l, source_record_id_l, source_r, source_record_id_r
        """,
        {"sources": [x for x, _ in records], "keys": [x for _, x in records]},
    ).fetchall()
    return [
        Pair((a, b), (c, d), weight, probability, status, json.loads(why))
        for a, b, c, d, weight, probability, status, why in rows
    ]


def _apart(direct: Sequence[Pair]) -> str:
    if not direct:
        return "apart: nothing they share makes them worth comparing, or far too little agrees"
    pair = direct[0]
    if pair.status == "refused":
        return f"apart: {pair.why.get('refused', 'a guard forbids it')}"
    if pair.status == "clerical":
        return "apart until a steward decides: the evidence is not enough to link them"
    return "apart although linked: the link was not followed"


def _path(links: Sequence[Pair], start: Key, end: Key) -> list[Pair]:
    """The links from one record to the other with the fewest steps."""
    came_by: dict[Key, Pair | None] = {start: None}
    ahead = deque([start])
    while ahead and end not in came_by:
        here = ahead.popleft()
        for pair in links:
            for near, far in ((pair.left, pair.right), (pair.right, pair.left)):
                if near == here and far not in came_by:
                    came_by[far] = pair
                    ahead.append(far)
    return _walk_back(came_by, end)


def _walk_back(came_by: Mapping[Key, Pair | None], end: Key) -> list[Pair]:
    path: list[Pair] = []
    here = end
    while (pair := came_by[here]) is not None:
        path.append(pair)
        here = pair.left if pair.right == here else pair.right
    return path[::-1]


def as_text(explanation: Explanation) -> str:
    """The explanation for a terminal: the verdict, then each pair's evidence, strongest first."""
    lines = [explanation.verdict]
    for pair in explanation.pairs:
        lines.append("")
        lines.append(f"{'/'.join(pair.left)}  ~  {'/'.join(pair.right)}  ({pair.status})")
        evidence = {name: part for name, part in pair.why.items() if isinstance(part, dict)}
        told = 0.0
        for name, part in sorted(evidence.items(), key=lambda item: -item[1]["weight"]):
            weight = part["weight"] + part["tf"]
            told += weight
            rarity = (
                f"  (of it {part['tf']:+.1f} for how common the value is)" if part["tf"] else ""
            )
            lines.append(f"  {weight:+7.1f}  {name}: {part['level']}{rarity}")
        lines.append(f"  {pair.weight - told:+7.1f}  before any evidence")
        lines.append(f"  {pair.weight:+7.1f}  match weight, probability {pair.probability:.4f}")
        if "refused" in pair.why:
            lines.append(f"  refused: {pair.why['refused']}")
    return "\n".join(lines)
