"""The blocking keys of one record are those that a run gives it, also where blocks are refined."""

import numpy as np
import polars as pl
import pytest
from resolved_twice import Resolved

from resolution.engine.keys import KeyMaker, Large, rule_keys
from resolution.lookup.keys import KeyFiles, RuleKeys
from resolution.lookup.slots import hashed
from resolution.matching.full import rules_in_use


def most_borne(keys: np.ndarray) -> np.ndarray:
    """The keys that several records bear, ascending."""
    found, counts = np.unique(keys, return_counts=True)
    return found[counts > 1]


@pytest.mark.parametrize("refined", [False, True])
def test_one_record_has_the_keys_that_a_run_gives_it(resolved: Resolved, refined: bool) -> None:
    kept = resolved.kept
    records = kept.scan("records").collect()
    fixed = kept.fixed()
    rules, refine_by = rules_in_use(records.columns, kept.rules(), fixed.trained)
    maker, none = KeyMaker(records.lazy()), np.zeros(0, np.uint64)
    large: dict[str, Large] = dict.fromkeys(rules, (none, none, none))
    if refined:
        # all blocks of two or more are too large, and so are their parts by one more column
        for rule, columns in rules.items():
            first = most_borne(maker.keys(columns).keys)
            parts = rule_keys(maker, columns, refine_by, (first, none, none))
            second = most_borne(parts.keys)
            large[rule] = (first, second[~np.isin(second, first)], none)
    asked = RuleKeys.of(rules, refine_by, large)
    expected: dict[int, set[tuple[int, int]]] = {place: set() for place in range(len(records))}
    for number, (rule, columns) in enumerate(rules.items()):
        for place, key in zip(*rule_keys(maker, columns, refine_by, large[rule]), strict=True):
            expected[int(place)].add((number, int(key)))
    for place, record in enumerate(records.iter_rows(named=True)):
        found = asked.keys(hashed(record, asked.columns()))
        assert set(found) == expected[place]
    assert any(expected.values())


def test_the_living_bearers_of_a_key_are_found_in_every_segment(resolved: Resolved) -> None:
    kept = resolved.kept
    numbers = kept.scan("records").select("record_id").collect().to_series().to_numpy()
    places = np.full(int(numbers.max()) + 1, -1, np.int32)
    places[numbers] = np.arange(len(numbers), dtype=np.int32)
    files = KeyFiles(kept.folder / "index", places)
    everything = scanned(kept.folder / "index")
    assert len(everything) > 1  # segments
    borne: dict[tuple[int, int], set[int]] = {}
    for segment in everything:
        for rule, key, record in segment.iter_rows():
            if places[record] >= 0:
                borne.setdefault((rule, key), set()).add(int(places[record]))
    gone = {x for segment in everything for x in segment["record"].to_list()} - set(numbers)
    assert gone  # the corrected registrations
    for key, bearers in borne.items():
        assert set(files.bearers([key]).tolist()) == bearers


def scanned(folder: object) -> list[pl.DataFrame]:
    """rule, key, record of each segment."""
    from pathlib import Path

    from resolution.engine.key_index import read_segment, segments_in

    return [
        pl.concat(
            [
                pl.DataFrame({"key": np.array(keys), "record": np.array(records)}).select(
                    rule=pl.lit(number), key="key", record="record"
                )
                for number, (keys, records) in enumerate(read_segment(segment))
            ]
        )
        for segment in segments_in(Path(str(folder)))
    ]
