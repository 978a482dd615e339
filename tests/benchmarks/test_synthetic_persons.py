"""The synthetic persons are the same every time, repeat as said, and can be told apart."""

import polars as pl
import pytest

from benchmarks.persons import COLUMNS, make_persons


@pytest.fixture(scope="module")
def persons() -> pl.DataFrame:
    return make_persons(5000, seed=3)


def test_the_same_seed_makes_the_same_persons(persons: pl.DataFrame) -> None:
    assert persons.equals(make_persons(5000, seed=3))
    assert not persons.equals(make_persons(5000, seed=4))


def test_three_in_ten_records_repeat_a_person(persons: pl.DataFrame) -> None:
    assert persons.height == 5000
    assert persons["record_id"].n_unique() == 5000
    assert persons["entity_id"].n_unique() == 3500


def test_repeats_share_most_values_and_slip_in_some(persons: pl.DataFrame) -> None:
    together = persons.filter(pl.len().over("entity_id") == 2).group_by("entity_id").agg(COLUMNS)
    for column in COLUMNS:
        same = together.select(pl.col(column).list.n_unique() == 1).to_series().mean()
        assert 0.5 < float(str(same)) < 1, column


def test_every_field_has_values_and_one_in_five_names_is_han(persons: pl.DataFrame) -> None:
    for column in COLUMNS:
        assert persons[column].null_count() < 0.3 * persons.height, column
    han = persons["surname"].str.contains(r"\p{Han}").mean()
    assert 0.15 < float(str(han)) < 0.25


def test_strangers_seldom_share_an_email_or_phone(persons: pl.DataFrame) -> None:
    for column in ("email", "phone"):
        owners = persons.drop_nulls(column).group_by(column).agg(pl.col("entity_id").n_unique())
        assert float(str((owners["entity_id"] > 1).mean())) < 0.01, column
