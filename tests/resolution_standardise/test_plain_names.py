"""Names read a column at a time: as every one of them is read alone."""

import random
from collections.abc import Iterator

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolution.standardise.latin_facts import latin
from resolution.standardise.name_rows import NAME_COLUMNS
from resolution.standardise.name_words import look_at_words
from resolution.standardise.names import standardise_names
from resolution.standardise.pinyin import chinese
from resolution.standardise.plain_han_names import read_plain_han_names
from resolution.standardise.plain_latin_names import read_plain_latin_names
from resolution.standardise.rows import FEW

Written = tuple[str | None, str | None, str | None]
ROLES = dict.fromkeys(("full", "given", "family"), pl.String)
WESTERN = (
    "Smith JONES o'brien O'Neil MacDonald mcdonald García Müller Łukasz Ø de van von la Jr III PhD "
    "Dr Mr. Sir Earl Baronet of J. J X. x Lee Li Wu Ng an St. Smith-Jones D'Angelo Ann Mary test "
    "none Na na no Name customer Unknown Zhang Ouyang Ou Yang SIMA Si Ma Xiaoming Xiao-ming "
    "Chih-ming Hsu Tsai Chv Lv lü Nü Peter Bob "
)
HAN = "伟芳娜秀英敏静丽强磊军洋勇艳杰涛明超霞平刚桂小文志建国玉先生女士高林月张王陈張單于歐陽爱云〇"


def names_of(count: int, seed: int) -> Iterator[Written]:
    """Names in every arrangement, with titles, suffixes, commas, initials and junk among them."""
    chance = random.Random(seed)
    surnames, syllables = list(chinese().surnames), sorted(chinese().syllables)
    western = WESTERN.split()
    wade_giles, known = sorted(chinese().wade_giles), sorted(latin().formal)

    def word() -> str:
        made = "".join(chance.choices("abcdeiounrstlmyz'-é.", k=chance.randrange(1, 8)))
        run = chance.choice(syllables) + chance.choice(syllables)
        words = (chance.choice(western), chance.choice(syllables), chance.choice(wade_giles))
        pool = (*words, chance.choice(known), run, made)
        written = chance.choices(pool, weights=(45, 15, 6, 14, 10, 10))[0]
        return chance.choice((written, written, written.title(), written.upper(), written.lower()))

    def words(*lengths: int) -> str:
        return " ".join(word() for _ in range(chance.choice(lengths)))

    def han() -> str:
        given_name = "".join(chance.choices(HAN, k=chance.choice((0, 1, 1, 2, 2, 2, 3))))
        before, after = chance.choice(surnames), chance.choice(surnames)
        return chance.choices(
            (before + given_name, given_name, given_name + after), weights=(7, 2, 1)
        )[0]

    for _ in range(count):
        surname = chance.choice(surnames)
        yield chance.choices(
            (
                (han(), None, None),
                (chance.choice((None, han())), han(), chance.choice((surname, han()))),
                (f"{chance.choice((han(), word()))}{chance.choice(' ·')}{han()}", None, None),
                (words(1, 2, 2, 2, 3, 3, 4), None, chance.choice((None, "", " "))),
                (f"{words(1, 1, 2)}, {words(1, 1, 2, 3)}", None, None),
                (chance.choice((None, words(2))), words(1, 1, 1, 2, 2, 3), words(1, 1, 1, 2)),
                (None, chance.choice((None, words(1))), chance.choice((None, words(1), han()))),
            ),
            weights=(15, 15, 4, 30, 8, 22, 6),
        )[0]  # fmt: skip


def assert_read_as_alone(rows: list[Written]) -> None:
    frame = pl.DataFrame(rows, schema=ROLES, orient="row")
    together = standardise_names(frame)
    alone = [
        standardise_names(frame.slice(start, FEW - 1)) for start in range(0, len(rows), FEW - 1)
    ]
    assert together.columns == list(NAME_COLUMNS)
    pairs = zip(rows, together.rows(), pl.concat(alone).rows(), strict=True)
    assert [pair for pair in pairs if pair[1] != pair[2]] == []


def test_five_thousand_names_at_once_are_read_as_each_alone() -> None:
    assert_read_as_alone(list(names_of(5_000, seed=1)))


@pytest.mark.slow
def test_two_hundred_thousand_names_at_once_are_read_as_each_alone() -> None:
    assert_read_as_alone(list(names_of(200_000, seed=2)))


parts = st.one_of(
    st.none(),
    st.text(max_size=10),
    st.lists(st.sampled_from([*WESTERN.split(), "张", "伟", ",", "(Bob)", "李"]), max_size=3).map(
        " ".join
    ),
)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(parts, parts, parts), min_size=FEW, max_size=3 * FEW))
def test_any_texts_at_once_are_read_as_each_alone(rows: list[Written]) -> None:
    assert_read_as_alone(rows)


@pytest.mark.parametrize(
    ("full", "given_name", "family"),
    [
        ("张伟", "伟", "张"),
        ("欧阳建国", "建国", "欧阳"),
        ("伟芳王", "伟芳", "王"),
        ("月兰", "月兰", None),
    ],
)
def test_han_names_need_not_be_read_alone(full: str, given_name: str, family: str | None) -> None:
    frame = pl.DataFrame({"row": [0], "full": full, "given": "", "family": ""})
    row = read_plain_han_names(frame).row(0, named=True)
    assert (row["given"], row["family"]) == (given_name, family)


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (("ann lee smith", "", ""), ("Ann", "Smith")),
        (("SMITH, ANN", "", ""), ("Ann", "Smith")),
        (("Smith J.", "", ""), ("J.", "Smith")),
        (("Wei ZHANG", "", ""), ("Wei", "Zhang")),
        (("", "Zhang", "Xiaoming"), ("Xiaoming", "Zhang")),
    ],
)
def test_plain_latin_names_need_not_be_read_alone(written: Written, shown: tuple[str, str]) -> None:
    frame = pl.DataFrame([(0, *written)], schema={"row": pl.UInt32, **ROLES}, orient="row")
    row = read_plain_latin_names(frame).row(0, named=True)
    assert (row["given"], row["family"]) == shown


@pytest.mark.parametrize("word", ["Dr", "Mr.", "Jr", "PhD", "van", "Earl", "test", "III"])
def test_a_word_that_is_more_than_a_name_is_not_plain(word: str) -> None:
    assert look_at_words(pl.Series([word])).get_column("plain").to_list() == [False]
