"""What became of each decision: which bind, which do not, and why."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

import polars as pl

from resolution.decisions.binding import binding_decisions, standing_words
from resolution.learning.decided_pairs import UNSURE

BINDS, CONTRADICTORY, REPLACED, UNDONE = "binds", "contradictory", "replaced", "undone"
STATES: Final = (BINDS, UNSURE, CONTRADICTORY, REPLACED, UNDONE)


def with_states(decisions: pl.DataFrame) -> pl.DataFrame:
    """`decisions` (as in DecisionStore.all) with state, one of STATES, and because: ids of the
    decisions that a contradictory one cannot be true with, null for others. In order of id."""
    binding = binding_decisions(decisions)
    standing = standing_words(decisions).get_column("id").implode()
    number = pl.col("id")
    state = (
        pl.when(pl.col("undone_at").is_not_null())
        .then(pl.lit(UNDONE))
        .when(~number.is_in(standing))
        .then(pl.lit(REPLACED))
        .when(pl.col("verdict") == UNSURE)
        .then(pl.lit(UNSURE))
        .when(number.is_in(binding.applied.get_column("id").implode()))
        .then(pl.lit(BINDS))
        .otherwise(pl.lit(CONTRADICTORY))
    )
    because = binding.contradictory.select("id", "because")
    return decisions.sort("id").with_columns(state=state).join(because, on="id", how="left")


def contradictions_told(states: pl.DataFrame, only: Sequence[int] | None = None) -> Iterator[str]:
    """A sentence a contradictory decision of `states`, or of those in `only`: what it cannot be
    true with, and who said that."""
    by_id = {row["id"]: row for row in states.iter_rows(named=True)}
    for row in by_id.values():
        if row["state"] != CONTRADICTORY or (only is not None and row["id"] not in only):
            continue
        against = "; ".join(f"{in_words(by_id[number])}" for number in row["because"])
        yield f"{in_words(row)} does not bind: it cannot be true with {against}"


def in_words(row: dict[str, Any]) -> str:
    """A decision in short: its number, the two rows, the verdict, who."""
    ends = f"{row['source_l']}/{row['key_l']} ~ {row['source_r']}/{row['key_r']}"
    return f"decision {row['id']} ({row['who']}: {ends} {row['verdict']})"
