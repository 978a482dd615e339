"""What each blocking rule brings is counted right, and only a rule that is not worth it goes."""

import polars as pl
import pytest

from resolution.scoring.blocking import Candidates, find_candidates
from resolution.scoring.rule_report import report_blocking, rules_not_worth_it
from resolution.scoring.scorers import pairs_frame

NAMES = ["ann", "ann", "bob", "bob", "cy", "cy", "dee", "dee"]
EMAILS = ["a@x", "a@x", "b@x", "b@x", "c@x", "c2@x", "d@x", "d2@x"]
RECORDS = pl.DataFrame({"record_id": range(8), "name": NAMES, "email": EMAILS, "town": ["x"] * 8})
RULES = {"name": ["name"], "email": ["email"]}


def scored(found: Candidates, matches: set[tuple[int, int]]) -> pl.DataFrame:
    pairs = pairs_frame(found.pairs())
    sure = [1.0 if pair in matches else 0.0 for pair in pairs.iter_rows()]
    return pairs.with_columns(match_probability=pl.Series(sure, dtype=pl.Float64))


MATCHES = {(0, 1), (2, 3), (4, 5), (6, 7)}


def test_a_rule_is_told_what_it_brings_and_what_it_alone_brings() -> None:
    found = find_candidates(RECORDS, RULES)
    report = report_blocking(found, scored(found, MATCHES))
    name, email = report.rules
    assert (name.matches, name.only_matches, name.only_pairs) == (4.0, 2.0, 2.0)
    assert (email.matches, email.only_matches, email.only_pairs) == (2.0, 0.0, 0.0)
    assert (report.candidates, report.matches) == (4.0, 4.0)


def test_unseen_matches_are_estimated_from_those_that_one_and_two_rules_bring() -> None:
    found = find_candidates(RECORDS, RULES)
    report = report_blocking(found, scored(found, MATCHES))
    # two matches brought once, two brought twice: 2 * 2 / (2 * 2)
    assert report.unseen == pytest.approx(1.0)
    assert report.recall == pytest.approx(4 / 5)


def test_a_rule_that_costs_much_and_finds_nothing_alone_is_left_out() -> None:
    many = pl.concat([RECORDS] * 4).with_columns(record_id=pl.int_range(32, dtype=pl.Int64))
    found = find_candidates(many, {**RULES, "town": ["town"]})
    pairs = pairs_frame(found.pairs()).iter_rows()
    alike = {(a, b) for a, b in pairs if NAMES[a % 8] == NAMES[b % 8]}
    assert rules_not_worth_it(found, scored(found, alike)) == ["town"]


def test_no_rule_is_left_out_where_candidates_are_few() -> None:
    found = find_candidates(RECORDS, {**RULES, "town": ["town"]})
    assert rules_not_worth_it(found, scored(found, MATCHES)) == []


def test_of_two_rules_that_find_the_same_one_stays() -> None:
    twins = {"town": ["town"], "town again": ["town"]}
    found = find_candidates(RECORDS, twins)
    everyone = set(pairs_frame(found.pairs()).iter_rows())
    assert rules_not_worth_it(found, scored(found, everyone)) == []
