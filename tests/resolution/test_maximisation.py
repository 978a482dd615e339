"""Training recovers what made the data, and never learns nonsense from what it did not see."""

import numpy as np

from resolution.comparisons.conditions import Otherwise, Sql, same
from resolution.comparisons.levels import Level, LevelSet
from resolution.training.maximisation import Chance, Patterns, maximise, weights_of

RECORDS = 2_000


def comparison(name: str, shared_with: float | None = None) -> LevelSet:
    return LevelSet(
        name,
        name,
        Sql("false"),
        (
            Level("same", same("x"), 0.6, 0.01, shared_with=shared_with),
            Level("other", Otherwise(), 0.4, 0.99, conflict=True),
        ),
    )


def drawn(seed: int, matches: int, others: int, m: float, u: float) -> Patterns:
    """Pairs of one and of two customers with three independent comparisons."""
    generator = np.random.default_rng(seed)
    chance = np.repeat([m, u], [matches, others])[:, None]
    agree = (generator.random((matches + others, 3)) < chance).astype(int)
    patterns, counts = np.unique(agree, axis=0, return_counts=True)
    names = ("a", "b", "c")
    return Patterns(
        {name: patterns[:, place] for place, name in enumerate(names)}, counts.astype(float)
    )


def test_m_and_the_prior_are_recovered_from_unlabelled_pairs() -> None:
    comparisons = [comparison(name) for name in "abc"]
    total = RECORDS * (RECORDS - 1) // 2
    seen = drawn(1, 3_000, total - 3_000, m=0.9, u=0.02)
    chance = Chance(drawn(2, 300, 199_700, m=0.9, u=0.02), RECORDS)
    learned = maximise(comparisons, seen, chance, np.ones(len(seen.pairs), dtype=bool))
    assert abs(learned.matches.sum() - 3_000) < 150
    for item in learned.comparisons:
        assert abs(item.levels[0].m - 0.9) < 0.03
        assert abs(item.levels[0].u - 0.02) < 0.003


def test_a_level_never_seen_keeps_a_weight_of_its_declared_side() -> None:
    never = LevelSet(
        "a",
        "a",
        Sql("false"),
        (
            Level("identical", same("x"), 0.5, 1e-4),
            Level("never seen", same("y"), 0.1, 1e-3),
            Level("other", Otherwise(), 0.4, 0.9),
        ),
    )
    levels = {"a": np.array([2, 0])}
    seen = Patterns(levels, np.array([1_000.0, 3_000.0]))
    chance = Chance(Patterns({"a": np.array([0])}, np.array([200_000.0])), RECORDS)
    learned = maximise([never], seen, chance, np.ones(2, dtype=bool)).comparisons[0]
    unseen = learned.levels[1]
    assert 0 < unseen.m < 1 and 0 < unseen.u < 1
    assert unseen.m > unseen.u


def test_shared_identifiers_weigh_by_the_number_of_records() -> None:
    item = comparison("a", shared_with=0.2)
    weights = []
    for records in (1_000, 1_000_000):
        others = np.array([0.2 * (records - 1) / 2, 1.0])
        seen = Patterns({"a": np.array([1, 0])}, others)
        chance = Chance(Patterns({"a": np.array([0])}, np.array([1e5])), records)
        learned = chance.with_u([item], seen, others, prior=0.0)[0].levels[0]
        assert abs(learned.u * records - 0.2) < 1e-9
        weights.append(np.log2(learned.m / learned.u))
    assert abs(weights[1] - weights[0] - np.log2(1_000)) < 1e-9


def test_what_people_share_is_believed_within_bounds() -> None:
    item = comparison("a", shared_with=0.2)
    chance = Chance(Patterns({"a": np.array([0])}, np.array([1e5])), RECORDS)
    for others in (0.0, 1e6):
        seen = Patterns({"a": np.array([1, 0])}, np.array([others, 1.0]))
        u = chance.with_u([item], seen, seen.pairs, prior=0.0)[0].levels[0].u
        assert u * RECORDS in (0.2 / 4, 0.2 * 4)


def test_impossible_patterns_teach_nothing() -> None:
    comparisons = [comparison("a"), comparison("b")]
    levels = {"a": np.array([1, 1, 0]), "b": np.array([1, 0, 0])}
    seen = Patterns(levels, np.array([500.0, 400.0, 5_000.0]))
    chance = Chance(Patterns({"a": np.array([0]), "b": np.array([0])}, np.array([1e5])), RECORDS)
    possible = np.array([True, False, True])
    learned = maximise(comparisons, seen, chance, possible)
    assert learned.matches[1] == 0
    weights = weights_of(learned.comparisons, seen)
    assert weights[0] > weights[1] > weights[2]
