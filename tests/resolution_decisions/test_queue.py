"""The review queue: what is open, in order of what an answer is worth."""

import duckdb
import polars as pl
import pytest
from saying import said

from resolution.decisions import RowKey
from resolution.decisions.queue import Asked, open_pairs, rows_in_release
from resolution.learning.decided_pairs import ENDS

Ends = tuple[str, str]
ALL_OPEN = [("crm/1", "crm/2"), ("crm/2", "crm/3"), ("crm/1", "crm/3"), ("crm/2", "shop/1")]
"""The last is of the same two customers as the first."""
WITHOUT_EVE = [pair for pair in ALL_OPEN if pair != ("crm/1", "crm/3")]


def listed(
    release: duckdb.DuckDBPyConnection, decisions: pl.DataFrame, asked: Asked | None = None
) -> list[Ends]:
    pairs = open_pairs(release, decisions, asked or Asked()).select(ENDS)
    return [(f"{a}/{b}", f"{c}/{d}") for a, b, c, d in pairs.iter_rows()]


def test_uncertain_pairs_of_good_customers_come_first(release: duckdb.DuckDBPyConnection) -> None:
    pairs = open_pairs(release, said(), Asked())
    assert listed(release, said()) == ALL_OPEN
    assert pairs["value"].is_sorted(descending=True)
    assert pairs.row(0, named=True)["orders"] == 43
    assert pairs.row(0, named=True)["revenue"] == 9100.0


@pytest.mark.parametrize(
    ("asked", "left"),
    [
        (Asked(source="shop"), [("crm/2", "shop/1")]),
        (Asked(minimum=-1.5), [ALL_OPEN[0], ALL_OPEN[3]]),
        (Asked(maximum=-1.5), ALL_OPEN[1:3]),
        (Asked(minimum=-2.5, maximum=-1.5), [("crm/1", "crm/3")]),
        (Asked(reason="THREAD"), [("crm/2", "shop/1")]),
        (Asked(reason="between"), ALL_OPEN[:3]),
    ],
)
def test_only_what_is_asked_for(
    release: duckdb.DuckDBPyConnection, asked: Asked, left: list[Ends]
) -> None:
    assert listed(release, said(), asked) == left


@pytest.mark.parametrize("verdict", ["match", "non-match", "unsure"])
def test_a_decided_pair_is_not_asked_again(
    release: duckdb.DuckDBPyConnection, verdict: str
) -> None:
    assert listed(release, said((verdict, "crm/3", "crm/1"))) == WITHOUT_EVE
    assert listed(release, said((verdict, "crm/3", "crm/1"), undone=(1,))) == ALL_OPEN


def test_a_decision_on_an_equal_row_is_one_on_the_record(
    release: duckdb.DuckDBPyConnection,
) -> None:
    left = listed(release, said(("unsure", "crm/2", "shop/2")))
    assert left == [pair for pair in ALL_OPEN if pair != ("crm/2", "shop/1")]


def test_what_follows_from_decisions_is_not_asked(release: duckdb.DuckDBPyConnection) -> None:
    joined = [("match", "crm/1", "crm/2"), ("match", "crm/2", "crm/3")]
    assert listed(release, said(*joined)) == [("crm/2", "shop/1")]
    parted = [("match", "crm/1", "shop/1"), ("non-match", "shop/2", "crm/2")]
    assert listed(release, said(*parted)) == [("crm/2", "crm/3"), ("crm/1", "crm/3")]


def test_a_contradictory_decision_settles_its_own_pair_alone(
    release: duckdb.DuckDBPyConnection,
) -> None:
    words = [
        ("match", "crm/1", "till/1"),
        ("non-match", "crm/1", "till/1", "bob"),
        ("match", "till/1", "crm/3"),
    ]
    assert listed(release, said(*words)) == WITHOUT_EVE


def test_rows_that_the_release_does_not_have_settle_nothing(
    release: duckdb.DuckDBPyConnection,
) -> None:
    assert listed(release, said(("match", "crm/9", "crm/1"), ("match", "crm/9", "crm/2"))) == (
        ALL_OPEN
    )
    asked = [RowKey("crm", "1"), RowKey("crm", "9"), RowKey("gone", "1")]
    assert rows_in_release(release, asked) == {RowKey("crm", "1")}


def test_pairs_that_are_one_customer_anyway_come_last(release: duckdb.DuckDBPyConnection) -> None:
    [(together,)] = release.execute(
        "SELECT entity_id FROM identity.crosswalk WHERE source = 'crm' AND source_record_id = '1'"
    ).fetchall()
    before = open_pairs(release, said(), Asked()).row(0, named=True)["value"]
    release.execute(
        "UPDATE identity.crosswalk SET entity_id = ? WHERE source = 'crm' "
        "AND source_record_id = '2'",
        [together],
    )
    pairs = open_pairs(release, said(), Asked())
    first = pairs.filter(pl.col("source_record_id_l") == "1", pl.col("source_record_id_r") == "2")
    assert first.row(0, named=True)["value"] < before / 5
    assert listed(release, said())[0] != ALL_OPEN[0]
