"""Which release files stay is the project's to say, and the current one always does."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from worked_project import AT, publish_clusters

from core.errors import ConfigError
from core.project import Project
from warehouse.ledger import PublishedRelease
from warehouse.release import recover
from warehouse.retention import OWN_RETENTION, Retention, load_retention

NOON = datetime(2026, 3, 31, 12)


def at(*times: datetime) -> list[PublishedRelease]:
    return [
        PublishedRelease(f"r{n}", time, f"golden-r{n}.duckdb", str(n), "")
        for n, time in enumerate(times)
    ]


def kept(retention: Retention, releases: list[PublishedRelease]) -> list[str]:
    return [each.release for each in retention.kept(releases)]


def test_the_newest_stay() -> None:
    releases = at(*(NOON + timedelta(minutes=n) for n in range(5)))
    assert kept(Retention(newest=2), releases) == ["r3", "r4"]
    assert kept(Retention(newest=9), releases) == [each.release for each in releases]


def test_the_last_of_each_day_stays_for_so_many_days() -> None:
    hours = timedelta(hours=6)
    releases = at(*(NOON - n * hours for n in range(20, -1, -1)))  # r20 is of noon, the 31st
    days = {each.release: each.at.day for each in releases}
    chosen = kept(Retention(newest=1, daily=3), releases)
    assert [days[name] for name in chosen] == [29, 30, 31]
    assert chosen == ["r13", "r17", "r20"]


def test_the_last_of_each_month_stays_across_years() -> None:
    dates = [datetime(2025, 12, 1), datetime(2025, 12, 30), datetime(2026, 1, 15), NOON]
    assert kept(Retention(newest=1, monthly=4), at(*dates)) == ["r1", "r2", "r3"]
    assert kept(Retention(newest=1, monthly=3), at(*dates)) == ["r2", "r3"]


@given(
    minutes=st.lists(st.integers(0, 60 * 24 * 400), min_size=1, max_size=30),
    newest=st.integers(1, 5),
    daily=st.integers(0, 10),
    monthly=st.integers(0, 12),
)
def test_the_current_one_always_stays_and_more_of_anything_keeps_no_less(
    minutes: list[int], newest: int, daily: int, monthly: int
) -> None:
    releases = at(*(NOON + timedelta(minutes=each) for each in sorted(minutes)))
    chosen = kept(Retention(newest=newest, daily=daily, monthly=monthly), releases)
    assert chosen[-1] == releases[-1].release
    assert len(chosen) >= min(newest, len(releases))
    wider = kept(Retention(newest=newest + 1, daily=daily + 1, monthly=monthly + 1), releases)
    assert set(chosen) <= set(wider)


def test_a_run_applies_what_the_project_says(project: Project) -> None:
    for number in range(3):
        publish_clusters(project, f"r{number}", {"1": 0, "2": number}, AT)
    assert len(list(project.releases.glob("golden-*"))) == 3
    (project.root / "retention.yml").write_text("newest: 2\n", encoding="utf-8")
    recover(project)
    names = sorted(file.name for file in project.releases.glob("golden-*"))
    assert names == ["golden-r1.duckdb", "golden-r2.duckdb"]


def test_without_a_file_the_default_holds(project: Project) -> None:
    assert load_retention(project) == Retention(newest=10)
    assert str(load_retention(project)) == "newest 10"
    assert str(Retention(newest=1, daily=2, monthly=3)) == (
        "newest 1, one a day for 2 days, one a month for 3 months"
    )
    assert OWN_RETENTION.is_file()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("newest: 0\ndaily: -1\n", "2 problems"),
        ("newest: 3\nyearly: 2\n", "yearly"),
        ("- newest\n", "warehouse/retention.yml"),
        ("newest: [", "not YAML"),
    ],
)
def test_settings_that_cannot_be_used_stop_before_anything_is_removed(
    project: Project, text: str, problem: str
) -> None:
    file = publish_clusters(project, "r1", {"1": 0}).file
    (project.root / "retention.yml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=problem):
        publish_clusters(project, "r2", {"1": 0, "2": 1})
    assert file.is_file()
    assert Path(project.current_link).resolve() == file.resolve()
