"""The gates on deliveries: a broken or empty export is refused, a few bad rows are not."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import polars as pl
import pytest
from healthy_project import AT, change_frame

from core.frames import add_segment
from core.project import Project, open_project
from quality.checks import check_records, check_sources, failures_of
from sources.ingest import ingest
from sources.landed import LandedStore, landed_path
from sources.spec import load_specs
from warehouse.history import CheckResult

Failed = Callable[[Sequence[CheckResult]], set[str]]


def deliver(
    project: Project, good: int, bad: int = 0, file: str = "day1.csv", day: int = 0
) -> None:
    """A registration file with `bad` rows that lack the time of registration, landed on `day`."""
    lines = ["registration_id,registered_at,full_name,email,phone"]
    lines += [f"{file}{n},2026-01-01,Ann Lee,a{n}@example.org,+4930123456" for n in range(good)]
    lines += [f"{file}b{n},,Ann Lee,a{n}@example.org," for n in range(bad)]
    (project.landing / "registration" / file).write_text("\n".join(lines) + "\n")
    land(project, day)


def land(project: Project, day: int = 0) -> None:
    ingest(project, load_specs(project), AT + timedelta(days=day))


def judged(project: Project) -> list[CheckResult]:
    return check_sources(project, load_specs(project))


@pytest.mark.parametrize("rows", [1, 20, 159])
def test_a_healthy_delivery_of_any_size_passes(project: Project, rows: int) -> None:
    deliver(project, rows)
    assert [each.sentence() for each in judged(project) if not each.passed] == []


def test_a_few_bad_rows_are_a_warning(project: Project) -> None:
    deliver(project, good=20, bad=4)
    assert failures_of(judged(project)) == []
    assert {each.check for each in judged(project) if not each.passed} == {"quarantined_share"}


def test_forty_per_cent_in_quarantine_is_refused(project: Project) -> None:
    deliver(project, good=60, bad=40)
    assert failures_of(judged(project)) == [
        "registration.quarantined_share_of_many: observed 0.4, allowed at most 0.2"
    ]


def test_a_corrected_file_of_the_same_name_lifts_the_refusal(project: Project) -> None:
    deliver(project, good=60, bad=40)
    deliver(project, good=100, day=1)
    assert failures_of(judged(project)) == []


def test_a_broken_file_that_was_taken_away_lifts_the_refusal(project: Project) -> None:
    deliver(project, good=60, bad=40)
    (project.landing / "registration" / "day1.csv").unlink()
    deliver(project, good=100, file="day1-again.csv", day=1)
    assert failures_of(judged(project)) == []


def test_a_broken_file_is_not_forgotten_because_a_good_one_follows(project: Project) -> None:
    deliver(project, good=10, bad=40)
    deliver(project, good=10, file="day2.csv", day=1)
    assert failures_of(judged(project)) != []


def test_an_empty_delivery_is_refused(project: Project, failed: Failed) -> None:
    deliver(project, good=0)
    assert failed(judged(project)) == {"delivered_rows", "usable_rows"}


def test_nothing_but_bad_rows_is_refused(project: Project, failed: Failed) -> None:
    deliver(project, good=0, bad=3)
    assert failed(judged(project)) == {"usable_rows"}


def test_an_unreadable_file_beside_good_ones_is_a_warning(project: Project) -> None:
    (project.landing / "registration" / "torn.parquet").write_bytes(b"PAR1 torn")
    deliver(project, good=30)
    assert failures_of(judged(project)) == []
    assert "refused_files" in {each.check for each in judged(project) if not each.passed}


def test_nothing_but_unreadable_files_is_refused(project: Project, failed: Failed) -> None:
    (project.landing / "registration" / "torn.parquet").write_bytes(b"PAR1 torn")
    land(project)
    assert failed(judged(project)) == {"delivered_rows", "usable_rows"}


def test_registrations_that_name_nobody_are_refused(project: Project, failed: Failed) -> None:
    lines = ["registration_id,registered_at", *(f"{n},2026-01-01" for n in range(30))]
    (project.landing / "registration" / "day1.csv").write_text("\n".join(lines))
    land(project)
    assert failed(judged(project)) == {"identified_share"}


def test_a_day_without_a_delivery_passes(project: Project) -> None:
    (project.landing / "registration" / "day1.csv").unlink(missing_ok=True)
    land(project)
    assert failures_of(judged(project)) == []


def test_what_was_published_before_is_not_judged_again(published: Project) -> None:
    deliver(published, good=60, bad=40, day=-1)
    assert failures_of(judged(published)) == []
    deliver(published, good=60, bad=40, file="day2.csv", day=1)
    assert failures_of(judged(published)) != []


OWN_SPEC = """
kind: profile
key: rec_id
fields:
  rec_id: {required: true}
  given_name: {}
identity: {given_name: given_name}
"""


def own_source(root: Path, spec: str, rows: Sequence[str]) -> Project:
    (root / "landing" / "people").mkdir(parents=True)
    (root / "sources").mkdir()
    (root / "sources" / "people.yml").write_text(spec)
    (root / "landing" / "people" / "all.csv").write_text("\n".join(["rec_id,given_name", *rows]))
    project = open_project(root)
    land(project)
    return project


def test_a_source_of_ones_own_gets_a_suite_from_its_assertions(tmp_path: Path) -> None:
    project = own_source(tmp_path, OWN_SPEC, [f"{n},Ann" for n in range(159)])
    assert [each.sentence() for each in judged(project) if not each.passed] == []


def test_a_maximum_the_spec_names_is_held(tmp_path: Path, failed: Failed) -> None:
    spec = OWN_SPEC + "assertions: {quarantined_share_maximum: 0.1}\n"
    rows = [f"{n},Ann" for n in range(44)] + [",Ann"] * 6
    assert failed(judged(own_source(tmp_path, spec, rows))) == {"quarantined_share_of_many"}


def test_fewer_rows_than_the_spec_asserts_are_refused(tmp_path: Path, failed: Failed) -> None:
    spec = OWN_SPEC + "assertions: {rows_minimum: 100}\n"
    rows = [f"{n},Ann" for n in range(50)]
    assert failed(judged(own_source(tmp_path, spec, rows))) == {"delivered_rows"}


@pytest.fixture
def recorded(project: Project) -> Project:
    """Two hundred registrations landed and made into records, one a row."""
    deliver(project, good=200)
    with LandedStore(landed_path(project), read_only=True) as store:
        keys = store.current("registration")["registration_id"].to_list()
    members = {"source": "registration", "source_record_id": keys, "record_id": range(len(keys))}
    frames = {
        "members": pl.DataFrame(members),
        "records": pl.DataFrame({"record_id": range(len(keys))}),
        "values": pl.DataFrame(
            {"record_id": range(len(keys)), "attribute": "email", "value": "a@b.cn", "written": "A"}
        ),
    }
    add_segment(project.work, frames)
    return project


def test_healthy_records_pass(recorded: Project) -> None:
    assert [each for each in check_records(recorded, load_specs(recorded)) if not each.passed] == []


@pytest.mark.parametrize(
    ("check", "frame", "change"),
    [
        ("records", "records", lambda frame: frame.clear()),
        ("duplicate_records", "records", lambda frame: pl.concat([frame, frame.head(1)])),
        ("rows_without_record", "members", lambda frame: frame.slice(1)),
        ("rows_in_two_records", "members", lambda frame: pl.concat([frame, frame.head(1)])),
        ("members_without_record", "records", lambda frame: frame.slice(1)),
        (
            "members_without_row",
            "members",
            lambda frame: frame.with_columns(source_record_id=pl.lit("nobody")),
        ),
        (
            "readable_email_share",
            "values",
            lambda frame: frame.with_columns(value=pl.lit(None, pl.String)),
        ),
        ("records_with_values_share", "values", lambda frame: frame.clear()),
    ],
)
def test_broken_records_are_refused(
    recorded: Project,
    failed: Failed,
    check: str,
    frame: str,
    change: Callable[[pl.DataFrame], pl.DataFrame],
) -> None:
    change_frame(recorded, frame, change)
    assert check in failed(check_records(recorded, load_specs(recorded)))
