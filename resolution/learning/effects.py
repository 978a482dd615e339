"""What learning from decisions would change: levels, decisions got right, links, customers."""

from dataclasses import dataclass

import numpy as np
import polars as pl

from resolution.comparisons.levels import level_number
from resolution.learning.lesson import Lesson
from resolution.training.guards import Watch
from resolution.training.unlabelled import TrainedModel

_WHEN = ("before", "after")
_COUNTED = ("right", "missed", "wrong")

THRESHOLDS = (0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99)


def level_changes(before: TrainedModel, after: TrainedModel, scored: pl.DataFrame) -> pl.DataFrame:
    """Grain: level of a comparison that both models have, in their order, the prior first.

    Columns: comparison, level, matches and non_matches (decided pairs seen at it), m, u and
    match_weight before and after (m_before, m_after, …).
    """
    known = {item.name: item for item in after.comparisons}
    rows = [_prior_row(before, after, scored)]
    for item in before.comparisons:
        if item.name not in known or f"gamma_{item.name}" not in scored.columns:
            continue
        for place, (old, new) in enumerate(zip(item.levels, known[item.name].levels, strict=False)):
            at = scored.filter(pl.col(f"gamma_{item.name}") == level_number(item, place))
            same = int(at.get_column("same").sum())
            weights = (float(np.log2(old.m / old.u)), float(np.log2(new.m / new.u)))
            rows.append(
                (item.name, old.words, same, at.height - same, old.m, new.m, old.u, new.u, *weights)
            )
    columns = ["comparison", "level", "matches", "non_matches"]
    columns += [f"{name}_{when}" for name in ("m", "u", "match_weight") for when in _WHEN]
    return pl.DataFrame(rows, schema=columns, orient="row")


def _prior_row(
    before: TrainedModel, after: TrainedModel, scored: pl.DataFrame
) -> tuple[str | int | float, ...]:
    same = int(scored.get_column("same").sum())
    priors = (before.prior, after.prior)
    weights = [float(np.log2(prior / (1 - prior))) for prior in priors]
    others = [1 - prior for prior in priors]
    return ("prior", "any two records", same, scored.height - same, *priors, *others, *weights)


@dataclass(frozen=True)
class Judged:
    """How a model does on the decisions."""

    right: int
    """Decisions it agrees with at the link threshold."""
    missed: int
    """Matches it does not link."""
    wrong: int
    """Non-matches it links."""
    surprise: float
    """Mean bits of surprise a decision: 0 for a model that is sure and right, 1 for a tossed
    coin. Guards do not count here."""


def judged(lesson: Lesson, weights: np.ndarray, watch: Watch, link: float) -> Judged:
    """How pairs of these weights, kept apart where a guard says so, agree with the decisions."""
    same = lesson.same
    linked = links_of(lesson, weights, watch, link)
    surprise = np.logaddexp(0.0, np.where(same, -weights, weights) * np.log(2)) / np.log(2)
    return Judged(
        right=int((linked == same).sum()),
        missed=int((~linked & same).sum()),
        wrong=int((linked & ~same).sum()),
        surprise=float(surprise.mean()) if len(surprise) else 0.0,
    )


def links_of(lesson: Lesson, weights: np.ndarray, watch: Watch, link: float) -> np.ndarray:
    """Which decided pairs are linked at these weights."""
    linked: np.ndarray = (weights >= np.log2(link / (1 - link))) & ~_kept_apart(
        lesson, weights, watch
    )
    return linked


def refused_matches(lesson: Lesson, weights: np.ndarray, watch: Watch) -> int:
    """Matches that a guard keeps apart: no weight can link them."""
    return int((_kept_apart(lesson, weights, watch) & lesson.same).sum())


def _kept_apart(lesson: Lesson, weights: np.ndarray, watch: Watch) -> np.ndarray:
    marked = watch.marked(lesson.scored.with_columns(match_weight=pl.Series(weights)))
    apart: np.ndarray = marked.get_column("conflict").is_not_null().to_numpy()
    return apart


def by_threshold(
    lesson: Lesson, before: np.ndarray, after: np.ndarray, watch: Watch
) -> pl.DataFrame:
    """Grain: link threshold. Decisions that are right, matches missed, non-matches linked, by
    weights `before` and `after`."""
    rows = []
    for threshold in THRESHOLDS:
        old, new = (judged(lesson, weights, watch, threshold) for weights in (before, after))
        rows.append((threshold, old.right, old.missed, old.wrong, new.right, new.missed, new.wrong))
    columns = ["threshold"]
    columns += [f"{name}_{when}" for when in _WHEN for name in _COUNTED]
    return pl.DataFrame(rows, schema=columns, orient="row")


def link_changes(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Grain: pair that becomes a link, or stops being one, the largest change first.

    Columns: record_id_l, record_id_r, change (new, gone), weight_before and weight_after (null
    below clerical review), status_before and status_after. `before`, `after`: scored pairs.
    """
    ends = ["record_id_l", "record_id_r"]
    both = (
        before.select(*ends, weight_before="match_weight", status_before="status")
        .join(
            after.select(*ends, weight_after="match_weight", status_after="status"),
            on=ends,
            how="full",
            coalesce=True,
        )
        .with_columns(pl.col("status_before", "status_after").fill_null("below review"))
    )
    was, becomes = (pl.col(f"status_{when}") == "link" for when in ("before", "after"))
    change = pl.when(becomes & ~was).then(pl.lit("new")).when(was & ~becomes).then(pl.lit("gone"))
    moved = (pl.col("weight_after") - pl.col("weight_before")).abs()
    return (
        both.with_columns(change=change, moved=moved)
        .drop_nulls("change")
        .sort("change", "moved", *ends, descending=[True, True, False, False], nulls_last=False)
        .drop("moved")
    )


@dataclass(frozen=True)
class Regrouped:
    """Customers that would be others."""

    merged: pl.DataFrame
    """Grain: cluster to be, of records of several entities: entity_ids, records."""
    split: pl.DataFrame
    """Grain: entity whose records would be in several clusters: entity_id, parts, records."""


def regrouped(entities: pl.DataFrame, clusters: pl.DataFrame) -> Regrouped:
    """What becomes of `entities` (record_id, entity_id) in `clusters` (record_id, cluster_id)."""
    placed = entities.join(clusters.select("record_id", "cluster_id"), on="record_id")
    merged = (
        placed.group_by("cluster_id")
        .agg(pl.col("entity_id").unique().sort().alias("entity_ids"), pl.len().alias("records"))
        .filter(pl.col("entity_ids").list.len() > 1)
        .sort(pl.col("entity_ids").list.len(), "cluster_id", descending=[True, False])
        .drop("cluster_id")
    )
    split = (
        placed.group_by("entity_id")
        .agg(pl.col("cluster_id").n_unique().alias("parts"), pl.len().alias("records"))
        .filter(pl.col("parts") > 1)
        .sort("parts", "entity_id", descending=[True, False])
    )
    return Regrouped(merged, split)
