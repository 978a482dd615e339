"""A delivery that takes back more than half of its source is not published in silence."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta

import pytest
from healthy_project import AT

from core.project import Project, open_project
from quality.checks import check_sources, failures_of
from sources.ingest import ingest
from sources.spec import load_specs
from warehouse.history import CheckResult

Failed = Callable[[Sequence[CheckResult]], set[str]]
CHANGES = """
kind: profile
key: rec_id
fields:
  rec_id: {required: true}
  given_name: {}
identity: {given_name: given_name}
"""
SNAPSHOT = CHANGES + "delivery: snapshot\n"


def land(project: Project, day: int) -> None:
    ingest(project, load_specs(project), AT + timedelta(days=day))


def judged(project: Project) -> list[CheckResult]:
    return check_sources(project, load_specs(project))


def deliver(project: Project, good: int, file: str = "day1.csv", day: int = 0) -> None:
    """A registration file, landed on `day` after the release."""
    lines = ["registration_id,registered_at,full_name,email,phone"]
    lines += [f"{file}{n},2026-01-01,Ann Lee,a{n}@example.org,+4930123456" for n in range(good)]
    (project.landing / "registration" / file).write_text("\n".join(lines) + "\n")
    land(project, day)


def take_back(project: Project, numbers: Iterable[int]) -> None:
    """A list that withdraws rows of day1.csv."""
    keys = ["registration_id", *(f"day1.csv{n}" for n in numbers)]
    (project.landing / "registration" / "gone.withdrawn.csv").write_text("\n".join(keys))
    land(project, day=1)


def test_half_of_a_source_may_be_withdrawn_and_no_more(published: Project, failed: Failed) -> None:
    deliver(published, good=10, day=-1)
    take_back(published, range(5))
    assert failures_of(judged(published)) == []
    take_back(published, range(6))
    assert failures_of(judged(published)) == [
        "registration.withdrawn_share: observed 0.6, allowed at most 0.5"
    ]
    deliver(published, good=3, file="day2.csv", day=1)  # new rows do not make up for lost ones
    assert failed(judged(published)) == {"withdrawn_share"}


def test_rows_that_come_again_lift_the_refusal(published: Project) -> None:
    deliver(published, good=10, day=-1)
    take_back(published, range(10))
    assert failures_of(judged(published)) != []
    deliver(published, good=11, day=1)
    assert failures_of(judged(published)) == []


def test_a_project_may_accept_that_much_is_withdrawn(published: Project) -> None:
    deliver(published, good=10, day=-1)
    take_back(published, range(9))
    (published.root / "quality").mkdir()
    (published.root / "quality" / "registration.yml").write_text(
        "stage: landed\nexpectations:\n"
        "  - type: expect_column_values_to_be_between\n"
        "    kwargs: {column: withdrawn_share, max_value: 0.9}\n"
    )
    assert failures_of(judged(published)) == []


def test_before_the_first_release_anything_may_be_withdrawn(project: Project) -> None:
    deliver(project, good=10)
    take_back(project, range(10))
    assert "withdrawn_share" not in {each.check for each in judged(project) if not each.passed}


def test_what_was_withdrawn_before_the_last_release_is_not_judged_again(
    published: Project,
) -> None:
    deliver(published, good=10, day=-1)
    keys = ["registration_id", *(f"day1.csv{n}" for n in range(9))]
    (published.landing / "registration" / "gone.withdrawn.csv").write_text("\n".join(keys))
    land(published, day=-1)
    deliver(published, good=1, file="day2.csv", day=1)
    take_back(published, [3, 9])
    shares = {each.check: each.observed for each in judged(published)}
    assert shares["withdrawn_share"] == "1"  # of one row that was left then


def test_a_list_without_a_key_is_no_failed_export(published: Project) -> None:
    deliver(published, good=10, day=-1)
    take_back(published, [])
    assert failures_of(judged(published)) == []


def test_a_snapshot_cut_short_is_refused(published: Project, failed: Failed) -> None:
    (published.root / "sources").mkdir()
    (published.root / "sources" / "people.yml").write_text(SNAPSHOT)
    people = published.landing / "people"
    people.mkdir()
    project = open_project(published.root)
    for day, count in ((-1, 100), (1, 40), (2, 99)):
        rows = (f"{n},Ann" for n in range(count))
        (people / f"{day + 1}.csv").write_text("\n".join(["rec_id,given_name", *rows]))
        land(project, day)
        assert failed(judged(project)) == ({"withdrawn_share"} if day == 1 else set())


@pytest.mark.parametrize("in_landing", [True, False])
def test_a_rule_that_takes_back_too_much_is_refused(
    published: Project, failed: Failed, in_landing: bool
) -> None:
    (published.root / "sources").mkdir()
    (published.root / "sources" / "people.yml").write_text(CHANGES)
    people = published.landing / "people"
    people.mkdir()
    rows = (f"{n},Ann{'' if n < 6 else n}" for n in range(10))
    (people / "1.csv").write_text("\n".join(["rec_id,given_name", *rows]))
    project = open_project(published.root)
    land(project, -1)
    if not in_landing:
        (people / "1.csv").unlink()
    rule = "withdrawn_when: {given_name: [Ann]}\n"
    (published.root / "sources" / "people.yml").write_text(CHANGES + rule)
    land(project, 1)
    assert failed(judged(project)) == {"withdrawn_share"}
    (published.root / "sources" / "people.yml").write_text(CHANGES)
    land(project, 2)
    assert failed(judged(project)) == set()
