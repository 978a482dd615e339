"""Candidate pairs: every agreeing pair once, oversized blocks refined, never silently dropped."""

import duckdb
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolution.blocking import find_candidates


def connect(records: pl.DataFrame) -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    connection.register("frame", records.to_arrow())
    connection.execute("CREATE TABLE records AS SELECT * FROM frame")
    return connection


def candidates(connection: duckdb.DuckDBPyConnection) -> set[tuple[int, int]]:
    return set(connection.execute("SELECT * FROM candidates").fetchall())


def test_a_rule_needs_all_its_columns_present_and_equal() -> None:
    records = pl.DataFrame(
        {"record_id": [0, 1, 2, 3], "name": ["a", "a", "a", None], "city": ["x", "x", None, "x"]}
    )
    connection = connect(records)
    find_candidates(connection, {"name and city": ["name", "city"]})
    assert candidates(connection) == {(0, 1)}


def test_a_list_column_matches_on_any_shared_element() -> None:
    records = pl.DataFrame({"record_id": [0, 1, 2], "email": [["a", "b"], ["b", "c"], ["d"]]})
    connection = connect(records)
    find_candidates(connection, {"email": ["list:email"]})
    assert candidates(connection) == {(0, 1)}


def test_an_oversized_block_is_compared_where_a_refining_column_agrees() -> None:
    records = pl.DataFrame(
        {"record_id": range(6), "name": ["li wei"] * 6, "city": ["a", "a", "b", "b", "c", None]}
    )
    connection = connect(records)
    counts = find_candidates(connection, {"name": ["name"]}, refine_by=["city"], largest=5)
    assert candidates(connection) == {(0, 1), (2, 3)}
    assert counts[0].refined_blocks == 1
    assert counts[0].left_out_blocks == 0


def test_a_block_that_stays_oversized_is_reported() -> None:
    records = pl.DataFrame({"record_id": range(6), "name": ["li wei"] * 6, "city": ["a"] * 6})
    connection = connect(records)
    counts = find_candidates(connection, {"name": ["name"]}, refine_by=["city"], largest=5)
    assert candidates(connection) == set()
    assert counts[0].left_out_blocks == 1


@given(st.lists(st.sampled_from("abc"), min_size=2, max_size=12))
def test_candidates_are_exactly_the_pairs_that_agree(names: list[str]) -> None:
    connection = connect(pl.DataFrame({"record_id": range(len(names)), "name": names}))
    counts = find_candidates(connection, {"name": ["name"]})
    expected = {
        (a, b) for a in range(len(names)) for b in range(a + 1, len(names)) if names[a] == names[b]
    }
    assert candidates(connection) == expected
    assert counts[0].pairs == len(expected)


@pytest.mark.parametrize("threads", [1, 4])
def test_the_order_of_candidates_does_not_depend_on_threads(threads: int) -> None:
    records = pl.DataFrame({"record_id": range(500), "name": [str(n % 50) for n in range(500)]})
    connection = connect(records)
    connection.execute(f"SET threads = {threads}")
    find_candidates(connection, {"name": ["name"]})
    rows = connection.execute("SELECT * FROM candidates").fetchall()
    assert rows == sorted(rows)
    assert len(rows) == 50 * 45
