"""Training without labels: what two records of one customer, and of two, look like here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb
import numpy as np
import polars as pl

from resolution.comparisons import Level, LevelSet
from resolution.linkage import UNKNOWN, PairScorer, level_number

SAMPLED_PAIRS = 1_000_000
"""Random pairs from which u is counted: a level of u 0.001 is then known to within 3 %."""

BELIEF = 25.0
"""Pairs of one customer that a level's declared m is worth beside the pairs observed."""

BELIEVED = 0.05
"""Share of one customer's pairs that may show a contradiction before it is no contradiction."""

ENOUGH_PROOF = 30.0
"""Expected matches that prove or disprove a contradiction; it is believed with fewer."""

ROUNDS = 40
"""Rounds of expectation maximisation; on the measured sets m moves by under 0.001 after 25."""


@dataclass(frozen=True)
class Contradiction:
    """A comparison whose conflict levels set two customers apart, unless another one agrees."""

    comparison: str
    unless: tuple[str, ...] = ()


@dataclass(frozen=True)
class TrainedModel:
    """Comparisons with the m and u learned, and the prior."""

    comparisons: tuple[LevelSet, ...]
    prior: float
    """Probability that two records drawn at random are one customer."""
    expected_matches: float
    mistrusted: tuple[Contradiction, ...] = ()
    """Contradictions that are too common here among records that are one customer."""


@dataclass(frozen=True)
class _Evidence:
    """Level numbers by comparison over distinct patterns, and how many pairs show each."""

    levels: Mapping[str, np.ndarray]
    pairs: np.ndarray


def draw_random_pairs(connection: duckdb.DuckDBPyConnection, records: int, seed: int) -> None:
    """Writes table `random_pairs`: up to SAMPLED_PAIRS distinct pairs, the same for a seed."""
    generator = np.random.default_rng(seed)
    ends = generator.integers(0, records, size=(2, SAMPLED_PAIRS), dtype=np.int64)
    low, high = ends.min(axis=0), ends.max(axis=0)
    pairs = pl.DataFrame({"record_id_l": low, "record_id_r": high})
    pairs = (
        pairs.filter(pl.col("record_id_l") < pl.col("record_id_r"))
        .unique()
        .sort("record_id_l", "record_id_r")
    )
    connection.register("drawn_pairs", pairs.to_arrow())
    connection.execute("CREATE OR REPLACE TABLE random_pairs AS SELECT * FROM drawn_pairs")
    connection.unregister("drawn_pairs")


def train(
    connection: duckdb.DuckDBPyConnection,
    comparisons: Sequence[LevelSet],
    contradictions: Sequence[Contradiction],
    seed: int,
) -> TrainedModel:
    """Learns m, u and the prior from tables `records` and `candidates`, without labels.

    u comes from random pairs; m and the prior from expectation maximisation over the candidates
    (Fellegi and Sunter 1969; Winkler 1988), started from the levels' declared values. Candidates
    with an unexcused contradiction count as two customers: relatives who share everything but
    their given name would otherwise teach the model that given names may differ. Where pairs
    that are excused show a contradiction often, it is dropped and training starts again.
    """
    records = count_rows(connection, "records")
    if records < 2:
        return TrainedModel(tuple(comparisons), 1e-4, 0.0)
    draw_random_pairs(connection, records, seed)
    prior = 1 / records
    scorer = PairScorer(connection, comparisons, prior)
    chance = _with_u(comparisons, _evidence(scorer.count_patterns("random_pairs")), records)
    if count_rows(connection, "candidates") == 0:
        return TrainedModel(chance, prior, 0.0)
    candidates = _evidence(scorer.count_patterns("candidates"))
    total = records * (records - 1) / 2
    return _maximise_with(chance, candidates, tuple(contradictions), total)


def _maximise_with(
    comparisons: tuple[LevelSet, ...],
    seen: _Evidence,
    contradictions: tuple[Contradiction, ...],
    total: float,
) -> TrainedModel:
    mistrusted: tuple[Contradiction, ...] = ()
    while True:
        believed = [item for item in contradictions if item not in mistrusted]
        possible = np.ones(len(seen.pairs), dtype=bool)
        for item in believed:
            possible &= ~_contradicted(seen, comparisons, item) | _excused(seen, comparisons, item)
        learned, prior, matches = _maximise(comparisons, seen, possible, total)
        doubted = [item for item in believed if _is_common(seen, learned, item, matches)]
        if not doubted:
            return TrainedModel(learned, prior, float(matches.sum()), mistrusted)
        mistrusted += tuple(doubted)


def _is_common(
    seen: _Evidence, comparisons: Sequence[LevelSet], item: Contradiction, matches: np.ndarray
) -> bool:
    known = (seen.levels[item.comparison] != UNKNOWN) & _excused(seen, comparisons, item)
    proven = float(matches[known].sum())
    contradicted = float(matches[known & _contradicted(seen, comparisons, item)].sum())
    return proven >= ENOUGH_PROOF and contradicted > BELIEVED * proven


def count_rows(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    # fetchall: a result that is not read to its end keeps the connection busy
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])


def _evidence(patterns: pl.DataFrame) -> _Evidence:
    levels = {
        name.removeprefix("gamma_"): patterns.get_column(name).to_numpy()
        for name in patterns.columns
        if name.startswith("gamma_")
    }
    return _Evidence(levels, patterns.get_column("pairs").to_numpy().astype(float))


def _with_u(
    comparisons: Sequence[LevelSet], chance: _Evidence, records: int
) -> tuple[LevelSet, ...]:
    """u of each level: its share among random pairs, never below what people share anyway."""
    return tuple(
        replace(item, levels=_levels_with_u(item, chance, records)) for item in comparisons
    )


def _levels_with_u(item: LevelSet, chance: _Evidence, records: int) -> tuple[Level, ...]:
    seen = chance.levels[item.name]
    counts = _weight_per_level(item, seen, chance.pairs)
    declared = np.array([level.u for level in item.levels])
    shares = (counts + declared) / (counts.sum() + declared.sum())
    learned = []
    for level, share in zip(item.levels, shares, strict=True):
        # people's own identifiers are shared too seldom to be counted in a sample, and what a
        # sample does count is mostly one customer's own records
        u = level.shared_with / records if level.shared_with is not None else float(share)
        learned.append(replace(level, u=min(max(u, 1e-9), 1.0)))
    return tuple(learned)


def _weight_per_level(item: LevelSet, seen: np.ndarray, weight: np.ndarray) -> np.ndarray:
    return np.array(
        [
            float(weight[seen == level_number(item, place)].sum())
            for place in range(len(item.levels))
        ]
    )


def _contradicted(
    seen: _Evidence, comparisons: Sequence[LevelSet], item: Contradiction
) -> np.ndarray:
    levels = next(each for each in comparisons if each.name == item.comparison)
    conflicts = [
        level_number(levels, place) for place, level in enumerate(levels.levels) if level.conflict
    ]
    return np.isin(seen.levels[item.comparison], conflicts)


def _excused(seen: _Evidence, comparisons: Sequence[LevelSet], item: Contradiction) -> np.ndarray:
    excused = np.zeros(len(seen.pairs), dtype=bool)
    for other in comparisons:
        if other.name in item.unless:
            excused |= seen.levels[other.name] == len(other.levels) - 1
    return excused


def _maximise(
    comparisons: tuple[LevelSet, ...], seen: _Evidence, possible: np.ndarray, total: float
) -> tuple[tuple[LevelSet, ...], float, np.ndarray]:
    """Comparisons with m learned, the prior, and the expected matches of each pattern."""
    prior = 1.0 / np.sqrt(total)
    matches = np.zeros_like(seen.pairs)
    learned = comparisons
    for _ in range(ROUNDS):
        odds = prior / (1 - prior) * np.exp2(_weights(learned, seen))
        matches = np.where(possible, odds / (1 + odds), 0.0) * seen.pairs
        prior = float(np.clip(matches.sum() / total, 1e-12, 0.5))
        learned = tuple(
            replace(item, levels=_levels_with_m(item, seen, matches)) for item in comparisons
        )
    return learned, prior, matches


def _weights(comparisons: Sequence[LevelSet], seen: _Evidence) -> np.ndarray:
    """Sum of the comparisons' log2 Bayes factors for each pattern."""
    total = np.zeros_like(seen.pairs)
    for item in comparisons:
        table = np.zeros(len(item.levels) + 1)
        for place, level in enumerate(item.levels):
            table[level_number(item, place)] = np.log2(level.m / level.u)
        # UNKNOWN is -1: numpy's last element, which stays 0
        assert UNKNOWN == -1
        total += table[seen.levels[item.name]]
    return total


def _levels_with_m(item: LevelSet, seen: _Evidence, matches: np.ndarray) -> tuple[Level, ...]:
    """`item` with its declared m, corrected by what the expected matches show."""
    counts = _weight_per_level(item, seen.levels[item.name], matches)
    declared = np.array([level.m for level in item.levels])
    declared = declared / declared.sum()
    shares = (counts + BELIEF * declared) / (counts.sum() + BELIEF)
    return tuple(
        replace(level, m=float(share)) for level, share in zip(item.levels, shares, strict=True)
    )
