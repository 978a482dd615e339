"""What training learns from: the labels of `oneid learn`, and what stewards decided."""

from typing import Final

import polars as pl

from core.project import Project
from resolution.decisions.binding import binding_decisions
from resolution.decisions.store import DecisionStore
from resolution.learning.decided_pairs import ENDS, in_order
from resolution.learning.kept_decisions import kept_decisions

SPLIT: Final = "split"
MERGE: Final = "merge"
"""What batches begin with that divide or join whole entities."""


def teaching_decisions(project: Project) -> pl.DataFrame:
    """Labels and stewards' decisions, as `with_stewards` has them."""
    return with_stewards(kept_decisions(project), DecisionStore(project).all())


def with_stewards(labels: pl.DataFrame, decisions: pl.DataFrame) -> pl.DataFrame:
    """ENDS and decision: `labels` (the same) and the decisions that bind, the lesser row left.

    A steward's word on a pair takes the place of a label on it. Splits and merges of whole
    entities teach nothing: they were made because the model was wrong there, and all other pairs
    would pay for it.
    """
    chosen = decisions.filter(~pl.col("batch").fill_null("").str.contains(f"^({SPLIT}|{MERGE})-"))
    told = binding_decisions(decisions).applied.join(chosen.select("id"), on="id", how="semi")
    word = told.rename({f"key_{side}": f"source_record_id_{side}" for side in "lr"})
    stewards = in_order(word.select(*ENDS, decision="verdict")).unique(maintain_order=True)
    return pl.concat([in_order(labels).join(stewards, on=list(ENDS), how="anti"), stewards])
