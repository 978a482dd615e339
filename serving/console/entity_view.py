"""A customer as a steward sees it: values and losers, rows, contact points, what happened."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from serving.releases import ReleaseReader

LATEST: Final = 15
"""Orders and feedback that are shown."""
ROWS: Final = 200
"""Source rows that are shown."""
_WHO: Final = "SELECT * FROM golden.customers WHERE entity_id = ?"
_FIGURES: Final = "SELECT * FROM marts.customer_360 WHERE entity_id = ?"
_ROWS: Final = f"""
SELECT source, source_record_id, matched_by, match_probability, matched_as
FROM identity.crosswalk WHERE entity_id = ?
ORDER BY matched_as IS NULL, source, source_record_id LIMIT {ROWS}"""
_CONTACTS: Final = """
SELECT kind, value, is_primary, last_seen_at, sources FROM golden.contact_points
WHERE entity_id = ? ORDER BY kind, is_primary DESC, last_seen_at DESC, value"""
_HOUSEHOLD: Final = """
SELECT h.entity_id, c.full_name, c.name_latin, h.shares FROM marts.households h
JOIN marts.households own USING (household_id)
JOIN golden.customers c ON c.entity_id = h.entity_id
WHERE own.entity_id = $entity AND h.entity_id <> $entity ORDER BY h.entity_id"""
_ORDERS: Final = (
    "ordered_at",
    "transaction_id",
    "product_category",
    "amount",
    "currency",
    "status",
)
_FEEDBACK: Final = ("submitted_at", "feedback_id", "channel", "rating", "nps", "text", "status")


@dataclass(frozen=True)
class EntityView:
    """Everything the page shows of one living customer."""

    customer: Mapping[str, Any]
    figures: Mapping[str, Any]
    values: Sequence[Mapping[str, Any]]
    """attribute, value, source, source_record_id, rule, alternatives."""
    rows: Sequence[Mapping[str, Any]]
    contacts: Sequence[Mapping[str, Any]]
    household: Sequence[Mapping[str, Any]]
    orders: Sequence[Mapping[str, Any]]
    feedback: Sequence[Mapping[str, Any]]


def view_entity(reader: ReleaseReader, entity_id: str) -> EntityView | None:
    """The customer, unmasked; None where the release has none of that id."""
    customer = reader.row(_WHO, [entity_id])
    if customer is None:
        return None
    order = list(customer)
    values = [
        row | {"alternatives": json.loads(row["alternatives"])}
        for row in reader.rows("SELECT * FROM golden.provenance WHERE entity_id = ?", [entity_id])
    ]
    values.sort(key=lambda row: order.index(row["attribute"]) if row["attribute"] in order else 999)
    told = "marts.households" in reader.tables
    return EntityView(
        customer,
        reader.row(_FIGURES, [entity_id]) or {} if "marts.customer_360" in reader.tables else {},
        values,
        reader.rows(_ROWS, [entity_id]),
        reader.rows(_CONTACTS, [entity_id]),
        reader.rows(_HOUSEHOLD, {"entity": entity_id}) if told else [],
        _latest(reader, "facts.transactions", _ORDERS, entity_id),
        _latest(reader, "facts.feedback", _FEEDBACK, entity_id),
    )


def _latest(
    reader: ReleaseReader, table: str, wanted: Sequence[str], entity_id: str
) -> list[dict[str, Any]]:
    """The newest rows of a fact table; a column that the project does not have is None."""
    columns = reader.tables.get(table)
    if columns is None or wanted[0] not in columns:
        return []
    named = ", ".join(x if x in columns else f"NULL AS {x}" for x in wanted)
    query = f"SELECT {named} FROM {table} WHERE entity_id = ? ORDER BY 1 DESC, 2 LIMIT {LATEST}"
    return reader.rows(query, [entity_id])
