"""From which match weight pairs are linked or reviewed: chosen by what the data itself shows.

Nobody has labelled a pair. But where both records of a pair already have sure links to others,
those links tell whether the two are one customer: they are in one sure group, or in two. So the
share of right pairs is seen at every weight, and the model's own belief is corrected by it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from resolution.clustering.clusters import group_links
from resolution.model import CustomerModel, Thresholds

SURE = 7
"""Match weight of a link that is right 99 times in 100: what groups are made of that judge."""

LOWEST, HIGHEST = -6, 10
"""Match weights between which the link threshold is sought, in steps of one bit."""

RIGHT = 0.75
"""Least share of right pairs at a weight for it to link: a wrong link joins all records of two
customers, a missing one mostly parts a single record."""

WORTH_A_LOOK = 0.25
"""Least share of right pairs at a weight for a steward to be asked."""

BELIEF = 10.0
"""Judged pairs that the model's own probability is worth at each weight: where sure links judge
few, it decides alone."""

BEFORE = Thresholds(link=0.7, clerical=0.1)
"""What is linked and reviewed before anything has been learned."""


@dataclass(frozen=True)
class Step:
    """What was seen of the pairs in one bit of match weight."""

    weight: int
    """The pairs weigh this much, and less than one bit more."""
    pairs: int
    believed: float
    """Mean match probability, as the model has it."""
    judged: int
    """Pairs of two records that both belong to sure groups."""
    together: int
    """Of these, how many belong to one."""
    right: float
    """Share of right pairs by all that, never smaller at a higher weight."""
    precision: float
    """Expected share of right pairs among all that weigh this much or more."""
    recall: float
    """Expected share of the right pairs (from LOWEST on) that weigh this much or more."""


@dataclass(frozen=True)
class Chosen:
    """The match weights chosen, and what they were chosen by."""

    link: float
    clerical: float
    why: str
    steps: tuple[Step, ...] = ()

    @property
    def thresholds(self) -> Thresholds:
        """As match probabilities."""
        return Thresholds(link=_probability(self.link), clerical=_probability(self.clerical))


def thresholds_of(model: CustomerModel, chosen: Chosen | None) -> Thresholds:
    """The project's own thresholds where it names any, or those chosen, or BEFORE."""
    if isinstance(model.thresholds, Thresholds):
        return model.thresholds
    return BEFORE if chosen is None else chosen.thresholds


def choose_thresholds(records: int, scored: pl.DataFrame) -> Chosen:
    """The thresholds for weighed pairs of `records` records.

    `scored`: record_id_l, record_id_r, match_weight, conflict (null where nothing contradicts);
    all candidates that weigh at least LOWEST.
    """
    free = scored.filter(pl.col("conflict").is_null() & (pl.col("match_weight") >= LOWEST))
    steps = _steps(records, free)
    judged = sum(step.judged for step in steps if step.weight < SURE)
    link = _first(steps, RIGHT, SURE)
    why = f"{judged} pairs judged by sure links: from here on at least {RIGHT:.0%} are right"
    return Chosen(float(link), float(min(_first(steps, WORTH_A_LOOK, link), link)), why, steps)


def _first(steps: Sequence[Step], least: float, otherwise: int) -> int:
    """Lowest weight at which at least that share is right."""
    return next((step.weight for step in steps if step.right >= least), otherwise)


def _steps(records: int, free: pl.DataFrame) -> tuple[Step, ...]:
    left, right = (free.get_column(f"record_id_{side}").to_numpy() for side in "lr")
    weight = free.get_column("match_weight").to_numpy()
    group = group_links(records, free.filter(pl.col("match_weight") >= SURE))
    held = np.bincount(group, minlength=1)[group] > 1
    judged = held[left] & held[right]
    together = judged & (group[left] == group[right])
    place = np.clip(np.floor(weight), LOWEST, HIGHEST).astype(int) - LOWEST
    count = HIGHEST - LOWEST + 1
    pairs, known, one, hoped = (
        np.bincount(place, weights=each, minlength=count)
        for each in (np.ones(len(place)), judged, together, 1 / (1 + np.exp2(-weight)))
    )
    believed = np.where(pairs > 0, hoped / np.maximum(pairs, 1), _middles(count))
    # links that make the sure groups cannot judge themselves
    above = np.arange(LOWEST, HIGHEST + 1) >= SURE
    known, one = np.where(above, 0, known), np.where(above, 0, one)
    shares = never_falling((one + BELIEF * believed) / (known + BELIEF), known + BELIEF)
    true, all_true = np.cumsum((pairs * shares)[::-1])[::-1], float((pairs * shares).sum())
    at_least = np.maximum(np.cumsum(pairs[::-1])[::-1], 1)
    return tuple(
        Step(
            LOWEST + n,
            int(pairs[n]),
            float(believed[n]),
            int(known[n]),
            int(one[n]),
            float(shares[n]),
            float(true[n] / at_least[n]),
            float(true[n] / max(all_true, 1.0)),
        )
        for n in range(count)
    )


def _middles(count: int) -> np.ndarray:
    middles: np.ndarray = 1 / (1 + np.exp2(-(np.arange(count) + LOWEST + 0.5)))
    return middles


def never_falling(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """The nearest values that never fall, by weighted squares (pooling neighbours that do)."""
    pools: list[tuple[float, float, int]] = []
    for value, weight in zip(values.tolist(), weights.tolist(), strict=True):
        pools.append((value, weight, 1))
        while len(pools) > 1 and pools[-2][0] > pools[-1][0]:
            (above, more, some), (below, most, others) = pools.pop(), pools.pop()
            heavy = more + most
            pools.append(((above * more + below * most) / heavy, heavy, some + others))
    return np.concatenate([np.full(number, value) for value, _, number in pools])


def _probability(weight: float) -> float:
    return float(1 / (1 + np.exp2(-weight)))


def chosen_from_json(content: dict[str, Any] | None) -> Chosen | None:
    """What `dataclasses.asdict` made of a Chosen."""
    if content is None:
        return None
    return Chosen(**{**content, "steps": tuple(Step(**step) for step in content["steps"])})
