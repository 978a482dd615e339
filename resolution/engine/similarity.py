"""String measures over UTF-8 bytes, equal to DuckDB's, each behind a bound that is cheap to ask.

A value's mask has one bit for each (byte, how often it came before); two masks tell how many
bytes two values can have in common before either is read.
"""

import numpy as np
from numba import njit

MASK_BITS = 64
MOST_BYTES = 65_535
"""Bytes of a value that are looked at."""

PREFIX = 4
"""Bytes of a common prefix that count at most."""
BOOST_FROM = 0.7
"""Jaro similarity above which a common prefix counts (Winkler 1990, as DuckDB has it)."""


@njit(nogil=True, cache=True)
def bits_of(mask):  # type: ignore[no-untyped-def]
    """Number of bits set."""
    x = mask
    x = x - ((x >> np.uint64(1)) & np.uint64(0x5555555555555555))
    x = (x & np.uint64(0x3333333333333333)) + ((x >> np.uint64(2)) & np.uint64(0x3333333333333333))
    x = (x + (x >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return np.int64((x * np.uint64(0x0101010101010101)) >> np.uint64(56))


@njit(nogil=True, cache=True)
def fill_texts(text, bounds, known, begin, texts):  # type: ignore[no-untyped-def]
    """Writes a column of Encoded.texts. `bounds`: where each value begins and the last one ends
    in `text`, which itself begins at `begin` of all texts; `known`: whether there is a value."""
    seen = np.zeros(256, np.int64)
    for place in range(len(known)):
        if not known[place]:
            texts[place, 0], texts[place, 1] = -1, 0
            continue
        start, size = bounds[place], min(bounds[place + 1] - bounds[place], MOST_BYTES)
        mask = np.uint64(0)
        for at in range(start, start + size):
            byte = np.int64(text[at])
            token = np.uint64(byte * 16 + min(seen[byte], 15))
            token ^= token >> np.uint64(7)
            token *= np.uint64(0xFF51AFD7ED558CCD)
            token ^= token >> np.uint64(33)
            mask |= np.uint64(1) << (token & np.uint64(MASK_BITS - 1))
            seen[byte] += 1
        for at in range(start, start + size):
            seen[np.int64(text[at])] = 0
        lost = min(255, size - bits_of(mask))
        texts[place, 0] = ((begin + start) << 24) | (size << 8) | lost
        texts[place, 1] = np.int64(mask)


@njit(nogil=True, cache=True)
def common_prefix(text, a, size_a, b, size_b):  # type: ignore[no-untyped-def]
    """Bytes that two values begin with alike, up to PREFIX."""
    length = 0
    while (
        length < 4 and length < size_a and length < size_b and text[a + length] == text[b + length]
    ):
        length += 1
    return length


@njit(nogil=True, cache=True)
def boosted(jaro, prefix):  # type: ignore[no-untyped-def]
    """Winkler's similarity of a Jaro similarity and a common prefix."""
    return jaro + prefix * 0.1 * (1.0 - jaro) if jaro > BOOST_FROM else jaro


@njit(nogil=True, cache=True)
def can_be_alike(common, size_a, size_b, prefix, threshold):  # type: ignore[no-untyped-def]
    """Whether values with at most `common` bytes in common can be as alike as `threshold`."""
    if common <= 0:
        return False
    matched = min(common, size_a, size_b)
    most = (matched / size_a + matched / size_b + 1.0) / 3.0
    return boosted(most, prefix) + 1e-9 >= threshold


@njit(nogil=True, cache=True)
def jaro(text, a, size_a, b, size_b, flags):  # type: ignore[no-untyped-def]
    """Jaro similarity. `flags`: scratch of at least the two sizes together."""
    if size_a == 0 or size_b == 0:
        return 0.0
    if size_a == 1 and size_b == 1:
        return 1.0 if text[a] == text[b] else 0.0
    window = max(max(size_a, size_b) // 2 - 1, 0)
    flags[: size_a + size_b] = 0
    matched = 0
    for i in range(size_a):
        for k in range(max(0, i - window), min(size_b, i + window + 1)):
            if flags[size_a + k] == 0 and text[a + i] == text[b + k]:
                flags[i] = 1
                flags[size_a + k] = 1
                matched += 1
                break
    if matched == 0:
        return 0.0
    moved = 0
    k = 0
    for i in range(size_a):
        if flags[i]:
            while flags[size_a + k] == 0:
                k += 1
            if text[a + i] != text[b + k]:
                moved += 1
            k += 1
    moved //= 2
    return (matched / size_a + matched / size_b + (matched - moved) / matched) / 3.0


@njit(nogil=True, cache=True)
def within_edits(text, a, size_a, b, size_b, edits, table, last_row):  # type: ignore[no-untyped-def]
    """Whether the unrestricted Damerau-Levenshtein distance is at most `edits`.

    `table`, `last_row`: scratch of at least (size_a + 2) * (size_b + 2), and of 256.
    """
    # what both begin and end with alike costs nothing
    while size_a > 0 and size_b > 0 and text[a] == text[b]:
        a, b, size_a, size_b = a + 1, b + 1, size_a - 1, size_b - 1
    while size_a > 0 and size_b > 0 and text[a + size_a - 1] == text[b + size_b - 1]:
        size_a, size_b = size_a - 1, size_b - 1
    if size_a == 0 or size_b == 0:
        return size_a + size_b <= edits
    if edits == 1:
        exchanged = size_a == 2 and text[a] == text[b + 1] and text[a + 1] == text[b]
        return size_a == size_b and (size_a == 1 or exchanged)
    return distance_within(text, a, size_a, b, size_b, edits, table, last_row)


@njit(nogil=True, cache=True)
def distance_within(text, a, size_a, b, size_b, edits, table, last_row):  # type: ignore[no-untyped-def]
    """within_edits of values that neither begin nor end alike."""
    if abs(size_a - size_b) > edits:
        return False
    width = size_b + 2
    far = size_a + size_b
    last_row[:] = 0
    table[0] = far
    for i in range(size_a + 1):
        table[(i + 1) * width] = far
        table[(i + 1) * width + 1] = i
    for k in range(size_b + 1):
        table[k + 1] = far
        table[width + k + 1] = k
    for i in range(1, size_a + 1):
        last_match = 0
        least = i
        for k in range(1, size_b + 1):
            row = last_row[text[b + k - 1]]
            column = last_match
            cost = 1
            if text[a + i - 1] == text[b + k - 1]:
                cost = 0
                last_match = k
            here = min(
                table[i * width + k] + cost,
                table[(i + 1) * width + k] + 1,
                table[i * width + k + 1] + 1,
                table[row * width + column] + (i - row - 1) + 1 + (k - column - 1),
            )
            table[(i + 1) * width + k + 1] = here
            least = min(least, here)
        last_row[text[a + i - 1]] = i
        # every way to the end costs at least the least of each row
        if least > edits:
            return False
    return table[(size_a + 1) * width + size_b + 1] <= edits


@njit(nogil=True, cache=True)
def contains(text, a, size_a, b, size_b):  # type: ignore[no-untyped-def]
    """Whether the second value stands somewhere in the first."""
    for begin in range(size_a - size_b + 1):
        at = 0
        while at < size_b and text[a + begin + at] == text[b + at]:
            at += 1
        if at == size_b:
            return True
    return False
