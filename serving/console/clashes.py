"""Decisions that cannot all be true, with what they contradict and what hangs on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import polars as pl

from resolution.decisions.states import CONTRADICTORY
from serving.releases import ReleaseReader

_HANGS: Final = """
WITH ends AS (
    SELECT unnest($sources) AS source, unnest($keys) AS source_record_id, unnest($ids) AS id),
customers AS (
    SELECT DISTINCT id, entity_id
    FROM ends JOIN identity.crosswalk USING (source, source_record_id))
SELECT id, sum(orders)::BIGINT AS orders, coalesce(sum(revenue), 0) AS revenue
FROM customers JOIN marts.customer_360 USING (entity_id) GROUP BY id"""


@dataclass(frozen=True)
class Clash:
    """A decision that does not bind, as rows of `with_states`."""

    decision: Mapping[str, Any]
    against: Sequence[Mapping[str, Any]]
    """Those before it that it cannot be true with."""
    orders: int
    revenue: float
    """Of the customers that the decision is about."""


def clashes_of(reader: ReleaseReader, states: pl.DataFrame, source: str = "") -> list[Clash]:
    """What contradicts what, the most revenue first. `source`: of one side at least; empty: any."""
    by_id = {row["id"]: row for row in states.iter_rows(named=True)}
    found = [row for row in by_id.values() if row["state"] == CONTRADICTORY]
    chosen = [x for x in found if source in ("", x["source_l"], x["source_r"])]
    hangs = _hangs(reader, chosen)
    clashes = [
        Clash(row, [by_id[number] for number in row["because"]], *hangs.get(row["id"], (0, 0.0)))
        for row in chosen
    ]
    return sorted(clashes, key=lambda x: (-x.revenue, -x.orders, x.decision["id"]))


def _hangs(
    reader: ReleaseReader, decisions: Sequence[Mapping[str, Any]]
) -> dict[int, tuple[int, float]]:
    """Decision -> orders and revenue of its customers; none where the release has neither row."""
    ends = [(row[f"source_{x}"], row[f"key_{x}"], row["id"]) for row in decisions for x in "lr"]
    names = ("sources", "keys", "ids")
    values = {name: [end[place] for end in ends] for place, name in enumerate(names)}
    return (
        {x["id"]: (x["orders"], x["revenue"]) for x in reader.rows(_HANGS, values)} if ends else {}
    )
