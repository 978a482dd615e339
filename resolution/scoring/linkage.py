"""Splink at work: compares and weighs record pairs with the model's levels and parameters."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import polars as pl

from resolution.comparisons.conditions import Equal, Otherwise
from resolution.comparisons.levels import Level, LevelSet


def settings_of(comparisons: Sequence[LevelSet], prior: float) -> dict[str, Any]:
    """Splink's settings for the comparisons with their m and u, ready to be saved as JSON.

    `prior`: probability that two records drawn at random are one customer.
    """
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "record_id",
        "probability_two_random_records_match": prior,
        "comparisons": [_comparison(item) for item in comparisons],
        "blocking_rules_to_generate_predictions": [],
        "retain_matching_columns": True,
        "retain_intermediate_calculation_columns": True,
    }


def _comparison(levels: LevelSet) -> dict[str, Any]:
    unknown = {
        "sql_condition": levels.unknown.sql(),
        "label_for_charts": "unknown",
        "is_null_level": True,
    }
    plain = [level.condition for level in levels.levels if isinstance(level.condition, Equal)]
    return {
        "output_column_name": levels.name,
        "comparison_levels": [unknown, *(_level(level, plain) for level in levels.levels)],
    }


def _level(level: Level, plain: Sequence[Equal]) -> dict[str, Any]:
    """`plain`: conditions of the comparison's levels, among which Splink looks for the plain
    equality whose u the frequencies are set against."""
    content: dict[str, Any] = {
        "sql_condition": level.condition.sql(),
        "label_for_charts": level.words,
        "m_probability": level.m,
        "u_probability": level.u,
    }
    if level.frequency_of and not isinstance(level.condition, Otherwise):
        content["tf_adjustment_column"] = level.frequency_of
        content["tf_adjustment_weight"] = 1.0
        if level.shared_with is not None:
            # u is a floor here: a value that more people share weighs less, none weighs more
            content["tf_minimum_u_value"] = level.u
        column = level.frequency_of
        if level.shared_with is not None or Equal(column, column) not in plain:
            content["disable_tf_exact_match_detection"] = True
    return content


def write_table(connection: duckdb.DuckDBPyConnection, name: str, frame: pl.DataFrame) -> None:
    """Makes table `name` of `frame`, in its order."""
    connection.register("frame_to_write", frame.to_arrow())
    connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM frame_to_write")
    connection.unregister("frame_to_write")


class PairScorer:
    """Weighs pairs of the table `records` on one DuckDB connection.

    Splink holds the term frequencies of the records for the object's life.
    """

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        comparisons: Sequence[LevelSet],
        prior: float,
        frequencies: Mapping[str, pl.DataFrame] | None = None,
    ) -> None:
        """`frequencies`: column -> (value, tf_<column>); counted among the records when None."""
        from splink import DuckDBAPI, Linker, SettingsCreator

        self.comparisons = tuple(comparisons)
        self._connection = connection
        self._database = DuckDBAPI(connection)
        self._registered: Any = None
        records = self._database.register("records", dataset_display_name="records")
        settings = SettingsCreator.from_path_or_dict(settings_of(comparisons, prior))
        self._linker = Linker(records, settings, validate_settings=False)
        logging.getLogger("splink").setLevel(logging.ERROR)
        for column, frame in (frequencies or {}).items():
            self._register_frequencies(column, frame)

    def _register_frequencies(self, column: str, frame: pl.DataFrame) -> None:
        table = f"frequencies_{column}"
        write_table(self._connection, table, frame)
        registered = self._database.register(table, dataset_display_name=table)
        self._linker.table_management.register_term_frequency_lookup(registered, column)

    def count_patterns(self, pairs: str) -> pl.DataFrame:
        """How often each combination of levels occurs among the pairs of table `pairs`.

        Columns: `gamma_<name>` for each comparison, `pairs`.
        """
        scored = self._predict(pairs, None)
        levels = ", ".join(f'"gamma_{item.name}"' for item in self.comparisons)
        counts: pl.DataFrame = self._connection.sql(
            f"SELECT {levels}, count(*) AS pairs FROM {scored.physical_name} "
            "GROUP BY ALL ORDER BY ALL"
        ).pl()
        scored.drop_table_from_database_and_remove_from_cache()
        return counts

    def score(self, pairs: str, threshold: float | None = None) -> pl.DataFrame:
        """Weights of the pairs in table `pairs` (record_id_l, record_id_r).

        Grain: pair, in order of ids. Columns: record_id_l, record_id_r, match_weight,
        match_probability, and for each comparison `gamma_<name>` (level number, -1 unknown),
        `mw_<name>` and, where its levels know frequencies, `mw_tf_adj_<name>`.
        `threshold`: least match weight to return; all when None.
        """
        scored = self._predict(pairs, threshold)
        shown = ", ".join(self._weight_columns(scored))
        in_order: pl.DataFrame = self._connection.sql(
            f"SELECT {shown} FROM {scored.physical_name} ORDER BY record_id_l, record_id_r"
        ).pl()
        scored.drop_table_from_database_and_remove_from_cache()
        return in_order

    def _weight_columns(self, scored: Any) -> list[str]:
        kept = ("record_id_l", "record_id_r", "match_weight", "match_probability")
        names = [column.unquote().name for column in scored.columns]
        return [f'"{x}"' for x in names if x in kept or x.startswith(("gamma_", "mw_"))]

    def _predict(self, pairs: str, threshold: float | None) -> Any:
        self._connection.execute(
            f"""
            CREATE OR REPLACE TABLE blocked_pairs AS
            SELECT record_id_l AS join_key_l, record_id_r AS join_key_r, '0' AS match_key
            FROM {pairs}
            """
        )
        if self._registered is None:
            self._registered = self._database.register(
                "blocked_pairs", dataset_display_name="blocked_pairs"
            )
        self._linker.table_management.register_blocked_pairs_for_predict(self._registered)
        return self._linker.inference.predict(
            threshold_match_weight=threshold, warning_mode="never"
        )
