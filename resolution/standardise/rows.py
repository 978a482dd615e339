"""Columns answered at once as far as they can be, and row by row where they cannot."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import polars as pl

FEW = 32
"""So few rows are quicker done one by one than prepared as columns."""
Schema = Mapping[str, type[pl.DataType] | pl.DataType]


def answer_rows(
    values: pl.DataFrame, answer: Callable[..., Sequence[Any]], schema: Schema
) -> pl.DataFrame:
    """`answer` of every row of `values`, one argument a column, as columns of `schema`."""
    rows = [answer(*row) for row in values.iter_rows()]
    parts = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    return pl.DataFrame(
        [pl.Series(name, part, schema[name]) for name, part in zip(schema, parts, strict=True)]
    )


def answer_rest(
    answered: pl.DataFrame,
    left: pl.Series,
    values: pl.DataFrame,
    answer: Callable[..., Sequence[Any]],
) -> pl.DataFrame:
    """`answered` with the rows where `left` is true answered one by one from `values`."""
    places = left.arg_true()
    if places.is_empty():
        return answered
    rest = answer_rows(values.filter(left), answer, answered.schema)
    return answered.with_columns(
        answered.get_column(name).scatter(places, rest.get_column(name))
        for name in answered.columns
    )
