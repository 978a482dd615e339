"""Candidate pairs: every agreeing pair once, oversized blocks refined, never silently dropped."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from resolution.scoring.blocking import Candidates, find_candidates
from resolution.scoring.scorers import pairs_frame


def pairs_of(found: Candidates) -> list[tuple[int, int]]:
    return sorted(pairs_frame(found.pairs()).iter_rows())


def test_a_rule_needs_all_its_columns_present_and_equal() -> None:
    records = pl.DataFrame(
        {"record_id": [0, 1, 2, 3], "name": ["a", "a", "a", None], "city": ["x", "x", None, "x"]}
    )
    found = find_candidates(records, {"name and city": ["name", "city"]})
    assert pairs_of(found) == [(0, 1)]


def test_a_list_column_matches_on_any_shared_element() -> None:
    records = pl.DataFrame({"record_id": [0, 1, 2], "email": [["a", "b"], ["b", "c"], ["d"]]})
    found = find_candidates(records, {"email": ["list:email"]})
    assert pairs_of(found) == [(0, 1)]


def test_an_oversized_block_is_compared_where_a_refining_column_agrees() -> None:
    records = pl.DataFrame(
        {"record_id": range(6), "name": ["li wei"] * 6, "city": ["a", "a", "b", "b", "c", None]}
    )
    found = find_candidates(records, {"name": ["name"]}, refine_by=["city"], largest=5)
    assert pairs_of(found) == [(0, 1), (2, 3)]
    assert found.counts[0].refined_blocks == 1
    assert found.counts[0].left_out_blocks == 0


def test_a_block_that_stays_oversized_is_reported() -> None:
    records = pl.DataFrame({"record_id": range(6), "name": ["li wei"] * 6, "city": ["a"] * 6})
    found = find_candidates(records, {"name": ["name"]}, refine_by=["city"], largest=5)
    assert pairs_of(found) == []
    assert found.counts[0].left_out_blocks == 1


@given(st.lists(st.sampled_from("abc"), min_size=2, max_size=12))
def test_candidates_are_exactly_the_pairs_that_agree(names: list[str]) -> None:
    records = pl.DataFrame({"record_id": range(len(names)), "name": names})
    found = find_candidates(records, {"name": ["name"]})
    expected = {
        (a, b) for a in range(len(names)) for b in range(a + 1, len(names)) if names[a] == names[b]
    }
    assert pairs_of(found) == sorted(expected)
    assert found.counts[0].pairs == len(expected)


def test_a_pair_that_several_rules_bring_is_one_candidate() -> None:
    records = pl.DataFrame(
        {"record_id": [0, 1, 2], "name": ["a", "a", "b"], "email": [["x"], ["x", "y"], ["y"]]}
    )
    found = find_candidates(records, {"name": ["name"], "email": ["list:email"]})
    assert pairs_of(found) == [(0, 1), (1, 2)]
    assert [count.pairs for count in found.counts] == [1, 2]
    assert found.gross == 3


def test_a_block_too_large_after_one_refining_column_is_refined_by_two() -> None:
    records = pl.DataFrame(
        {
            "record_id": range(8),
            "name": ["li wei"] * 8,
            "city": ["a"] * 8,
            "born": ["1", "1", "2", "2", "3", "3", "4", "4"],
        }
    )
    found = find_candidates(records, {"name": ["name"]}, refine_by=["city", "born"], largest=5)
    assert pairs_of(found) == [(0, 1), (2, 3), (4, 5), (6, 7)]


def test_a_sample_of_the_candidates_is_the_same_every_time_and_part_of_them() -> None:
    records = pl.DataFrame({"record_id": range(600), "name": [str(n % 20) for n in range(600)]})
    found = find_candidates(records, {"name": ["name"]})
    sample = list(pairs_frame(found.pairs(0.1)).iter_rows())
    assert sample == list(pairs_frame(found.pairs(0.1)).iter_rows())
    assert set(sample) < set(pairs_of(found))
    assert 0.07 * found.gross < len(sample) < 0.13 * found.gross
