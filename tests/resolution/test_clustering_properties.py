"""What holds of clusters for any links and any contradictions."""

import random

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from resolution.clustering.clusters import cluster_records

RECORDS = 9
record = st.integers(0, RECORDS - 1)
pair = st.tuples(record, record).filter(lambda ends: ends[0] < ends[1])
weighted = st.dictionaries(pair, st.integers(0, 40), max_size=20)
contradictions = st.sets(pair, max_size=8)


def frames(
    links: dict[tuple[int, int], int], apart: set[tuple[int, int]]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    ends = {"record_id_l": pl.Int64, "record_id_r": pl.Int64}
    given = pl.DataFrame(
        [(*ends_of, float(weight)) for ends_of, weight in links.items()],
        schema={**ends, "match_weight": pl.Float64},
        orient="row",
    )
    return given, pl.DataFrame(sorted(apart), schema=ends, orient="row")


def partition(links: pl.DataFrame, apart: pl.DataFrame) -> list[int]:
    return cluster_records(RECORDS, links, apart).clusters.get_column("cluster_id").to_list()


def reachable(start: int, links: dict[tuple[int, int], int]) -> set[int]:
    seen, ahead = {start}, [start]
    while ahead:
        here = ahead.pop()
        near = {b for a, b in links if a == here} | {a for a, b in links if b == here}
        ahead += near - seen
        seen |= near
    return seen


@given(weighted, contradictions)
def test_contradicting_records_are_never_in_one_cluster(
    links: dict[tuple[int, int], int], apart: set[tuple[int, int]]
) -> None:
    clusters = partition(*frames(links, apart))
    assert all(clusters[a] != clusters[b] for a, b in apart)


@given(weighted, contradictions)
def test_clusters_never_reach_beyond_the_links(
    links: dict[tuple[int, int], int], apart: set[tuple[int, int]]
) -> None:
    clusters = partition(*frames(links, apart))
    for start in range(RECORDS):
        assert {n for n in range(RECORDS) if clusters[n] == clusters[start]} <= reachable(
            start, links
        )


@given(weighted)
def test_without_contradictions_clusters_are_the_components(
    links: dict[tuple[int, int], int],
) -> None:
    clusters = partition(*frames(links, set()))
    assert clusters == [min(reachable(start, links)) for start in range(RECORDS)]


@given(weighted, contradictions, st.integers(0, 10**6))
def test_the_order_of_the_input_does_not_matter(
    links: dict[tuple[int, int], int], apart: set[tuple[int, int]], seed: int
) -> None:
    shuffled = list(links.items())
    random.Random(seed).shuffle(shuffled)
    given, against = frames(links, apart)
    other, _ = frames(dict(shuffled), apart)
    assert partition(given, against) == partition(other, against.reverse())


@given(weighted, contradictions)
def test_a_refused_link_would_have_joined_a_contradiction(
    links: dict[tuple[int, int], int], apart: set[tuple[int, int]]
) -> None:
    found = cluster_records(RECORDS, *frames(links, apart))
    clusters = found.clusters.get_column("cluster_id").to_list()
    for a, b in found.refused.rows():
        assert any({clusters[a], clusters[b]} == {clusters[x], clusters[y]} for x, y in apart)


@given(weighted, contradictions, contradictions, st.integers(0, 10**6))
def test_doubts_only_part_and_follow_no_order(
    links: dict[tuple[int, int], int],
    apart: set[tuple[int, int]],
    doubts: set[tuple[int, int]],
    seed: int,
) -> None:
    given, against = frames(links, apart)
    doubtful = frames({}, doubts - apart - set(links))[1]
    shuffled = list(links.items())
    random.Random(seed).shuffle(shuffled)
    found = cluster_records(RECORDS, given, against, doubtful)
    again = cluster_records(RECORDS, frames(dict(shuffled), apart)[0], against, doubtful.reverse())
    clusters = found.clusters.get_column("cluster_id").to_list()
    assert clusters == again.clusters.get_column("cluster_id").to_list()
    assert all(clusters[a] != clusters[b] for a, b in apart)
    for start in range(RECORDS):
        together = {n for n in range(RECORDS) if clusters[n] == clusters[start]}
        assert together <= reachable(start, links)
        assert clusters[start] == min(together)
