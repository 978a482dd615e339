"""Rows that a column at a time could not answer, put back among those it could."""

import polars as pl


def put_rows(answered: pl.DataFrame, places: pl.Series, rest: pl.DataFrame) -> pl.DataFrame:
    """`answered` with its rows at `places` replaced by the rows of `rest`, column by column."""
    if rest.is_empty():
        return answered
    return answered.with_columns(
        answered.get_column(name).scatter(places, rest.get_column(name))
        for name in answered.columns
    )
