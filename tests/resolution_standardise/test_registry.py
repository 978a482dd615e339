"""The registry of kinds, and the small kinds."""

from typing import get_args

import polars as pl
import pytest

from resolution.model import Standardiser
from resolution.standardise import KINDS, ROLES_OF, SCHEMAS, STANDARDISERS
from resolution.standardise.characters import bare_key, simplified, tidy
from resolution.standardise.countries import standardise_countries
from resolution.standardise.phonetic import consonants, phonetic_code


def test_every_kind_of_the_model_has_a_standardiser() -> None:
    kinds = get_args(Standardiser.model_fields["kind"].annotation)
    assert set(kinds) == set(STANDARDISERS) == set(ROLES_OF) == set(SCHEMAS)


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("rows", [0, 2])
def test_the_answer_has_the_stated_schema_and_height(kind: str, rows: int) -> None:
    values = pl.DataFrame(
        {role: ["a1", None][:rows] for role in ROLES_OF[kind]},
        schema=dict.fromkeys(ROLES_OF[kind], pl.String),
    )
    answer = STANDARDISERS[kind](values)
    assert dict(answer.schema) == dict(SCHEMAS[kind])
    assert answer.height == rows


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_nulls_stay_null_without_a_reason(kind: str) -> None:
    values = pl.DataFrame(
        {role: [None] for role in ROLES_OF[kind]}, schema=dict.fromkeys(ROLES_OF[kind], pl.String)
    )
    assert set(STANDARDISERS[kind](values).row(0)) == {None}


@pytest.mark.parametrize(
    ("written", "gender", "reason"),
    [
        ("Male", "m", None), ("M", "m", None), ("男", "m", None), ("先生", "m", None),
        ("woman", "f", None), ("Ms.", "f", None), ("女士", "f", None), ("non-binary", "x", None),
        ("unknown", None, "placeholder"), ("blue", None, "unknown_gender"),
    ],
)  # fmt: skip
def test_genders(written: str, gender: str | None, reason: str | None) -> None:
    answer = STANDARDISERS["gender"](pl.DataFrame({"gender": [written]}))
    assert answer.row(0) == (gender, reason)


@pytest.mark.parametrize(
    ("written", "identifier", "reason"),
    [
        (" ab-12 ", "AB-12", None), ("ＡＢ１２", "AB12", None), ("N/A", None, "placeholder"),
        ("0000", None, "placeholder"), ("xxx", None, "placeholder"), ("7", "7", None),
    ],
)  # fmt: skip
def test_identifiers(written: str, identifier: str | None, reason: str | None) -> None:
    answer = STANDARDISERS["identifier"](pl.DataFrame({"identifier": [written]}))
    assert answer.row(0) == (identifier, reason)


def test_a_token_is_matched_in_capitals_and_shown_as_written() -> None:
    answer = STANDARDISERS["token"](pl.DataFrame({"identifier": [" oBc_1xY ", "0000"]}))
    assert answer.rows() == [("OBC_1XY", "oBc_1xY", None), (None, None, "placeholder")]


def test_texts_have_a_key_without_marks_case_and_variants() -> None:
    answer = STANDARDISERS["text"](pl.DataFrame({"text": [" O'Neil &  Söhne,  Ltd. ", "華為公司"]}))
    assert answer.get_column("key").to_list() == ["oneil sohne ltd", "华为公司"]
    assert answer.get_column("text").to_list() == ["O'Neil & Söhne, Ltd.", "華為公司"]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("The Blue Door, The", "blue door the"), ("腾讯计算机", "算机 腾讯 计算 讯计"),
        ("华为ABC", "abc 华为"), ("!", None),
    ],
)  # fmt: skip
def test_texts_have_their_distinct_words_in_one_order(written: str, words: str | None) -> None:
    answer = STANDARDISERS["text"](pl.DataFrame({"text": [written]}))
    assert answer.get_column("words").to_list() == [words]


def test_texts_from_web_pages_are_decoded() -> None:
    answer = STANDARDISERS["text"](pl.DataFrame({"text": ["Caf&#233; &amp; Bar", "R&D; AT&T"]}))
    assert answer.get_column("text").to_list() == ["Café & Bar", "R&D; AT&T"]


@pytest.mark.parametrize(
    ("written", "country"),
    [
        ("cn", "CN"), ("P.R. China", "CN"), ("中華人民共和國", "CN"), ("USA", "US"),
        ("U.S.A.", "US"),
        ("England", "GB"), ("Deutschland", "DE"), ("norge", "NO"), ("atlantis", None),
    ],
)  # fmt: skip
def test_countries(written: str, country: str | None) -> None:
    assert standardise_countries(pl.DataFrame({"country": [written]})).row(0)[0] == country


def test_traditional_characters_become_simplified_and_simplified_ones_stay() -> None:
    assert simplified("張偉劉國強臺灣廣東路") == "张伟刘国强台湾广东路"
    assert simplified("王乾后干里面发") == "王乾后干里面发"


def test_width_and_unseen_characters_go() -> None:
    assert tidy("　ＡＢ\u200b　c\n") == "AB c"
    assert bare_key("É-a b") == "eab"


@pytest.mark.parametrize(
    ("one", "other"), [("smith", "smyth"), ("larson", "larsen"), ("philips", "phillips")]
)
def test_surnames_that_sound_alike_have_one_code(one: str, other: str) -> None:
    assert phonetic_code(one) == phonetic_code(other)


def test_surnames_that_sound_different_have_two_codes() -> None:
    assert phonetic_code("smith") != phonetic_code("jones")


@pytest.mark.parametrize(
    ("romanised", "usual"),
    [("fysl", "faisal"), ("sdyqy", "siddiqui"), ("tara", "dara"), ("minsu", "minsoo")],
)
def test_a_romanised_name_has_the_consonants_of_its_usual_spelling(
    romanised: str, usual: str
) -> None:
    assert consonants(romanised) == consonants(usual)


def test_names_without_a_consonant_have_none() -> None:
    assert consonants("aoi") is None
    assert consonants("ahmad") != consonants("karim")
