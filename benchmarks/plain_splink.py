"""The baseline: Splink 5 as an engineer would set it up in an hour, from the columns' names.

Its threshold is the best of five, picked on the truth, which nobody has who needs the result.
"""

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import duckdb
import polars as pl

from benchmarks.measuring import Cost, measured
from benchmarks.plain_columns import PlainTable, plain_table
from benchmarks.sets import TruthSet
from quality.evaluate import Evaluation, score_assignment

THRESHOLDS: Final = (0.5, 0.8, 0.9, 0.95, 0.99)
PAIRS_OF_A_RULE: Final = 2_000_000
"""Blocking rules that would compare more are left out."""
PAIRS_TO_TRAIN_ON: Final = 2e6
PAIRS_TO_TRAIN_AT_LEAST: Final = 100
CATEGORIES: Final = 50
"""A column with fewer values is compared for equality alone."""
RECALL_OF_SURE_RULES: Final = 0.7
PLACES: Final = frozenset({"city", "region", "state", "country"})
Rule = tuple[str, ...]


@dataclass(frozen=True)
class SplinkResult:
    """Plain Splink's clusters at the threshold that is best on the truth, judged."""

    evaluation: Evaluation
    threshold: float
    cost: Cost
    """Of training, comparing and one clustering."""
    pairs: int


def run_splink(given: TruthSet, link_only: bool) -> SplinkResult:
    """Splink on the set's records; `link_only` where no source holds anybody twice."""
    (found, waste), cost = measured(lambda: _resolve(given, link_only))
    return SplinkResult(
        found.evaluation, found.threshold, Cost(cost.seconds - waste, cost.megabytes), found.pairs
    )


@dataclass(frozen=True)
class _Best:
    evaluation: Evaluation
    threshold: float
    pairs: int


def _resolve(given: TruthSet, link_only: bool) -> tuple[_Best, float]:
    """The best clusters, and the seconds spent on choosing among the thresholds."""
    table = plain_table(given.records)
    connection = duckdb.connect()
    linker = _trained(connection, table, link_only)
    predicted = linker.inference.predict(threshold_match_probability=0.01)
    counted = connection.sql(f"SELECT count(*) FROM {predicted.physical_name}").fetchall()
    tries = []
    started = time.perf_counter()
    for threshold in THRESHOLDS:
        clusters = linker.clustering.cluster_pairwise_predictions_at_threshold(
            predicted, threshold_match_probability=threshold
        )
        rows = connection.sql(f"SELECT record_id, cluster_id FROM {clusters.physical_name}").pl()
        tries.append(_Best(judge(given, rows), threshold, counted[0][0]))
    spent = time.perf_counter() - started
    connection.close()
    best = max(tries, key=lambda each: each.evaluation.f1)
    return best, spent * (len(THRESHOLDS) - 1) / len(THRESHOLDS)


def judge(given: TruthSet, clusters: pl.DataFrame) -> Evaluation:
    """Judge `record_id`, `cluster_id` by the set's truth, as a release is judged."""
    rows = (
        given.truth.join(given.records.select("record_id", "source"), on="record_id")
        .join(clusters, on="record_id", how="left")
        .select("source", truth="entity_id", entity_id=pl.col("cluster_id").cast(pl.String))
    )
    return score_assignment(rows, leave_out=[])


def _trained(connection: duckdb.DuckDBPyConnection, table: PlainTable, link_only: bool) -> Any:
    """A linker with u from random pairs and m from two sessions of expectation maximisation."""
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    logging.getLogger("splink").setLevel(logging.ERROR)
    rules = blocking_rules(table)
    settings = SettingsCreator(
        link_type="link_only" if link_only else "dedupe_only",
        unique_id_column_name="record_id",
        comparisons=comparisons_of(table),
        blocking_rules_to_generate_predictions=[block_on(*rule) for rule in rules],
    )
    database = DuckDBAPI(connection)
    linker = Linker(_inputs(database, table, link_only), settings, log_level=logging.ERROR)
    sure = [block_on(*rule) for rule in sure_rules(table, rules)]
    if sure:
        linker.training.estimate_probability_two_random_records_match(
            sure, recall=RECALL_OF_SURE_RULES
        )
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    _train(linker, training_rules(table, rules))
    return linker


def _inputs(database: Any, table: PlainTable, link_only: bool) -> list[Any]:
    parts = table.frame.partition_by("source", maintain_order=True) if link_only else [table.frame]
    return [
        database.register(part.drop("source").to_arrow(), dataset_display_name=f"records_{number}")
        for number, part in enumerate(parts)
    ]


def comparisons_of(table: PlainTable) -> list[Any]:
    """Splink's own comparisons for each role, and by the look of the values for the rest."""
    from splink import comparison_library as cl

    made: list[Any] = []
    if {"given", "family"} <= table.roles:
        made.append(
            cl.ForenameSurnameComparison(
                "given", "family", forename_surname_concat_col_name="given_family"
            )
        )
    made += [cl.NameComparison(x) for x in ("given", "family", "whole_name") if _alone(table, x)]
    if "dob" in table.roles:
        made.append(
            cl.DateOfBirthComparison("dob", input_is_string=True, invalid_dates_as_null=False)
        )
    if "email" in table.roles:
        made.append(cl.EmailComparison("email"))
    if "phone" in table.roles:
        made.append(_with_frequencies(cl.LevenshteinAtThresholds("phone", 1)))
    if "postcode" in table.roles and "address" not in table.roles:
        british = table.frame["postcode"].str.contains(r"^[a-z]{1,2}\d[a-z\d]? \d").mean() or 0
        made.append(
            cl.PostcodeComparison("postcode")
            if float(str(british)) > 0.5
            else _with_frequencies(cl.LevenshteinAtThresholds("postcode", 1))
        )
    if "address" in table.roles:
        made.append(_whole_address(cl, table))
        return made + [_by_values(cl, table.frame[x]) for x in table.others if x not in PLACES]
    return made + [_by_values(cl, table.frame[name]) for name in table.others]


def _whole_address(cl: Any, table: PlainTable) -> Any:
    """One comparison of an address that is one column, with its parts as weaker agreements: they
    agree and differ together, and counted one by one they would be counted several times."""
    from splink import comparison_level_library as cll

    parts = [each for each in ("postcode", "city") if each in table.frame.columns]
    exact = cll.ExactMatchLevel("address").configure(tf_adjustment_column="address")
    return cl.CustomComparison(
        output_column_name="address",
        comparison_levels=[
            cll.NullLevel("address"),
            exact,
            cll.JaroWinklerLevel("address", 0.9),
            *(cll.ExactMatchLevel(each).configure(tf_adjustment_column=each) for each in parts),
            cll.ElseLevel(),
        ],
    )


def _alone(table: PlainTable, role: str) -> bool:
    return role in table.roles and not {"given", "family"} <= table.roles


def _by_values(cl: Any, column: pl.Series) -> Any:
    values = column.drop_nulls()
    if values.n_unique() <= CATEGORIES or float(str(values.str.len_chars().mean())) <= 3:
        return _with_frequencies(cl.ExactMatch(column.name))
    if looks_like_identifier(column):
        return cl.LevenshteinAtThresholds(column.name, [1, 2])
    return _with_frequencies(cl.JaroWinklerAtThresholds(column.name, [0.9, 0.7]))


def _with_frequencies(comparison: Any) -> Any:
    return comparison.configure(term_frequency_adjustments=True)


def looks_like_identifier(column: pl.Series) -> bool:
    """Whether most values are numbers of six digits or more that few records share."""
    values = column.drop_nulls()
    numbers = values.str.contains(r"^[\d-]{6,}$").mean() or 0
    return float(str(numbers)) > 0.9 and values.n_unique() > 0.3 * values.len()


def blocking_rules(table: PlainTable) -> list[Rule]:
    """Rules whose columns the table has, and which do not compare too many pairs."""
    wanted: list[Rule] = [
        ("given", "family"),
        ("family", "dob"),
        ("given", "dob"),
        ("email",),
        ("phone",),
        ("whole_name",),
        ("dob", "postcode"),
        ("given", "postcode"),
        ("family", "postcode"),
        ("address",),
        ("dob",),
        ("given",),
        ("family",),
    ]
    wanted += [(name,) for name in table.others if _telling(table.frame[name])]
    if not {"given", "family"} <= table.roles:
        wanted += [(f"{name}_start",) for name in table.others if _telling(table.frame[name])]
    there = set(table.frame.columns)
    known = [rule for rule in wanted if set(rule) <= there]
    return [rule for rule in known if 0 < pairs_of(table.frame, rule) <= PAIRS_OF_A_RULE]


def _telling(column: pl.Series) -> bool:
    values = column.drop_nulls()
    return looks_like_identifier(column) or values.n_unique() > 0.5 * values.len()


def pairs_of(frame: pl.DataFrame, rule: Rule) -> int:
    """How many pairs of records agree in the rule's columns."""
    sizes = frame.drop_nulls(rule).group_by(rule).len().get_column("len").cast(pl.Int64)
    return int((sizes * (sizes - 1) // 2).sum())


def sure_rules(table: PlainTable, rules: Sequence[Rule]) -> list[Rule]:
    """Agreements that only one person's records have, to estimate how many matches there are;
    none that no pair has, or Splink would take a match for impossible."""
    sure: list[Rule] = [("given", "family", each) for each in ("dob", "email", "phone")]
    sure += [("given", "phone"), ("given", "email"), ("whole_name",)]
    sure = [rule for rule in sure if set(rule) <= table.roles]
    sure += [rule for rule in rules if len(rule) == 1 and rule[0] in table.others]
    return [rule for rule in (sure or rules[:1]) if pairs_of(table.frame, rule)]


def training_rules(table: PlainTable, rules: Sequence[Rule]) -> list[Rule]:
    """Rules to train on, the best first: exact agreements before the starts of texts."""
    wanted = [*rules[:1], ("dob",), *rules[1:]]
    there = [x for x in dict.fromkeys(wanted) if set(x) <= set(table.frame.columns)]
    enough = [x for x in there if pairs_of(table.frame, x) >= PAIRS_TO_TRAIN_AT_LEAST]
    return sorted(enough or there, key=lambda rule: rule[0].endswith("_start"))


def _train(linker: Any, rules: Sequence[Rule]) -> None:
    """Two sessions on rules without a column in common, so that one trains every comparison.

    Splink gives up where a level's m falls below what it can hold; the next rule is tried then.
    """
    from splink import block_on

    done: list[Rule] = []
    for rule in rules:
        if len(done) == 2 or (done and set(rule) & set(done[0])):
            continue
        try:
            linker.training.estimate_parameters_using_expectation_maximisation(
                block_on(*rule), max_pairs=PAIRS_TO_TRAIN_ON
            )
        except ValueError:
            continue
        done.append(rule)
