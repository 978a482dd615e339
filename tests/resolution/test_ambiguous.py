"""A record that fits two customers equally well is nobody's until a steward decides."""

import polars as pl

from resolution.clustering.ambiguous import ambiguous_records

ENDS = {"record_id_l": pl.Int64, "record_id_r": pl.Int64}


def ambiguous(links: list[tuple[int, int, float]], apart: list[tuple[int, int]]) -> list[int]:
    weighed = pl.DataFrame(links, schema={**ENDS, "match_weight": pl.Float64}, orient="row")
    return ambiguous_records(weighed, pl.DataFrame(apart, schema=ENDS, orient="row")).to_list()


def test_a_phone_that_a_couple_shares_is_neithers() -> None:
    assert ambiguous([(0, 2, 5.0), (1, 2, 5.0)], [(0, 1)]) == [2]


def test_more_evidence_for_one_of_them_decides() -> None:
    assert ambiguous([(0, 2, 5.0), (1, 2, 7.5)], [(0, 1)]) == []


def test_many_records_of_one_of_them_decide() -> None:
    # 4 fits 0, 1 and 2, who are one, and 3, whose date of birth is mistyped
    links = [(0, 4, 5.0), (1, 4, 5.0), (2, 4, 5.0), (3, 4, 5.0)]
    assert ambiguous(links, [(0, 3), (1, 3), (2, 3)]) == []


def test_two_who_do_not_contradict_each_other_are_no_dilemma() -> None:
    assert ambiguous([(0, 2, 5.0), (1, 2, 5.0)], []) == []


def test_the_order_of_pairs_does_not_matter() -> None:
    links = [(0, 2, 5.0), (1, 2, 5.0), (2, 5, 9.0), (3, 6, 4.0)]
    assert ambiguous(links, [(0, 1)]) == ambiguous(links[::-1], [(0, 1)]) == []
