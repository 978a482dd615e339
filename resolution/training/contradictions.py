"""What the data says of contradictions: how often one customer shows them, what outweighs them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from resolution.comparisons.levels import UNKNOWN, LevelSet, level_number
from resolution.training.maximisation import Learned, Patterns, weight_by_level, weights_of

SURE = 7.0
"""Match weight from which pairs are taken for one customer when counting what such pairs show:
99 of 100 are."""

ENOUGH_PROOF = 30.0
"""Pairs of one customer that must be seen before anything is concluded from them."""

COMMON = 1 / 30
"""Share of one customer's pairs from which a contradiction is none: it is how these data err."""

INCREDIBLE = 0.3
"""Share above which the pairs are no proof: nobody's data err that often, but relatives and
namesakes who agree in all the rest do."""

MORE_THAN_SLIPS = 3.0
"""Times as often as slips would bring it from which relatives show a contradiction: on the
measured sets without relatives it was at most 2.6 times as often, on one with them 5.3 times."""

STEP = 2.0
"""Width in bits of the ranges of evidence over which true and false pairs are counted."""

MOST = 60.0
"""Match weight from which evidence is not told apart any more."""


@dataclass(frozen=True)
class Contradiction:
    """A comparison whose conflict levels set two customers apart, unless another one agrees."""

    comparison: str
    unless: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judgement:
    """What training found out about a contradiction."""

    contradiction: Contradiction
    proven: int
    """Pairs that the rest of the evidence shows to be one customer."""
    share: float | None = None
    """Share of these that show the contradiction all the same; None when too few are known."""
    outweighed_by: float | None = None
    """Match weight of all other evidence from which most pairs that show it are one customer
    nevertheless; None where there is no such weight."""
    believed: bool = True
    """False where most of the pairs it would refuse are one customer."""
    of_relatives: bool = False
    """True where only the levels that relatives show are believed: the others are how these data
    err."""

    @property
    def known(self) -> bool:
        """Whether there was proof enough to judge it."""
        return self.share is not None


@dataclass(frozen=True)
class Evidence:
    """Candidate patterns, what was learned of them, and the comparisons people are told by."""

    seen: Patterns
    learned: Learned
    telling: Sequence[LevelSet]
    """Comparisons that contradictions are declared on: relatives differ in them."""

    @property
    def total(self) -> np.ndarray:
        """Match weight of each pattern."""
        prior = float(np.log2(self.learned.prior / (1 - self.learned.prior)))
        return prior + weights_of(self.learned.comparisons, self.seen)

    def own(self, item: LevelSet) -> np.ndarray:
        """What the comparison adds to each pattern's weight."""
        weights: np.ndarray = weight_by_level(item)[self.seen.levels[item.name]]
        return weights

    def judge(
        self, contradiction: Contradiction, excused: np.ndarray
    ) -> tuple[Judgement, np.ndarray]:
        """The judgement, and the share of proven pairs at each of the comparison's levels.

        Pairs are proven where everything else weighs SURE and another telling comparison agrees,
        none contradicts: then the comparison in question has had no say. What is seen of them is
        held against the other candidates: among pairs with equal other evidence, the known share
        tells how many that show the contradiction are one customer; the surplus are relatives
        and strangers.
        """
        item = self._named(contradiction.comparison)
        others = [each for each in self.telling if each.name != item.name]
        known = self.seen.levels[item.name] != UNKNOWN
        for other in others:
            known = known & ~self.seen.at_conflict(other)
        agrees = np.zeros(len(known), dtype=bool)
        for other in others:
            agrees |= self.own(other) > 1
        rest = self.total - self.own(item)
        proof = known & agrees & (rest >= SURE)
        levels = self.seen.per_level(item, np.where(proof, self.seen.pairs, 0.0))
        proven = float(levels.sum())
        if proven < ENOUGH_PROOF:
            return Judgement(contradiction, int(proven)), levels
        at = self.seen.at_conflict(item)
        share = float(self.seen.pairs[proof & at].sum()) / proven
        if share > INCREDIBLE:
            return Judgement(contradiction, int(proven)), levels
        if share <= COMMON:
            outweighed = self._limit(item, known & ~excused, rest, share)
            return Judgement(contradiction, int(proven), share, outweighed), levels / proven
        slips = _without_relatives(item, levels)
        if slips is None:
            return Judgement(contradiction, int(proven), share, believed=False), levels / proven
        share = float(slips[item.conflicts(of_relatives=True)].sum() / slips.sum())
        outweighed = self._limit(item, known & ~excused, rest, share, of_relatives=True)
        judged = Judgement(contradiction, int(proven), share, outweighed, of_relatives=True)
        return judged, slips / slips.sum()

    def refused(self, judged: Judgement, excused: np.ndarray) -> np.ndarray:
        """Patterns that cannot be one customer by what is believed of the contradiction."""
        item = self._named(judged.contradiction.comparison)
        at = self.seen.at_conflict(item, judged.of_relatives)
        against: np.ndarray = at & ~excused & judged.believed
        if judged.outweighed_by is not None:
            against &= self.total - self.own(item) < judged.outweighed_by
        return against

    def _named(self, name: str) -> LevelSet:
        return next(item for item in self.telling if item.name == name)

    def _limit(
        self,
        item: LevelSet,
        eligible: np.ndarray,
        rest: np.ndarray,
        share: float,
        of_relatives: bool = False,
    ) -> float | None:
        """The other evidence from which refusing a pair that shows the contradiction is wrong
        more often than right; None where there is no such weight."""
        at = self.seen.at_conflict(item, of_relatives)
        place = np.clip(np.floor(rest / STEP), -1, MOST / STEP).astype(int)
        inside = eligible & (place >= 0)
        shown, one = (
            np.bincount(place[inside], weights=pairs[inside], minlength=int(MOST / STEP) + 1)
            for pairs in (
                np.where(at, self.seen.pairs, 0.0),
                np.where(at, 0.0, self.learned.matches),
            )
        )
        true = np.minimum(share / (1 - share) * one, shown)
        gain = np.cumsum((2 * true - shown)[::-1])[::-1]
        best = int(np.argmax(gain))
        return STEP * best if gain[best] > 0 else None


def _without_relatives(item: LevelSet, levels: np.ndarray) -> np.ndarray | None:
    """Proven pairs at each level, only as many at those that relatives show as slips would bring;
    None where there are not many more of them."""
    words = [level.words for level in item.levels]
    slips = levels.copy()
    for place in item.conflicts(of_relatives=True):
        slips[place] = min(levels[place], levels[words.index(str(item.levels[place].as_often_as))])
    shown, by_slips = (
        float(each[item.conflicts(of_relatives=True)].sum()) for each in (levels, slips)
    )
    many = shown >= ENOUGH_PROOF and shown > MORE_THAN_SLIPS * by_slips
    return slips if many else None


def excused(
    seen: Patterns, comparisons: Sequence[LevelSet], contradiction: Contradiction
) -> np.ndarray:
    """Patterns in which a comparison agrees fully that excuses the contradiction."""
    found = np.zeros(len(seen.pairs), dtype=bool)
    for other in comparisons:
        if other.name in contradiction.unless:
            numbers = [level_number(other, place) for place in other.agreeing]
            found |= np.isin(seen.levels[other.name], numbers)
    return found
