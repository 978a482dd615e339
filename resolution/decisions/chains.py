"""Chains of matches: by which decisions two source rows became one."""

from collections import defaultdict, deque
from collections.abc import Iterable


class Chains:
    """A forest of matches, given as (left, right, id), that can be walked between any two rows."""

    def __init__(self, joining: Iterable[tuple[int, int, int]]) -> None:
        self._neighbours: dict[int, list[tuple[int, int]]] = defaultdict(list)
        for left, right, number in joining:
            self._neighbours[left].append((right, number))
            self._neighbours[right].append((left, number))
        self._up: dict[int, tuple[int, int]] = {}
        """Row -> its parent, and the match that joins them."""
        self._depth: dict[int, int] = {}
        self._tree: dict[int, int] = {}
        for row in self._neighbours:
            if row not in self._tree:
                self._plant(row)

    def connected(self, left: int, right: int) -> bool:
        """Whether matches join the two rows; a row is joined to itself."""
        return self._tree.get(left, left) == self._tree.get(right, right)

    def between(self, left: int, right: int) -> list[int]:
        """The ids of the matches from `left` to `right`, which are connected, in that order."""
        ahead: list[int] = []
        behind: list[int] = []
        while left != right:
            if self._depth[left] >= self._depth[right]:
                left, number = self._up[left]
                ahead.append(number)
            else:
                right, number = self._up[right]
                behind.append(number)
        return ahead + behind[::-1]

    def _plant(self, root: int) -> None:
        self._tree[root], self._depth[root] = root, 0
        waiting = deque([root])
        while waiting:
            here = waiting.popleft()
            for there, number in self._neighbours[here]:
                if there not in self._tree:
                    self._tree[there], self._depth[there] = root, self._depth[here] + 1
                    self._up[there] = (here, number)
                    waiting.append(there)
