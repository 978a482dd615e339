"""Which records bear a blocking key: sorted files, looked up for the few records that are new.

    <folder>/<segment>/keys.npy      uint64, ascending within each rule
    <folder>/<segment>/records.npy   int64, the record of each key
    <folder>/<segment>/bounds.npy    int64, where each rule begins (one more than rules)

Segments are never changed; a release's state names those of the one before and adds its own.
"""

import shutil
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from resolution.engine.keys import KeyMaker, Large, rule_keys

LARGEST_GROWN = 3_000
"""Records that may share a key before its block must be looked at again as a whole."""

Index = list[tuple[np.ndarray, np.ndarray]]
"""Ascending keys and their records, a pair of arrays a rule."""


class OutgrownError(Exception):
    """A block has grown so large that the model must be trained anew."""


def keys_of(
    maker: KeyMaker,
    rules: Mapping[str, Sequence[str]],
    refine_by: Sequence[str],
    large: Mapping[str, Large],
    numbers: np.ndarray,
) -> Index:
    """The keys of the maker's records. `numbers`: the records' own numbers, in its order."""
    found = []
    for rule, columns in rules.items():
        records, keys = rule_keys(maker, columns, refine_by, large[rule])
        order = np.argsort(keys, kind="stable")
        found.append((keys[order], numbers[records[order]]))
    return found


def write_segment(folder: Path, index: Index) -> None:
    """Write the index as the folder's next segment."""
    target = folder / f"{len(segments_in(folder)):03}"
    target.mkdir(parents=True)
    bounds = np.concatenate([[0], np.cumsum([len(keys) for keys, _ in index])])
    np.save(target / "bounds.npy", bounds.astype(np.int64))
    none = (np.zeros(0, np.uint64), np.zeros(0, np.int64))
    np.save(target / "keys.npy", np.concatenate([none[0], *[keys for keys, _ in index]]))
    np.save(target / "records.npy", np.concatenate([none[1], *[own for _, own in index]]))


def segments_in(folder: Path) -> list[Path]:
    """The folder's segments, oldest first."""
    return sorted(path for path in folder.glob("*") if path.is_dir())


def read_segment(segment: Path) -> Index:
    """The segment's keys and records, read only where they are looked at."""
    keys, records = (
        np.load(segment / f"{name}.npy", mmap_mode="r") for name in ("keys", "records")
    )
    bounds = np.load(segment / "bounds.npy").tolist()
    return [(keys[a:b], records[a:b]) for a, b in pairwise(bounds)]


def pairs_with(asked: Index, folder: Path) -> np.ndarray:
    """Distinct pairs of a record of `asked` and any record in the folder that share a key.

    Two rows, left < right; one column a pair, in order. Raises OutgrownError where more than
    LARGEST_GROWN records share a key.
    """
    found = [np.zeros((2, 0), np.int64)]
    for segment in segments_in(folder):
        for (keys, records), (known, bearers) in zip(asked, read_segment(segment), strict=True):
            left, right = _sharing(keys, records, known, bearers)
            several = left != right
            left, right = left[several], right[several]
            found.append(np.stack([np.minimum(left, right), np.maximum(left, right)]))
    return distinct_pairs(np.concatenate(found, axis=1))


def distinct_pairs(pairs: np.ndarray) -> np.ndarray:
    """The distinct columns of a two-row array, in order."""
    if not pairs.shape[1]:
        return pairs
    span = np.int64(pairs[1].max()) + 1
    numbers = np.unique(pairs[0] * span + pairs[1])
    return np.stack([numbers // span, numbers % span])


def _sharing(
    keys: np.ndarray, records: np.ndarray, known: np.ndarray, bearers: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Each record with each bearer of its key."""
    begin = np.searchsorted(known, keys, side="left")
    counts = np.searchsorted(known, keys, side="right") - begin
    if counts.max(initial=0) > LARGEST_GROWN:
        raise OutgrownError
    met = counts > 0
    begin, counts, records = begin[met], counts[met], records[met]
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    places = np.repeat(begin, counts) + within
    return np.repeat(records, counts), np.asarray(bearers[places])


def merge_segments(folder: Path, dropped: np.ndarray) -> None:
    """Write all segments anew as one, without the records `dropped`."""
    parts = [read_segment(segment) for segment in segments_in(folder)]
    merged = []
    for rule in zip(*parts, strict=True):
        keys, records = (np.concatenate([part[place] for part in rule]) for place in (0, 1))
        kept = ~np.isin(records, dropped)
        order = np.argsort(keys[kept], kind="stable")
        merged.append((keys[kept][order], records[kept][order]))
    old = segments_in(folder)
    for segment in old:
        shutil.rmtree(segment)
    write_segment(folder, merged)
