"""Stewards who decide at random, and what must be true of whatever they say."""

import random
from collections.abc import Mapping

import polars as pl
from resolving import Resolving

from core.frames import scan_frame
from resolution.decisions import Binding, Decision, DecisionStore, RowKey, binding_decisions

Row = tuple[str, str]
STEWARDS = ("ann", "bob", "eve")


class Deciding:
    """Decisions on the rows of a project, about customers as they are after its first run."""

    def __init__(self, resolving: Resolving, dice: random.Random) -> None:
        self._store = DecisionStore(resolving.project)
        self._dice = dice
        self._entities = _grouped(resolving.entities())
        self._records = _grouped(_records_of(resolving))
        self._close = _close_pairs(resolving)

    def decide(self, verdicts: list[str]) -> None:
        """One decision each: on two rows of a record, of a customer, of a scored pair, or any."""
        self._store.decide_all(
            [
                Decision(verdict, *map(RowKey._make, self._pair()), self._dice.choice(STEWARDS))
                for verdict in verdicts
            ]
        )

    def undo(self, share: float) -> None:
        """Take back this share of what stands."""
        decisions = self._store.all()
        standing = decisions.filter(pl.col("undone_at").is_null()).get_column("id").to_list()
        for number in self._dice.sample(standing, k=round(share * len(standing))):
            self._store.undo(number, self._dice.choice(STEWARDS))

    def _pair(self) -> list[Row]:
        kind = self._dice.randrange(4)
        if kind == 0:
            return self._dice.sample(self._dice.choice(self._records), k=2)
        if kind == 1:
            return self._dice.sample(self._dice.choice(self._entities), k=2)
        if kind == 2:
            return self._dice.choice(self._close)
        return [self._dice.choice(rows) for rows in self._dice.sample(self._entities, k=2)]


def assert_decisions_hold(resolving: Resolving) -> Binding:
    """No non-match within one entity, no match apart, unless told as contradictory."""
    decisions = DecisionStore(resolving.project).all()
    binding, entities = binding_decisions(decisions), resolving.entities()
    told = {*binding.applied["id"], *binding.contradictory["id"]}
    for row in decisions.filter(pl.col("id").is_in(told)).iter_rows(named=True):
        left, right = (entities.get((row[f"source_{x}"], row[f"key_{x}"])) for x in "lr")
        if row["id"] in binding.applied["id"] and left and right:
            assert (left == right) == (row["verdict"] == "match"), row
    return binding


def _grouped(groups: Mapping[Row, object]) -> list[list[Row]]:
    """The groups of two or more rows."""
    found: dict[object, list[Row]] = {}
    for row, group in sorted(groups.items()):
        found.setdefault(group, []).append(row)
    return [rows for rows in found.values() if len(rows) > 1]


def _records_of(resolving: Resolving) -> dict[Row, object]:
    members = scan_frame(resolving.project.work, "members").collect()
    rows = members.select("source", "source_record_id", "record_id").iter_rows()
    return {(source, key): record for source, key, record in rows}


def _close_pairs(resolving: Resolving) -> list[list[Row]]:
    """A row of each end of every scored pair."""
    first = {record: row for row, record in sorted(_records_of(resolving).items(), reverse=True)}
    pairs = scan_frame(resolving.project.work, "pairs").collect()
    ends = pairs.select("record_id_l", "record_id_r").iter_rows()
    return [[first[left], first[right]] for left, right in ends]
