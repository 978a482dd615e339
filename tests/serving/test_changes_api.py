"""/v1/changes: every change once, in order, from any place; also when files are long gone."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient
from serving_project import (
    ANN,
    BO,
    CAI,
    publish_elsewhere,
    publish_erasure,
    publish_first,
    publish_merge,
)

from core.project import Project
from serving.cursors import cursor_of
from serving.feed import START, Feed
from serving.roles import Role

Issue = Callable[..., dict[str, str]]


def read(client: TestClient, headers: dict[str, str], **asked: Any) -> dict[str, Any]:
    answer = client.get("/v1/changes", params=asked, headers=headers)
    assert answer.status_code == 200, answer.text
    told: dict[str, Any] = answer.json()
    return told


def short(changes: list[dict[str, Any]]) -> list[tuple[str, str, str | None]]:
    return [(each["kind"], each["entity_id"], each["other_entity_id"]) for each in changes]


@pytest.fixture
def told(project: Project) -> Project:
    publish_first(project)
    publish_merge(project)
    publish_erasure(project)
    return project


ALL = [
    ("created", ANN, None),
    ("created", BO, None),
    ("created", CAI, None),
    ("merged", ANN, BO),
    ("changed", ANN, None),
    ("erased", CAI, None),
]


def test_every_change_in_order(told: Project, client: TestClient, issue: Issue) -> None:
    page = read(client, issue())
    assert short(page["changes"]) == ALL and page["more"] is False
    created, changed = page["changes"][0], page["changes"][4]
    assert {"attribute": "city", "from": None, "to": "Leeds"} in created["values"]
    assert changed["values"] == [{"attribute": "city", "from": "Leeds", "to": "York"}]
    assert changed["at"] == "2026-11-22T08:02:00Z"


@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_pages_of_any_size_give_each_change_once(
    told: Project, client: TestClient, issue: Issue, limit: int
) -> None:
    headers, seen, cursor = issue(), [], None
    for _ in range(10):
        page = read(client, headers, limit=limit, **({"cursor": cursor} if cursor else {}))
        seen += page["changes"]
        cursor = page["cursor"]
        if not page["more"]:
            break
    assert short(seen) == ALL
    assert read(client, headers, cursor=cursor)["changes"] == []


def test_the_cursor_of_any_change_is_the_place_after_it(
    told: Project, client: TestClient, issue: Issue
) -> None:
    headers = issue()
    whole = read(client, headers)["changes"]
    for number, change in enumerate(whole, start=1):
        assert read(client, headers, cursor=change["cursor"])["changes"] == whole[number:]


def test_releases_published_meanwhile_go_on_where_the_cursor_is(
    project: Project, client: TestClient, issue: Issue
) -> None:
    headers = issue()
    assert read(client, headers)["changes"] == []
    publish_first(project)
    first = read(client, headers)
    publish_merge(project)
    publish_erasure(project)
    second = read(client, headers, cursor=first["cursor"])
    assert short([*first["changes"], *second["changes"]]) == ALL


def test_files_of_releases_and_of_the_feed_may_be_gone(
    told: Project, client: TestClient, issue: Issue
) -> None:
    headers = issue()
    before = read(client, headers)
    for file in sorted(told.releases.glob("golden-*"))[:-1]:
        file.unlink()
    for folder in (told.state / "feed").iterdir():
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()
    assert read(client, headers) == before


def test_only_some_kinds(told: Project, client: TestClient, issue: Issue) -> None:
    page = read(client, issue(), kinds=["merged", "erased"], limit=1)
    assert short(page["changes"]) == [ALL[3]] and page["more"]
    rest = read(client, issue(), kinds=["merged", "erased"], cursor=page["cursor"])
    assert short(rest["changes"]) == [ALL[5]]


def test_who_waits_hears_of_the_next_release(
    project: Project, client: TestClient, issue: Issue
) -> None:
    publish_first(project)
    headers = issue()
    cursor = read(client, headers, cursor="latest")["cursor"]
    assert read(client, headers, cursor=cursor, wait=0.05)["changes"] == []
    publisher = publish_elsewhere(project, after=0.3)
    page = read(client, headers, cursor=cursor, wait=60)
    assert publisher.wait() == 0
    assert short(page["changes"]) == ALL[3:5]


def test_a_viewer_hears_of_changes_without_their_values(
    told: Project, client: TestClient, issue: Issue
) -> None:
    headers = issue(Role.VIEWER)
    text = client.get("/v1/changes", headers=headers).text
    for secret in ("Fletcher", "Leeds", "York", "7911123456", "蔡明亮", "1984-03"):
        assert secret not in text
    assert "1984•••" in text


def test_a_cursor_that_is_not_ours_or_of_a_lost_release_is_refused(
    told: Project, client: TestClient, issue: Issue
) -> None:
    headers = issue()
    for cursor, status in [
        ("nonsense!", 422),
        (cursor_of("a", 1), 422),
        (cursor_of(2, "another release", ""), 410),
        (cursor_of(99, "20261122T080200Z-00000002", ""), 410),
    ]:
        answer = client.get("/v1/changes", params={"cursor": cursor}, headers=headers)
        assert answer.status_code == status


def test_a_release_is_not_told_before_its_values_are_logged(project: Project) -> None:
    publish_first(project)
    publish_merge(project, logged=False)
    feed = Feed(project)
    assert len(feed.read(START, 100, Role.ANALYST).changes) == 3
    publish_erasure(project)
    assert len(feed.read(START, 100, Role.ANALYST).changes) == 6
