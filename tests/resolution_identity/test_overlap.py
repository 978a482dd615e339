"""The solvers for tangled identities agree with each other and with trying everything."""

from itertools import combinations

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from resolution.identity import overlap

tangles = st.dictionaries(
    st.tuples(st.integers(0, 4), st.integers(0, 4)), st.integers(1, 5), min_size=1, max_size=14
)


def edges_of(tangle: dict[tuple[int, int], int]) -> pl.DataFrame:
    rows = [
        {"entity_id": f"C-{e}", "cluster_id": c, "n": n, "first_key": f"{c}/{e}"}
        for (e, c), n in sorted(tangle.items())
    ]
    return pl.DataFrame(rows)


@given(tangles)
@settings(max_examples=100, deadline=None)
def test_at_most_one_edge_an_entity_and_a_cluster(tangle: dict[tuple[int, int], int]) -> None:
    kept = edges_of(tangle)[overlap.keep_most_rows(edges_of(tangle))]
    assert kept["entity_id"].is_unique().all()
    assert kept["cluster_id"].is_unique().all()


@given(tangles)
@settings(max_examples=100, deadline=None)
def test_the_sparse_solver_keeps_as_much_as_the_dense(tangle: dict[tuple[int, int], int]) -> None:
    pairs = np.array(sorted(tangle))
    _, entity = np.unique(pairs[:, 0], return_inverse=True)
    _, cluster = np.unique(pairs[:, 1], return_inverse=True)
    shape = (int(entity.max()) + 1, int(cluster.max()) + 1)
    counts = np.array([tangle[tuple(pair)] for pair in pairs.tolist()])
    weights = overlap._with_preferences(entity, cluster, counts, shape)
    dense = overlap._match_dense(entity, cluster, weights, shape)
    sparse = overlap._match_sparse(entity, cluster, weights, shape)
    assert weights[dense].sum() == weights[sparse].sum()


def test_among_equals_the_older_entity_keeps_its_id() -> None:
    edges = edges_of({(0, 0): 2, (1, 0): 2, (0, 1): 1, (1, 1): 1, (2, 1): 3})
    kept = edges[overlap.keep_most_rows(edges)]
    assert kept.select("entity_id", "cluster_id").rows() == [("C-0", 0), ("C-2", 1)]


@given(tangles)
@settings(max_examples=50, deadline=None)
def test_a_group_too_large_to_solve_keeps_at_least_half_of_the_best(
    tangle: dict[tuple[int, int], int],
) -> None:
    edges = edges_of(tangle)
    best = edges[overlap.keep_most_rows(edges)]["n"].sum()
    pairs = np.array(sorted(tangle))
    counts = np.array([tangle[tuple(pair)] for pair in pairs.tolist()])
    greedy = overlap._match_greedily(pairs[:, 0], pairs[:, 1], counts)
    assert len({*pairs[greedy, 0]}) == len({*pairs[greedy, 1]}) == len(greedy)
    assert best / 2 <= counts[greedy].sum() <= best


small_tangles = st.dictionaries(
    st.tuples(st.integers(0, 3), st.integers(0, 3)), st.integers(1, 9), min_size=1, max_size=9
)


@given(small_tangles)
@settings(max_examples=200, deadline=None)
def test_no_other_choice_would_keep_more_rows(tangle: dict[tuple[int, int], int]) -> None:
    """Held against every choice there is."""
    edges = edges_of(tangle)
    kept = edges[overlap.keep_most_rows(edges)]["n"].sum()
    pairs = list(tangle)
    best = max(
        sum(tangle[pair] for pair in chosen)
        for size in range(min(len(pairs), 4) + 1)
        for chosen in combinations(pairs, size)
        if len({e for e, _ in chosen}) == len({c for _, c in chosen}) == size
    )
    assert kept == best


def test_nothing_tangled_keeps_nothing() -> None:
    assert overlap.keep_most_rows(edges_of({(0, 0): 1}).clear()) == []
