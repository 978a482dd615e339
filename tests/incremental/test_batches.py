"""However the same rows are delivered, they end in the same customers, who keep their ids."""

import json
from pathlib import Path

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from resolving import Resolving, Shop

from benchmarks.batches import in_batches
from core.frames import segments_of
from warehouse.ledger import IdentityLedger


def test_three_deliveries_are_one(shop: Shop, tmp_path: Path) -> None:
    assert delivered(shop, tmp_path / "p", 3, seed=1).partition() == shop.whole


@pytest.mark.slow
@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(batches=st.integers(2, 6), seed=st.integers(0, 1 << 20))
def test_any_deliveries_are_one(
    shop: Shop, tmp_path_factory: pytest.TempPathFactory, batches: int, seed: int
) -> None:
    root = tmp_path_factory.mktemp("batches") / "p"
    assert delivered(shop, root, batches, seed).partition() == shop.whole


@pytest.mark.slow
def test_twelve_deliveries_are_one(shop: Shop, tmp_path: Path) -> None:
    assert delivered(shop, tmp_path / "p", 12, seed=12).partition() == shop.whole


@pytest.mark.slow
def test_a_model_trained_on_batches_is_that_of_one_delivery(shop: Shop, tmp_path: Path) -> None:
    resolving = Resolving(tmp_path / "p")
    for batch in in_batches(shop.rows, 3, seed=7):
        resolving.deliver(batch)
        resolving.resolve()
    assert len(segments_of(resolving.project.work)) == 3
    learnt = resolving.pin(tmp_path / "model")
    told = [json.loads((folder / "model.json").read_text()) for folder in (learnt, shop.model)]
    assert told[0]["model"] == told[1]["model"]
    assert resolving.partition() == shop.whole


def delivered(shop: Shop, root: Path, batches: int, seed: int) -> Resolving:
    """The shop's rows in batches; what happens to the ids on the way is looked at."""
    resolving = Resolving(root, shop.model)
    before: dict[tuple[str, str], str] = {}
    for batch in in_batches(shop.rows, batches, seed):
        resolving.deliver(batch)
        resolving.resolve()
        after = resolving.entities()
        assert_moves_are_logged(resolving, before, after)
        before = after
    return resolving


def assert_moves_are_logged(
    resolving: Resolving,
    before: dict[tuple[str, str], str],
    after: dict[tuple[str, str], str],
) -> None:
    """A row's id is another only where a merge or a split between the two ids says so; every id
    that ended is answered for."""
    ledger = IdentityLedger(resolving.project)
    events = ledger.history().filter(pl.col("release") == resolving.release)
    told = {
        frozenset((entity, other))
        for kind, entity, other in events.select("kind", "entity_id", "other_entity_id").iter_rows()
        if kind in {"merged", "split"}
    }
    moved = {(before[row], after[row]) for row in before.keys() & after.keys()}
    assert {frozenset(ids) for ids in moved if len(set(ids)) > 1} <= told
    living = set(after.values())
    retired = set(events.filter(pl.col("kind") == "retired").get_column("entity_id"))
    for entity in set(before.values()) - living:
        assert ledger.resolve(entity) in living or entity in retired


def test_rows_that_are_known_change_nothing(shop: Shop, tmp_path: Path) -> None:
    resolving = Resolving(tmp_path / "p", shop.model)
    resolving.deliver(shop.rows)
    resolving.resolve()
    before, work = resolving.entities(), resolving.project.work
    ledger = IdentityLedger(resolving.project).history()
    resolving.deliver({name: frame.reverse() for name, frame in shop.rows.items()})
    resolving.resolve()
    for name in ("events", "changes", "touched_entities", "touched_records"):
        assert pl.read_parquet(work / f"{name}.parquet").is_empty()
    assert pl.read_parquet(segments_of(work)[-1] / "records.parquet").is_empty()
    assert resolving.entities() == before
    assert IdentityLedger(resolving.project).history().equals(ledger)
