"""Pairs that contradict each other: weighed, and marked with the guard that forbids them."""

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from resolution.comparisons.levels import LevelSet, level_number
from resolution.model import Guard
from resolution.training.contradictions import Contradiction
from resolution.training.unlabelled import TrainedModel

TWICE = "two records of a source that holds nobody twice"
"""Why a pair within a source of `without_duplicates` is refused."""


def contradiction_of(guard: Guard, names: set[str]) -> Contradiction:
    """What the guard watches for, as training knows it. `names`: comparisons there are."""
    return Contradiction(guard.comparison, tuple(x for x in guard.unless if x in names))


@dataclass(frozen=True)
class BelievedGuard:
    """A guard that the data does not disprove."""

    rule: Guard
    learnt: float | None = None
    """Match weight of all other evidence from which training found it outweighed; None for
    never."""
    of_relatives: bool = False
    """Whether only what relatives show is held against two records."""


def believed_guards(guards: Sequence[Guard], trained: TrainedModel) -> list[BelievedGuard]:
    """The guards on comparisons there are, without those that training found not to hold."""
    names = {item.name for item in trained.comparisons}
    judged = {item.contradiction: item for item in trained.judged}
    believed = []
    for guard in guards:
        found = judged.get(contradiction_of(guard, names))
        if guard.comparison in names and (found is None or found.believed):
            learnt = (found.outweighed_by, found.of_relatives) if found else (None, False)
            believed.append(BelievedGuard(guard, *learnt))
    return believed


@dataclass(frozen=True)
class Watch:
    """Marks pairs that contradict each other."""

    comparisons: Sequence[LevelSet]
    guards: Sequence[BelievedGuard]
    sources: pl.Series
    """Each record's source, in order of record_id."""
    without_duplicates: Sequence[str] = ()
    """Sources that hold nobody twice."""

    def marked(self, scored: pl.DataFrame) -> pl.DataFrame:
        """`scored` with `conflict`: the reason of the first guard that fires, null where none
        does."""
        reason = pl.Series("conflict", [None] * len(scored), dtype=pl.String)
        for guard in reversed(self.guards):
            fires = self._fires(guard, scored)
            reason = pl.select(
                pl.when(fires).then(pl.lit(guard.rule.reason)).otherwise(reason)
            ).to_series()
        twice = self._of_one_source(scored)
        told = pl.select(pl.when(twice).then(pl.lit(TWICE)).otherwise(reason)).to_series()
        return scored.with_columns(conflict=told)

    def _of_one_source(self, scored: pl.DataFrame) -> pl.Series:
        """Whether both records are of one source that holds nobody twice."""
        left, right = (self.sources.gather(scored.get_column(f"record_id_{side}")) for side in "lr")
        return (left == right) & left.is_in(list(self.without_duplicates))

    def _fires(self, believed: BelievedGuard, scored: pl.DataFrame) -> pl.Series:
        guard = believed.rule
        by_name = {item.name: item for item in self.comparisons}
        item = by_name[guard.comparison]
        conflicts = [level_number(item, place) for place in item.conflicts(believed.of_relatives)]
        fires = scored.get_column(f"gamma_{guard.comparison}").is_in(conflicts)
        for other in guard.unless:
            if other in by_name:
                agreeing = [level_number(by_name[other], x) for x in by_name[other].agreeing]
                fires &= ~scored.get_column(f"gamma_{other}").is_in(agreeing)
        if guard.outweighed_by is not None:
            fires &= scored.get_column("match_weight") < guard.outweighed_by
        if believed.learnt is not None:
            fires &= self._rest(guard, scored) < believed.learnt
        if guard.sources:
            held = self.sources.is_in(list(guard.sources))
            for side in "lr":
                fires &= held.gather(scored.get_column(f"record_id_{side}"))
        return fires

    @staticmethod
    def _rest(guard: Guard, scored: pl.DataFrame) -> pl.Series:
        """Match weight of everything but the guard's own comparison."""
        own = [f"mw_{guard.comparison}", f"mw_tf_adj_{guard.comparison}"]
        held = pl.sum_horizontal([name for name in own if name in scored.columns])
        return scored.select(pl.col("match_weight") - held).to_series()
