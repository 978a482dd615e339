"""The program run over pairs of encoded records, in machine code.

What is asked for every pair is inlined and takes plain arrays: handing a tuple of arrays from
function to function costs more than the questions themselves.
"""

import numpy as np
from numba import njit

from resolution.engine.program import (
    ALIKE,
    BOTH,
    CONTAINS,
    EDITS,
    EITHER,
    EQUAL,
    OVERLAP,
    SHARES,
)
from resolution.engine.similarity import (
    PREFIX,
    bits_of,
    boosted,
    can_be_alike,
    common_prefix,
    contains,
    jaro,
    within_edits,
)

SIZE, LOST = 0xFFFF, 0xFF


@njit(nogil=True, cache=True)
def shared_items(items, a, end_a, b, end_b):  # type: ignore[no-untyped-def]
    """How many items two ascending lists have in common."""
    shared = 0
    while a < end_a and b < end_b:
        if items[a] == items[b]:
            shared += 1
            a += 1
            b += 1
        elif items[a] < items[b]:
            a += 1
        else:
            b += 1
    return shared


@njit(nogil=True, cache=True)
def texts_alike(text, one, other, masks, threshold, flags):  # type: ignore[no-untyped-def]
    """Whether two values are as alike as `threshold` (Jaro-Winkler). `one`, `other`: where they
    lie, and `masks`, as Encoded.texts has them."""
    if min(one, other) < 0:
        return False
    size_a, size_b = (one >> 8) & SIZE, (other >> 8) & SIZE
    lost_a, lost_b = one & LOST, other & LOST
    common = bits_of(np.uint64(masks[0] & masks[1])) + min(lost_a, lost_b)
    if max(lost_a, lost_b) == LOST:
        common = min(size_a, size_b)
    # asked with the longest prefix first: reading the values themselves is what takes time
    if not can_be_alike(common, size_a, size_b, PREFIX, threshold):
        return False
    a, b = one >> 24, other >> 24
    prefix = common_prefix(text, a, size_a, b, size_b)
    if not can_be_alike(common, size_a, size_b, prefix, threshold):
        return False
    return boosted(jaro(text, a, size_a, b, size_b, flags), prefix) >= threshold


@njit(nogil=True, cache=True)
def texts_close(text, one, other, masks, edits, scratch):  # type: ignore[no-untyped-def]
    """Whether two values are within so many edits; see texts_alike."""
    if min(one, other) < 0:
        return False
    size_a, size_b = (one >> 8) & SIZE, (other >> 8) & SIZE
    if abs(size_a - size_b) > edits or bits_of(np.uint64(masks[0] ^ masks[1])) > 2 * edits:
        return False
    table, last_row = scratch[1], scratch[2]
    return within_edits(text, one >> 24, size_a, other >> 24, size_b, edits, table, last_row)


@njit(nogil=True, cache=True)
def text_inside(text, one, other, masks):  # type: ignore[no-untyped-def]
    """Whether one of the two values stands somewhere in the other; see texts_alike."""
    if min(one, other) < 0:
        return False
    size, other_size = (one >> 8) & SIZE, (other >> 8) & SIZE
    if size < other_size:
        if masks[0] & ~masks[1] != 0:
            return False
        return contains(text, other >> 24, other_size, one >> 24, size)
    if masks[1] & ~masks[0] != 0:
        return False
    return contains(text, one >> 24, size, other >> 24, other_size)


@njit(nogil=True, cache=True)
def lists_overlap(starts, items, i, j, column, kinds):  # type: ignore[no-untyped-def]
    """Whether two lists share as many items as asked: (least, part, whole) as Overlap has them."""
    a, end_a = starts[i, column], starts[i + 1, column]
    b, end_b = starts[j, column], starts[j + 1, column]
    if end_a == a or end_b == b:
        return False
    shared = shared_items(items, a, end_a, b, end_b)
    return shared >= kinds[0] and shared * kinds[2] >= min(end_a - a, end_b - b) * kinds[1]


@njit(nogil=True, cache=True)
def numbers_near(a, b, within, share):  # type: ignore[no-untyped-def]
    """Whether two numbers are no further apart than allowed; never for NaN."""
    return abs(a - b) <= max(within, share * max(abs(a), abs(b)))


@njit(nogil=True, cache=True, inline="always")
def level_of(  # type: ignore[no-untyped-def]
    target,
    tests,
    settings,
    values,
    flags,
    texts,
    text,
    starts,
    list_masks,
    items,
    numbers,
    i,
    j,
    scratch,
):
    """The level number records i and j end at from test `target` on; -1 for unknown."""
    while target >= 0:
        op, a, b = tests[target, 0], tests[target, 1], tests[target, 2]
        if op == EQUAL:
            found = values[i, a] != 0 and values[i, a] == values[j, b]
        elif op == BOTH:
            found = (flags[i, a >> 6] >> (a & 63)) & (flags[j, b >> 6] >> (b & 63)) & 1 == 1
        elif op == EITHER:
            found = ((flags[i, a >> 6] | flags[j, a >> 6]) >> (a & 63)) & 1 == 1
        elif op in (ALIKE, EDITS, CONTAINS):
            one, other = texts[i, a, 0], texts[j, b, 0]
            masks = texts[i, a, 1], texts[j, b, 1]
            if op == ALIKE:
                found = texts_alike(text, one, other, masks, settings[target, 0], scratch[0])
            elif op == EDITS:
                found = texts_close(text, one, other, masks, tests[target, 5], scratch)
            else:
                found = text_inside(text, one, other, masks)
        elif op in (SHARES, OVERLAP):
            found = list_masks[i, a] & list_masks[j, a] != 0 and lists_overlap(
                starts, items, i, j, a, tests[target, 5:8]
            )
        else:
            found = numbers_near(
                numbers[i, a], numbers[j, a], settings[target, 0], settings[target, 1]
            )
        target = tests[target, 3] if found else tests[target, 4]
    return -2 - target


@njit(nogil=True, cache=True)
def adjustment(rarity, base, floor, a, b):  # type: ignore[no-untyped-def]
    """What the rarity of a shared value adds to its level's weight. `a`, `b`: log2 of the term
    frequencies of the records' values, NaN where there is none."""
    if rarity < 0 or (np.isnan(a) and np.isnan(b)):
        return 0.0
    if np.isnan(a):
        a = b
    elif np.isnan(b):
        b = a
    return base - max(a, b, floor)


@njit(nogil=True, cache=True)
def new_scratch(longest):  # type: ignore[no-untyped-def]
    """Room for the string measures of values up to `longest` bytes."""
    size = longest + 2
    return np.zeros(2 * size, np.uint8), np.zeros(size * size, np.int64), np.zeros(256, np.int64)


@njit(nogil=True, cache=True)
def weigh(program, data, order, most, left, right, least, longest):  # type: ignore[no-untyped-def]
    """Match weight of each pair; -inf where it is sure to be under `least`.

    `order`: comparisons in the order they are asked; `most[k]`: the most that those from the
    k-th on can add.
    """
    entry, tests, settings, weight_of, rarity_of, base_of, floor_of, prior = program
    values, flags, texts, text, starts, list_masks, items, numbers, rarities = data
    scratch = new_scratch(longest)
    weights = np.empty(len(left), np.float64)
    for pair in range(len(left)):
        i, j = np.int64(left[pair]), np.int64(right[pair])
        weight = prior
        for place in range(len(order)):
            if weight + most[place] < least:
                weight = -np.inf
                break
            at = order[place]
            level = 1 + level_of(
                entry[at], tests, settings, values, flags, texts, text, starts, list_masks, items,
                numbers, i, j, scratch,
            )  # fmt: skip
            weight += weight_of[at, level]
            rarity = rarity_of[at, level]
            if rarity >= 0:
                weight += adjustment(
                    rarity, base_of[at, level], floor_of[at, level],
                    rarities[i, rarity], rarities[j, rarity],
                )  # fmt: skip
        weights[pair] = weight
    return weights


@njit(nogil=True, cache=True)
def explain(program, data, left, right, longest):  # type: ignore[no-untyped-def]
    """Level number and frequency adjustment of each pair (row) and comparison (column)."""
    entry, tests, settings, _, rarity_of, base_of, floor_of, _ = program
    values, flags, texts, text, starts, list_masks, items, numbers, rarities = data
    scratch = new_scratch(longest)
    levels = np.empty((len(left), len(entry)), np.int8)
    adjusted = np.zeros((len(left), len(entry)), np.float64)
    for pair in range(len(left)):
        i, j = np.int64(left[pair]), np.int64(right[pair])
        for at in range(len(entry)):
            level = 1 + level_of(
                entry[at], tests, settings, values, flags, texts, text, starts, list_masks, items,
                numbers, i, j, scratch,
            )  # fmt: skip
            levels[pair, at] = level - 1
            rarity = rarity_of[at, level]
            if rarity >= 0:
                adjusted[pair, at] = adjustment(
                    rarity, base_of[at, level], floor_of[at, level],
                    rarities[i, rarity], rarities[j, rarity],
                )  # fmt: skip
    return levels, adjusted
