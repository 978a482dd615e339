"""Lists as the engine keeps them: ascending, each item once, and a mask for each record."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from resolution.engine.encode import fill_lists

LISTS = st.lists(st.lists(st.integers(1, 2**64 - 1) | st.integers(1, 5), max_size=40), max_size=20)


@given(LISTS, st.integers(0, 100))
def test_lists_are_sets_in_order(lists: list[list[int]], begin: int) -> None:
    owners = np.repeat(np.arange(len(lists)), [len(x) for x in lists]).astype(np.int32)
    found = np.array([item for each in lists for item in each], np.uint64)
    starts = np.zeros(len(lists) + 1, np.int64)
    masks = np.zeros(len(lists), np.uint64)
    items = found[: fill_lists(owners, found, begin, starts, masks)].tolist()
    assert starts[0] == begin and starts[-1] == begin + len(items)
    for record, each in enumerate(lists):
        first, last = starts[record] - begin, starts[record + 1] - begin
        assert items[first:last] == sorted(set(each))
        assert int(masks[record]) == sum({1 << (item & 63) for item in each})
