"""Rows that are taken back or corrected leave no trace in who is who."""

import random
from pathlib import Path

import polars as pl
import pytest
from changing import Changing
from resolving import Resolving, Shop, at_once

from benchmarks.batches import landed_rows
from core.frames import scan_frame
from resolution.records.making import scored_sources
from sources.spec import load_specs

ORDER = "transaction"


def test_a_corrected_order_belongs_to_whom_it_names_now(shop: Shop, tmp_path: Path) -> None:
    orders = shop.rows[ORDER].filter(pl.col("buyer_email").is_not_null())
    first, second = (
        orders.row(0, named=True),
        orders.filter(pl.col("buyer_email") != orders.get_column("buyer_email")[0]).row(
            0, named=True
        ),
    )
    wrong = {**first, **{name: second[name] for name in second if name.startswith("buyer_")}}
    wrong |= {"registration_id": None, "loyalty_id": None, "payment_token": None}
    others = shop.rows[ORDER].filter(pl.col("transaction_id") != first["transaction_id"])
    resolving = Resolving(tmp_path / "p", shop.model)
    mistaken = pl.DataFrame([wrong], schema=others.schema)
    resolving.deliver({**shop.rows, ORDER: pl.concat([others, mistaken])})
    resolving.resolve()
    assert resolving.partition() != shop.whole
    resolving.deliver({ORDER: pl.DataFrame([first], schema=others.schema)})
    resolving.resolve()
    assert resolving.partition() == shop.whole


def test_sources_that_change_their_mind_end_as_their_last_word(shop: Shop, tmp_path: Path) -> None:
    assert_last_word_counts(shop, tmp_path, deliveries=3, seed=4)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_any_sources_that_change_their_mind_end_as_their_last_word(
    shop: Shop, tmp_path: Path, seed: int
) -> None:
    assert_last_word_counts(shop, tmp_path, deliveries=5, seed=seed)


def assert_last_word_counts(shop: Shop, root: Path, deliveries: int, seed: int) -> None:
    """Corrected, late and withdrawn rows end in what one delivery of what stands makes."""
    resolving = Resolving(root / "p", shop.model)
    feed = Changing(shop.rows, random.Random(seed))
    for _ in range(deliveries):
        feed.deliver_to(resolving)
        resolving.resolve()
        assert_frames_hold_what_stands(resolving)
    twin = at_once(landed_rows(resolving.project), root / "twin", shop.model)
    assert resolving.partition() == twin.partition()
    assert pairs_of(resolving) == pairs_of(twin)


def assert_frames_hold_what_stands(resolving: Resolving) -> None:
    """The members are the rows that stand now, each once."""
    rows = landed_rows(resolving.project)
    specs = load_specs(resolving.project)
    standing = {
        (spec.name, "/".join(key))
        for spec in scored_sources(specs)
        for key in rows[spec.name].select(spec.key).iter_rows()
    }
    assert set(resolving.entities()) == standing


def pairs_of(resolving: Resolving) -> dict[frozenset[str], tuple[float, str]]:
    """Weight and status of every pair of records that is kept, by their subjects."""
    records = scan_frame(resolving.project.work, "records").collect()
    subjects = {n: f"{a}/{b}" for n, a, b in records["record_id", "source", "subject"].iter_rows()}
    pairs = scan_frame(resolving.project.work, "pairs").collect()
    return {
        frozenset((subjects[left], subjects[right])): (round(weight, 9), status)
        for left, right, weight, status in pairs[
            "record_id_l", "record_id_r", "match_weight", "status"
        ].iter_rows()
    }
