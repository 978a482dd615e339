"""What holds of the sample's building blocks whatever is drawn."""

import numpy as np
import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from sources.sample import slips
from sources.sample.contacts import Mailboxes, issue_loyalty, issue_phones, issue_tokens
from sources.sample.dice import Dice, effective_rates, texts
from sources.sample.names import HAN, LATIN, draw_names, write_names
from sources.sample.words import listing

draws = st.tuples(*[st.floats(0, 0.999)] * 3).map(np.array)
words = st.text(alphabet="abcdefghijklmnopqrstuvwxyz", min_size=3, max_size=12)


@given(words, draws)
def test_a_typing_slip_is_one_edit(word: str, draw: np.ndarray) -> None:  # type: ignore[type-arg]
    assert OSA.distance(word, slips.mistype(word, draw)) <= 1


@given(st.integers(10**6, 10**11), draws)
def test_a_wrong_digit_changes_one_digit(number: int, draw: np.ndarray) -> None:  # type: ignore[type-arg]
    wrong = slips.wrong_digit(str(number), draw)
    assert len(wrong) == len(str(number))
    assert sum(a != b for a, b in zip(wrong, str(number), strict=True)) == 1


@given(draws)
def test_a_homophone_sounds_the_same(draw: np.ndarray) -> None:  # type: ignore[type-arg]
    sounds = dict(
        zip(listing("chinese_given")["han"], listing("chinese_given")["latin"], strict=True)
    )
    other = slips.homophone("李玉", draw)
    assert other != "李玉"
    assert sounds[other[-1]] == sounds["玉"]


@pytest.mark.parametrize("country", ["CN", "US", "GB"])
def test_phones_are_valid_and_nobody_shares_one_by_chance(country: str) -> None:
    serial = np.concatenate([np.arange(5000), np.arange(10**7, 10**7 + 5000)])
    phones = issue_phones(texts([country] * len(serial)), serial)
    assert len(set(phones)) == len(serial)
    parsed = [phonenumbers.parse(phone, country) for phone in phones[:300]]
    assert all(phonenumbers.is_valid_number(number) for number in parsed)


def test_issued_identifiers_differ() -> None:
    serial = np.arange(20_000)
    every = np.ones(len(serial), dtype=bool)
    assert len(set(issue_loyalty(serial, every))) == len(serial)
    assert len(set(issue_tokens("tok_", serial, 16, every))) == len(serial)


def test_mailboxes_of_two_blocks_differ_for_people_of_one_name() -> None:
    count = 3000
    name, first, country = texts(["Smith"] * count), texts(["Ann"] * count), texts(["US"] * count)
    opened = [
        Mailboxes(block, 3).open(
            Dice([1, block], effective_rates(1)), name, first, country, np.full(count, 1980)
        )
        for block in range(3)
    ]
    bare = [mail.replace(".", "") for block in opened for mail in block]
    assert len(set(bare)) == 3 * count


def test_chinese_names_follow_the_published_shares() -> None:
    count = 20_000
    dice = Dice([5], effective_rates(0))
    names = draw_names(dice, np.ones(count, dtype=bool), dice.share(0.5, count))
    # Ministry of Public Security, 2020: the five commonest surnames are 30.8 % of people,
    # names of two characters 6.3 %.
    top = np.isin(names.family_han.astype(str), list("王李张刘陈")).mean()
    short = np.mean([len(given) == 1 for given in names.given_han])
    assert abs(top - 0.308) < 0.015
    assert abs(short - 0.063) < 0.01


def test_without_noise_han_is_written_as_it_is_and_pinyin_in_several_orders() -> None:
    count = 400
    dice = Dice([5], effective_rates(0) | {"writes_spaced": 0.0})
    every = np.ones(count, dtype=bool)
    names = draw_names(dice, every, every)
    han = write_names(dice, names, np.full(count, HAN))
    assert han.full.tolist() == (names.family_han + names.given_han).tolist()
    latin = write_names(dice, names, np.full(count, LATIN)).full
    first = [
        full.lower().startswith(family.lower())
        for full, family in zip(latin, names.family, strict=True)
    ]
    assert 0.4 < np.mean(first) < 0.8


@pytest.mark.parametrize(
    ("han", "latin"),
    [("曾", "zeng"), ("仇", "qiu"), ("解", "xie"), ("单", "shan"), ("单于", "chanyu"),
     ("查", "zha"), ("区", "ou"), ("尉迟", "yuchi"), ("欧阳", "ouyang"), ("盖", "ge")],
)  # fmt: skip
def test_surnames_have_their_surname_reading(han: str, latin: str) -> None:
    surnames = listing("chinese_family")
    assert dict(zip(surnames["han"], surnames["latin"], strict=True))[han] == latin
