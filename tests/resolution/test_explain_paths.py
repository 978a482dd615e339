"""The path between two records is the strongest there is."""

import hypothesis.strategies as st
from hypothesis import given

from resolution.explain.paths import followed, path_between, sides
from resolution.explain.published import Key, Pair

EDGES = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 7), st.integers(-5, 5)), min_size=1, max_size=20
)


def linked(left: int, right: int, weight: float) -> Pair:
    return Pair(("crm", str(left)), ("crm", str(right)), weight, 0.9, "link", {})


def strongest_first(edges: list[tuple[int, int, int]]) -> list[Pair]:
    return sorted((linked(*edge) for edge in edges), key=lambda pair: -pair.weight)


def reached(pairs: list[Pair], start: Key) -> set[Key]:
    found = {start}
    while True:
        more = {x for p in pairs if {p.left, p.right} & found for x in (p.left, p.right)} - found
        if not more:
            return found
        found |= more


@given(EDGES)
def test_no_other_path_has_a_stronger_weakest_link(edges: list[tuple[int, int, int]]) -> None:
    pairs = strongest_first(edges)
    start, end = pairs[0].left, pairs[-1].right
    path = path_between(followed(pairs), start, end)
    assert bool(path) == (start != end and end in reached(pairs, start))
    if path:
        weakest = min(pair.weight for pair in path)
        assert end not in reached([x for x in pairs if x.weight > weakest], start)


@given(EDGES)
def test_what_is_followed_holds_everything_and_nothing_twice(
    edges: list[tuple[int, int, int]],
) -> None:
    pairs = strongest_first(edges)
    tree = followed(pairs)
    for pair in pairs:
        assert reached(tree, pair.left) == reached(pairs, pair.left)
    for bridge in tree:
        left, right = sides(tree, bridge)
        assert not left & right
        assert left | right == reached(tree, bridge.left)
