"""Values that too many people share: who bears them, when they are too many, and what is left."""

from pathlib import Path

import polars as pl
import pytest

from core.project import Project
from resolution.model import CustomerModel, load_model
from resolution.records.shared_values import bearers_of, crowded_values, without_values

LISTS = pl.List(pl.String)
NAMES = ["ann", "bob", "cid", None]
RECORDS = pl.DataFrame(
    {
        "record_id": range(4),
        "name_given_key": NAMES,
        "phone": [["+1", "+2"], ["+1"], ["+1"], None],
        "phone_first": ["+1", "+1", "+1", None],
    },
    schema_overrides={"record_id": pl.Int64, "phone": LISTS},
)


def model(fan_out: dict[str, int]) -> CustomerModel:
    return load_model(Project(Path("/nowhere"))).model_copy(update={"fan_out": fan_out})


@pytest.mark.parametrize(("limit", "crowded"), [(2, [("phone", "+1", 3, 3)]), (3, [])])
def test_a_value_is_crowded_once_more_people_bear_it_than_the_model_allows(
    limit: int, crowded: list[object]
) -> None:
    asked = model({"phone": limit})
    bearers = bearers_of(RECORDS, asked)
    assert sorted(bearers.select("value", "record_id").rows()) == [
        ("+1", 0),
        ("+1", 1),
        ("+1", 2),
        ("+2", 0),
    ]
    assert crowded_values(bearers, asked).rows() == crowded


def test_what_is_left_of_a_record_is_no_longer_led_by_a_crowded_value() -> None:
    crowded = crowded_values(bearers_of(RECORDS, model({"phone": 2})), model({"phone": 2}))
    left = without_values(RECORDS, crowded)
    assert left.get_column("phone").to_list() == [["+2"], None, None, None]
    assert left.get_column("phone_first").to_list() == [None] * 4


def test_a_model_that_bounds_nothing_finds_nothing_crowded() -> None:
    bearers = bearers_of(RECORDS, model({}))
    assert bearers.is_empty()
    assert crowded_values(bearers, model({})).is_empty()
