"""Values weigh by their bearers, not by how often one bearer was seen."""

from collections.abc import Sequence

import polars as pl
import pytest

from resolution.comparisons.conditions import Otherwise, missing, same
from resolution.comparisons.levels import Level, LevelSet
from resolution.training.frequencies import (
    TOGETHER,
    UNSEEN,
    frequencies_of,
    known_customers,
    with_unseen,
)


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


def whole_names(
    names: list[tuple[str, str]], clusters: list[int | None], chosen: Sequence[int] = ()
) -> dict[str, float]:
    """Chances of "given family" of records in clusters; None for one of no known customer."""
    records = pl.DataFrame(
        {
            "record_id": range(len(names)),
            "name_given_key": [given for given, _ in names],
            "name_family_key": [family for _, family in names],
            "name_full_key": [f"{given} {family}" for given, family in names],
            "name_self_chosen": [True if n in chosen else None for n in range(len(names))],
        },
        schema_overrides={"name_self_chosen": pl.Boolean},
    )
    customers = records.with_columns(cluster_id=pl.Series(clusters)).drop_nulls("cluster_id")
    found = frequencies_of("name_full_key", (), records.lazy(), customers.lazy())
    return dict(found.iter_rows())


def crowd(*further: tuple[str, str]) -> list[tuple[str, str]]:
    """400 customers: twenty given and twenty family names, each met once; and further ones."""
    return [(f"g{n}", f"f{m}") for n in range(20) for m in range(20)] + list(further)


def test_a_whole_name_is_as_rare_as_its_parts() -> None:
    names = crowd(("g1", "f2"), ("zoe", "quux"), ("zoe", "quux"))
    found = whole_names(names, list(range(len(names))))
    # both are borne by two who have not been linked; zoe and quux by nobody else
    by_chance = TOGETHER * 21 * 21 / 403**2
    assert found["g1 f2"] == pytest.approx(by_chance)
    assert found["zoe quux"] == pytest.approx(TOGETHER * 2 * 2 / 403**2)


def test_a_whole_name_of_many_is_no_rarer_than_seen() -> None:
    names = crowd(*[("zoe", "quux")] * 9)
    found = whole_names(names, list(range(len(names))))
    assert found["zoe quux"] == pytest.approx((9 - 2) / 409)
    # nor where those who bear it show nothing but the name
    strangers = whole_names(names, [*range(401), *[None] * 8])
    assert strangers["zoe quux"] == pytest.approx((9 - 2) / 401)


def test_the_parts_of_a_chosen_name_say_nothing() -> None:
    names = crowd(("river", "star"), ("river", "star"))
    found = whole_names(names, list(range(402)), chosen=(400, 401))
    assert found["river star"] == pytest.approx(1 / 402)


def test_where_nobody_shows_more_than_a_name_everybody_counts() -> None:
    records = pl.DataFrame({"record_id": [0, 1], "name_key": ["a", "b"]})
    clusters = pl.DataFrame({"record_id": [0, 1], "cluster_id": [0, 1]})
    known = known_customers(records.lazy(), clusters, [comparison("name")])
    assert known.collect().height == 2


def test_a_whole_name_unseen_so_far_is_as_rare_as_its_parts() -> None:
    parts = {
        "name_given_key": ("ann", 0.02, "zoe", 0.001),
        "name_family_key": ("lee", 0.03, "quux", 0.001),
    }
    counted = {
        column: pl.DataFrame({column: [often, rare], f"tf_{column}": [share, least]})
        for column, (often, share, rare, least) in parts.items()
    }
    counted["name_full_key"] = pl.DataFrame({"name_full_key": ["x y"], "tf_name_full_key": [1e-5]})
    records = pl.DataFrame(
        {
            "name_given_key": ["ann", "zoe", "new", "ann", "river"],
            "name_family_key": ["lee", "quux", "lee", None, "star"],
            "name_full_key": ["ann lee", "quux zoe", "lee new", "ann", "river star"],
            "name_self_chosen": [None, None, None, None, True],
        }
    )
    found = dict(with_unseen(counted, records.lazy())["name_full_key"].iter_rows())
    assert found == pytest.approx(
        {
            "x y": 1e-5,
            "ann lee": TOGETHER * 0.02 * 0.03,
            "quux zoe": 1e-5,
            "lee new": TOGETHER * 0.001 * 0.03,
            "ann": 0.001,
            "river star": 0.001,
        }
    )
