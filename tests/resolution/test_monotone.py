"""A level that was hardly ever seen never outdoes one that is more alike."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolution.comparisons.conditions import Otherwise, missing, same
from resolution.comparisons.levels import Level, LevelSet
from resolution.training.monotone import ENOUGH_SEEN, capped


def comparison(*levels: tuple[float, float]) -> LevelSet:
    last = len(levels) - 1
    made = tuple(
        Level(
            f"level {place}",
            Otherwise() if place == last else same("x"),
            m,
            u,
            conflict=place == last,
        )
        for place, (m, u) in enumerate(levels)
    )
    return LevelSet("x", "x", missing("x"), made)


def weights(item: LevelSet) -> list[float]:
    return [float(np.log2(level.m / level.u)) for level in item.levels]


ITEM = comparison((0.6, 0.01), (0.001, 1e-9), (0.3, 0.001), (0.099, 0.98))


def test_a_level_hardly_seen_is_held_to_the_one_above_it() -> None:
    held = weights(capped(ITEM, np.array([900.0, 1.0, 500.0, 100.0])))
    assert held[1] == pytest.approx(np.log2(60))


def test_a_level_seen_often_keeps_its_weight_though_it_is_less_alike() -> None:
    held = weights(capped(ITEM, np.array([900.0, 1.0, 500.0, 100.0])))
    assert held[2] == pytest.approx(np.log2(300))


def test_where_nothing_was_seen_nothing_is_changed() -> None:
    assert capped(ITEM, np.zeros(4)) == ITEM


@given(
    st.lists(
        st.tuples(st.floats(1e-6, 1), st.floats(1e-9, 1), st.floats(0, 100)),
        min_size=2,
        max_size=9,
    )
)
def test_unseen_levels_stay_below_and_nothing_else_moves(
    levels: list[tuple[float, float, float]],
) -> None:
    item = comparison(*[(m, u) for m, u, _ in levels])
    matches = np.array([count for _, _, count in levels])
    before, after = weights(item), weights(capped(item, matches))
    for place, level in enumerate(item.levels):
        ceiling = min(
            [before[x] for x in range(place) if matches[x] >= ENOUGH_SEEN], default=np.inf
        )
        unseen = matches[place] < ENOUGH_SEEN and not level.conflict
        assert after[place] == pytest.approx(
            min(before[place], ceiling) if unseen else before[place]
        )
