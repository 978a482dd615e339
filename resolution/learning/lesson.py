"""A lesson: the decided pairs as a model sees them, and undecided ones it keeps its opinion on."""

from dataclasses import dataclass

import numpy as np
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from resolution.learning.from_decisions import Evidence, evidence_of, judge_held_out, learn, weigh
from resolution.scoring.blocking import Candidates
from resolution.scoring.scorers import Scorer
from resolution.training.unlabelled import TrainedModel

UNDECIDED = 20_000
"""Candidates, about, on which the model keeps its opinion."""

TAUGHT_BY_CUSTOMERS = 20_000
"""Pairs, at most, that whole customers are turned into."""

FOLDS = 5


@dataclass(frozen=True)
class Lesson:
    """The decided pairs, and the model before it learned from them."""

    before: TrainedModel
    scored: pl.DataFrame
    """Grain: decided pair. record_id_l, record_id_r, the levels and rarity of each comparison as
    Scorer.score gives them, same (bool), candidate (bool: a blocking rule brings it together)."""
    undecided: Evidence

    @property
    def same(self) -> np.ndarray:
        """Whether each decided pair is one customer."""
        return self.scored.get_column("same").to_numpy()

    @property
    def decided(self) -> Evidence:
        """What is seen of each decided pair."""
        return evidence_of(self.scored, self.before.comparisons)

    def learnt(self) -> TrainedModel:
        """The model after the decisions."""
        return learn(self.before, self.decided, self.same, self.undecided)

    def weights_by(self, model: TrainedModel) -> np.ndarray:
        """Match weight of each decided pair by `model`."""
        return weigh(model, self.decided)

    def weights_held_out(self) -> np.ndarray:
        """Match weight of each decided pair by models that learned from the others: in FOLDS
        parts, customers whole, so that no pair is judged by what its own customer taught."""
        fold = folds_of(self.scored, FOLDS)
        return judge_held_out(self.before, self.decided, self.same, self.undecided, fold)


def lesson_of(
    scorer: Scorer, candidates: Candidates, before: TrainedModel, decisions: pl.DataFrame
) -> Lesson:
    """What `decisions` (record_id_l < record_id_r, same) teach. `scorer` weighs by `before`."""
    records = len(candidates.own)
    asked = _keys(decisions, records)
    brought = [np.zeros(0, np.int64)]
    for left, right in candidates.pairs():
        keys = left.astype(np.int64) * records + right
        brought.append(keys[np.isin(keys, asked)])
    share = min(1.0, UNDECIDED / max(candidates.gross, 1))
    ends = [np.stack(piece).astype(np.int64) for piece in candidates.pairs(share)]
    left, right = np.concatenate([np.zeros((2, 0), np.int64), *ends], axis=1)
    others = ~np.isin(left * records + right, asked)
    undecided = pl.DataFrame({"record_id_l": left[others], "record_id_r": right[others]})
    told = decisions.get_column("same")
    scored = scorer.score(decisions.select("record_id_l", "record_id_r"))
    return Lesson(
        before,
        scored.with_columns(
            same=told, candidate=pl.Series(np.isin(asked, np.concatenate(brought)))
        ),
        evidence_of(scorer.score(undecided.sort(pl.all())), before.comparisons),
    )


def pairs_of_customers(candidates: Candidates, customers: pl.DataFrame) -> pl.DataFrame:
    """Candidates among the records of `customers` (record_id, entity_id), at most
    TAUGHT_BY_CUSTOMERS of them, and whether both are one: record_id_l, record_id_r, same."""
    codes = np.full(len(candidates.own), -1, np.int64)
    known = customers.get_column("record_id").to_numpy()
    codes[known] = customers.get_column("entity_id").rank("dense").cast(pl.Int64).to_numpy()
    found = [np.zeros((2, 0), np.int64)]
    for left, right in candidates.pairs():
        inside = (codes[left] >= 0) & (codes[right] >= 0)
        found.append(np.stack([left[inside], right[inside]]).astype(np.int64))
    left, right = np.concatenate(found, axis=1)
    chosen = np.random.default_rng(1).permutation(len(left))[:TAUGHT_BY_CUSTOMERS]
    left, right = left[chosen], right[chosen]
    return pl.DataFrame(
        {"record_id_l": left, "record_id_r": right, "same": codes[left] == codes[right]}
    ).sort("record_id_l", "record_id_r")


def folds_of(pairs: pl.DataFrame, folds: int) -> np.ndarray:
    """The fold of each pair (record_id_l, record_id_r, same), the folds about equally full.

    Pairs of records that matches join are in one fold; a non-match goes with its left record.
    """
    ends = [pairs.get_column(f"record_id_{side}").to_numpy() for side in "lr"]
    numbers, places = np.unique(np.concatenate(ends), return_inverse=True)
    left, right = places[: len(pairs)], places[len(pairs) :]
    same = pairs.get_column("same").to_numpy()
    shape = (len(numbers), len(numbers))
    graph = coo_array((np.ones(int(same.sum()), np.int8), (left[same], right[same])), shape=shape)
    group = connected_components(graph, directed=False)[1][left]
    fold: np.ndarray = _spread(group, folds)[group]
    return fold


def _spread(group: np.ndarray, folds: int) -> np.ndarray:
    """The fold of each group, the largest first into the emptiest fold."""
    sizes = np.bincount(group, minlength=1)
    fold = np.zeros(len(sizes), np.int64)
    filled = np.zeros(folds, np.int64)
    for number in np.argsort(-sizes, kind="stable"):
        fold[number] = int(np.argmin(filled))
        filled[fold[number]] += sizes[number]
    return fold


def _keys(pairs: pl.DataFrame, records: int) -> np.ndarray:
    left, right = (pairs.get_column(f"record_id_{side}").to_numpy() for side in "lr")
    keys: np.ndarray = left.astype(np.int64) * records + right
    return keys
