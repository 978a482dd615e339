"""What stewards decide holds through every run, and leaves no trace once it is undone."""

import random
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from changing import Changing
from deciding import Deciding, assert_decisions_hold
from resolving import Resolving, Rows, Shop, at_once, landed_rows, shop_of

from resolution.decisions import Decision, DecisionStore, RowKey

KINDS = ("match", "non-match", "unsure")


def test_any_decisions_hold_and_can_be_undone(shop: Shop, tmp_path: Path) -> None:
    assert_any_decisions_hold(shop, tmp_path, of_each=12, runs=3, seed=2)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2])
def test_five_hundred_decisions_of_each_kind_hold_and_can_be_undone(
    tmp_path: Path, seed: int
) -> None:
    shop = shop_of(tmp_path / "shop", customers=150, seed=seed)
    assert_any_decisions_hold(shop, tmp_path, of_each=500, runs=10, seed=seed)


def assert_any_decisions_hold(
    shop: Shop, root: Path, *, of_each: int, runs: int, seed: int
) -> None:
    resolving, dice = at_once(shop.rows, root / "p", shop.model), random.Random(seed)
    before = resolving.partition()
    stewards = Deciding(resolving, dice)
    verdicts = [verdict for verdict in KINDS for _ in range(of_each)]
    dice.shuffle(verdicts)
    bound = 0
    for run in range(runs):
        stewards.decide(verdicts[run::runs])
        stewards.undo(0.1)
        resolving.resolve()
        bound += assert_decisions_hold(resolving).applied.height
    assert bound
    assert resolving.partition() != before
    assert_as_if_decided_first(shop.rows, shop.model, resolving, root / "twin")
    stewards.undo(1)
    resolving.resolve()
    assert resolving.partition() == before


def test_decisions_outlive_what_becomes_of_their_rows(shop: Shop, tmp_path: Path) -> None:
    """Withdrawal and return of their rows, new rows of their customers, a run from nothing, and
    a model trained anew."""
    later, first = halves(shop.rows["transaction"])
    resolving = at_once({**shop.rows, "transaction": first}, tmp_path / "p", shop.model)
    Deciding(resolving, random.Random(3)).decide([*KINDS * 15])
    resolving.resolve()
    bound = assert_decisions_hold(resolving).applied.height
    decided = resolving.partition()
    people, _ = halves(shop.rows["registration"])
    resolving.withdraw({"registration": people.get_column("registration_id").unique().to_list()})
    resolving.resolve()
    assert assert_decisions_hold(resolving).applied.height == bound
    assert resolving.partition() != decided
    resolving.deliver({"registration": people.sort("registration_id")})
    resolving.resolve()
    assert_decisions_hold(resolving)
    assert resolving.partition() == decided
    resolving.deliver({"transaction": later})
    resolving.resolve()
    assert_decisions_hold(resolving)
    added = resolving.partition()
    resolving.resolve(full=True)
    assert resolving.partition() == added
    shutil.rmtree(resolving.project.root / "model")
    resolving.resolve(full=True)
    assert assert_decisions_hold(resolving).applied.height == bound


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_decisions_on_rows_that_change_end_as_the_last_word(
    shop: Shop, tmp_path: Path, seed: int
) -> None:
    resolving, dice = at_once(shop.rows, tmp_path / "p", shop.model), random.Random(seed)
    stewards, feed = Deciding(resolving, dice), Changing(shop.rows, dice)
    for _ in range(4):
        stewards.decide([*KINDS * 10])
        stewards.undo(0.2)
        feed.deliver_to(resolving)
        resolving.resolve()
        assert_decisions_hold(resolving)
    rows = landed_rows(resolving.project)
    assert_as_if_decided_first(rows, shop.model, resolving, tmp_path / "twin")


def halves(rows: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The rows of every other key, and the rest."""
    key = rows.columns[0]
    keys = rows.get_column(key).unique().sort().gather_every(2).implode()
    return rows.filter(pl.col(key).is_in(keys)), rows.filter(~pl.col(key).is_in(keys))


def assert_as_if_decided_first(rows: Rows, model: Path, resolving: Resolving, root: Path) -> None:
    """A project that knew all decisions before its first run has the same customers."""
    twin = Resolving(root, model)
    said, told = DecisionStore(resolving.project).all(), DecisionStore(twin.project)
    told.decide_all([again(row) for row in said.iter_rows(named=True)])
    for number in said.filter(pl.col("undone_at").is_not_null())["id"]:
        told.undo(number, "ann")
    twin.deliver(rows)
    twin.resolve()
    assert twin.partition() == resolving.partition()


def again(row: dict[str, Any]) -> Decision:
    """A decision as it was recorded."""
    ends = (RowKey(row[f"source_{side}"], row[f"key_{side}"]) for side in "lr")
    return Decision(row["verdict"], *ends, row["who"])
