"""What stewards read: which level two written values reach, Han text included."""

from types import SimpleNamespace

import duckdb
import polars as pl
import pytest

from resolution.comparisons.conditions import Otherwise
from resolution.comparisons.kinds import KINDS
from resolution.comparisons.levels import LevelSet, level_number
from resolution.records.match_keys import combined_name_keys, says_more, with_bare_values
from resolution.records.standard_parts import standardise_distinct
from resolution.records.value_keys import address_keys, date_keys
from resolution.scoring.linkage import PairScorer

NAMES = [
    ("William Smith", "William Smith", "same full name"),
    ("William Smith", "Smith, William", "same full name"),
    ("William Smith", "Bill Smith", "same family name, short form of the given name"),
    ("William Smith", "Wiliam Smith", "same family name, given name nearly the same"),
    ("William Smith", "William Smyth", "same given name, family name nearly the same"),
    ("Samantha Smith", "Mantha Smith", "same family name, given name nearly the same"),
    ("William Smith", "W. Smith", "same family name, same initial"),
    ("William Smith", "William", "the one name given is the same"),
    ("William Smith", "William Brown", "same given name, other family name"),
    ("William Smith", "Deborah Smith", "same family name, other given name"),
    ("William Smith", "Deborah Jones", "different names"),
    ("William Smith Jr", "William Smith Sr", "same name, another generation (Jr, Sr)"),
    ("Bob Hill", "R. Hill", "same family name, same initial"),
    ("Steven Barnes", "Steven B.", "same given name, initial of the family name"),
    ("Yu Jian Gao", "高雨健", "same letters in another order or cut elsewhere"),
    ("David James Smith", "David Michael Smith", "same full name, other middle name"),
    ("David James Smith", "David J. Smith", "same full name"),
    ("David James Smith", "James David Smith", "same letters in another order or cut elsewhere"),
    ("David James Smith", "Smith, David James", "same full name, middle name too"),
    ("张伟明", "张伟明", "same name in Chinese characters"),
    ("张伟明", "張偉明", "same name in Chinese characters"),
    ("张伟明", "Zhang Weiming", "same full name"),
    ("张伟明", "Weiming Zhang", "same full name"),
    ("张伟明", "张卫明", "same sound, other characters"),
    ("张伟明", "Weiming", "the one name given is the same"),
    ("张伟明", "李娜", "different names"),
    ("王瑶迈", "王艳秀", "same family name, other given name"),
    ("Bert Colby", "Robert Colby", "same family name, short form of the given name"),
    ("Bert Colby", "Herbert Colby", "same family name, short form of the given name"),
    ("Jim Moore", "Jim Muir", "same given name, family name nearly the same"),
    ("Katie Boothe", "Catherine Booth", "names nearly the same"),
    ("Arthur James Colby", "James Colby", "every word of one name in the other"),
    ("Ann Mellor, Countess of Redmire", "Ann Redmire", "every word of one name in the other"),
    ("Jonathan Reed", "Joanne Reed", "same family name, given names begin alike"),
    ("Faisal Siddiqui", "فيصل صديقي", "same sound, another script"),
    ("Dara Kim", "តារា គឹម", "same sound, another script"),
    ("Faisal Siddiqui", "محمد صديقي", "different names"),
    ("Alexander Vasiliev", "ВАСИЛЬЕВ, Александр Павлович", "names nearly the same"),
    ("Nikolai Petrov", "Микола Петров", "same family name, short form of the given name"),
    ("Kaylee Jones", "Keeley Jones", "same family name, given name nearly the same"),
    ("Jane Hill", "John Hill", "same family name, other given name"),
    ("Igir Tomad", "Igor Tomac", "names nearly the same"),
    ("Ostap Pahulicn", "Roman Pahulich", "family name nearly the same, other given name"),
]


def level_of(levels: LevelSet, rows: pl.DataFrame) -> str:
    connection = duckdb.connect()
    connection.register("frame", rows.to_arrow())
    connection.execute("CREATE TABLE records AS SELECT * FROM frame")
    connection.execute("CREATE TABLE pairs AS SELECT 0 AS record_id_l, 1 AS record_id_r")
    scored = PairScorer(connection, [levels], 0.5).score("pairs")
    found = scored.get_column(f"gamma_{levels.name}")[0]
    words = {level_number(levels, place): x.words for place, x in enumerate(levels.levels)}
    return words.get(found, "unknown")


def name_rows(*written: str | None) -> pl.DataFrame:
    frame = pl.DataFrame(
        {"full": written, "given": [None] * 2, "family": [None] * 2},
        schema=dict.fromkeys(["full", "given", "family"], pl.String),
    )
    parts = standardise_distinct("person_name", frame)
    rows = parts.rename({name: f"name_{name}" for name in parts.columns})
    return rows.with_columns(
        pl.Series("record_id", [0, 1]), pl.lit(None, pl.Boolean).alias("name_self_chosen")
    ).with_columns(combined_name_keys("name"))


@pytest.mark.parametrize(("left", "right", "words"), NAMES)
def test_names_reach_the_level_a_steward_would_name(left: str, right: str, words: str) -> None:
    levels = KINDS["person_name"]("name", "name", {})
    assert level_of(levels, name_rows(left, right)) == words


@pytest.mark.parametrize(("left", "right", "words"), NAMES)
def test_names_compare_the_same_either_way_round(left: str, right: str, words: str) -> None:
    levels = KINDS["person_name"]("name", "name", {})
    assert level_of(levels, name_rows(right, left)) == words


def test_a_missing_name_is_no_evidence() -> None:
    levels = KINDS["person_name"]("name", "name", {})
    assert level_of(levels, name_rows("William Smith", None)) == "unknown"


def test_a_self_chosen_name_counts_only_where_it_agrees() -> None:
    levels = KINDS["person_name"]("name", "name", {})
    rows = name_rows("William Smith", "Deborah Jones")
    chosen = rows.with_columns(pl.lit(True).alias("name_self_chosen"))
    assert level_of(levels, chosen) == "unknown"


@pytest.mark.parametrize(
    ("left", "right", "words"),
    [
        ("1985-04-03", "1985-04-03", "same date"),
        ("1985-04-03", "1985-03-04", "day and month exchanged"),
        ("1985-04-03", "1985-04-08", "one digit differs"),
        ("1985-04-03", "1985-01-01", "same year, the rest not given"),
        ("1985-04-03", "1985", "same year, the rest not given"),
        ("1985-04-03", "1962-04-03", "two of day, month and year the same"),
        ("1985-04-03", "1985-12-28", "same year"),
        ("1985-04-03", "1962-11-27", "different dates"),
    ],
)
def test_dates(left: str, right: str, words: str) -> None:
    parts = standardise_distinct("date", pl.DataFrame({"date": [left, right]}))
    rows = parts.rename({name: f"dob_{name}" for name in parts.columns}).with_columns(
        pl.Series("record_id", [0, 1]), *date_keys("dob")
    )
    assert level_of(KINDS["date"]("dob", "dob", {}), rows) == words


@pytest.mark.parametrize(
    ("left", "right", "words"),
    [
        (["a.b@x.org", "ab@y.org"], ["ab@y.org"], "same email"),
        (["anna.berg@x.org"], ["anna.berg@y.org"], "same email name at another provider"),
        (["anna.berg@x.org"], ["anna.brg@x.org"], "email nearly the same"),
        (["anna.berg@x.org"], ["jo@y.org"], "different emails"),
        (["jli@x.org"], ["altjli@x.org"], "email name as the person's name, more around one"),
        (["jli@x.org"], ["altjli@y.org"], "different emails"),
        (None, ["jo@y.org"], "unknown"),
    ],
)
def test_emails(left: list[str] | None, right: list[str], words: str) -> None:
    emails = [left, right]
    firsts = [None if x is None else x[0] for x in emails]
    rows = pl.DataFrame(
        {
            "record_id": [0, 1],
            "email": emails,
            "email_first": firsts,
            "email_own": [None if x is None else x.split("@")[0] for x in firsts],
            "email_local": [None if x is None else x.split("@")[0] for x in firsts],
            "email_domain": [None if x is None else x.split("@")[1] for x in firsts],
            "email_digits": ["" if x else None for x in firsts],
        }
    )
    assert level_of(KINDS["email"]("email", "email", {}), rows) == words


@pytest.mark.parametrize(
    ("local", "more"),
    [
        ("john.smith", False),
        ("smithj", False),
        ("smith_john1", False),
        ("smithj84", True),
        ("kittycat", True),
    ],
)
def test_an_email_name_says_more_only_beyond_its_owners_name(local: str, more: bool) -> None:
    assert says_more(local, "john", "smith") is more


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"sql"}))
def test_the_last_level_takes_whatever_is_left(kind: str) -> None:
    levels = KINDS[kind]("x", "x", {}).levels
    assert levels[-1].condition == Otherwise()
    assert all(0 < level.m < 1 and 0 < level.u <= 1 for level in levels)


@pytest.mark.parametrize(
    ("left", "right", "words"),
    [
        (("Salford", None), ("Salfoard", None), "town nearly the same"),
        (("Salford", None), ("Selby", None), "different addresses"),
        ((None, "SK10 8RA"), (None, "SK10 2HB"), "same part of the postcode"),
        ((None, "90210"), (None, "90245"), "same part of the postcode"),
        ((None, "SK10 8RA"), (None, "B1 8RA"), "different addresses"),
    ],
)
def test_towns_and_postcodes(
    left: tuple[str | None, str | None], right: tuple[str | None, str | None], words: str
) -> None:
    frame = pl.DataFrame([left, right], schema=["city", "postcode"], orient="row")
    parts = standardise_distinct("address", frame.cast(pl.String))
    rows = parts.rename({name: f"address_{name}" for name in parts.columns}).with_columns(
        pl.Series("record_id", [0, 1]), *address_keys("address")
    )
    assert level_of(KINDS["address"]("address", "address", {}), rows) == words


@pytest.mark.parametrize(
    ("kind", "left", "right", "words"),
    [
        ("phone", "+12065550147", "+12065550147", "same phone"),
        ("phone", "+12065550147", "+862065550147", "same phone but for the country's code"),
        ("phone", "+12065550147", "+12065550199", "different phones"),
        ("identifier", "521-21-2123", "521212123", "same it"),
        ("identifier", "521-21-2123", "604-88-1197", "other it"),
    ],
)
def test_phones_and_identifiers(kind: str, left: str, right: str, words: str) -> None:
    columns = {"it": [[left], [right]], "it_first": [left, right]}
    rows = pl.DataFrame({"record_id": [0, 1]} | columns)
    standardiser = SimpleNamespace(kind=kind)
    bare = with_bare_values(rows, SimpleNamespace(standardise={"it": standardiser}))  # type: ignore[arg-type]
    assert level_of(KINDS[kind]("it", "it", {}), bare) == words


@pytest.mark.parametrize(
    ("left", "right", "words"),
    [
        ("3/1/1970", "Mar 1 1970", "same date, read the other way round"),
        ("3/1/1970", "1970-01-03", "same date"),
        ("1970-03-01", "1970-01-03", "day and month exchanged"),
    ],
)
def test_a_date_that_may_be_read_either_way(left: str, right: str, words: str) -> None:
    parts = standardise_distinct("date", pl.DataFrame({"date": [left, right]}))
    rows = parts.rename({name: f"dob_{name}" for name in parts.columns}).with_columns(
        pl.Series("record_id", [0, 1]), *date_keys("dob")
    )
    assert level_of(KINDS["date"]("dob", "dob", {}), rows) == words


def test_a_street_that_a_town_stands_behind() -> None:
    frame = pl.DataFrame({"line": ["No 321, Street 128 Phnom Penh Cambodia", "#321, Street 128"]})
    parts = standardise_distinct("address", frame)
    rows = parts.rename({name: f"address_{name}" for name in parts.columns}).with_columns(
        pl.Series("record_id", [0, 1]), *address_keys("address")
    )
    found = level_of(KINDS["address"]("address", "address", {}), rows)
    assert found == "same house number, one street inside the other"


def test_exchanged_digits_of_a_date_give_one_key() -> None:
    parts = standardise_distinct("date", pl.DataFrame({"date": ["1937-07-02", "1973-07-02"]}))
    rows = parts.rename({name: f"dob_{name}" for name in parts.columns})
    keys = rows.with_columns(date_keys("dob"))["dob_any_order"].to_list()
    assert keys == ["00123779", "00123779"]


def test_an_ambiguous_date_is_looked_for_both_ways() -> None:
    parts = standardise_distinct("date", pl.DataFrame({"date": ["4/3/85", "1985-04-13"]}))
    rows = parts.rename({name: f"dob_{name}" for name in parts.columns})
    readings = rows.with_columns(date_keys("dob"))["dob_readings"].to_list()
    assert readings == [["19850304", "19850403"], ["19850413"]]
