"""What is told of the past is what the releases said, by whatever name they are asked for."""

from datetime import timedelta
from pathlib import Path

import pytest
from worked_project import AT, publish_clusters

from core.errors import QueryError
from core.ids import mint_entity_id
from core.project import Project
from warehouse.entity_history import RowMove, ValueChange, tell_history
from warehouse.moments import find_release
from warehouse.query import run_query
from warehouse.release_diff import AttributeChanges, compare_releases
from warehouse.retention import Retention

A, B, D = (str(mint_entity_id(f"registration/{key}")) for key in "134")
E = str(mint_entity_id("registration/5"))
STORY = (
    {"1": 0, "2": 0, "3": 1, "4": 2},  # A of 1 and 2, B of 3, D of 4
    {"1": 0, "2": 0, "3": 0, "5": 3},  # B merged into A, D retired, E new
    {"1": 0, "2": 0, "3": 1, "5": 3},  # 3 parted from A, with a new id: B is never used again
    {"1": 0, "2": 0, "3": 1, "5": 3, "6": 3},  # 6 joined E
)
DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Four releases, a day after each other; only the last two files are kept. Only to ask."""
    root = tmp_path_factory.mktemp("told")
    (root / "landing").mkdir()
    project = Project(root)
    for number, clusters in enumerate(STORY):
        at = AT + number * DAY
        publish_clusters(project, f"r{number}", clusters, at, Retention(newest=2))
    return project


def new_id_of(project: Project, key: str) -> str:
    rows = run_query(project, "FROM identity.crosswalk").rows(named=True)
    return next(str(row["entity_id"]) for row in rows if row["source_record_id"] == key)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("r1", "r1"),
        ("last", "r3"),
        ("previous", "r2"),
        ("2026-03-02", "r1"),  # the end of the day
        ("2026-03-02T05:29", "r0"),
        ("2026-03-02T05:30Z", "r1"),
        ("2026-03-02T06:29+01:00", "r0"),
        ("2030-01-01", "r3"),
    ],
)
def test_a_release_is_found_by_name_or_time(told: Project, asked: str, found: str) -> None:
    moment = find_release(told, asked)
    assert (moment.published.release, moment.number) == (found, int(found[1:]) + 1)
    assert moment.is_kept == (found in ("r2", "r3"))


@pytest.mark.parametrize(
    ("asked", "words"),
    [("r9", "newest are: r3, r2"), ("2026-02-28", "first release, r0"), ("", "last, previous")],
)
def test_a_release_that_is_not_there_is_told_with_those_that_are(
    told: Project, asked: str, words: str
) -> None:
    with pytest.raises(QueryError, match=words):
        find_release(told, asked)


def test_before_the_first_release_there_is_no_past(project: Project) -> None:
    for ask in (lambda: find_release(project, "last"), lambda: tell_history(project, A)):
        with pytest.raises(QueryError, match="oneid run"):
            ask()
    publish_clusters(project, "r0", STORY[0])
    with pytest.raises(QueryError, match="r0 is the only one"):
        find_release(project, "previous")


def test_a_customer_that_was_merged_away_is_followed_to_the_one_that_lives(told: Project) -> None:
    history = tell_history(told, B)
    assert history.living_entity_id == A
    assert [(each.entity_id, each.merged_into) for each in history.chapters] == [(B, A), (A, None)]
    born, ended = history.chapters[0].steps
    assert [event.kind for event in born.events] == ["created"]
    assert born.values == (ValueChange("full_name", None, "bearer of 3"),)
    assert [event.kind for event in ended.events] == ["merged"]
    assert ended.rows_left == (RowMove("registration", "3", A),)
    assert ended.values == (ValueChange("full_name", "bearer of 3", None),)


def test_the_life_of_a_customer_is_told_in_order_with_rows_and_values(told: Project) -> None:
    (chapter,) = tell_history(told, A).chapters
    assert [step.release for step in chapter.steps] == ["r0", "r1", "r2"]
    assert [[event.kind for event in step.events] for step in chapter.steps] == [
        ["created"],
        ["merged"],
        ["split"],
    ]
    joined, left = chapter.steps[1].rows_joined, chapter.steps[2].rows_left
    assert joined == (RowMove("registration", "3", B),)
    assert left == (RowMove("registration", "3", new_id_of(told, "3")),)
    assert [step.values for step in chapter.steps[1:]] == [
        (ValueChange("city", "2 rows", "3 rows"),),
        (ValueChange("city", "3 rows", "2 rows"),),
    ]
    assert [step.at for step in chapter.steps] == [
        (AT + number * DAY).replace(tzinfo=None) for number in range(3)
    ]


def test_a_retired_customer_lives_nowhere(told: Project) -> None:
    history = tell_history(told, D)
    assert history.living_entity_id is None
    assert not history.chapters[0].is_living
    assert [event.kind for event in history.chapters[0].steps[-1].events] == ["retired"]


@pytest.mark.parametrize("written", ["registration/3", "registration:3"])
def test_a_source_row_is_told_by_where_it_was(told: Project, written: str) -> None:
    history = tell_history(told, written)
    now = new_id_of(told, "3")
    assert [(stay.release, stay.entity_id) for stay in history.row] == [
        ("r0", B),
        ("r1", A),
        ("r2", now),
    ]
    assert history.row_key == ("registration", "3")
    assert history.living_entity_id == now
    assert [chapter.entity_id for chapter in history.chapters] == [now]


def test_a_source_row_that_is_gone_is_told_with_the_customer_it_was(told: Project) -> None:
    history = tell_history(told, "registration/4")
    assert [stay.entity_id for stay in history.row] == [D, None]
    assert history.living_entity_id is None
    assert history.chapters[0].entity_id == D


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        (str(mint_entity_id("nobody")), "never issued"),
        ("registration/9", "sources registration"),
        ("registration/3:4", "'registration/3:4' was never"),
        ("42", "source/source_record_id"),
    ],
)
def test_what_was_never_known_is_said(told: Project, asked: str, words: str) -> None:
    with pytest.raises(QueryError, match=words):
        tell_history(told, asked)


def test_two_releases_differ_by_what_happened_between_them(told: Project) -> None:
    diff = compare_releases(told, "r0", "r1")
    assert (diff.customers_before, diff.customers_after) == (3, 2)
    assert diff.events == {"created": 1, "merged": 1, "split": 0, "retired": 1, "changed": 0}
    assert diff.rows == {"came": 1, "gone": 1, "moved": 1}
    assert diff.values == (AttributeChanges("city", changed=1, gained=0, lost=0),)
    assert diff.customers_with_other_values == 1
    assert diff.event_examples == diff.value_examples == ()


def test_what_was_undone_in_between_is_no_difference_of_values(told: Project) -> None:
    diff = compare_releases(told, "r0", "2026-03-03")
    assert diff.values == ()
    assert (diff.events["merged"], diff.events["split"]) == (1, 1)
    assert diff.rows == {"came": 1, "gone": 1, "moved": 1}


def test_a_value_that_was_gained_is_no_change(told: Project) -> None:
    diff = compare_releases(told, "previous", "last", examples=1)
    assert diff.values == (AttributeChanges("city", changed=0, gained=1, lost=0),)
    (example,) = diff.value_examples
    assert (example.entity_id, example.old_value, example.new_value) == (E, None, "2 rows")
    (event,) = diff.event_examples
    assert (event.kind, event.entity_id, event.release) == ("changed", E, "r3")
    assert diff.rows == {"came": 1, "gone": 0, "moved": 0}


def test_a_release_does_not_differ_from_itself(told: Project) -> None:
    diff = compare_releases(told, "last", "r3", examples=5)
    assert diff.customers_before == diff.customers_after
    assert set(diff.events.values()) == set(diff.rows.values()) == {0}
    assert diff.values == diff.event_examples == diff.value_examples == ()


def test_the_older_one_is_named_first(told: Project) -> None:
    with pytest.raises(QueryError, match="oneid diff previous last"):
        compare_releases(told, "last", "previous")


def test_a_query_as_of_a_kept_release_reads_its_file(told: Project) -> None:
    moment = find_release(told, "previous")
    assert run_query(told, "SELECT max(release) FROM golden.changes", moment).item() == "r2"
    assert "golden.provenance" in tables(told, "previous")


def tables(project: Project, asked: str) -> set[str]:
    rows = run_query(project, "SHOW ALL TABLES", find_release(project, asked)).rows(named=True)
    return {f"{row['schema']}.{row['name']}" for row in rows}


def test_a_query_as_of_a_release_without_a_file_reads_what_the_logs_say(told: Project) -> None:
    moment = find_release(told, "r1")
    ask = (
        "SELECT source_record_id, full_name, record_count, sources FROM identity.crosswalk "
        "JOIN golden.customers USING (entity_id) ORDER BY ALL"
    )
    assert run_query(told, ask, moment).rows() == [
        ("1", "bearer of 1", 3, ["registration"]),
        ("2", "bearer of 1", 3, ["registration"]),
        ("3", "bearer of 1", 3, ["registration"]),
        ("5", "bearer of 5", 1, ["registration"]),
    ]
    assert run_query(told, "SELECT max(release) FROM identity.events", moment).item() == "r1"
    described = run_query(told, "DESCRIBE golden.customers", moment).rows()
    assert ("date_of_birth", "DATE") in [row[:2] for row in described]
    with pytest.raises(QueryError, match=r"identity\.crosswalk, identity\.events"):
        run_query(told, "FROM golden.provenance", moment)


def test_a_query_as_of_the_past_can_write_nothing_either(told: Project) -> None:
    files = {file: file.stat().st_mtime_ns for file in Path(told.ledger).iterdir()}
    for sql in ("DELETE FROM golden.customers", "SELECT * FROM read_text('/etc/hostname')"):
        with pytest.raises(QueryError):
            run_query(told, sql, find_release(told, "r1"))
    assert {file: file.stat().st_mtime_ns for file in Path(told.ledger).iterdir()} == files
