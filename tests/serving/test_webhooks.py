"""Webhooks: what the feed brings arrives signed and in order, again after a failure."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import sqlalchemy as sa
from fastapi.testclient import TestClient
from receiver import Receiver, is_signed, receiving
from serving_project import ANN, publish_erasure, publish_first, publish_merge

from core.project import Project
from serving.ground import Ground
from serving.roles import Role, Scope
from serving.store.database import utc_now
from serving.store.tables import DELIVERIES
from serving.store.webhooks import TRIES

Issue = Callable[..., dict[str, str]]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def send_all(ground: Ground) -> None:
    """Make and send everything, whatever pause it waits for."""
    with httpx.Client(trust_env=False) as http:
        for _ in range(50):
            with ground.database.writing() as connection:
                due = sa.update(DELIVERIES).where(DELIVERIES.c.state == "pending")
                connection.execute(due.values(next_at=utc_now() - timedelta(seconds=1)))
            if not ground.outgoing.work(http):
                return


def add(client: TestClient, headers: dict[str, str], receiver: Receiver, **more: Any) -> Any:
    asked = {"url": receiver.url, "cursor": "start"} | more
    answer = client.post("/v1/webhooks", json=asked, headers=headers)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_every_change_arrives_once_signed_and_in_order(
    project: Project, client: TestClient, issue: Issue, ground: Ground, receiver: Receiver
) -> None:
    publish_first(project)
    made = add(client, issue(Role.ADMIN), receiver)
    send_all(ground)
    publish_merge(project)
    publish_erasure(project)
    send_all(ground)
    told = client.get("/v1/changes", headers=issue()).json()["changes"]
    assert receiver.changes() == [(each["kind"], each["entity_id"]) for each in told]
    for headers, body in receiver.got:
        assert is_signed(headers, body, made["secret"])


def test_a_batch_that_waited_is_sent_as_it_was_made(
    project: Project, client: TestClient, issue: Issue, ground: Ground, receiver: Receiver
) -> None:
    publish_first(project)
    add(client, issue(Role.ADMIN), receiver)
    receiver.status = 503
    with httpx.Client(trust_env=False) as http:
        assert ground.outgoing.work(http) == 1
        assert ground.outgoing.work(http) == 0, "it waits before it tries again"
    publish_merge(project)
    receiver.status = 200
    send_all(ground)
    assert receiver.changes().count(("created", ANN)) == 1
    assert [len(json.loads(body)["changes"]) for _, body in receiver.got] == [3, 2]


def test_a_dead_letter_lets_later_ones_pass_and_can_be_sent_again(
    project: Project, client: TestClient, issue: Issue, ground: Ground, receiver: Receiver
) -> None:
    publish_first(project)
    headers = issue(Role.ADMIN)
    number = add(client, headers, receiver)["id"]
    receiver.status = 500
    for _ in range(TRIES):
        send_all(ground)
    path = f"/v1/webhooks/{number}/dead-letters"
    [letter] = client.get(path, headers=headers).json()["dead_letters"]
    assert (letter["attempts"], letter["problem"]) == (TRIES, "HTTP 500")
    receiver.status = 200
    publish_merge(project)
    send_all(ground)
    assert [kind for kind, _ in receiver.changes()] == ["merged", "changed"]
    assert client.post(f"{path}/{letter['id']}", headers=headers).status_code == 202
    send_all(ground)
    assert [kind for kind, _ in receiver.changes()][2:] == ["created"] * 3
    assert client.post(f"{path}/{letter['id']}", headers=headers).status_code == 404


def test_only_some_kinds_masked_and_no_more_after_it_was_removed(
    project: Project, client: TestClient, issue: Issue, ground: Ground, receiver: Receiver
) -> None:
    publish_first(project)
    headers = issue(Role.ADMIN)
    made = add(client, headers, receiver, kinds=["created"], masked=True)
    publish_merge(project)
    send_all(ground)
    assert {kind for kind, _ in receiver.changes()} == {"created"}
    assert all(b"Fletcher" not in body for _, body in receiver.got)
    listed = client.get("/v1/webhooks", headers=headers).json()["webhooks"]
    assert [each["secret"] for each in listed] == [None]
    path = f"/v1/webhooks/{made['id']}"
    assert client.delete(path, headers=headers).status_code == 204
    assert client.delete(path, headers=headers).status_code == 404
    publish_erasure(project)
    before = len(receiver.got)
    send_all(ground)
    assert len(receiver.got) == before


def test_who_may_make_one_and_where_to(
    published: Project, client: TestClient, issue: Issue
) -> None:
    asked = {"url": "https://crm.example.com/hook"}
    steward = issue(Role.STEWARD)
    assert client.post("/v1/webhooks", json=asked, headers=steward).status_code == 403
    for url in ("http://crm.example.com/", "ftp://x/", "https://", "x", "http://[::1"):
        answer = client.post("/v1/webhooks", json={"url": url}, headers=issue(Role.ADMIN))
        assert answer.status_code == 422, url
    unscoped = issue(Role.ADMIN, Scope.CHANGES)
    assert client.post("/v1/webhooks", json=asked, headers=unscoped).status_code == 403
