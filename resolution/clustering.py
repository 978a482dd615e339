"""Scored pairs to clusters: strongest links first, and never across a contradiction."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components


@dataclass(frozen=True)
class Clusters:
    """What clustering found."""

    clusters: pl.DataFrame
    """One row a record: record_id, cluster_id (its smallest record_id)."""
    refused: pl.DataFrame
    """Links not followed, because they would have joined records that contradict each other:
    record_id_l, record_id_r."""


def group_links(records: int, links: pl.DataFrame) -> np.ndarray:
    """Connected component of each record number, from `links` (record_id_l, record_id_r)."""
    left, right = (links.get_column(f"record_id_{side}").to_numpy() for side in "lr")
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=(records, records))
    labels: np.ndarray = connected_components(graph, directed=False)[1]
    return labels


def pairs_within(components: np.ndarray, largest: int) -> pl.DataFrame:
    """Every pair inside each component of 3 to `largest` records: record_id_l < record_id_r."""
    order = np.argsort(components, kind="stable")
    starts = np.flatnonzero(np.diff(components[order], prepend=-1))
    sizes = np.diff(np.append(starts, len(order)))
    lefts, rights = [np.empty(0, np.int64)], [np.empty(0, np.int64)]
    for size in np.unique(sizes[(sizes > 2) & (sizes <= largest)]):
        members = order[starts[sizes == size][:, None] + np.arange(size)]
        left, right = np.triu_indices(size, 1)
        lefts.append(members[:, left].ravel())
        rights.append(members[:, right].ravel())
    ends = np.stack([np.concatenate(lefts), np.concatenate(rights)])
    return pl.DataFrame({"record_id_l": ends.min(axis=0), "record_id_r": ends.max(axis=0)}).sort(
        "record_id_l", "record_id_r"
    )


def cluster_records(records: int, links: pl.DataFrame, contradictions: pl.DataFrame) -> Clusters:
    """Clusters of records 0..records-1.

    `links`: record_id_l, record_id_r, match_weight. `contradictions`: pairs that are never one
    customer. Links are followed from the strongest (ties in order of ids); one that would put
    a contradicting pair into one cluster is refused, so a component that holds a contradiction
    falls apart at its weakest links. Cost is linear in links and contradictions.
    """
    components = group_links(records, links)
    torn = _torn_components(components, contradictions)
    in_torn = np.isin(components[links.get_column("record_id_l").to_numpy()], torn)
    cluster_of = _smallest_member(components)
    refused = links.clear().select("record_id_l", "record_id_r")
    if len(torn):
        ordered = links.filter(in_torn).sort(
            "match_weight", "record_id_l", "record_id_r", descending=[True, False, False]
        )
        forest = _Forest(_pairs_of(contradictions))
        rejected = [not forest.join(a, b) for a, b in _pairs_of(ordered)]
        refused = ordered.filter(pl.Series(rejected, dtype=pl.Boolean)).select(
            "record_id_l", "record_id_r"
        )
        for record in np.flatnonzero(np.isin(components, torn)).tolist():
            cluster_of[record] = forest.smallest(record)
    numbers = np.arange(records, dtype=np.int64)
    return Clusters(
        pl.DataFrame({"record_id": numbers, "cluster_id": cluster_of}),
        refused.sort("record_id_l", "record_id_r"),
    )


def _torn_components(components: np.ndarray, contradictions: pl.DataFrame) -> np.ndarray:
    left, right = (contradictions.get_column(f"record_id_{side}").to_numpy() for side in "lr")
    inside = components[left] == components[right]
    return np.unique(components[left[inside]])


def _smallest_member(components: np.ndarray) -> np.ndarray:
    _, first = np.unique(components, return_index=True)
    smallest: np.ndarray = first.astype(np.int64)[components]
    return smallest


def _pairs_of(frame: pl.DataFrame) -> Iterator[tuple[int, int]]:
    return zip(
        frame.get_column("record_id_l").to_list(),
        frame.get_column("record_id_r").to_list(),
        strict=True,
    )


class _Forest:
    """Disjoint sets that know which records each set must stay apart from."""

    def __init__(self, apart: Iterable[tuple[int, int]]) -> None:
        self._parent: dict[int, int] = {}
        self._members: dict[int, list[int]] = {}
        self._apart: dict[int, list[int]] = defaultdict(list)
        for a, b in apart:
            self._apart[a].append(b)
            self._apart[b].append(a)

    def root(self, record: int) -> int:
        path = []
        while (parent := self._parent.get(record, record)) != record:
            path.append(record)
            record = parent
        for passed in path:
            self._parent[passed] = record
        return record

    def members(self, root: int) -> list[int]:
        return self._members.get(root, [root])

    def smallest(self, record: int) -> int:
        return min(self.members(self.root(record)))

    def join(self, a: int, b: int) -> bool:
        """Whether a and b are in one set afterwards."""
        left, right = self.root(a), self.root(b)
        if left == right:
            return True
        if len(self.members(left)) < len(self.members(right)):
            left, right = right, left
        for record in self.members(right):
            if any(self.root(other) == left for other in self._apart.get(record, ())):
                return False
        self._parent[right] = left
        self._members[left] = self.members(left) + self._members.pop(right, [right])
        return True
