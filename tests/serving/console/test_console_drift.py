"""What changed since the release before, in deliveries and in what was made of them."""

from datetime import UTC, datetime

import duckdb
import pytest
from console_project import SignIn
from serving_project import publish_merge

from core.project import Project
from serving.console.drift_view import Shift, shifts
from serving.roles import Role
from warehouse.history import CheckResult, record_results

DAYS = [datetime(2026, 11, day, 9, tzinfo=UTC) for day in (21, 22)]


@pytest.mark.parametrize(
    ("before", "now", "relative", "change", "marked"),
    [(0.1, 0.2, False, 0.1, True), (0.1, 0.12, False, 0.02, False), (100, 120, True, 0.2, True),
     (0, 5, True, None, False), (None, 0.3, False, None, True), (0.3, None, False, None, True),
     (None, None, False, None, False)],
)  # fmt: skip
def test_a_shift_is_marked_from_a_twentieth_on(
    before: float | None, now: float | None, relative: bool, change: float | None, marked: bool
) -> None:
    found = Shift("x", before, now, relative)
    assert found.change == (None if change is None else pytest.approx(change))
    assert found.marked == marked


def test_what_came_and_what_went_are_both_there() -> None:
    assert [(x.name, x.before, x.now) for x in shifts({"a": 1, "b": 2}, {"b": 3, "c": 4})] == [
        ("b", 2, 3), ("c", None, 4), ("a", 1, None)
    ]  # fmt: skip


def test_the_first_release_has_nothing_to_be_held_against(sign_in: SignIn) -> None:
    page = sign_in().get("/drift").text
    assert "no release before this one" in page and "registration" in page


def test_two_releases_their_gates_and_their_deliveries(sign_in: SignIn, console: Project) -> None:
    for run, day, share in (("run-1", DAYS[0], "0.9"), ("run-2", DAYS[1], "0.6")):
        figure = CheckResult(
            "registration", "present_email", "landed", "warning", True, share, "at least 0.3"
        )
        record_results(console, run, [figure], day)
    con = duckdb.connect(str(console.state / "landed.duckdb"))
    con.execute(
        "CREATE TABLE drift AS SELECT 'social' AS source, 'a.csv' AS file, 'unknown_column' AS "
        "kind, 'shoe_size' AS field, 'kept in extra' AS detail, TIMESTAMP '2026-11-22' AS "
        "delivered_at UNION ALL SELECT 'social', 'a.csv', 'category_outside', 'channel', "
        "'Secret 2 times', TIMESTAMP '2026-11-22'"
    )
    con.close()
    publish_merge(console)
    page = sign_in(Role.VIEWER).get("/drift").text
    assert "shoe_size" in page and "new column" in page and "Secret" not in page
    assert "present_email" in page and "-30.0 points" in page
    assert "no release before" not in page and page.count("<svg class") == 1
