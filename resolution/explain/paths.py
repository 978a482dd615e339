"""Which links hold records together: those that the clustering followed, strongest first."""

from collections import deque
from collections.abc import Sequence

from resolution.explain.published import Key, Pair


def followed(pairs: Sequence[Pair]) -> list[Pair]:
    """The pairs that brought two groups together, when `pairs` are followed in their order.

    Without any one of them the records would be in two groups, unless another pair stood in.
    """
    group: dict[Key, Key] = {}

    def root(record: Key) -> Key:
        while (above := group.get(record, record)) != record:
            record = above
        return record

    kept = []
    for pair in pairs:
        left, right = root(pair.left), root(pair.right)
        if left != right:
            group[right] = left
            kept.append(pair)
    return kept


def path_between(tree: Sequence[Pair], start: Key, end: Key) -> list[Pair]:
    """The pairs of `tree` that lead from one record to the other; empty where none do."""
    came_by: dict[Key, Pair | None] = {start: None}
    ahead = deque([start])
    while ahead and end not in came_by:
        here = ahead.popleft()
        for pair in tree:
            for near, far in ((pair.left, pair.right), (pair.right, pair.left)):
                if near == here and far not in came_by:
                    came_by[far] = pair
                    ahead.append(far)
    path: list[Pair] = []
    here = end
    while (step := came_by.get(here)) is not None:
        path.append(step)
        here = step.left if step.right == here else step.right
    return path[::-1]


def sides(tree: Sequence[Pair], bridge: Pair) -> tuple[set[Key], set[Key]]:
    """The records on the left and the right of `bridge`, one of the pairs of `tree`."""
    rest = [pair for pair in tree if pair is not bridge]
    return _reached(rest, bridge.left), _reached(rest, bridge.right)


def _reached(tree: Sequence[Pair], start: Key) -> set[Key]:
    reached, ahead = {start}, deque([start])
    while ahead:
        here = ahead.popleft()
        for pair in tree:
            for near, far in ((pair.left, pair.right), (pair.right, pair.left)):
                if near == here and far not in reached:
                    reached.add(far)
                    ahead.append(far)
    return reached
