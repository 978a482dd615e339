"""When a delivery, a decision or an erasure starts a run."""

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import dagster as dg
import pytest

from core.project import Project
from pipelines.sensors import (
    landing_fingerprint,
    watch_decisions,
    watch_deliveries,
    watch_erasures,
)
from resolution.decisions import Decision, DecisionStore, RowKey
from sources.erasures import Erasure, note_done, request_erasure

Watch = Callable[[Project], dg.SensorDefinition]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "landing" / "shop").mkdir(parents=True)
    (tmp_path / "landing" / "shop" / "a.csv").write_text("id\n1\n", encoding="utf-8")
    return Project(tmp_path)


def look(
    project: Project, cursor: str | None, watch: Watch = watch_deliveries
) -> tuple[int, str | None]:
    """One look of the sensor: how many runs it asks for, and its cursor after it."""
    context = dg.build_sensor_context(cursor=cursor)
    result = watch(project)(context)
    if isinstance(result, dg.SensorResult):
        return len(result.run_requests or []), result.cursor
    return 0, context.cursor


def test_first_delivery_is_run_at_the_second_look(project: Project) -> None:
    first, cursor = look(project, None)
    second, _ = look(project, cursor)
    assert (first, second) == (0, 1)


def test_file_that_grows_is_waited_for(project: Project) -> None:
    _, cursor = look(project, None)
    (project.landing / "shop" / "a.csv").write_text("id\n1\n2\n", encoding="utf-8")
    asked, cursor = look(project, cursor)
    assert asked == 0
    assert look(project, cursor)[0] == 1


def test_nothing_new_asks_for_nothing(project: Project) -> None:
    cursor = None
    for _ in range(2):
        _, cursor = look(project, cursor)
    assert look(project, cursor) == (0, cursor)


def test_unfinished_transfer_is_no_delivery(project: Project) -> None:
    before = landing_fingerprint(project)
    (project.landing / "shop" / "b.csv.part").write_text("id\n", encoding="utf-8")
    (project.landing / "shop" / ".b.csv").write_text("id\n", encoding="utf-8")
    assert landing_fingerprint(project) == before


def test_same_size_at_another_time_is_a_delivery(project: Project) -> None:
    before = landing_fingerprint(project)
    os.utime(project.landing / "shop" / "a.csv", (1, 1))
    assert landing_fingerprint(project) != before


def test_a_decision_and_its_undo_start_a_run_each(project: Project) -> None:
    store = DecisionStore(project)
    assert look(project, None, watch_decisions) == (0, None)
    number = store.decide(Decision("match", RowKey("shop", "1"), RowKey("shop", "2"), "ann"))
    asked, cursor = look(project, None, watch_decisions)
    assert asked == 1
    assert look(project, cursor, watch_decisions) == (0, cursor)
    store.undo(number, "ann")
    assert look(project, cursor, watch_decisions)[0] == 1


def test_every_erasure_starts_one_run_until_it_is_done(project: Project) -> None:
    at = datetime(2026, 5, 1)
    wanted = Erasure(0, at, "ann", "request 1", (), frozenset({"00"}), allow_return=False)
    assert look(project, None, watch_erasures) == (0, None)
    number = request_erasure(project, wanted)
    asked, cursor = look(project, None, watch_erasures)
    assert asked == 1
    assert look(project, cursor, watch_erasures) == (0, cursor)
    request_erasure(project, wanted)
    assert look(project, cursor, watch_erasures)[0] == 1
    note_done(project, number, "release", at)
    note_done(project, number + 1, "release", at)
    assert look(project, None, watch_erasures)[0] == 0
