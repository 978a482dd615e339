"""Decisions in a matching: learned from when it trains, judged apart, reported before anything."""

import json
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import polars as pl
import pytest
from test_matching import shop
from test_records import frames_of

from core.project import Project
from resolution.learning.cautions import cautions_of
from resolution.learning.effects import (
    Judged,
    judged,
    level_changes,
    link_changes,
    refused_matches,
    regrouped,
)
from resolution.learning.lesson import folds_of, pairs_of_customers
from resolution.matching.full import Matched, candidates_of, match_records
from resolution.model import load_model
from resolution.records.making import Frames
from resolution.training.guards import Watch, believed_guards
from resolution.training.trained import model_from_json, model_to_json

__all__ = ["shop"]


@pytest.fixture(scope="module")
def frames(shop: Path) -> Frames:
    return frames_of(shop)


@pytest.fixture(scope="module")
def records(frames: Frames) -> pl.DataFrame:
    return frames.records.sort("record_id")


@pytest.fixture(scope="module")
def customers(frames: Frames) -> pl.DataFrame:
    """record_id, entity_id: orders T012a and T012b are R012's."""
    number = pl.col("source_record_id").str.slice(1, 3).alias("entity_id")
    return frames.members.select("record_id", number).unique("record_id").sort("record_id")


def matched(records: pl.DataFrame, shop: Path, **options: object) -> Matched:
    with duckdb.connect() as connection:
        return match_records(connection, records.lazy(), load_model(Project(shop)), **options)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def without(shop: Path, records: pl.DataFrame) -> Matched:
    return matched(records, shop)


@pytest.fixture(scope="module")
def decisions(without: Matched, customers: pl.DataFrame) -> pl.DataFrame:
    """A judgement of every other scored pair."""
    person = customers.get_column("entity_id").to_numpy()
    ends = without.pairs.select("record_id_l", "record_id_r").gather_every(2)
    left, right = (ends.get_column(name).to_numpy() for name in ends.columns)
    return ends.with_columns(same=pl.Series(person[left] == person[right], dtype=pl.Boolean))


@pytest.fixture(scope="module")
def taught(shop: Path, records: pl.DataFrame, decisions: pl.DataFrame) -> Matched:
    return matched(records, shop, decisions=decisions)


def test_a_matching_that_trains_learns_from_decisions(without: Matched, taught: Matched) -> None:
    assert without.lesson is None
    assert taught.lesson is not None
    # thresholds are chosen after learning, from the weights that are then final
    without_choice, taught_choice = (
        replace(each.trained, chosen=None) for each in (without, taught)
    )
    assert taught.lesson.before == without_choice
    assert taught_choice == taught.lesson.learnt() != without_choice
    assert taught.lesson.scored.get_column("candidate").all()
    surprise = [
        np.logaddexp(0, np.where(taught.lesson.same, -weights, weights)).mean()
        for weights in map(taught.lesson.weights_by, (without.trained, taught.trained))
    ]
    assert surprise[1] < surprise[0]


def test_a_model_that_learned_decides_the_same_once_kept(
    shop: Path, records: pl.DataFrame, taught: Matched, decisions: pl.DataFrame
) -> None:
    kept = model_from_json(json.loads(json.dumps(model_to_json(taught.trained))))
    again = matched(records, shop, fixed=replace(taught.fixed, trained=kept), decisions=decisions)
    assert again.lesson is None
    assert again.pairs.equals(taught.pairs)
    assert again.clusters.equals(taught.clusters)


def test_matches_across_a_guard_and_without_a_rule_are_told(
    shop: Path, records: pl.DataFrame
) -> None:
    found = records.select("record_id", "subject").filter(pl.col("subject").str.starts_with("R"))
    number = dict(found.select("subject", "record_id").iter_rows())
    ends = [("R900", "R901"), ("R000", "R077")]
    decisions = pl.DataFrame(
        [(*sorted((number[one], number[other])), True) for one, other in ends],
        schema=["record_id_l", "record_id_r", "same"],
        orient="row",
    ).sort("record_id_l", "record_id_r")
    taught = matched(records, shop, decisions=decisions)
    lesson = taught.lesson
    assert lesson is not None
    assert lesson.scored.filter(pl.col("candidate")).height == 1
    guards = believed_guards(load_model(Project(shop)).guards, taught.trained)
    watch = Watch(taught.trained.comparisons, guards, records.get_column("source"))
    weights = lesson.weights_by(lesson.before)
    assert refused_matches(lesson, weights, watch) >= 1
    outcome = judged(lesson, weights, watch, 0.7)
    assert (outcome.right, outcome.missed, outcome.wrong) == (0, 2, 0)
    cautions = " ".join(cautions_of(lesson, outcome, outcome, 1))
    assert "all are matches" in cautions
    assert "1 matches are kept apart by a guard" in cautions
    assert "1 matches share no blocking rule" in cautions
    assert "2 decisions move little" in cautions


def test_picked_and_useless_decisions_are_warned_of(taught: Matched) -> None:
    assert taught.lesson is not None
    lied = (pl.int_range(pl.len()) % 10) == 0
    lesson = replace(taught.lesson, scored=taught.lesson.scored.with_columns(same=lied))
    told = list(cautions_of(lesson, Judged(0, 0, 0, 0.1), Judged(0, 0, 0, 0.5), 0))
    assert any("picked because they looked wrong" in each for each in told)
    assert any("do not apply them" in each for each in told)


def test_whole_customers_become_pairs_that_are_compared(
    shop: Path, records: pl.DataFrame, without: Matched, customers: pl.DataFrame
) -> None:
    candidates = candidates_of(records.lazy(), load_model(Project(shop)), without.trained)
    some = customers.filter(pl.col("entity_id").is_in(["001", "002", "900", "901"]))
    pairs = pairs_of_customers(candidates, some)
    person = dict(some.iter_rows())
    assert pairs.height >= 5
    for left, right, same in pairs.iter_rows():
        assert left < right
        assert same == (person[left] == person[right])
    assert not pairs.get_column("same").all()


def test_folds_keep_customers_whole_and_are_about_equal() -> None:
    pairs = pl.DataFrame(
        {
            "record_id_l": [0, 1, 4, 6, 8, 10, 12, 2],
            "record_id_r": [1, 2, 5, 7, 9, 11, 13, 12],
            "same": [True, True, True, True, True, True, True, False],
        }
    )
    fold = folds_of(pairs, 4)
    assert fold[0] == fold[1] == fold[7]
    assert sorted(np.bincount(fold, minlength=4).tolist()) == [1, 2, 2, 3]


def test_what_becomes_of_links_and_customers() -> None:
    def scored(*rows: tuple[int, int, float, str]) -> pl.DataFrame:
        names = ["record_id_l", "record_id_r", "match_weight", "status"]
        return pl.DataFrame(rows, schema=names, orient="row")

    before = scored((0, 1, 5.0, "link"), (1, 2, 0.0, "clerical"), (3, 4, 3.0, "link"))
    after = scored((0, 1, 6.0, "link"), (1, 2, 4.0, "link"), (5, 6, 2.0, "link"))
    changes = link_changes(before, after)
    assert changes.select("record_id_l", "record_id_r", "change", "status_before").rows() == [
        (5, 6, "new", "below review"),
        (1, 2, "new", "clerical"),
        (3, 4, "gone", "link"),
    ]
    entities = pl.DataFrame({"record_id": [0, 1, 2, 3, 4], "entity_id": list("AABCC")})
    clusters = pl.DataFrame({"record_id": [0, 1, 2, 3, 4], "cluster_id": [0, 0, 0, 3, 4]})
    found = regrouped(entities, clusters)
    assert found.merged.rows() == [(["A", "B"], 3)]
    assert found.split.rows() == [("C", 2, 2)]


def test_levels_are_told_before_and_after(taught: Matched) -> None:
    lesson = taught.lesson
    assert lesson is not None
    levels = level_changes(lesson.before, taught.trained, lesson.scored)
    emails = levels.filter(pl.col("comparison") == "email")
    known = lesson.scored.filter(pl.col("gamma_email") >= 0).height
    assert (emails.get_column("matches") + emails.get_column("non_matches")).sum() == known
    for row in levels.iter_rows(named=True):
        assert 0 < row["m_after"] <= 1
        assert 0 < row["u_after"] <= 1
