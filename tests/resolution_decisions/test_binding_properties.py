"""What binds of any decisions, held against a check that tries every partition."""

import random
from datetime import datetime
from itertools import product

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from resolution.decisions import Binding, binding_decisions
from resolution.decisions.store import SCHEMA

ROWS = [("crm", "1"), ("crm", "2"), ("shop", "1"), ("shop", "2"), ("till", "1")]
NOON = datetime(2026, 1, 1, 12)
Said = tuple[str, int, int, str, bool]
"""Verdict, number of the left and of the right row, who, whether it was undone."""


def frame(said: list[Said]) -> pl.DataFrame:
    """Decisions numbered from 1, as the store gives them."""
    rows = [
        (number, NOON, who, verdict, *ROWS[left], *ROWS[right], "", None, *undo(undone))
        for number, (verdict, left, right, who, undone) in enumerate(said, start=1)
    ]
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")


def undo(undone: bool) -> tuple[datetime | None, str | None]:
    return (NOON, "eve") if undone else (None, None)


@st.composite
def one_said(draw: st.DrawFn) -> Said:
    left, right = draw(st.lists(st.integers(0, len(ROWS) - 1), min_size=2, max_size=2, unique=True))
    verdict = draw(st.sampled_from(["match", "match", "non-match", "unsure"]))
    return verdict, left, right, draw(st.sampled_from(["ann", "bob"])), draw(st.booleans())


def satisfiable(words: list[tuple[str, int, int]]) -> bool:
    """Whether any partition of the rows makes all of them true: every one is tried."""
    return any(
        all((group[left] == group[right]) == (verdict == "match") for verdict, left, right in words)
        for group in product(range(len(ROWS)), repeat=len(ROWS))
    )


def words_that_bind(said: list[Said]) -> list[int]:
    """Ids that bind, straight from the rule: each in turn, if it can be true with those before."""
    last: dict[tuple[str, frozenset[int]], int] = {}
    for number, (_, left, right, who, undone) in enumerate(said, start=1):
        if not undone:
            last[who, frozenset((left, right))] = number
    bound: list[int] = []
    for number in sorted(last.values()):
        tried = [said[each - 1][:3] for each in (*bound, number)]
        if said[number - 1][0] != "unsure" and satisfiable(tried):
            bound.append(number)
    return bound


def as_rows(binding: Binding) -> tuple[list[object], list[object]]:
    return binding.applied.rows(), binding.contradictory.rows()


@given(st.lists(one_said(), max_size=9))
def test_exactly_those_bind_that_can_be_true_with_those_before(said: list[Said]) -> None:
    assert binding_decisions(frame(said)).applied["id"].to_list() == words_that_bind(said)


@given(st.lists(one_said(), max_size=9))
def test_a_contradiction_names_bound_decisions_it_cannot_be_true_with(said: list[Said]) -> None:
    binding = binding_decisions(frame(said))
    bound = set(binding.applied["id"])
    for row in binding.contradictory.iter_rows(named=True):
        assert row["because"]
        assert set(row["because"]) <= {number for number in bound if number < row["id"]}
        assert row["because_who"] == [said[number - 1][3] for number in row["because"]]
        told = [said[number - 1][:3] for number in row["because"]]
        assert not satisfiable([*told, said[row["id"] - 1][:3]])
        fewer = [[*told[:place], *told[place + 1 :]] for place in range(len(told))]
        assert all(satisfiable([*rest, said[row["id"] - 1][:3]]) for rest in fewer)


@given(st.lists(one_said(), max_size=9), st.randoms(use_true_random=False))
def test_the_order_of_rows_and_of_sides_does_not_matter(
    said: list[Said], dice: random.Random
) -> None:
    told = frame(said)
    order = dice.sample(range(len(said)), len(said))
    assert as_rows(binding_decisions(told[order])) == as_rows(binding_decisions(told))
    turned = frame([(verdict, right, left, *rest) for verdict, left, right, *rest in said])
    assert binding_decisions(turned).applied["id"].equals(binding_decisions(told).applied["id"])


@given(st.lists(one_said(), max_size=9))
def test_undoing_everything_leaves_nothing(said: list[Said]) -> None:
    binding = binding_decisions(frame([(*word[:4], True) for word in said]))
    assert binding.applied.is_empty()
    assert binding.contradictory.is_empty()
