"""What holds for all records at once is counted exactly as rows come and go: values that too many
share, and keys that other sources refer to."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl
from resolving import Resolving, Shop, at_once

from benchmarks.batches import Rows
from core.frames import scan_frame

HOTLINE = "+447911123456"
NAMES = ["Ada", "Bo", "Cyd", "Dee", "Eli", "Fay", "Guy", "Hal", "Ivy", "Jon", "Kim", "Lou"]


def test_a_value_becomes_crowded_and_ceases_to_be(shop: Shop, tmp_path: Path) -> None:
    """A phone of six people, of twelve, of six again."""
    people, orders = shop.rows["registration"], shop.rows["transaction"]
    callers = pl.DataFrame(
        [
            {
                "registration_id": f"CALL-{name}",
                "registered_at": "2026-05-01 10:00:00",
                "given_name": name,
                "family_name": "Hotline",
                "phone": HOTLINE,
            }
            for name in NAMES
        ]
    )
    order = orders.head(1).with_columns(
        *[pl.lit(None, pl.String).alias(name) for name in ("registration_id", "loyalty_id")],
        transaction_id=pl.lit("CALL-ORDER"),
        buyer_name=pl.lit("Ada Hotline"),
        buyer_email=pl.lit(None, pl.String),
        buyer_phone=pl.lit(HOTLINE),
        payment_token=pl.lit(None, pl.String),
    )
    some = {
        **shop.rows,
        "registration": pl.concat([people, callers.head(6)], how="diagonal"),
        "transaction": pl.concat([orders, order]),
    }
    resolving = Resolving(tmp_path / "p", shop.model)
    resolving.deliver(some)
    resolving.resolve()
    few = resolving.partition()
    assert crowded(resolving) == set()
    resolving.deliver({"registration": callers.tail(6)})
    resolving.resolve()
    assert crowded(resolving) == {HOTLINE}
    all_of_them = {**some, "registration": pl.concat([people, callers], how="diagonal")}
    twin = at_once(all_of_them, tmp_path / "twin", shop.model)
    assert resolving.partition() == twin.partition()
    assert bearers_of_phone(resolving) == bearers_of_phone(twin) == 0
    resolving.withdraw({"registration": callers.tail(6).get_column("registration_id").to_list()})
    resolving.resolve()
    assert crowded(resolving) == set()
    assert resolving.partition() == few
    assert bearers_of_phone(resolving) == 7


def crowded(resolving: Resolving) -> set[str]:
    found = scan_frame(resolving.project.work, "crowded").collect()
    return set(found.get_column("value").to_list())


def bearers_of_phone(resolving: Resolving) -> int:
    """Records that have the hotline's number as evidence."""
    records = scan_frame(resolving.project.work, "records")
    return records.filter(pl.col("phone").list.contains(HOTLINE)).collect().height


def test_an_order_is_known_by_its_number_while_somebody_refers_to_it(
    shop: Shop, tmp_path: Path
) -> None:
    about = shop.rows["feedback"].filter(pl.col("transaction_id").is_not_null())
    assert len(about) > 3
    others = shop.rows["feedback"].filter(pl.col("transaction_id").is_null())
    silent = {**shop.rows, "feedback": others}
    resolving = Resolving(tmp_path / "p", shop.model)
    for rows in told_later(silent, about):
        resolving.deliver(rows)
        resolving.resolve()
        if "transaction" in rows:
            without, known = resolving.partition(), orders_known(resolving)
    assert resolving.partition() == shop.whole
    assert orders_known(resolving) > known
    forgotten = about.with_columns(transaction_id=pl.lit(None, pl.String))
    resolving.deliver({"feedback": forgotten})
    resolving.resolve()
    assert orders_known(resolving) == known
    twin = at_once(
        {**shop.rows, "feedback": pl.concat([others, forgotten])}, tmp_path / "twin", shop.model
    )
    assert resolving.partition() == twin.partition()
    resolving.withdraw({"feedback": about.get_column("feedback_id").to_list()})
    resolving.resolve()
    assert resolving.partition() == without


def told_later(silent: Rows, about: pl.DataFrame) -> Iterator[Rows]:
    yield silent
    half = len(about) // 2
    yield {"feedback": about.head(half)}
    yield {"feedback": about.tail(len(about) - half)}


def orders_known(resolving: Resolving) -> int:
    """Order records that carry a number which somebody refers to."""
    records = scan_frame(resolving.project.work, "records")
    orders = pl.col("source") == "transaction"
    return records.filter(orders, pl.col("purchase").is_not_null()).collect().height
