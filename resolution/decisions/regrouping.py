"""Splitting and merging entities by hand: batches of decisions, and nothing else."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import duckdb

from core.errors import QueryError
from resolution.decisions.decision import Decision, RowKey, Steward
from resolution.decisions.teaching import MERGE, SPLIT
from resolution.learning.decided_pairs import MATCH, NON_MATCH

LARGEST: Final = 10_000
"""Decisions up to which a split is made."""


def split_decisions(
    release: duckdb.DuckDBPyConnection, entity_id: str, out: Sequence[RowKey], steward: Steward
) -> list[Decision]:
    """Non-matches between the rows taken out and those that stay.

    A record of several equal rows that goes or stays as a whole is named by one of them; one that
    is divided itself, by all. Raises QueryError where a row is not of the entity, none would stay,
    or it would take more than LARGEST decisions.
    """
    records = _records_of(release, entity_id)
    of_entity = {row for rows in records.values() for row in rows}
    strangers = sorted(set(out) - of_entity)
    if strangers:
        raise QueryError(
            f"not of {entity_id}: {', '.join(map(str, strangers))}; its rows are in "
            f"identity.crosswalk, or: oneid why {entity_id}"
        )
    if set(out) == of_entity:
        raise QueryError(f"these are all rows of {entity_id}; one at least must stay")
    gone, left = _ends(records, set(out)), _ends(records, of_entity - set(out))
    if len(gone) * len(left) > LARGEST:
        raise QueryError(
            f"splitting these off {entity_id} takes {len(gone) * len(left):,} decisions, and "
            f"{LARGEST:,} are allowed; take out fewer rows at a time, or correct them in the source"
        )
    batch = steward.batch(SPLIT, entity_id)
    return [_decision(NON_MATCH, a, b, steward, batch) for a in gone for b in left]


def merge_decisions(
    release: duckdb.DuckDBPyConnection, entity_id: str, other: str, steward: Steward
) -> list[Decision]:
    """Matches of one record of the first entity with every other record of both.

    So all records of both are said to be one customer, and no guard parts them again. Raises
    QueryError where both are one entity.
    """
    if entity_id == other:
        raise QueryError(f"both are {entity_id}; name two entities")
    ours, theirs = (_records_of(release, each) for each in (entity_id, other))
    first, *others = (min(rows) for rows in (*ours.values(), *theirs.values()))
    batch = steward.batch(MERGE, entity_id)
    return [_decision(MATCH, first, each, steward, batch) for each in others]


def _records_of(
    release: duckdb.DuckDBPyConnection, entity_id: str
) -> Mapping[RowKey, list[RowKey]]:
    """The entity's records: the name of each, and its rows. Raises QueryError for none."""
    found = release.execute(
        "SELECT source, matched_as, source_record_id FROM identity.crosswalk "
        "WHERE entity_id = ? AND matched_as IS NOT NULL ORDER BY ALL",
        [entity_id],
    ).fetchall()
    if not found:
        raise QueryError(
            f"{entity_id} is no entity of the current release with rows that were matched; "
            "ids are in golden.customers"
        )
    records: dict[RowKey, list[RowKey]] = defaultdict(list)
    for source, matched_as, key in found:
        records[RowKey(source, matched_as)].append(RowKey(source, key))
    return records


def _ends(records: Mapping[RowKey, list[RowKey]], chosen: set[RowKey]) -> list[RowKey]:
    """The rows that stand for those chosen: one a whole record, every one of a divided record."""
    ends: list[RowKey] = []
    for rows in records.values():
        inside = [row for row in rows if row in chosen]
        ends += inside[:1] if len(inside) == len(rows) else inside
    return ends


def _decision(verdict: str, left: RowKey, right: RowKey, steward: Steward, batch: str) -> Decision:
    return Decision(verdict, left, right, steward.who, steward.note, batch, steward.at)
