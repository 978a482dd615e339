"""Rows that a source takes back leave no trace in who is who, however it takes them back."""

from pathlib import Path

import polars as pl
import pytest
from resolving import Resolving, Shop, at_once

from benchmarks.batches import landed_rows

BY_FIELD, BY_LIST, BY_ABSENCE = "withdrawn_when: {status: withdrawn}", "", "delivery: snapshot"


@pytest.mark.parametrize(
    ("source", "setting"),
    [
        ("feedback", BY_FIELD),
        ("registration", BY_LIST),
        pytest.param("social", BY_ABSENCE, marks=pytest.mark.slow),
        pytest.param("transaction", BY_LIST, marks=pytest.mark.slow),
        pytest.param("feedback", BY_ABSENCE, marks=pytest.mark.slow),
    ],
)
def test_withdrawn_rows_are_as_if_never_delivered(
    shop: Shop, tmp_path: Path, source: str, setting: str
) -> None:
    """Every third key is taken back, then they all come again."""
    resolving = Resolving(tmp_path / "p", shop.model)
    resolving.say(source, setting)
    resolving.deliver(shop.rows)
    resolving.resolve()
    assert resolving.partition() == shop.whole
    rows = shop.rows[source]
    key = rows.columns[0]
    third = rows.get_column(key).unique().sort().gather_every(3).implode()
    gone, left = rows.filter(pl.col(key).is_in(third)), rows.filter(~pl.col(key).is_in(third))
    if setting == BY_FIELD:
        resolving.deliver({source: gone.with_columns(status=pl.lit("Withdrawn"))})
    elif setting == BY_LIST:
        resolving.withdraw({source: gone.get_column(key).to_list()})
    else:
        resolving.deliver({source: left})
    resolving.resolve()
    assert resolving.partition() != shop.whole
    without = at_once({**shop.rows, source: left}, tmp_path / "without", shop.model)
    assert resolving.partition() == without.partition()
    again = rows if setting == BY_ABSENCE else gone
    resolving.deliver({source: again.with_columns(pl.all().str.strip_chars(), extra=pl.lit("x"))})
    resolving.resolve()
    twin = at_once(landed_rows(resolving.project), tmp_path / "twin", shop.model)
    assert resolving.partition() == twin.partition()
    assert {row for rows in resolving.partition() for row in rows} == {
        row for rows in shop.whole for row in rows
    }
