"""From the prior to the match weight, one step a comparison: the evidence on one pair."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from resolution.comparisons.levels import UNKNOWN, LevelSet, level_number
from resolution.explain.published import Pair, PublishedLevel
from resolution.training.unlabelled import TrainedModel


@dataclass(frozen=True)
class Step:
    """What one comparison adds. Weights are log2 of Bayes factors: +1 doubles the odds."""

    comparison: str
    level: str
    """What was seen, in words."""
    level_weight: float
    """log2 of m over u."""
    rarity: float
    """Added because the value is rarer, or taken off because it is commoner, than most."""
    m: float | None
    """Share of this level among pairs of one customer; None where the model no longer says."""
    u: float | None
    """The same among pairs of two customers."""

    @property
    def weight(self) -> float:
        """What the step adds in all."""
        return self.level_weight + self.rarity


@dataclass(frozen=True)
class Waterfall:
    """The steps add up: prior + every step's weight = weight."""

    prior: float
    """Match weight of two records drawn at random, before any evidence."""
    steps: tuple[Step, ...]
    """From what speaks most for the match to what speaks most against it."""
    unknown: tuple[str, ...]
    """Comparisons that say nothing, because a side has no value."""
    weight: float
    probability: float


def weight_of(probability: float) -> float:
    """The match weight of a match probability."""
    return math.log2(probability / (1 - probability))


def probability_of(weight: float) -> float:
    """The match probability of a match weight."""
    return 1 / (1 + 2**-weight) if weight > -1000 else 0.0


def from_weighed(weighed: Mapping[str, Any], trained: TrainedModel) -> Waterfall:
    """The waterfall of a row that a scorer gave, exact to the last bit."""
    steps, unknown = [], []
    for item in trained.comparisons:
        if weighed[f"gamma_{item.name}"] == UNKNOWN:
            unknown.append(item.name)
        else:
            steps.append(_step(item, weighed))
    return Waterfall(
        weight_of(trained.prior),
        _in_order(steps),
        tuple(unknown),
        weighed["match_weight"],
        weighed["match_probability"],
    )


def _step(item: LevelSet, weighed: Mapping[str, Any]) -> Step:
    place = level_number(item, weighed[f"gamma_{item.name}"])  # its own inverse
    level = item.levels[place]
    return Step(
        item.name,
        level.words,
        weighed[f"mw_{item.name}"],
        weighed.get(f"mw_tf_adj_{item.name}") or 0.0,
        level.m,
        level.u,
    )


def from_published(
    pair: Pair, prior: float, model: Mapping[str, Mapping[str, PublishedLevel]]
) -> Waterfall:
    """The waterfall of a pair of identity.matches, whose steps are rounded to thousandths."""
    steps = []
    for name, part in pair.why.items():
        if isinstance(part, dict):
            level = model.get(name, {}).get(part["level"])
            m, u = (level.m, level.u) if level else (None, None)
            steps.append(Step(name, part["level"], part["weight"], part["tf"], m, u))
    unknown = tuple(name for name in model if name not in pair.why)
    return Waterfall(prior, _in_order(steps), unknown, pair.weight, pair.probability)


def _in_order(steps: Sequence[Step]) -> tuple[Step, ...]:
    return tuple(sorted(steps, key=lambda step: (-step.weight, step.comparison)))
