"""How titles, firms' names and numbers are held against each other."""

import duckdb
import polars as pl
import pytest

from resolution.comparisons.kinds import KINDS
from resolution.comparisons.levels import level_number
from resolution.records.standard_parts import standardise_distinct
from resolution.records.value_keys import word_keys
from resolution.scoring.blocking import find_candidates
from resolution.scoring.linkage import PairScorer
from resolution.scoring.scorers import pairs_frame


def level_of(kind: str, part: str, written: tuple[str, str], **settings: object) -> str:
    levels = KINDS[kind]("name", "name", settings)
    parts = standardise_distinct(part, pl.DataFrame({part: written}))
    rows = parts.rename({column: f"name_{column}" for column in parts.columns})
    if part == "text":
        rows = rows.with_columns(word_keys("name"))
    connection = duckdb.connect()
    connection.register("frame", rows.with_row_index("record_id").to_arrow())
    connection.execute("CREATE TABLE records AS SELECT * FROM frame")
    connection.execute("CREATE TABLE pairs AS SELECT 0 AS record_id_l, 1 AS record_id_r")
    found = PairScorer(connection, [levels], 0.5).score("pairs").get_column("gamma_name")[0]
    words = {level_number(levels, place): x.words for place, x in enumerate(levels.levels)}
    return words.get(found, "unknown")


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        ("Blue Door Café, The", "the blue door cafe", "same name"),
        ("Blue Door", "Blue Door Restaurant", "every word of one name in the other"),
        ("Blue Door Kitchen", "Blue Door Kichen", "name nearly the same"),
        ("Katsu", "Restaurant Katsu", "the one word of one name in the other"),
        ("Inn of the Red Lion", "Red Lion of Salem Hotel", "most words of the name shared"),
        ("Golden Nugget", "Red Lion", "other name"),
        ("深圳腾讯计算机", "腾讯计算机", "every word of one name in the other"),
        ("Katsu", None, "unknown"),
    ],
)
def test_texts_are_compared_word_by_word(one: str, other: str, words: str) -> None:
    assert level_of("words", "text", (one, other)) == words
    assert level_of("words", "text", (other, one)) == words


def test_initials_are_left_out_where_people_are_listed() -> None:
    authors = ("D. Abadi, M. Cherniack", "Mitch Cherniack, Daniel J. Abadi")
    every = "every word of one name in the other"
    assert level_of("words", "text", authors, initials=True) == every
    assert level_of("words", "text", authors) != every


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        ("1,200", "$1200.00", "same name"),
        ("1200", "1210", "name nearly the same"),
        ("1200", "900", "other name"),
        ("1200", "about", "unknown"),
    ],
)
def test_numbers_are_compared_by_their_distance(one: str, other: str, words: str) -> None:
    assert level_of("number", "number", (one, other)) == words


def test_years_may_be_one_apart() -> None:
    assert level_of("number", "number", ("1997", "1998"), close=0) == "name nearly the same"
    assert level_of("number", "number", ("1997", "1999"), close=0) == "other name"


def test_words_and_word_pairs_are_keys_to_block_by() -> None:
    parts = standardise_distinct("text", pl.DataFrame({"text": ["The Old Inn at B", None]}))
    rows = parts.rename({column: f"name_{column}" for column in parts.columns})
    keys = rows.select(word_keys("name"))
    assert keys["name_each_word"].to_list() == [["inn", "old", "the"], None]
    assert keys["name_word_pairs"].to_list() == [["at b", "inn at", "old inn", "the old"], None]


def test_a_source_without_duplicates_is_compared_with_others_only() -> None:
    records = pl.DataFrame({"record_id": range(4), "source": list("aabb"), "name": ["x"] * 4})
    found = find_candidates(records, {"name": ["name"]}, without_duplicates=["a"])
    pairs = sorted(pairs_frame(found.pairs()).iter_rows())
    assert pairs == [(0, 2), (0, 3), (1, 2), (1, 3), (2, 3)]
