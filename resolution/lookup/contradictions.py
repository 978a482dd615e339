"""Whether a guard forbids a pair: resolution.training.guards.Watch for one pair at a time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from resolution.comparisons.levels import LevelSet, level_number
from resolution.model import CustomerModel
from resolution.training.guards import believed_guards
from resolution.training.unlabelled import TrainedModel


@dataclass(frozen=True)
class _Rule:
    """A guard, its comparisons named by their places and its levels by their numbers."""

    comparison: int
    conflicts: frozenset[int]
    excuses: tuple[tuple[int, frozenset[int]], ...]
    outweighed_by: float
    learnt: float
    sources: frozenset[str]
    reason: str


class PairGuards:
    """The guards of a model that the data bore out."""

    def __init__(self, model: CustomerModel, trained: TrainedModel) -> None:
        places = {item.name: place for place, item in enumerate(trained.comparisons)}
        self._rules = []
        for believed in believed_guards(model.guards, trained):
            guard, place = believed.rule, places[believed.rule.comparison]
            item = trained.comparisons[place]
            excuses = [places[name] for name in guard.unless if name in places]
            rule = _Rule(
                place,
                _numbers(item, item.conflicts(believed.of_relatives)),
                tuple(
                    (x, _numbers(other, other.agreeing))
                    for x in excuses
                    for other in [trained.comparisons[x]]
                ),
                np.inf if guard.outweighed_by is None else guard.outweighed_by,
                np.inf if believed.learnt is None else believed.learnt,
                frozenset(guard.sources),
                guard.reason,
            )
            self._rules.append(rule)

    def conflict(
        self, levels: np.ndarray, weights: np.ndarray, total: float, sources: Sequence[str | None]
    ) -> str | None:
        """The reason of the first guard that fires; None where none does.

        `levels`, `weights`: of each comparison, rarity in the weight; `total`: match weight.
        """
        for rule in self._rules:
            if (
                int(levels[rule.comparison]) in rule.conflicts
                and not any(int(levels[place]) in agreeing for place, agreeing in rule.excuses)
                and total < rule.outweighed_by
                and total - weights[rule.comparison] < rule.learnt
                and (not rule.sources or rule.sources.issuperset(sources))
            ):
                return rule.reason
        return None


def _numbers(item: LevelSet, places: Sequence[int]) -> frozenset[int]:
    return frozenset(level_number(item, place) for place in places)
