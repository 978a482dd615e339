"""What weighs pairs: the compiled scorer, or Splink itself where the compiler cannot follow."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import duckdb
import numpy as np
import polars as pl

from resolution.comparisons.levels import LevelSet
from resolution.engine.program import NotCompiledError
from resolution.engine.scorer import CompiledScorer, PairSource, compiled_scorer
from resolution.scoring.blocking import Candidates
from resolution.scoring.linkage import PairScorer, write_table

LOG = logging.getLogger(__name__)


class Scorer(Protocol):
    """Weighs pairs of one set of records by one model."""

    @property
    def comparisons(self) -> tuple[LevelSet, ...]: ...

    def with_model(
        self,
        comparisons: Sequence[LevelSet],
        prior: float,
        frequencies: Mapping[str, pl.DataFrame] | None,
    ) -> "Scorer":
        """The same records with other m, u, prior and term frequencies."""
        ...

    def score(self, pairs: pl.DataFrame, least: float | None = None) -> pl.DataFrame:
        """Weights of `pairs` (record_id_l < record_id_r), in their order.

        Columns: record_id_l, record_id_r, match_weight, match_probability, and for each
        comparison `gamma_<name>` (level number, -1 unknown), `mw_<name>` and, where its levels
        know frequencies, `mw_tf_adj_<name>`. `least`: match weight to return at least.
        """
        ...

    def score_candidates(self, candidates: Candidates, least: float) -> tuple[pl.DataFrame, int]:
        """The candidates that weigh at least `least`, as `score` gives them, in order of ids;
        and how many candidates there were."""
        ...

    def count_patterns(self, pairs: PairSource) -> pl.DataFrame:
        """How often each combination of levels occurs: `gamma_<name>` by comparison, `pairs`."""
        ...


@dataclass(frozen=True)
class Compiled:
    """Weighs with the compiled program."""

    engine: CompiledScorer

    @property
    def comparisons(self) -> tuple[LevelSet, ...]:
        return self.engine.comparisons

    def with_model(
        self,
        comparisons: Sequence[LevelSet],
        prior: float,
        frequencies: Mapping[str, pl.DataFrame] | None,
    ) -> "Compiled":
        return Compiled(self.engine.with_model(comparisons, prior, frequencies))

    def score(self, pairs: pl.DataFrame, least: float | None = None) -> pl.DataFrame:
        return self.engine.score(pairs, least)

    def score_candidates(self, candidates: Candidates, least: float) -> tuple[pl.DataFrame, int]:
        return self.engine.score_blocks(candidates.blocks, candidates.own, least)

    def count_patterns(self, pairs: PairSource) -> pl.DataFrame:
        return self.engine.count_patterns(pairs)


@dataclass(frozen=True)
class BySplink:
    """Weighs with Splink's own predict, on table `records` of a DuckDB connection."""

    connection: duckdb.DuckDBPyConnection
    comparisons: tuple[LevelSet, ...]
    prior: float
    frequencies: Mapping[str, pl.DataFrame] | None = None

    def with_model(
        self,
        comparisons: Sequence[LevelSet],
        prior: float,
        frequencies: Mapping[str, pl.DataFrame] | None,
    ) -> "BySplink":
        return replace(self, comparisons=tuple(comparisons), prior=prior, frequencies=frequencies)

    def score(self, pairs: pl.DataFrame, least: float | None = None) -> pl.DataFrame:
        write_table(self.connection, "asked_pairs", pairs)
        scored = self._scorer().score("asked_pairs", least)
        return pairs.select("record_id_l", "record_id_r").join(
            scored, on=["record_id_l", "record_id_r"], maintain_order="left"
        )

    def score_candidates(self, candidates: Candidates, least: float) -> tuple[pl.DataFrame, int]:
        pairs = pairs_frame(candidates.pairs()).sort("record_id_l", "record_id_r")
        return self.score(pairs, least), len(pairs)

    def count_patterns(self, pairs: PairSource) -> pl.DataFrame:
        write_table(self.connection, "asked_pairs", pairs_frame(pairs))
        return self._scorer().count_patterns("asked_pairs")

    def _scorer(self) -> PairScorer:
        return PairScorer(self.connection, self.comparisons, self.prior, self.frequencies)


def pairs_frame(pairs: PairSource) -> pl.DataFrame:
    """All of `pairs` as record_id_l, record_id_r."""
    ends = [np.stack(item).astype(np.int64) for item in pairs]
    joined = np.concatenate([np.zeros((2, 0), np.int64), *ends], axis=1)
    return pl.DataFrame({"record_id_l": joined[0], "record_id_r": joined[1]})


def scorer_for(
    connection: duckdb.DuckDBPyConnection,
    records: pl.LazyFrame,
    comparisons: Sequence[LevelSet],
    prior: float,
) -> Scorer:
    """The compiled scorer, or Splink's where a comparison cannot be compiled; then it says so.

    `records`: in order of record_id, dense from 0.
    """
    try:
        return Compiled(compiled_scorer(records, comparisons, prior))
    except NotCompiledError as unknown:
        LOG.warning("Splink weighs this run: no compiled form of the condition %s", unknown)
        return by_splink(connection, records, comparisons, prior)


def by_splink(
    connection: duckdb.DuckDBPyConnection,
    records: pl.LazyFrame,
    comparisons: Sequence[LevelSet],
    prior: float,
) -> BySplink:
    """Splink over `records`, which are written to the connection's table `records`."""
    write_table(connection, "records", records.collect())
    return BySplink(connection, tuple(comparisons), prior)
