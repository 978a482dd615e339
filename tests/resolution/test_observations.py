"""Rows with equal identity values are one observation; an own key does not tell rows apart."""

from datetime import datetime

import polars as pl

from resolution.records.observations import canonical_rows, observe
from sources.spec import FieldSpec, SourceSpec


def orders() -> SourceSpec:
    fields = {name: FieldSpec() for name in ("id", "buyer", "mail")}
    return SourceSpec(
        name="shop",
        kind="event",
        key="id",
        time="at",
        fields=fields | {"at": FieldSpec(type="time")},
        identity={"full_name": ("buyer",), "email": ("mail",), "order_id": ("id",)},
    )


def rows(*given: tuple[str, str | None, str | None]) -> pl.DataFrame:
    frame = pl.DataFrame(
        given, schema=dict.fromkeys(["id", "buyer", "mail"], pl.String), orient="row"
    )
    days = [datetime(2026, 1, day + 1) for day in range(len(given))]
    return frame.with_columns(pl.Series("at", days))


def seen(*given: tuple[str, str | None, str | None]) -> pl.DataFrame:
    spec = orders()
    return observe(canonical_rows(rows(*given), spec), spec, ["email", "full_name", "order_id"])


def test_orders_with_equal_buyers_are_one_observation() -> None:
    found = seen(("1", "Ann", "a@x.org"), ("2", "Ann", "a@x.org"), ("3", "Bob", "a@x.org"))
    assert found.height == 2
    ann = found.filter(pl.col("full_name") == "Ann")
    assert ann.get_column("keys").to_list() == [["1", "2"]]
    assert ann.get_column("newest_key").to_list() == ["2"]
    assert ann.get_column("rows").to_list() == [2]


def test_blank_values_are_no_values() -> None:
    found = seen(("1", "  ", None), ("2", None, None))
    assert found.height == 1
    assert found.get_column("full_name").to_list() == [None]


def test_the_subject_does_not_depend_on_the_order_of_rows() -> None:
    forth = seen(("1", "Ann", None), ("2", "Bob", None))
    back = seen(("2", "Bob", None), ("1", "Ann", None))
    assert set(forth.get_column("subject")) == set(back.get_column("subject"))


def test_a_value_that_looks_like_a_separator_does_not_join_rows() -> None:
    found = seen(("1", "Ann\x00b@x.org", None), ("2", "Ann", "b@x.org"))
    assert found.height == 2


def test_a_field_made_of_several_is_joined_by_a_space() -> None:
    spec = orders().model_copy(update={"identity": {"full_name": ("buyer", "mail")}})
    joined = canonical_rows(rows(("1", "Ann", "Berg"), ("2", None, "Li")), spec)
    assert joined.get_column("full_name").to_list() == ["Ann Berg", "Li"]
