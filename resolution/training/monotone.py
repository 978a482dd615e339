"""A level that was hardly ever seen is worth no more than one that is more alike."""

from dataclasses import replace

import numpy as np

from resolution.comparisons.levels import LevelSet

ENOUGH_SEEN = 25.0
"""Expected matches at a level from which its own weight is believed, whatever its neighbours'."""


def capped(item: LevelSet, matches: np.ndarray) -> LevelSet:
    """The comparison with each level that showed fewer than ENOUGH_SEEN of the expected
    `matches` (one a level) held to the least weight of the levels above it that showed more.

    Such a level's u comes from as few pairs as its m: it may come out as worth more than the
    same value. u stays, m follows the weight. Levels seen often keep theirs, also where one that
    is less alike weighs more: what the data shows of them outweighs the order they are in.
    """
    levels = list(item.levels)
    ceiling = np.inf
    for place, level in enumerate(levels):
        if level.conflict:
            continue
        weight = float(np.log2(level.m / level.u))
        if matches[place] >= ENOUGH_SEEN:
            ceiling = min(ceiling, weight)
        elif weight > ceiling:
            levels[place] = replace(level, m=float(level.u * np.exp2(ceiling)))
    return replace(item, levels=tuple(levels))
