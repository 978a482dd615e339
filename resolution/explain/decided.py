"""What people decided about the rows of a story, and whether the release knew of it."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import polars as pl

from resolution.decisions.binding import binding_decisions
from resolution.decisions.decision import Decision, RowKey
from resolution.decisions.states import BINDS, CONTRADICTORY
from resolution.decisions.store import as_if
from resolution.explain.published import Key, written
from resolution.learning.decided_pairs import MATCH, NON_MATCH


@dataclass(frozen=True)
class Word:
    """One decision of a steward on two source rows."""

    number: int
    left: Key
    right: Key
    verdict: str
    who: str
    at: datetime
    """UTC, without a zone."""
    note: str
    binds: bool
    """False: it cannot be true with others, which came first."""
    applied: bool
    """Whether the release was made with it; False: the next run takes it in."""
    records: tuple[Key, Key]
    """The records that hold the two rows."""


@dataclass(frozen=True)
class Words:
    """All decisions that stand, and those that the release was made with."""

    states: pl.DataFrame
    """As resolution.decisions.states.with_states gives them."""
    applied: frozenset[int]
    """Ids of the decisions that bound when the release was made."""

    def on(self, names: Mapping[Key, Key]) -> tuple[Word, ...]:
        """Those that bind, or contradict others, with an end among the rows of `names` (source row
        -> its record); in order of id."""
        found = []
        for each in self.states.iter_rows(named=True):
            if each["state"] in (BINDS, CONTRADICTORY) and not names.keys().isdisjoint(_ends(each)):
                found.append(self._word(each, names))
        return tuple(found)

    def between(self, left: Key, right: Key, names: Mapping[Key, Key]) -> tuple[Word, ...]:
        """The binding decisions that make one customer or two of the records `left` and `right`, by
        a chain of matches and at most one non-match; none where no decision does.

        `names`: source row -> its record, where that is named by another row.
        """
        binding = self._on_records(names)
        for verdict in (NON_MATCH, MATCH):  # what cannot be said any more has been decided
            probe = Decision(verdict, RowKey(*left), RowKey(*right), "asked")
            asked = as_if(binding, [probe], [])
            refused = binding_decisions(asked).contradictory.filter(
                pl.col("id") == asked.get_column("id").max()
            )
            for because in refused.get_column("because").to_list():
                rows = {x["id"]: x for x in self.states.iter_rows(named=True)}
                return tuple(self._word(rows[number], names) for number in because)
        return ()

    def _on_records(self, names: Mapping[Key, Key]) -> pl.DataFrame:
        """The binding decisions, in the columns of the store, with records for their ends."""
        rows = self.states.filter(pl.col("state") == BINDS).drop("state", "because").to_dicts()
        for row in rows:
            row["who"] = str(row["id"])  # equal ends are no later word of one steward here
            for side in "lr":
                key = (row[f"source_{side}"], row[f"key_{side}"])
                row[f"source_{side}"], row[f"key_{side}"] = names.get(key, key)
        return pl.DataFrame(rows, schema=self.states.drop("state", "because").schema)

    def _word(self, row: Mapping[str, Any], names: Mapping[Key, Key]) -> Word:
        left, right = ((row[f"source_{side}"], row[f"key_{side}"]) for side in "lr")
        return Word(
            row["id"],
            left,
            right,
            row["verdict"],
            row["who"],
            row["at"],
            row["note"] or "",
            row["state"] == BINDS,
            row["id"] in self.applied,
            (names.get(left, left), names.get(right, right)),
        )


def _ends(row: Mapping[str, Any]) -> set[Key]:
    return {(row[f"source_{side}"], row[f"key_{side}"]) for side in "lr"}


def word_lines(words: Collection[Word]) -> Iterator[str]:
    """A line a decision: what, who, when and why."""
    for word in words:
        note = f": {word.note}" if word.note else ""
        state = "" if word.binds else "; does not bind, it contradicts earlier ones"
        if word.binds and not word.applied:
            state = "; the next run takes it in"
        yield (
            f"  {word.verdict:<9}  {written(word.left)}  ~  {written(word.right)}  "
            f"decision {word.number} by {word.who}, {word.at:%Y-%m-%d %H:%M}{note}{state}"
        )


def word_json(word: Word) -> dict[str, Any]:
    """The decision for programs."""
    return {
        "id": word.number,
        "records": [written(word.left), written(word.right)],
        "verdict": word.verdict,
        "who": word.who,
        "at": f"{word.at:%Y-%m-%dT%H:%M:%SZ}",
        "note": word.note,
        "binds": word.binds,
        "applied": word.applied,
    }


def in_short(words: Collection[Word]) -> str:
    """`match by ann`, or how many and by whom."""
    who = ", ".join(dict.fromkeys(word.who for word in words))
    kinds = dict.fromkeys(word.verdict for word in words)
    if len(words) == 1:
        return f"{next(iter(kinds))} by {who}"
    return f"{len(words):,} decisions ({', '.join(kinds)}) by {who}"
