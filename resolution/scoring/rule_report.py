"""What each blocking rule finds and costs, measured without labels, and which are worth it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from resolution.engine.blocks import rules_of
from resolution.scoring.blocking import Candidates, RuleCount
from resolution.scoring.scorers import pairs_frame

LOOKED_AT = 2_000_000
"""Candidates, about, that costs are counted on; a sample of them where there are more."""

WORTH = 1e-4
"""Least share of the expected matches that a costly rule must find alone."""

AFFORDABLE = 10.0
"""Candidates a record up to which no rule is left out: they cost less than a match is worth."""

COSTLY = 0.02
"""Share of the candidates that a rule brings alone, from which it is costly."""


@dataclass(frozen=True)
class RuleReport:
    """One rule's part in finding matches."""

    count: RuleCount
    only_pairs: float
    """Candidates that no other rule brings (estimated where there are very many)."""
    matches: float
    """Expected matches among its pairs: the sum of their probabilities."""
    only_matches: float
    """Expected matches that no other rule brings: what would be lost without it."""


@dataclass(frozen=True)
class BlockingReport:
    """All rules, and how much of the truth they are likely to miss together."""

    rules: tuple[RuleReport, ...]
    candidates: float
    matches: float
    """Expected matches among the candidates."""
    unseen: float
    """Expected matches that no rule brings: Chao's estimate from those that exactly one and
    exactly two rules bring (Chao 1987). High where one rule's pairs can share no other (an
    order number), low where rules look at the same columns."""

    @property
    def recall(self) -> float:
        """Estimated share of all matches that are among the candidates."""
        return self.matches / max(self.matches + self.unseen, 1e-9)


@dataclass(frozen=True)
class _Tally:
    """Distinct sets of rules, as bits, with the pairs and expected matches of each."""

    masks: np.ndarray
    pairs: np.ndarray
    matches: np.ndarray

    def without(self, rule: int) -> "_Tally":
        return _Tally(self.masks & ~(1 << rule), self.pairs, self.matches)

    def alone(self, rule: int) -> tuple[float, float]:
        """(pairs, matches) that only this rule brings."""
        only = self.masks == 1 << rule
        return float(self.pairs[only].sum()), float(self.matches[only].sum())


def report_blocking(candidates: Candidates, scored: pl.DataFrame) -> BlockingReport:
    """What each rule brings. `scored`: candidates with their match_probability; those left out
    of it count as no match."""
    tally = _tally(candidates, scored)
    rules = tuple(
        RuleReport(
            count,
            tally.alone(place)[0],
            float(tally.matches[(tally.masks >> place) & 1 == 1].sum()),
            tally.alone(place)[1],
        )
        for place, count in enumerate(candidates.counts)
    )
    times = np.array([int(mask).bit_count() for mask in tally.masks])
    once, twice = (float(tally.matches[times == n].sum()) for n in (1, 2))
    total = float(tally.matches.sum())
    unseen = once * once / (2 * twice) if twice > 0 else once
    return BlockingReport(rules, float(tally.pairs.sum()), total, min(unseen, total))


def rules_not_worth_it(candidates: Candidates, scored: pl.DataFrame) -> list[str]:
    """Rules that bring many candidates alone and hardly a match; left out one at a time, so that
    of two rules that find the same one stays."""
    tally = _tally(candidates, scored)
    total_pairs, total_matches = float(tally.pairs.sum()), float(tally.matches.sum())
    if total_pairs <= AFFORDABLE * len(candidates.own):
        return []
    left_out: list[str] = []
    while True:
        costs = [
            (tally.alone(place)[0], place, count.rule)
            for place, count in enumerate(candidates.counts)
            if tally.alone(place)[1] < WORTH * total_matches
        ]
        cost, place, rule = max(costs, default=(0.0, 0, ""))
        if cost <= COSTLY * total_pairs:
            return left_out
        left_out.append(rule)
        tally = tally.without(place)


def _tally(candidates: Candidates, scored: pl.DataFrame) -> _Tally:
    share = min(1.0, LOOKED_AT / max(candidates.gross, 1))
    ends = pairs_frame(candidates.pairs(share))
    counted = _masks(candidates, ends).to_frame("mask").group_by("mask").len("pairs")
    weighed = scored.select(
        _masks(candidates, scored).alias("mask"), pl.col("match_probability").alias("matches")
    )
    matched = weighed.group_by("mask").agg(pl.col("matches").sum())
    both = counted.join(matched, on="mask", how="full", coalesce=True).fill_null(0).sort("mask")
    # a pair that no rule brings was scored because others of its cluster are linked
    both = both.filter(pl.col("mask") != 0)
    return _Tally(
        both["mask"].to_numpy(), both["pairs"].to_numpy() / share, both["matches"].to_numpy()
    )


def _masks(candidates: Candidates, pairs: pl.DataFrame) -> pl.Series:
    left, right = (
        pairs.get_column(f"record_id_{side}").to_numpy().astype(np.int32) for side in "lr"
    )
    return pl.Series("mask", rules_of(candidates.blocks, left, right), dtype=pl.Int64)


def as_table(report: BlockingReport) -> Sequence[tuple[str, ...]]:
    """A heading and a row a rule, for a terminal: what it brings, what it alone brings, its
    largest blocks."""
    heading = (
        "rule", "pairs", "by it alone", "matches", "by it alone", "largest block",
        "refined", "left out",
    )  # fmt: skip
    rows = [
        (
            item.count.rule,
            f"{item.count.pairs:,}",
            f"{item.only_pairs:,.0f}",
            f"{item.matches:,.0f}",
            f"{item.only_matches:,.1f}",
            f"{item.count.largest_block:,}",
            f"{item.count.refined_blocks:,}",
            f"{item.count.left_out_blocks:,}",
        )
        for item in report.rules
    ]
    return [heading, *rows]
