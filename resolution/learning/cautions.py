"""What decisions cannot teach: few of them, of one kind only, or picked for their outcome."""

from collections.abc import Iterator

import numpy as np
import polars as pl
from scipy.special import expit

from resolution.learning.effects import Judged
from resolution.learning.lesson import Lesson

FEW = 20
"""Decisions under which a model hardly moves, and cannot be judged."""

PICKED = 0.6
"""Share of the expected matches under which decisions look as if they were picked as wrong."""

WORSE = 0.02
"""Bits of surprise a decision from which the held-out model counts as worse."""


def cautions_of(lesson: Lesson, without: Judged, held_out: Judged, refused: int) -> Iterator[str]:
    """One sentence for each thing to know before these decisions are applied.

    `refused`: matches that a guard keeps apart.
    """
    matches = int(lesson.same.sum())
    others = len(lesson.same) - matches
    yield from _too_little(matches, others)
    expected = float(expit(lesson.weights_by(lesson.before) * np.log(2)).sum())
    if matches and others and matches < PICKED * expected:
        yield (
            f"{expected:,.0f} matches were to be expected among them, and {matches:,} are; if "
            "these were picked because they looked wrong, they say nothing of the others: decide "
            "pairs as the review queue shows them"
        )
    if matches and held_out.surprise > without.surprise + WORSE:
        yield (
            "models that learned from the other decisions explain a decision worse than the one "
            "that learned from none: these decisions do not carry over; do not apply them"
        )
    if refused:
        yield f"{refused:,} matches are kept apart by a guard: no weight links them (customer.yml)"
    unbrought = lesson.scored.filter(pl.col("same") & ~pl.col("candidate")).height
    if unbrought:
        yield f"{unbrought:,} matches share no blocking rule, so that they are not compared"


def _too_little(matches: int, others: int) -> Iterator[str]:
    if not matches:
        yield (
            "all are non-matches: they say where a link was wrong, nothing of those that are "
            "right, so nothing is learned; decide pairs as the review queue shows them"
        )
    elif not others:
        yield (
            "all are matches: nothing shows what looks alike and is not; pairs too unlikely to be "
            "shown to a steward keep their weights about as they are"
        )
    if matches + others < FEW:
        yield f"{matches + others} decisions move little; the first 50 to 200 teach the most"
