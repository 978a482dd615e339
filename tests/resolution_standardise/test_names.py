"""How names are read: the steward's cases, and what must hold of every name."""

from pathlib import Path

import polars as pl
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from resolution.standardise.name_rows import NAME_COLUMNS
from resolution.standardise.names import standardise_names
from resolution.standardise.pinyin import chinese

CASES = yaml.safe_load((Path(__file__).parent / "cases" / "names.yml").read_text(encoding="utf-8"))


def standardised(*rows: tuple[str | None, str | None, str | None]) -> list[dict[str, str | None]]:
    schema = dict.fromkeys(("full", "given", "family"), pl.String)
    return standardise_names(pl.DataFrame(rows, schema=schema, orient="row")).to_dicts()


@pytest.mark.parametrize("case", CASES, ids=[str(case["written"]) for case in CASES])
def test_a_name_is_read_as_the_case_says(case: dict[str, object]) -> None:
    full, first, last = (*case["written"], None, None)[:3]
    found = standardised((full, first, last))[0]
    expected = {column: value for column, value in case.items() if column != "written"}
    assert {column: found[column] for column in expected} == expected


text = st.one_of(
    st.none(), st.text(max_size=12), st.sampled_from(["张伟", "Wu", "Li Na", "O'Neil", "test", "J"])
)


@given(st.lists(st.tuples(text, text, text), max_size=6))
def test_any_text_keeps_height_order_and_columns(rows: list[tuple[str | None, ...]]) -> None:
    answer = standardised(*rows)
    assert [row for given_row in rows for row in standardised(given_row)] == answer
    assert all(tuple(row) == NAME_COLUMNS for row in answer)


@given(text, text, text)
def test_a_name_has_keys_or_a_reason(full: str | None, first: str | None, last: str | None) -> None:
    row = standardised((full, first, last))[0]
    written = any(part and part.split() for part in (full, first, last))
    keyed = bool(row["family_key"] or row["given_key"])
    assert not (keyed and row["reason"])
    if not written:
        assert not keyed


surnames = st.sampled_from(sorted(han for han in chinese().surnames if len(han) == 1)[:200])
given_names = st.lists(st.sampled_from("伟芳娜秀英敏静磊洋勇艳杰涛超霞"), min_size=1, max_size=2)


@given(surnames, given_names)
def test_han_and_its_own_pinyin_have_one_full_key(surname: str, characters: list[str]) -> None:
    name = surname + "".join(characters)
    han = standardised((name, None, None))[0]
    spelt = standardised((None, han["given_key"], han["family_key"]))[0]
    assert spelt["full_key"] == han["full_key"]


@given(surnames, given_names)
def test_swapped_columns_do_not_change_the_full_key(surname: str, characters: list[str]) -> None:
    first = "".join(characters)
    stated, swapped = standardised((None, first, surname), (None, surname, first))
    assert stated["full_key"] == swapped["full_key"]


def test_no_rows_give_no_rows() -> None:
    assert standardised() == []
