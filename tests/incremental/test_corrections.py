"""Rows that are taken back or corrected leave no trace in who is who."""

from pathlib import Path

import polars as pl
from resolving import Resolving, Shop

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
