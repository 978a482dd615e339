"""Compiles the engine once, so that no run waits for it: `python -m resolution.engine.warm`."""

import numpy as np
import polars as pl

from resolution.comparisons.conditions import Otherwise, missing, same
from resolution.comparisons.levels import Level, LevelSet
from resolution.engine.blocks import assemble, rule_blocks, rules_of
from resolution.engine.keys import KeyMaker
from resolution.engine.scorer import block_pairs, compiled_scorer


def warm() -> None:
    """Blocks and weighs two records; what is compiled is kept beside the code by numba."""
    records = pl.DataFrame({"record_id": [0, 1], "name": ["a", "a"], "mail": [["b"], ["b"]]}).lazy()
    levels = (Level("same", same("name"), 0.9, 0.1, "name"), Level("other", Otherwise(), 0.1, 0.9))
    scorer = compiled_scorer(records, [LevelSet("name", "name", missing("name"), levels)], 0.5)
    maker = KeyMaker(records)
    rules = [rule_blocks(maker, columns, (), 9) for columns in (["name"], ["list:mail"])]
    blocks, own = assemble(rules, 2), np.zeros(2, np.int64)
    scorer.score_blocks(blocks, own, -9.0)
    scorer.count_patterns(block_pairs(blocks, own))
    rules_of(blocks, *next(block_pairs(blocks, own)))


if __name__ == "__main__":
    warm()
