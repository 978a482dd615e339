"""Clusters: strongest links first, never across a contradiction."""

from math import inf

import numpy as np
import polars as pl

from resolution.clustering.clusters import cluster_records, group_links, pairs_within


def links(*rows: tuple[int, int, float]) -> pl.DataFrame:
    schema = {"record_id_l": pl.Int64, "record_id_r": pl.Int64, "match_weight": pl.Float64}
    return pl.DataFrame(rows, schema=schema, orient="row")


def apart(*rows: tuple[int, int]) -> pl.DataFrame:
    return pl.DataFrame(
        rows, schema={"record_id_l": pl.Int64, "record_id_r": pl.Int64}, orient="row"
    )


def clusters_of(records: int, given: pl.DataFrame, contradictions: pl.DataFrame) -> list[int]:
    found = cluster_records(records, given, contradictions)
    return found.clusters.sort("record_id").get_column("cluster_id").to_list()


def test_links_join_and_a_cluster_is_named_by_its_smallest_record() -> None:
    assert clusters_of(5, links((1, 2, 9.0), (2, 4, 5.0)), apart()) == [0, 1, 1, 3, 1]


def test_a_contradiction_splits_the_component_at_its_weakest_link() -> None:
    chain = links((0, 1, 20.0), (1, 2, 4.0), (2, 3, 15.0))
    found = cluster_records(4, chain, apart((0, 3)))
    assert found.clusters.get_column("cluster_id").to_list() == [0, 0, 2, 2]
    assert found.refused.rows() == [(1, 2)]


def test_a_contradiction_in_one_component_leaves_the_others_alone() -> None:
    given = links((0, 1, 9.0), (2, 3, 9.0), (3, 4, 1.0))
    assert clusters_of(5, given, apart((2, 4))) == [0, 0, 2, 2, 4]


def test_a_thread_between_two_groups_that_differ_is_doubted() -> None:
    # two triangles, one weak link, everything else between them against it
    inside = [(0, 1, 20.0), (1, 2, 20.0), (3, 4, 20.0), (4, 5, 20.0)]
    against = apart(*[(a, b) for a in (0, 1, 2) for b in (3, 4, 5) if (a, b) != (2, 3)])
    found = cluster_records(6, links(*inside, (2, 3, 4.0)), apart(), against)
    assert found.clusters.get_column("cluster_id").to_list() == [0, 0, 0, 3, 3, 3]
    assert found.doubted.rows() == [(2, 3)]
    assert found.refused.height == 0


def test_more_links_or_a_sure_one_are_believed() -> None:
    inside = [(0, 1, 20.0), (1, 2, 20.0), (3, 4, 20.0), (4, 5, 20.0)]
    against = apart((0, 3), (0, 4), (0, 5), (1, 3), (1, 4), (1, 5), (2, 4))
    two = links(*inside, (2, 3, 4.0), (2, 5, 4.0))
    assert set(cluster_records(6, two, apart(), against).clusters["cluster_id"]) == {0}
    sure = links(*inside, (2, 3, 15.0))
    assert set(cluster_records(6, sure, apart(), against).clusters["cluster_id"]) == {0}


def test_a_decided_link_holds_whatever_stands_against_it() -> None:
    # 0 and 2 contradict each other; somebody decided that 0 and 1 are one, and 1 and 2
    given = links((0, 1, inf), (1, 2, inf), (2, 3, 9.0))
    found = cluster_records(4, given, apart((0, 2), (1, 3)))
    assert found.clusters.get_column("cluster_id").to_list() == [0, 0, 0, 3]
    assert found.refused.rows() == [(2, 3)]


def test_every_pair_within_a_component_is_listed_once() -> None:
    components = group_links(6, links((0, 2, 1.0), (2, 5, 1.0), (1, 3, 1.0)))
    assert pairs_within(components, largest=10).rows() == [(0, 2), (0, 5), (2, 5)]
    assert pairs_within(components, largest=2).height == 0


def test_no_links_make_no_clusters() -> None:
    assert clusters_of(3, links(), apart((0, 1))) == [0, 1, 2]
    assert pairs_within(np.arange(3), largest=10).height == 0
