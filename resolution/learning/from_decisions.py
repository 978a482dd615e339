"""What decisions on pairs teach a model that was trained without labels.

The model is moved as little as explains the decisions: the most probable one after them, where
what was learned without labels is what is believed before (a maximum a posteriori estimate).
Stewards are shown doubtful pairs, so the decided pairs are no fair sample. Therefore only the
chance of a decision given what is seen of its pair counts, P(match | levels, rarity), never how
often such pairs were decided; choosing pairs by their weight then biases nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl
from scipy.optimize import minimize
from scipy.special import expit

from resolution.comparisons.levels import LevelSet, level_number
from resolution.training.unlabelled import TrainedModel

LEVEL_SPREAD = 1.0
"""Standard deviation, in nats, that m and u of a level are believed with: a factor of 2.7."""

PRIOR_SPREAD = 3.0
"""The same for the starting point, which also carries evidence that was counted twice."""

BELIEF = 25.0
"""Decisions that the model is worth among pairs that are shown to stewards."""

UNSHOWN_BELIEF = 50.0
"""The same among pairs too unlikely to be shown, where it is worth no less than the decisions
above them: with half of this the pairs below review were linked on the strength of decisions
about others."""

SHOWN = 0.1
"""Match probability below which a pair is not shown."""


@dataclass(frozen=True)
class Evidence:
    """What is seen of some pairs."""

    levels: np.ndarray
    """Pair by comparison: number of the level among all levels of all comparisons, or their count
    where a side has nothing to compare."""
    rarity: np.ndarray
    """Bits that the rarity of the shared values adds to each pair's weight."""

    def of(self, chosen: np.ndarray) -> "Evidence":
        """The evidence of the chosen pairs (numbers, or true where chosen)."""
        return Evidence(self.levels[chosen], self.rarity[chosen])


def evidence_of(scored: pl.DataFrame, comparisons: Sequence[LevelSet]) -> Evidence:
    """What `scored` (gamma_<name>, mw_tf_adj_<name>) shows, one row a pair."""
    levels = np.full((scored.height, len(comparisons)), _count(comparisons))
    rarity = np.zeros(scored.height)
    start = 0
    for column, item in enumerate(comparisons):
        seen = scored.get_column(f"gamma_{item.name}").to_numpy()
        # level numbers count down to 0, places count up
        places = level_number(item, 0) - seen
        levels[seen >= 0, column] = start + places[seen >= 0]
        start += len(item.levels)
        if f"mw_tf_adj_{item.name}" in scored.columns:
            rarity += scored.get_column(f"mw_tf_adj_{item.name}").fill_null(0.0).to_numpy()
    return Evidence(levels, rarity)


def weigh(trained: TrainedModel, seen: Evidence) -> np.ndarray:
    """Match weight of each pair: the prior, each level's weight, rarity."""
    levels = [level for item in trained.comparisons for level in item.levels]
    weights = np.array([*(np.log2(level.m / level.u) for level in levels), 0.0])
    before = np.log2(trained.prior / (1 - trained.prior))
    total: np.ndarray = before + weights[seen.levels].sum(axis=1) + seen.rarity
    return total


def learn(
    trained: TrainedModel, decided: Evidence, same: np.ndarray, undecided: Evidence
) -> TrainedModel:
    """`trained` after the decisions: m and u of the levels, and the prior, moved.

    `same`: whether each decided pair is one customer. `undecided`: candidates, or a fair sample
    of them, on which the model keeps its opinion where no decision speaks against it. Nothing is
    learned of non-matches alone: they are told where a link was wrong, and speak of no other.
    Deterministic: the same for the same input, whatever the number of threads.
    """
    if not same.any():
        return trained
    return _Fit(trained, _cases(trained, decided, same, undecided)).best()


def judge_held_out(
    trained: TrainedModel,
    decided: Evidence,
    same: np.ndarray,
    undecided: Evidence,
    fold: np.ndarray,
) -> np.ndarray:
    """Match weight of each decided pair by a model that did not learn from its own fold."""
    weights = weigh(trained, decided)
    for number in np.unique(fold):
        held = fold == number
        taught = learn(trained, decided.of(~held), same[~held], undecided)
        weights[held] = weigh(taught, decided.of(held))
    return weights


@dataclass(frozen=True)
class _Cases:
    """Pairs the model is fitted to, each with the share of it that is one customer."""

    seen: Evidence
    same: np.ndarray
    worth: np.ndarray


def _cases(
    trained: TrainedModel, decided: Evidence, same: np.ndarray, undecided: Evidence
) -> _Cases:
    """The decisions, worth one each, and the model's own opinion on the undecided pairs."""
    shown = expit(weigh(trained, decided) * np.log(2)) >= SHOWN
    opinion = expit(weigh(trained, undecided) * np.log(2))
    likely = opinion >= SHOWN
    unlikely_worth = max(UNSHOWN_BELIEF, float(shown.sum() - (~shown).sum()))
    worth = np.where(
        likely, BELIEF / max(likely.sum(), 1), unlikely_worth / max((~likely).sum(), 1)
    )
    both = Evidence(
        np.concatenate([decided.levels, undecided.levels]),
        np.concatenate([decided.rarity, undecided.rarity]),
    )
    return _Cases(
        both,
        np.concatenate([same.astype(float), opinion]),
        np.concatenate([np.ones(len(same)), worth]),
    )


class _Fit:
    """The search for the most probable m, u and prior.

    The steps searched over are, in nats: the prior's, then one a level for m, then for u.
    """

    def __init__(self, trained: TrainedModel, cases: _Cases) -> None:
        self._trained = trained
        self._cases = cases
        levels = [level for item in trained.comparisons for level in item.levels]
        self._m = np.log([level.m for level in levels])
        self._u = np.log([level.u for level in levels])
        sizes = [len(item.levels) for item in trained.comparisons]
        self._starts = np.cumsum([0, *sizes[:-1]])
        self._comparison = np.repeat(np.arange(len(sizes)), sizes)
        self._before = float(np.log(trained.prior / (1 - trained.prior)))

    def best(self) -> TrainedModel:
        """The model where the search ends."""
        found = minimize(self._loss, np.zeros(1 + 2 * len(self._m)), jac=True, method="L-BFGS-B")
        prior, by_m, by_u = self._parts(found.x)
        m, u = np.exp(self._m + by_m), np.exp(self._u + by_u)
        return replace(
            self._trained,
            comparisons=_with_levels(self._trained.comparisons, m, u),
            prior=float(expit(self._before + prior)),
        )

    def _parts(self, steps: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        """By how much the prior, log m and log u move; each comparison's sums stay the same."""
        count = len(self._m)
        by_m = self._levelled(self._m, steps[1 : count + 1])
        by_u = self._levelled(self._u, steps[count + 1 :])
        return float(steps[0]), by_m, by_u

    def _levelled(self, log: np.ndarray, steps: np.ndarray) -> np.ndarray:
        """`steps` less what they would add to the sum of each comparison."""
        before = np.add.reduceat(np.exp(log), self._starts)
        after = np.add.reduceat(np.exp(log + steps), self._starts)
        levelled: np.ndarray = steps - np.log(after / before)[self._comparison]
        return levelled

    def _loss(self, steps: np.ndarray) -> tuple[float, np.ndarray]:
        """What the cases and the belief before them say against `steps`, and its gradient."""
        cases = self._cases
        prior, by_m, by_u = self._parts(steps)
        weights = np.append(self._m + by_m - self._u - by_u, 0.0)
        logit = self._before + prior + weights[cases.seen.levels].sum(axis=1)
        logit += cases.seen.rarity * np.log(2)
        against = np.logaddexp(0.0, logit) - cases.same * logit
        moved = (by_m**2).sum() + (by_u**2).sum()
        unlikely = (prior / PRIOR_SPREAD) ** 2 + moved / LEVEL_SPREAD**2
        loss = float((cases.worth * against).sum() + unlikely / 2)
        wrong = cases.worth * (expit(logit) - cases.same)
        by_level = np.bincount(
            cases.seen.levels.ravel(),
            weights=np.repeat(wrong, cases.seen.levels.shape[1]),
            minlength=len(weights),
        )[:-1]
        for_m, for_u = by_level + by_m / LEVEL_SPREAD**2, by_u / LEVEL_SPREAD**2 - by_level
        return loss, np.concatenate(
            [
                [wrong.sum() + prior / PRIOR_SPREAD**2],
                self._through(for_m, self._m + by_m),
                self._through(for_u, self._u + by_u),
            ]
        )

    def _through(self, slope: np.ndarray, log: np.ndarray) -> np.ndarray:
        """The slope along the steps, from the slope along log m or log u."""
        value = np.exp(log)
        share = value / np.add.reduceat(value, self._starts)[self._comparison]
        back: np.ndarray = slope - share * np.add.reduceat(slope, self._starts)[self._comparison]
        return back


def _count(comparisons: Sequence[LevelSet]) -> int:
    return sum(len(item.levels) for item in comparisons)


def _with_levels(
    comparisons: Sequence[LevelSet], m: np.ndarray, u: np.ndarray
) -> tuple[LevelSet, ...]:
    """The comparisons with the levels' new m and u, in their order."""
    pairs = iter(np.clip(np.column_stack([m, u]), 1e-9, 1.0).tolist())
    return tuple(
        replace(
            item,
            levels=tuple(
                replace(level, m=new_m, u=new_u)
                for level, (new_m, new_u) in zip(item.levels, pairs, strict=False)
            ),
        )
        for item in comparisons
    )
