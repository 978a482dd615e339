"""The index that compares two groupings, and batches that lose no row."""

import polars as pl
import pytest

from benchmarks.batches import adjusted_rand, in_batches


@pytest.mark.parametrize(
    ("left", "right", "index"),
    [
        (["a", "a", "b", "b"], ["x", "x", "y", "y"], 1.0),
        (["a", "a", "b", "b"], ["x", "y", "x", "y"], -0.5),
        # worked out by hand: 1 pair together in both, 1 and 2 in either, 6 in all
        (["a", "a", "b", "c"], ["x", "x", "y", "y"], (1 - 2 / 6) / (1.5 - 2 / 6)),
        (["a", "b", "c"], ["x", "y", "z"], 1.0),
    ],
)
def test_the_index_is_one_for_the_same_groups_alone(
    left: list[str], right: list[str], index: float
) -> None:
    assert adjusted_rand(pl.Series(left), pl.Series(right)) == pytest.approx(index)


def test_batches_hold_every_row_and_some_twice() -> None:
    rows = {"s": pl.DataFrame({"key": [str(n) for n in range(50)]})}
    batches = [batch["s"] for batch in in_batches(rows, 4, seed=1)]
    delivered = pl.concat(batches)["key"]
    assert sorted(set(delivered)) == sorted(rows["s"]["key"])
    assert len(delivered) > 50
    again = [batch["s"] for batch in in_batches(rows, 4, seed=1)]
    assert all(a.equals(b) for a, b in zip(batches, again, strict=True))
