"""Phones: hints and guesses lead to one E.164, however many numbers are read at once."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolution.standardise.characters import tidy
from resolution.standardise.countries import country_code
from resolution.standardise.phones import library_number, standardise_phones


def standardised(*rows: tuple[str | None, str | None]) -> list[dict[str, str | None]]:
    schema = {"phone": pl.String, "country": pl.String}
    return standardise_phones(pl.DataFrame(rows, schema=schema, orient="row")).to_dicts()


@pytest.mark.parametrize(
    ("written", "country", "phone"),
    [
        ("(205) 915-2673", None, "+12059152673"),
        ("205-915-2673 ext 12", "United States", "+12059152673"),
        ("1-775-324-1234", None, "+17753241234"),
        ("0086 139 5922 4696", None, "+8613959224696"),
        ("+86 139-5922-4696", None, "+8613959224696"),
        ("8613959224696", None, "+8613959224696"),
        ("１３９５９２２４６９６", None, "+8613959224696"),
        ("139-5922-4696", "US", "+8613959224696"),
        ("010-65529988", None, "+861065529988"),
        ("0571-8765 4329", "中国", "+8657187654329"),
        ("07400 123456", None, "+447400123456"),
        ("020 7946 0018", "GB", "+442079460018"),
        ("+44 (0)20 7946 0018", None, "+442079460018"),
        ("020 7946 0018", None, "+862079460018"),
    ],
)
def test_spellings_of_one_number_meet(written: str, country: str | None, phone: str) -> None:
    row = standardised((written, country))[0]
    assert (row["phone"], row["reason"]) == (phone, None)


def test_kind_country_and_national_number_are_told() -> None:
    mobile, fixed = standardised(("13959224696", "CN"), ("020 7946 0018", "GB"))
    assert (mobile["kind"], mobile["country"], mobile["national"]) == (
        "mobile",
        "CN",
        "13959224696",
    )
    assert (fixed["kind"], fixed["country"], fixed["national"]) == ("fixed", "GB", "2079460018")


@pytest.mark.parametrize(
    "written",
    ["00000000", "11111111111", "12345678", "13800138000", "+86 13800138000", "无", "N/A", "none"],
)
def test_placeholders_are_known(written: str) -> None:
    assert standardised((written, None))[0] == dict.fromkeys(
        ("phone", "national", "kind", "country")
    ) | {"reason": "placeholder"}


@pytest.mark.parametrize("written", ["abc", "12", "+1 999 999 1234", "98765"])
def test_what_is_no_number_has_its_reason(written: str) -> None:
    row = standardised((written, None))[0]
    assert (row["phone"], row["reason"]) == (None, "not_a_phone")


def test_null_stays_null_without_a_reason() -> None:
    assert set(standardised((None, "CN"))[0].values()) == {None}


ONE_BY_ONE = 31
"""As many numbers as are still read one by one, by the library alone."""
digits = st.text("0123456789", min_size=0, max_size=12)
openings = st.sampled_from(
    ["", "", "+86", "861", "0086", "00 86 13", "1", "+1", "+44", "+", "0", "07", "447", "00", "(0"]
)
gaps = st.sampled_from(["", " ", "-", ".", ") ", " x", "  ", "０", "\t"])
phones = st.one_of(
    st.none(),
    st.tuples(openings, digits, gaps, digits).map("".join),
    st.tuples(openings, st.sampled_from("0189"), st.integers(1, 13)).map(
        lambda p: p[0] + p[1] * p[2]
    ),
    st.sampled_from(["(0571) 8765 4329", "1-775-324-1234", "020 7946 0018", "13800138000", "none"]),
    st.integers(13_000_000_000, 19_999_999_999).map(str),
)
hints = st.sampled_from(
    [None, None, "CN", "United States", "英国", "FR", "JP", "ZZ", "nowhere", ""]
)


@settings(max_examples=10, deadline=None)
@given(st.lists(st.tuples(phones, hints), min_size=100, max_size=100))
def test_many_numbers_at_once_are_read_as_one_by_one(
    rows: list[tuple[str | None, str | None]],
) -> None:
    single = [
        row
        for start in range(0, len(rows), ONE_BY_ONE)
        for row in standardised(*rows[start : start + ONE_BY_ONE])
    ]
    assert standardised(*rows) == single
    alone = [library_number(tidy(text), country_code(hint) or "ZZ") for text, hint in rows]
    for (text, _), row, found in zip(rows, single, alone, strict=True):
        if found and row["reason"] is None and (text or "").startswith("+"):
            assert (row["phone"], row["country"]) == (found[0], found[3])
