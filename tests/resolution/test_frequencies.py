"""Values weigh by their bearers, not by how often one bearer was seen."""

import polars as pl
import pytest

from resolution.conditions import Otherwise, missing, same
from resolution.frequencies import UNSEEN, frequencies_of, known_customers
from resolution.levels import Level, LevelSet


def comparison(name: str) -> LevelSet:
    return LevelSet(
        name,
        name,
        missing("x"),
        (Level("same", same("x"), 0.5, 0.1), Level("other", Otherwise(), 0.5, 0.9)),
    )


def chances(names: list[str | None], clusters: list[int]) -> dict[str, float]:
    records = pl.DataFrame({"record_id": range(len(names)), "name": names})
    customers = records.with_columns(pl.Series("cluster_id", clusters))
    found = frequencies_of("name", (), records.lazy(), customers.lazy())
    return dict(found.iter_rows())


def test_forty_records_of_one_customer_are_one_bearer() -> None:
    often = chances(["ann"] * 40 + ["bob", "cy"], [0] * 40 + [1, 2])
    assert often["ann"] == often["bob"]


def test_a_name_with_more_bearers_is_more_likely_by_chance() -> None:
    found = chances(["ann", "ann", "ann", "bob"], [0, 1, 2, 3])
    assert found["ann"] == pytest.approx(2 / 4)
    assert found["bob"] < 2 / 4


def test_a_value_of_no_known_customer_is_given_no_benefit() -> None:
    records = pl.DataFrame({"record_id": [0, 1], "name": ["ann", "zoe"]})
    customers = records.filter(pl.col("name") == "ann").with_columns(cluster_id=pl.lit(0))
    found = dict(frequencies_of("name", (), records.lazy(), customers.lazy()).iter_rows())
    assert found["zoe"] == UNSEEN - 1


def test_a_lone_name_is_borne_by_whoever_has_it_as_any_part() -> None:
    records = pl.DataFrame(
        {"record_id": range(3), "lone": ["ann", None, None], "given": [None, "ann", "ann"]}
    )
    customers = records.with_columns(cluster_id=pl.Series([0, 1, 2]))
    found = dict(frequencies_of("lone", ("given",), records.lazy(), customers.lazy()).iter_rows())
    assert found["ann"] == pytest.approx(2 / 3)


def test_a_record_with_only_a_name_is_no_known_customer() -> None:
    records = pl.DataFrame(
        {"record_id": [0, 1, 2], "name_key": ["a", "a", "b"], "phone": [["1"], None, None]}
    )
    clusters = pl.DataFrame({"record_id": [0, 1, 2], "cluster_id": [0, 0, 2]})
    known = known_customers(records.lazy(), clusters, [comparison("name"), comparison("phone")])
    assert known.collect().get_column("record_id").to_list() == [0, 1]
