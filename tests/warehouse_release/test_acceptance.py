"""Accepted figures: which of them count, and that nothing else does."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from worked_project import build_candidate

from core.errors import ProjectError
from core.project import Project
from warehouse.acceptance import (
    Acceptance,
    acceptable,
    acceptances_file,
    read_acceptances,
    record_acceptances,
    with_acceptances,
)
from warehouse.history import CheckResult, RunFigures, history_file, record_results, record_run
from warehouse.release import publish, sign_audit

AT = datetime(2026, 6, 1, tzinfo=UTC)
FAILED = CheckResult(
    "matching", "largest_cluster", "entities", "critical", False, "412", "at most 200"
)
OTHER = replace(FAILED, check="kept_ids_share", observed="0.2", expected="at least 0.7")
INPUT = "input 1"
ACCEPTED = Acceptance(
    at=datetime(2026, 6, 1),
    who="eve",
    because="a known outage",
    run="run 1",
    input_fingerprint=INPUT,
    after_release=None,
    suite=FAILED.suite,
    check=FAILED.check,
    observed=FAILED.observed,
    expected=FAILED.expected,
)


@pytest.fixture
def refused(project: Project) -> Project:
    """A project whose only run was refused by two checks."""
    record_results(project, "run 1", [FAILED, OTHER], AT)
    record_run(project, RunFigures("run 1", "refused", started_at=AT, finished_at=AT))
    return project


def refusing(results: Sequence[CheckResult]) -> list[str]:
    """The checks that still refuse."""
    return [each.check for each in results if each.refuses]


def test_an_accepted_figure_does_not_refuse_and_says_who_vouched(refused: Project) -> None:
    record_acceptances(refused, [ACCEPTED])
    [first, second] = with_acceptances(refused, [FAILED, OTHER], INPUT)
    assert (first.passed, first.accepted_by, first.accepted_because) == (
        False,
        "eve",
        "a known outage",
    )
    assert refusing([first, second]) == ["kept_ids_share"]


@pytest.mark.parametrize(
    "differing",
    [
        {"input_fingerprint": "input 2"},
        {"after_release": "r0"},
        {"run": "run 2"},
        {"observed": "500"},
        {"expected": "at most 300"},
        {"check": "largest_cluster_share"},
    ],
)
def test_an_acceptance_of_anything_else_counts_for_nothing(
    refused: Project, differing: dict[str, str]
) -> None:
    record_acceptances(refused, [replace(ACCEPTED, **differing)])
    assert refusing(with_acceptances(refused, [FAILED], INPUT)) == ["largest_cluster"]


def test_nor_does_one_of_a_run_that_nobody_remembers(refused: Project) -> None:
    record_acceptances(refused, [ACCEPTED])
    history_file(refused).unlink()
    assert refusing(with_acceptances(refused, [FAILED], INPUT)) == ["largest_cluster"]


def test_nor_does_it_count_once_another_release_was_published(refused: Project) -> None:
    record_acceptances(refused, [ACCEPTED])
    candidate = build_candidate(refused, "r1", {"1": 0})
    sign_audit(refused, candidate, passed=True, failures=[], run="run 2")
    publish(refused, candidate, "r1", AT)
    assert refusing(with_acceptances(refused, [FAILED], INPUT)) == ["largest_cluster"]


def test_nobody_vouches_for_what_must_not_be_there(refused: Project) -> None:
    fault = replace(FAILED, check="duplicate_entities", observed="3", expected="exactly 0")
    assert not acceptable(fault)
    record_results(refused, "run 1", [fault], AT)
    record_acceptances(
        refused, [replace(ACCEPTED, check=fault.check, observed="3", expected="exactly 0")]
    )
    assert refusing(with_acceptances(refused, [fault], INPUT)) == ["duplicate_entities"]


@pytest.mark.parametrize(
    "tamper",
    [
        lambda lines: lines[1:],
        lambda lines: lines[::-1],
        lambda lines: [lines[0].replace("outage", "excuse"), lines[1]],
        lambda lines: [*lines, json.dumps({"who": "eve"})],
        lambda lines: [*lines, "not JSON"],
    ],
)
def test_a_file_that_was_tampered_with_stops_the_run(
    refused: Project, tamper: Callable[[list[str]], list[str]]
) -> None:
    record_acceptances(refused, [ACCEPTED])
    record_acceptances(refused, [replace(ACCEPTED, check="kept_ids_share")])
    assert [each.check for each in read_acceptances(refused)] == [
        "largest_cluster",
        "kept_ids_share",
    ]
    file = acceptances_file(refused)
    lines = tamper(file.read_text(encoding="utf-8").splitlines())
    file.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    with pytest.raises(ProjectError, match="not as it was written"):
        with_acceptances(refused, [FAILED], INPUT)
    with pytest.raises(ProjectError, match="not as it was written"):
        record_acceptances(refused, [ACCEPTED])


def test_both_bounds_of_one_figure_are_kept_in_the_history(refused: Project) -> None:
    low = replace(FAILED, passed=True, expected="at least 1")
    record_results(refused, "run 1", [FAILED, low], AT)
    record_acceptances(refused, [ACCEPTED])
    assert refusing(with_acceptances(refused, [FAILED, low], INPUT)) == []
