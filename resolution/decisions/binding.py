"""Which decisions bind: all that can be true together, worked out in the order they were made."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

from resolution.decisions.chains import Chains
from resolution.learning.decided_pairs import MATCH, UNSURE

ENDS: Final = ("source_l", "key_l", "source_r", "key_r")


@dataclass(frozen=True)
class Binding:
    """What follows from all decisions."""

    applied: pl.DataFrame
    """id, verdict (match, non-match) and ENDS, in order of id: all true together."""
    contradictory: pl.DataFrame
    """id, verdict, ENDS, who; because: ids of bound decisions with which this one cannot be true,
    in order along the chain; because_who: who made each of them. In order of id."""


def binding_decisions(decisions: pl.DataFrame) -> Binding:
    """What binds of `decisions` (columns of DecisionStore.all, rows in any order).

    Order is that of ids. A decision that cannot be true together with those bound before it does
    not bind. Cost: nearly linear in the decisions, and in the length of the chains reported.
    """
    told = _on_numbers(standing_words(decisions).filter(pl.col("verdict") != UNSURE))
    groups = _Groups()
    bound: list[bool] = []
    contradicted: dict[int, tuple[int, int, int | None]] = {}
    for number, same, left, right in told.select("id", "same", "left", "right").iter_rows():
        clash = groups.match(left, right, number) if same else groups.part(left, right, number)
        bound.append(clash is None)
        if clash is not None:
            contradicted[number] = (left, right, clash.between)
    taken = told.with_columns(bound=pl.Series(bound, dtype=pl.Boolean))
    applied = taken.filter("bound").select("id", "verdict", *ENDS)
    return Binding(applied, _contradictory(taken, contradicted, groups))


def standing_words(decisions: pl.DataFrame) -> pl.DataFrame:
    """The last word of each steward on each pair, of those not undone; in order of id."""
    left, right = (pl.concat_list(f"source_{x}", f"key_{x}") for x in "lr")
    ordered = (pl.col("source_l") < pl.col("source_r")) | (
        (pl.col("source_l") == pl.col("source_r")) & (pl.col("key_l") <= pl.col("key_r"))
    )
    lesser = pl.when(ordered).then(left).otherwise(right)
    greater = pl.when(ordered).then(right).otherwise(left)
    return (
        decisions.filter(pl.col("undone_at").is_null())
        .sort("id")
        .with_columns(_lesser=lesser, _greater=greater)
        .unique(["who", "_lesser", "_greater"], keep="last", maintain_order=True)
        .drop("_lesser", "_greater")
    )


def _on_numbers(words: pl.DataFrame) -> pl.DataFrame:
    """`words` with `same` (bool), and `left` and `right`, a number for each source row."""
    rows = pl.concat(
        [words.select(source=f"source_{side}", key=f"key_{side}") for side in "lr"]
    ).unique(maintain_order=True)
    numbered = rows.with_row_index("number")
    for side, name in (("l", "left"), ("r", "right")):
        words = words.join(
            numbered.rename({"source": f"source_{side}", "key": f"key_{side}", "number": name}),
            on=[f"source_{side}", f"key_{side}"],
            how="left",
            maintain_order="left",
        )
    return words.with_columns(same=pl.col("verdict") == MATCH)


def _contradictory(
    taken: pl.DataFrame, contradicted: Mapping[int, tuple[int, int, int | None]], groups: "_Groups"
) -> pl.DataFrame:
    """The decisions that do not bind, each with one chain of bound ones that contradicts it."""
    chains = Chains(groups.joining)
    ends_of = dict(zip(taken["id"], zip(taken["left"], taken["right"], strict=True), strict=True))
    who_of = dict(zip(taken["id"], taken["who"], strict=True))
    because: list[list[int]] = []
    for left, right, parting in contradicted.values():
        if parting is None:
            because.append(chains.between(left, right))
        else:
            near, far = ends_of[parting]
            if not chains.connected(left, near):
                near, far = far, near
            because.append([*chains.between(left, near), parting, *chains.between(far, right)])
    whose = [[who_of[number] for number in chain] for chain in because]
    return (
        taken.filter(~pl.col("bound"))
        .select("id", "verdict", *ENDS, "who")
        .with_columns(
            because=pl.Series(because, dtype=pl.List(pl.Int64)),
            because_who=pl.Series(whose, dtype=pl.List(pl.String)),
        )
    )


@dataclass(frozen=True)
class _Clash:
    """Why a decision cannot be true."""

    between: int | None
    """The non-match that parts the two groups; None where matches join the two rows."""


class _Groups:
    """Rows joined by matches, and the first non-match between any two groups of them."""

    def __init__(self) -> None:
        self._parent: dict[int, int] = {}
        self._apart: dict[int, dict[int, int]] = {}
        self.joining: list[tuple[int, int, int]] = []
        """The matches that joined two groups: left, right, id. They form a forest."""

    def match(self, left: int, right: int, number: int) -> _Clash | None:
        """Join the groups of both rows, unless a non-match is between them."""
        a, b = self._root(left), self._root(right)
        if a == b:
            return None
        parting = self._apart.get(a, {}).get(b)
        if parting is not None:
            return _Clash(parting)
        self.joining.append((left, right, number))
        if len(self._apart.get(a, ())) < len(self._apart.get(b, ())):
            a, b = b, a
        self._parent[b] = a
        self._take_over(a, b)
        return None

    def part(self, left: int, right: int, number: int) -> _Clash | None:
        """Keep the groups of both rows apart, unless they are one."""
        a, b = self._root(left), self._root(right)
        if a == b:
            return _Clash(None)
        self._apart.setdefault(a, {}).setdefault(b, number)
        self._apart.setdefault(b, {}).setdefault(a, number)
        return None

    def _take_over(self, a: int, b: int) -> None:
        """What was kept apart from `b` is now kept apart from `a`; the smaller one moves."""
        for other, number in self._apart.pop(b, {}).items():
            kept = self._apart.setdefault(a, {})
            first = min(number, kept.get(other, number))
            kept[other] = self._apart[other][a] = first
            del self._apart[other][b]

    def _root(self, row: int) -> int:
        path = []
        while (parent := self._parent.get(row, row)) != row:
            path.append(row)
            row = parent
        for passed in path:
            self._parent[passed] = row
        return row
