"""Does the compiled scorer weigh as Splink does? Asked of a sample in every full run."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

import duckdb
import numpy as np
import polars as pl

from resolution.scoring.linkage import PairScorer, write_table
from resolution.scoring.scorers import Scorer

LOG = logging.getLogger(__name__)

TOLERANCE = 1e-9
"""Bits a weight may differ by: the last digits of a sum that is added up in another order."""

CHECKED = 1_000
"""Pairs of each sort that are checked."""


@dataclass(frozen=True)
class Parity:
    """How the compiled weights compare with Splink's."""

    pairs: int
    largest_difference: float
    """In bits of match weight."""
    other_levels: Mapping[str, int]
    """Comparison -> pairs it put at another level."""

    @property
    def holds(self) -> bool:
        """Whether every level is the same, and every weight within the tolerance."""
        return not self.other_levels and self.largest_difference <= TOLERANCE


def sample_of(scored: pl.DataFrame, records: int, seed: int) -> pl.DataFrame:
    """Pairs to check: some of `scored`, some at random. record_id_l < record_id_r."""
    generator = np.random.default_rng(seed)
    ends = np.sort(generator.integers(0, records, size=(CHECKED, 2), dtype=np.int64), axis=1)
    at_random = pl.DataFrame({"record_id_l": ends[:, 0], "record_id_r": ends[:, 1]})
    drawn = scored.select("record_id_l", "record_id_r").sample(
        min(CHECKED, len(scored)), seed=seed, shuffle=True
    )
    return (
        pl.concat([drawn, at_random])
        .filter(pl.col("record_id_l") < pl.col("record_id_r"))
        .unique()
        .sort("record_id_l", "record_id_r")
    )


def check_parity(
    connection: duckdb.DuckDBPyConnection,
    scorer: Scorer,
    records: pl.LazyFrame,
    pairs: pl.DataFrame,
    prior: float,
    frequencies: Mapping[str, pl.DataFrame] | None,
) -> Parity:
    """Weighs `pairs` both ways.

    `records`: in order of record_id. `frequencies`: what `scorer` was given; None is only right
    where `pairs` hold every record, as frequencies are then counted among the pairs' records.
    """
    ends = pl.concat([pairs.get_column(f"record_id_{side}") for side in "lr"]).unique()
    named = records.filter(pl.col("record_id").is_in(ends.implode())).collect()
    write_table(connection, "records", named)
    write_table(connection, "checked_pairs", pairs)
    by_splink = PairScorer(connection, scorer.comparisons, prior, frequencies)
    theirs = by_splink.score("checked_pairs")
    ours = scorer.score(theirs.select("record_id_l", "record_id_r"))
    difference = (ours.get_column("match_weight") - theirs.get_column("match_weight")).abs()
    flipped = {
        item.name: int((ours[f"gamma_{item.name}"] != theirs[f"gamma_{item.name}"]).sum())
        for item in scorer.comparisons
    }
    return Parity(
        len(theirs),
        float(difference.max() or 0.0),  # type: ignore[arg-type]
        {name: count for name, count in flipped.items() if count},
    )
