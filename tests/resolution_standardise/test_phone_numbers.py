"""Phone numbers read a column at a time: what the patterns say, the library says too."""

import os
import random
from collections.abc import Iterator

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import SUPPORTED_REGIONS, PhoneMetadata

from resolution.standardise.phone_numbers import PHONE_SCHEMA, read_plain_numbers
from resolution.standardise.phones import library_number

COMMON = ("CN", "US", "GB", "CA", "FR", "DE", "JP", "IN", "BR", "AU", "IT", "KR")
EACH = int(os.environ.get("ONEID_NUMBERS_EACH", "10000"))
"""Numbers of each region that is not common; 200000 proves them all as well as those."""
OTHERS = sorted(set(SUPPORTED_REGIONS) - set(COMMON))
SIGNS = ("", "", "", " ", "-", ".", " (", ") ", "  ", "x", "/", "+", "０", " ext 5", "#")


def numbers_of(region: str, count: int, seed: int = 1) -> Iterator[str]:
    """Numbers near the region's examples, in every way of dialling, and some that are none."""
    chance = random.Random(f"{region} {seed}")
    facts = PhoneMetadata.metadata_for_region(region, None)
    described = (
        *(facts.fixed_line, facts.mobile, facts.toll_free, facts.premium_rate, facts.shared_cost),
        *(facts.voip, facts.personal_number, facts.pager, facts.uan, facts.voicemail),
    )
    examples = [one.example_number for one in described if one and one.example_number]
    lengths = (*facts.general_desc.possible_length, *facts.general_desc.possible_length_local_only)
    code, prefix = str(facts.country_code), facts.national_prefix or ""
    abroad = facts.international_prefix or ""
    openings = (
        *(f"+{code}",) * 6, *(prefix,) * 4, "", "", "", code, f"+{code}{prefix}", f"00{code}",
        f"{code}{prefix}", abroad if abroad.isdigit() else "011", "0", "1", "00", "+", "+0",
    )  # fmt: skip
    for _ in range(count):
        example = chance.choice(examples)
        known = example[: chance.randrange(len(example))] if chance.random() < 0.85 else ""
        length = len(example) if known else chance.choice(lengths)
        digits = chance.choice(openings) + known
        digits += "".join(chance.choices("0123456789", k=length - len(known)))
        for _ in range(chance.choice((0, 0, 1, 3))):
            place = chance.randrange(len(digits) + 1)
            digits = digits[:place] + chance.choice(SIGNS) + digits[place:]
        yield digits


def share_read(region: str, count: int) -> float:
    """Share of the library's valid numbers that were read; fails at the first that differs."""
    texts = list(numbers_of(region, count))
    rows = read_plain_numbers(pl.DataFrame({"text": texts, "region": region})).rows()
    valid = read = 0
    for text, row in zip(texts, rows, strict=True):
        expected = library_number(text, region)
        valid += expected is not None
        if row[0] is not None:
            assert row == expected, f"{text!r} in {region}"
            read += 1
    return read / max(valid, 1)


@pytest.mark.parametrize("region", ["CN", "US", "GB"])
def test_twenty_thousand_numbers_of_a_common_region_are_read_as_the_library_does(
    region: str,
) -> None:
    assert share_read(region, 20_000) > 0.7


def test_numbers_of_other_regions_are_read_as_the_library_does() -> None:
    shares = {region: share_read(region, 300) for region in OTHERS[::4]}
    assert sum(share > 0.4 for share in shares.values()) > 0.9 * len(shares)


@pytest.mark.slow
@pytest.mark.parametrize("region", COMMON)
def test_two_hundred_thousand_numbers_of_a_common_region_are_the_librarys(region: str) -> None:
    # equality is what counts; Canada shares its code with two dozen others, read by the library
    assert share_read(region, 200_000) > 0.4


@pytest.mark.slow
@pytest.mark.parametrize("region", OTHERS)
def test_numbers_of_any_other_region_are_the_librarys(region: str) -> None:
    share_read(region, EACH)


digits = st.text("0123456789", min_size=3, max_size=12)
openings = st.sampled_from(
    ["", "+86", "+861", "861", "0086", "1", "+1", "+44", "0", "07", "447", "1790", "+1 (2", "(0"]
)
gaps = st.sampled_from(["", " ", "-", ".", ") ", " x", " ext. "])
texts = st.tuples(openings, digits, gaps, digits).map("".join)


@settings(max_examples=40, deadline=None)
@given(st.lists(texts, min_size=100, max_size=100), st.sampled_from([*COMMON, "ZZ", "AQ"]))
def test_numbers_of_any_shape_are_read_as_the_library_does(written: list[str], region: str) -> None:
    read = read_plain_numbers(pl.DataFrame({"text": written, "region": region}))
    for text, row in zip(written, read.rows(), strict=True):
        assert row[0] is None or row == library_number(text, region), text


def test_what_only_the_library_can_read_is_left_to_it() -> None:
    written = ["+12059152673 ext 5", "２０５９１５２６７３", "1-800-FLOWERS", "+80012345678", "110"]
    frame = pl.DataFrame({"text": [*written, None] * 40, "region": "US"})
    read = read_plain_numbers(frame)
    assert read.schema == PHONE_SCHEMA
    assert read.null_count().row(0) == (frame.height,) * 4
