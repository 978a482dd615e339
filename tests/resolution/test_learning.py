"""Decisions move a model by as much as they say, and only where they say it."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from resolution.comparisons.conditions import Otherwise, Sql, same
from resolution.comparisons.levels import Level, LevelSet
from resolution.learning.from_decisions import Evidence, evidence_of, judge_held_out, learn, weigh
from resolution.training.unlabelled import TrainedModel

NAMES = ("a", "b", "c", "d")


def comparison(name: str) -> LevelSet:
    levels = (
        Level("same", same("x"), 0.8, 0.02),
        Level("nearly", same("y"), 0.15, 0.08),
        Level("other", Otherwise(), 0.05, 0.9),
    )
    return LevelSet(name, name, Sql("false"), levels)


MODEL = TrainedModel(tuple(comparison(name) for name in NAMES), 0.001, 100.0)


def drawn(seed: int, pairs: int) -> Evidence:
    """Pairs that show every combination of levels; one comparison in ten has nothing to say."""
    generator = np.random.default_rng(seed)
    place = generator.integers(0, 3, size=(pairs, len(NAMES)))
    levels = place + 3 * np.arange(len(NAMES))
    levels[generator.random(levels.shape) < 0.1] = 3 * len(NAMES)
    return Evidence(levels, generator.normal(0, 0.5, pairs))


def truth(seen: Evidence, seed: int, shift: float) -> np.ndarray:
    """What is one customer in a world whose weights lie `shift` bits above the model's."""
    chance = 1 / (1 + np.exp2(-(weigh(MODEL, seen) + shift)))
    return np.random.default_rng(seed).random(len(chance)) < chance


def test_many_decisions_rule_and_few_move_little() -> None:
    undecided = drawn(1, 2_000)
    asked = drawn(2, 5_000)
    doubtful = asked.of(weigh(MODEL, asked) > -4)
    is_same = truth(doubtful, 3, shift=4.0)
    moved = {}
    for count in (5, len(is_same)):
        few = np.arange(count)
        taught = learn(MODEL, doubtful.of(few), is_same[few], undecided)
        moved[count] = (weigh(taught, doubtful) - weigh(MODEL, doubtful)).mean()
    assert 0 <= moved[5] < 1.0
    assert abs(moved[len(is_same)] - 4.0) < 1.0


def test_choosing_pairs_by_their_weight_biases_nothing() -> None:
    undecided = drawn(1, 2_000)
    asked = drawn(2, 40_000)
    weights = weigh(MODEL, asked)
    is_same = truth(asked, 3, shift=3.0)
    fair = np.random.default_rng(4).permutation(np.flatnonzero(weights > -3.0))[:4_000]
    band = np.flatnonzero((weights > -3.0) & (weights < 4.0))[:4_000]
    probe = drawn(5, 2_000)
    probe = probe.of((weigh(MODEL, probe) > -3.0) & (weigh(MODEL, probe) < 4.0))
    after = [
        weigh(learn(MODEL, asked.of(chosen), is_same[chosen], undecided), probe)
        for chosen in (fair, band)
    ]
    assert abs((after[0] - after[1]).mean()) < 0.6
    assert abs((after[1] - weigh(MODEL, probe)).mean() - 3.0) < 0.7


def test_pairs_nobody_was_shown_keep_their_weight() -> None:
    undecided, asked = drawn(1, 4_000), drawn(2, 4_000)
    weights = weigh(MODEL, asked)
    doubtful = asked.of((weights > -3.0) & (weights < 2.0))
    taught = learn(MODEL, doubtful, np.ones(len(doubtful.levels), dtype=bool), undecided)
    unlikely = undecided.of(weigh(MODEL, undecided) < -6)
    assert (weigh(taught, doubtful) - weigh(MODEL, doubtful)).mean() > 2.0
    assert (weigh(taught, unlikely) > 0).mean() < 0.02


def test_common_values_are_no_fault_of_the_level() -> None:
    asked = drawn(2, 3_000)
    common = replace(asked, rarity=np.full(3_000, -6.0))
    undecided = drawn(1, 2_000)
    taught = learn(MODEL, common, truth(common, 3, shift=0.0), undecided)
    assert abs((weigh(taught, common) - weigh(MODEL, common)).mean()) < 1.0


def test_non_matches_alone_teach_nothing() -> None:
    asked = drawn(2, 100)
    assert learn(MODEL, asked, np.zeros(100, dtype=bool), drawn(1, 500)) is MODEL
    assert learn(MODEL, asked.of(np.arange(0)), np.zeros(0, dtype=bool), drawn(1, 500)) is MODEL


def test_levels_no_pair_shows_hardly_move_and_sums_stay() -> None:
    asked, undecided = (
        seen.of(seen.levels[:, 0] != 1) for seen in (drawn(2, 2_000), drawn(1, 2_000))
    )
    asked = asked.of(weigh(MODEL, asked) > -3)
    taught = learn(MODEL, asked, truth(asked, 3, shift=-3.0), undecided)
    before, after = MODEL.comparisons[0].levels, taught.comparisons[0].levels
    assert abs(np.log2(after[1].m / after[1].u) - np.log2(before[1].m / before[1].u)) < 0.2
    for item in taught.comparisons:
        assert sum(level.m for level in item.levels) == pytest.approx(1.0)
        assert sum(level.u for level in item.levels) == pytest.approx(1.0)


def test_the_same_decisions_teach_the_same_in_any_order() -> None:
    asked, undecided = drawn(2, 400), drawn(1, 1_000)
    is_same = truth(asked, 3, shift=2.0)
    order = np.random.default_rng(9).permutation(400)
    first = learn(MODEL, asked, is_same, undecided)
    assert learn(MODEL, asked, is_same, undecided) == first
    turned = learn(MODEL, asked.of(order), is_same[order], undecided)
    assert np.allclose(weigh(first, asked), weigh(turned, asked), atol=0.02)


def test_a_decision_does_not_judge_the_model_that_learned_from_it() -> None:
    asked, undecided = drawn(2, 300), drawn(1, 1_000)
    is_same = truth(asked, 3, shift=2.0)
    fold = np.arange(300) % 5
    weights = judge_held_out(MODEL, asked, is_same, undecided, fold)
    lied = np.where(fold == 0, ~is_same, is_same)
    again = judge_held_out(MODEL, asked, lied, undecided, fold)
    assert np.array_equal(weights[fold == 0], again[fold == 0])
    assert not np.array_equal(weights[fold == 1], again[fold == 1])


def test_evidence_is_read_from_scored_pairs() -> None:
    scored = pl.DataFrame(
        {
            **{f"gamma_{name}": [2, 0, -1] for name in NAMES},
            "mw_tf_adj_a": [1.5, None, 0.0],
        }
    )
    seen = evidence_of(scored, MODEL.comparisons)
    assert seen.levels.tolist() == [[0, 3, 6, 9], [2, 5, 8, 11], [12] * 4]
    assert seen.rarity.tolist() == [1.5, 0.0, 0.0]
    before = np.log2(0.001 / 0.999)
    assert weigh(MODEL, seen)[0] == pytest.approx(before + 4 * np.log2(40) + 1.5)
    assert weigh(MODEL, seen)[2] == pytest.approx(before)
