"""How addresses are read: the steward's cases, and what must hold of every address."""

from pathlib import Path

import polars as pl
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from resolution.standardise.addresses import ADDRESS_COLUMNS, ROLES, standardise_addresses

CASES = yaml.safe_load(
    (Path(__file__).parent / "cases" / "addresses.yml").read_text(encoding="utf-8")
)


def standardised(*rows: tuple[str | None, ...]) -> list[dict[str, str | None]]:
    schema = dict.fromkeys(ROLES, pl.String)
    padded = [(*row, *(None,) * (len(ROLES) - len(row))) for row in rows]
    return standardise_addresses(pl.DataFrame(padded, schema=schema, orient="row")).to_dicts()


@pytest.mark.parametrize("case", CASES, ids=[str(case["written"][0]) for case in CASES])
def test_an_address_is_read_as_the_case_says(case: dict[str, object]) -> None:
    found = standardised(tuple(case["written"]))[0]
    expected = {column: value for column, value in case.items() if column != "written"}
    assert {column: found[column] for column in expected} == expected


parts = st.sampled_from(
    ["1", "路", "市", "区", "St", "Apt", "No", "广东省", "号", " ", ",", "/", "弄", "x"]
)
lines = st.one_of(st.none(), st.text(max_size=15), st.lists(parts, max_size=8).map("".join))


@given(st.lists(st.tuples(lines, lines, lines, lines, lines), max_size=5))
def test_any_text_keeps_height_order_and_columns(rows: list[tuple[str | None, ...]]) -> None:
    answer = standardised(*rows)
    assert answer == [row for one in rows for row in standardised(one)]
    assert all(tuple(row) == ADDRESS_COLUMNS for row in answer)


@given(st.sampled_from(["广东省", ""]), st.sampled_from(["广州市", ""]), st.integers(1, 9999))
def test_what_stands_before_the_road_does_not_change_the_key(
    region: str, city: str, number: int
) -> None:
    whole, short = standardised((f"{region}{city}天河区体育路{number}号",), (f"体育路{number}号",))
    assert whole["key"] == short["key"]
