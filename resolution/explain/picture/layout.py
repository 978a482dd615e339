"""Where the records of a graph are drawn: apart as far as the links between them are many."""

from collections import deque
from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

import numpy as np

Node = TypeVar("Node", bound=Hashable)
ROUNDS = 150


def places_of(
    nodes: Sequence[Node], edges: Sequence[tuple[Node, Node]], size: tuple[float, float]
) -> dict[Node, tuple[float, float]]:
    """A place for each node within `size`, the same for the same nodes and edges.

    Distances on the picture come as near as they can to the number of edges between two nodes
    (stress majorisation, Gansner, Koren and North 2004).
    """
    if len(nodes) == 1:
        return {nodes[0]: (size[0] / 2, size[1] / 2)}
    apart = _edges_between(nodes, edges)
    angles = 2 * np.pi * np.arange(len(nodes)) / len(nodes)
    # on a spiral: from a circle, opposite nodes would never find past each other
    spread = (1 + np.arange(len(nodes)) / len(nodes))[:, None]
    places = np.stack([np.cos(angles), np.sin(angles)], axis=1) * spread
    weight = 1 / np.maximum(apart, 1) ** 2
    np.fill_diagonal(weight, 0)
    for _ in range(ROUNDS):
        places = _nearer(places, apart, weight)
    low, high = places.min(axis=0), places.max(axis=0)
    scaled = (places - low) / np.maximum(high - low, 1e-9) * np.array(size)
    return {node: (float(x), float(y)) for node, (x, y) in zip(nodes, scaled, strict=True)}


def _nearer(places: np.ndarray, apart: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """One round: every node moves to where the others would have it, on average."""
    between = places[:, None, :] - places[None, :, :]
    length = np.maximum(np.linalg.norm(between, axis=2), 1e-6)
    wished = places[None, :, :] + between * (apart / length)[:, :, None]
    moved: np.ndarray = (weight[:, :, None] * wished).sum(axis=1) / weight.sum(axis=1)[:, None]
    return moved


def _edges_between(nodes: Sequence[Node], edges: Sequence[tuple[Node, Node]]) -> np.ndarray:
    """Number of edges between each two nodes; between parts that nothing joins, one more than
    the longest."""
    place = {node: here for here, node in enumerate(nodes)}
    beside: Mapping[int, list[int]] = {here: [] for here in range(len(nodes))}
    for left, right in edges:
        beside[place[left]].append(place[right])
        beside[place[right]].append(place[left])
    apart = np.full((len(nodes), len(nodes)), -1.0)
    for start in range(len(nodes)):
        apart[start, start], ahead = 0, deque([start])
        while ahead:
            here = ahead.popleft()
            for there in beside[here]:
                if apart[start, there] < 0:
                    apart[start, there] = apart[start, here] + 1
                    ahead.append(there)
    apart[apart < 0] = apart.max() + 1
    return apart
