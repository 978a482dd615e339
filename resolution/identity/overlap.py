"""Where clusters and previous entities are tangled: which cluster keeps which id."""

import numpy as np
import numpy.typing as npt
import polars as pl

Ints = npt.NDArray[np.int64]

_DENSE_CELLS = 4_000_000
"""A matrix of this size takes 32 MB; beyond it the sparse solver is used."""

_EXACT_EDGES = 20_000
"""Overlaps in one group up to which the best assignment is sought (a second at most). Only a run
that has gone wrong tangles more; there the largest overlaps simply come first."""


def keep_most_rows(edges: pl.DataFrame) -> list[int]:
    """The rows of `edges` to keep, at most one a cluster and one an entity, in order.

    `edges`: cluster_id, entity_id, n (shared source rows), first_key, oldest entity first. The
    sum of `n` over the rows kept is the greatest there is (in groups beyond _EXACT_EDGES: nearly);
    among equals older entities and smaller keys are preferred.
    """
    if edges.is_empty():
        return []
    entities = _ranks(edges, "entity_id")
    clusters = _ranks(edges.sort("first_key"), "cluster_id", edges)
    counts = edges.get_column("n").to_numpy().astype(np.int64)
    kept: list[int] = []
    for group in _connected_groups(entities, clusters):
        kept += group[_best_of_group(entities[group], clusters[group], counts[group])].tolist()
    return sorted(kept)


def _ranks(ordered: pl.DataFrame, column: str, rows: pl.DataFrame | None = None) -> Ints:
    """For every row of `rows` the place of its value in order of first appearance in `ordered`."""
    places = ordered.select(pl.col(column).unique(maintain_order=True)).with_row_index("place")
    joined = (
        (ordered if rows is None else rows)
        .select(column)
        .join(places, on=column, how="left", maintain_order="left")
    )
    return joined.get_column("place").to_numpy().astype(np.int64)


def _connected_groups(entities: Ints, clusters: Ints) -> list[Ints]:
    """Row numbers of the edges, one array a connected part of the graph."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components

    shift = int(entities.max()) + 1
    size = shift + int(clusters.max()) + 1
    ones = np.ones(len(entities), dtype=np.int8)
    graph = coo_matrix((ones, (entities, clusters + shift)), shape=(size, size))
    _, labels = connected_components(graph, directed=False)
    label = labels[entities]
    order = np.argsort(label, kind="stable")
    starts = np.flatnonzero(np.diff(label[order])) + 1
    return [np.asarray(part, dtype=np.int64) for part in np.split(order, starts)]


def _best_of_group(entities: Ints, clusters: Ints, counts: Ints) -> Ints:
    """Places within the group of the edges of a maximum-weight matching."""
    if len(counts) > _EXACT_EDGES:
        return _match_greedily(entities, clusters, counts)
    _, entity = np.unique(entities, return_inverse=True)
    _, cluster = np.unique(clusters, return_inverse=True)
    height, width = int(entity.max()) + 1, int(cluster.max()) + 1
    weights = _with_preferences(entity, cluster, counts, (height, width))
    if height * width <= _DENSE_CELLS:
        return _match_dense(entity, cluster, weights, (height, width))
    return _match_sparse(entity, cluster, weights, (height, width))


def _with_preferences(
    entity: Ints, cluster: Ints, counts: Ints, shape: tuple[int, int]
) -> npt.NDArray[np.float64]:
    """`counts` made so large that a preference for older ids and smaller keys only breaks ties.

    Where that would no longer be exact in a float64 the counts stand alone: ties are then
    settled by the solver, the same way every time.
    """
    height, width = shape
    pairs = min(height, width)
    per_entity = pairs * width + 1
    per_row = pairs * height * per_entity + per_entity
    if float(per_row) * float(counts.sum()) >= 2.0**53:
        return counts.astype(np.float64)
    preference = (height - entity) * per_entity + (width - cluster)
    return np.asarray(counts * per_row + preference, dtype=np.float64)


def _match_greedily(entities: Ints, clusters: Ints, counts: Ints) -> Ints:
    """Largest overlap first, then the older entity, then the smaller key."""
    chosen, used_entities, used_clusters = [], set[int](), set[int]()
    for place in np.lexsort((clusters, entities, -counts)).tolist():
        entity, cluster = int(entities[place]), int(clusters[place])
        if entity not in used_entities and cluster not in used_clusters:
            used_entities.add(entity)
            used_clusters.add(cluster)
            chosen.append(place)
    return np.asarray(chosen, dtype=np.int64)


def _match_dense(
    entity: Ints, cluster: Ints, weights: npt.NDArray[np.float64], shape: tuple[int, int]
) -> Ints:
    from scipy.optimize import linear_sum_assignment

    matrix = np.zeros(shape)
    matrix[entity, cluster] = weights
    edge = np.full(shape, -1, dtype=np.int64)
    edge[entity, cluster] = np.arange(len(entity))
    chosen = edge[linear_sum_assignment(matrix, maximize=True)]
    return np.asarray(chosen[chosen >= 0], dtype=np.int64)


def _match_sparse(
    entity: Ints, cluster: Ints, weights: npt.NDArray[np.float64], shape: tuple[int, int]
) -> Ints:
    """As dense; each entity may also stay without a cluster, at a column of its own."""
    from scipy.sparse import csr_matrix
    from scipy.sparse.csgraph import min_weight_full_bipartite_matching

    height, width = shape
    ceiling = weights.max() + 1.0  # costs must not be 0: a sparse matrix takes that for no edge
    spare = np.arange(height)
    costs = np.concatenate([ceiling - weights, np.full(height, ceiling)])
    rows = np.concatenate([entity, spare])
    columns = np.concatenate([cluster, width + spare])
    matrix = csr_matrix((costs, (rows, columns)), shape=(height, width + height))
    row, column = min_weight_full_bipartite_matching(matrix)
    partner = np.full(height, -1, dtype=np.int64)
    partner[row] = column
    return np.flatnonzero(partner[entity] == cluster)
