"""Scored pairs to clusters: strongest links first, and never across a contradiction."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import inf
from typing import Literal

import numpy as np
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

OUTNUMBERED = 4
"""Pairs against for each link between two groups up to which the links are believed."""

THICK = 10.0
"""Match weight from which a link is believed whatever stands against it (999 in 1,000 are right):
the same account number joins what nothing else does."""

_KIND = pl.Enum(["joined", "refused", "doubted"])


@dataclass(frozen=True)
class Clusters:
    """What clustering found."""

    clusters: pl.DataFrame
    """One row a record: record_id, cluster_id (its smallest record_id)."""
    refused: pl.DataFrame
    """Links not followed, because they would have joined records that contradict each other:
    record_id_l, record_id_r."""
    doubted: pl.DataFrame
    """Links not followed, because most of what stands between the two groups speaks against."""


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


def cluster_records(
    records: int,
    links: pl.DataFrame,
    contradictions: pl.DataFrame,
    against: pl.DataFrame | None = None,
) -> Clusters:
    """Clusters of records 0..records-1.

    `links`: record_id_l, record_id_r, match_weight (infinite where it was decided: such links are
    followed first, and whatever stands against them). `contradictions`: pairs that are never one
    customer. `against`: pairs whose evidence speaks against it, without excluding it. Links are
    followed from the strongest (ties in order of ids). One that would put a contradicting pair
    into one cluster is refused. One of less than THICK that would join two groups is doubted
    where pairs against outnumber the links between them more than OUTNUMBERED times. So a
    component that holds a contradiction, or hangs together by a thread, falls apart at its
    weakest links. Cost is linear in the pairs given, but for a logarithm.
    """
    components = group_links(records, links)
    disputed = [contradictions] if against is None else [contradictions, against]
    torn = np.unique(np.concatenate([_components_with(components, pairs) for pairs in disputed]))
    cluster_of = _smallest_member(components)
    ordered = _inside(links, components, torn).sort(
        "match_weight", "record_id_l", "record_id_r", descending=[True, False, False]
    )
    groups = _Groups(
        _pairs_of(ordered),
        [] if against is None else _pairs_of(_inside(against, components, torn)),
        _pairs_of(_inside(contradictions, components, torn)),
    )
    weights = ordered.get_column("match_weight").to_list()
    ends = zip(_pairs_of(ordered), weights, strict=True)
    outcomes = [groups.join(a, b, weight) for (a, b), weight in ends]
    for record in np.flatnonzero(np.isin(components, torn)).tolist():
        cluster_of[record] = groups.smallest(record)
    numbers = np.arange(records, dtype=np.int64)
    followed = ordered.select(
        "record_id_l", "record_id_r", outcome=pl.Series(outcomes, dtype=_KIND)
    )
    refused, doubted = (
        followed.filter(pl.col("outcome") == outcome)
        .drop("outcome")
        .sort("record_id_l", "record_id_r")
        for outcome in ("refused", "doubted")
    )
    clusters = pl.DataFrame({"record_id": numbers, "cluster_id": cluster_of})
    return Clusters(clusters, refused, doubted)


def _components_with(components: np.ndarray, pairs: pl.DataFrame) -> np.ndarray:
    """Components that hold both records of one of the pairs."""
    left, right = (pairs.get_column(f"record_id_{side}").to_numpy() for side in "lr")
    return np.unique(components[left[components[left] == components[right]]])


def _inside(pairs: pl.DataFrame, components: np.ndarray, chosen: np.ndarray) -> pl.DataFrame:
    """The pairs whose records are both in one of the chosen components."""
    left, right = (components[pairs.get_column(f"record_id_{side}").to_numpy()] for side in "lr")
    return pairs.filter((left == right) & np.isin(left, chosen))


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


class _Groups:
    """Disjoint sets that know what stands between them: links, pairs against, contradictions."""

    def __init__(
        self,
        links: Iterable[tuple[int, int]],
        against: Iterable[tuple[int, int]],
        apart: Iterable[tuple[int, int]],
    ) -> None:
        self._parent: dict[int, int] = {}
        self._smallest: dict[int, int] = {}
        self._between: dict[int, dict[int, list[int]]] = defaultdict(dict)
        for kind, pairs in enumerate((links, against, apart)):
            for a, b in pairs:
                counts = self._between[a].setdefault(b, [0, 0, 0])
                counts[kind] += 1
                self._between[b][a] = counts

    def root(self, record: int) -> int:
        path = []
        while (parent := self._parent.get(record, record)) != record:
            path.append(record)
            record = parent
        for passed in path:
            self._parent[passed] = record
        return record

    def smallest(self, record: int) -> int:
        root = self.root(record)
        return self._smallest.get(root, root)

    def join(self, a: int, b: int, weight: float) -> Literal["joined", "refused", "doubted"]:
        """Whether the sets of a and b are one afterwards, and if not, why.

        `weight`: of the link; one of less than THICK may be doubted, an infinite one may not
        even be refused.
        """
        left, right = self.root(a), self.root(b)
        if left == right:
            return "joined"
        links, against, apart = self._between[left][right]
        if apart and weight < inf:
            return "refused"
        if weight < THICK and against > OUTNUMBERED * links:
            return "doubted"
        if len(self._between[left]) < len(self._between[right]):
            left, right = right, left
        smallest = min(self._smallest.get(x, x) for x in (left, right))
        self._parent[right], self._smallest[left] = left, smallest
        self._take_over(left, right)
        return "joined"

    def _take_over(self, left: int, right: int) -> None:
        """What stands between `right` and others now stands between `left` and them."""
        kept = self._between[left]
        del kept[right]
        for other, counts in self._between.pop(right).items():
            if other == left:
                continue
            before = kept.get(other, [0, 0, 0])
            total = [x + y for x, y in zip(before, counts, strict=True)]
            kept[other] = self._between[other][left] = total
            del self._between[other][right]
