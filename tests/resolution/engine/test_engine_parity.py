"""The compiled scorer puts every pair at the level that DuckDB and Splink put it at."""

import datetime as dt
import random

import duckdb
import polars as pl
import pytest

from resolution.comparisons.conditions import KINDS as CONDITIONS
from resolution.comparisons.conditions import (
    Alike,
    AllOf,
    AnyOf,
    Condition,
    Contains,
    Equal,
    Held,
    Known,
    Lengths,
    Near,
    Not,
    Otherwise,
    Overlap,
    Shares,
    Sql,
    WithinEdits,
    either_way,
    known,
    same,
)
from resolution.comparisons.kinds import KINDS
from resolution.comparisons.levels import Level, LevelSet
from resolution.engine.program import NotCompiledError
from resolution.engine.scorer import compiled_scorer
from resolution.scoring.linkage import PairScorer, write_table
from resolution.scoring.scorers import BySplink, Compiled, scorer_for

RECORDS = 150
WORDS = [
    "anna", "annabel", "smith", "smyth", "müller", "mueller", "zhang wei", "wei zhang", "欧阳娜娜",
    "欧阳娜", "张伟", "張偉", "a", "", "O'Brien", "obrien-jones", "x" * 70, "19800214", "19801402",
    "19800215", "jöhn", "ｊｏｈｎ", "jon", "nana ouyang",
]  # fmt: skip


def mistyped(word: str, dice: random.Random) -> str:
    """The word with up to three letters lost, doubled, changed or exchanged."""
    letters = list(word)
    for _ in range(dice.randrange(4)):
        if len(letters) < 2:
            break
        at = dice.randrange(len(letters) - 1)
        slip = dice.randrange(4)
        if slip == 0:
            del letters[at]
        elif slip == 1:
            letters.insert(at, letters[at])
        elif slip == 2:
            letters[at] = dice.choice("aeiou张n9")
        else:
            letters[at], letters[at + 1] = letters[at + 1], letters[at]
    return "".join(letters)


def drawn_records() -> pl.DataFrame:
    dice = random.Random(7)

    def text() -> str | None:
        return None if dice.random() < 0.15 else mistyped(dice.choice(WORDS), dice)

    def several() -> list[str] | None:
        count = dice.randrange(5)
        return [mistyped(dice.choice(WORDS), dice) for _ in range(count)] or None

    def day() -> dt.date | None:
        return (
            None
            if dice.random() < 0.2
            else dt.date(1980, 1 + dice.randrange(3), 1 + dice.randrange(9))
        )

    return pl.DataFrame(
        {
            "record_id": range(RECORDS),
            "a": [text() for _ in range(RECORDS)],
            "b": [text() for _ in range(RECORDS)],
            "many": [several() for _ in range(RECORDS)],
            "amount": [dice.choice([None, "1", "1.5", "100", "101", "-3"]) for _ in range(RECORDS)],
            "day": [day() for _ in range(RECORDS)],
            "flag": [dice.choice([True, None]) for _ in range(RECORDS)],
        },
        schema_overrides={"many": pl.List(pl.String), "amount": pl.String, "day": pl.Date},
    )


RECORDS_FRAME = drawn_records()
PAIRS = pl.DataFrame(
    [(i, j) for i in range(RECORDS) for j in range(i + 1, RECORDS)],
    schema={"record_id_l": pl.Int64, "record_id_r": pl.Int64},
    orient="row",
)
ASKED: list[Condition] = [
    Equal("a", "a"),
    Equal("a", "b"),
    Equal("day", "day"),
    Alike("a", "a", 0.8795),
    Alike("a", "b", 0.9195),
    Alike("a", "a", 0.7995),
    WithinEdits("a", "a", 1),
    WithinEdits("a", "b", 2),
    WithinEdits("a", "a", 3),
    Contains("a", "b"),
    Known("a", "b"),
    Held("flag"),
    Lengths("a", 5),
    Shares("many"),
    Overlap("many", 2, 1, 2),
    Overlap("many", 1),
    Near("amount", within=1),
    Near("amount", share=0.02),
    AllOf((same("day"), Not(Equal("a", "b")))),
    AnyOf((same("a"), either_way(Contains("a", "b")))),
    Not(AllOf((known("a"), AnyOf((same("day"), Shares("many")))))),
]


def test_every_kind_of_condition_is_asked() -> None:
    def kinds(condition: Condition) -> set[str]:
        return {type(condition).__name__}.union(*map(kinds, condition.parts()))

    assert set().union(*map(kinds, ASKED)) == set(CONDITIONS) - {"Otherwise", "Sql"}


@pytest.fixture(scope="module")
def database() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    write_table(connection, "records", RECORDS_FRAME)
    write_table(connection, "pairs", PAIRS)
    return connection


@pytest.mark.parametrize("condition", ASKED, ids=lambda x: x.sql()[:60])
def test_a_compiled_condition_holds_where_its_sql_does(
    condition: Condition, database: duckdb.DuckDBPyConnection
) -> None:
    columns = ", ".join(
        f"{side}.{name} AS {name}_{side}" for side in "lr" for name in RECORDS_FRAME.columns
    )
    rows = database.execute(
        f"""
        WITH compared AS (
            SELECT {columns} FROM pairs
            JOIN records AS l ON l.record_id = record_id_l
            JOIN records AS r ON r.record_id = record_id_r
        )
        SELECT coalesce({condition.sql()}, false) FROM compared ORDER BY record_id_l, record_id_r
        """
    ).fetchall()
    levels = (Level("holds", condition, 0.9, 0.1), Level("not", Otherwise(), 0.1, 0.9))
    item = LevelSet("x", "x", Not(known("record_id")), levels)
    found = compiled_scorer(RECORDS_FRAME.lazy(), [item], 0.5).score(PAIRS)
    assert (found["gamma_x"] == 1).to_list() == [holds for (holds,) in rows]
    assert any(holds for (holds,) in rows), "the sample shows no pair for which it holds"


def frequent(*, shared_with: float | None) -> LevelSet:
    """A comparison whose weights depend on term frequencies in each of the ways there are."""
    return LevelSet(
        "x",
        "a",
        Not(known("a")),
        (
            Level("same", same("a"), 0.6, 0.02, "a"),
            Level("alike", Alike("a", "a", 0.8795), 0.2, 0.01, "a", shared_with=shared_with),
            Level("the other", either_way(Equal("a", "b")), 0.1, 0.03, "b"),
            Level("not", Otherwise(), 0.1, 0.9, conflict=True),
        ),
    )


FREQUENCIES = {
    name: RECORDS_FRAME.select(name)
    .drop_nulls()
    .unique(maintain_order=True)
    .with_row_index("n")
    .select(name, (0.0005 + pl.col("n") / 1000).alias(f"tf_{name}"))
    .filter(pl.col(f"tf_{name}") > 0.003)
    for name in ("a", "b")
}


@pytest.mark.parametrize("frequencies", [None, FREQUENCIES], ids=["counted", "given"])
@pytest.mark.parametrize("shared_with", [None, 0.5])
def test_weights_equal_splinks(
    frequencies: dict[str, pl.DataFrame] | None, shared_with: float | None
) -> None:
    items = [frequent(shared_with=shared_with)]
    connection = duckdb.connect()
    write_table(connection, "records", RECORDS_FRAME)
    write_table(connection, "pairs", PAIRS)
    theirs = PairScorer(connection, items, 0.001, frequencies).score("pairs")
    engine = compiled_scorer(RECORDS_FRAME.lazy(), items, 0.001, frequencies)
    ours = engine.score(PAIRS)
    assert ours["gamma_x"].equals(theirs["gamma_x"])
    for column in ("match_weight", "mw_x", "mw_tf_adj_x", "match_probability"):
        assert (ours[column] - theirs[column]).abs().max() < 1e-9  # type: ignore[operator]
    some = engine.score(PAIRS, least=-3.0)
    assert some.equals(ours.filter(pl.col("match_weight") >= -3.0))


def test_another_model_over_the_same_records_weighs_as_if_made_anew() -> None:
    before = compiled_scorer(RECORDS_FRAME.lazy(), [frequent(shared_with=None)], 0.5)
    items = [frequent(shared_with=0.5)]
    after = before.with_model(items, 0.01, FREQUENCIES).score(PAIRS)
    assert after.equals(
        compiled_scorer(RECORDS_FRAME.lazy(), items, 0.01, FREQUENCIES).score(PAIRS)
    )


def test_a_condition_in_sql_is_left_to_splink_and_the_log_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    levels = (
        Level("short", Sql("length(a_l) + length(a_r) < 8"), 0.5, 0.1),
        Level("not", Otherwise(), 0.5, 0.9),
    )
    item = LevelSet("x", "a", Not(known("a")), levels)
    with pytest.raises(NotCompiledError, match=r"length\(a_l\)"):
        compiled_scorer(RECORDS_FRAME.lazy(), [item], 0.5)
    with caplog.at_level("WARNING"):
        scorer = scorer_for(duckdb.connect(), RECORDS_FRAME.lazy(), [item], 0.5)
    assert isinstance(scorer, BySplink)
    assert "no compiled form" in caplog.text
    assert set(scorer.score(PAIRS)["gamma_x"].unique()) == {-1, 0, 1}


@pytest.mark.parametrize("kind", sorted(set(KINDS) - {"sql"}))
def test_every_kind_of_comparison_compiles(kind: str) -> None:
    item = KINDS[kind]("x", "x", {})
    assert isinstance(scorer_for(duckdb.connect(), RECORDS_FRAME.lazy(), [item], 0.5), Compiled)


def test_more_columns_than_a_word_has_bits_are_told_apart() -> None:
    names = [f"c{n}" for n in range(90)]
    frame = pl.DataFrame(
        {"record_id": [0, 1], **{x: ["v", None if n % 3 else "v"] for n, x in enumerate(names)}}
    )
    items = [
        LevelSet(
            x,
            x,
            Not(known(x)),
            (Level("same", same(x), 0.9, 0.1), Level("not", Otherwise(), 0.1, 0.9)),
        )
        for x in names
    ]
    pair = pl.DataFrame({"record_id_l": [0], "record_id_r": [1]})
    found = compiled_scorer(frame.lazy(), items, 0.5).score(pair)
    assert [found[f"gamma_{x}"][0] for x in names] == [-1 if n % 3 else 1 for n in range(90)]
