"""Hundreds may wait for the feed's next change, and everybody else is still answered."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
from fastapi import FastAPI
from serving_project import ANN, BO, publish_elsewhere

from core.project import Project
from serving.ground import Ground

READERS = 100
Issue = Callable[..., dict[str, str]]


def test_waiting_readers_leave_the_threads_to_others(
    published: Project, app: FastAPI, ground: Ground, issue: Issue
) -> None:
    changes, other = asyncio.run(read_while_waiting(published, app, str(ground.feed.end()), issue))
    assert other["city"] == "Leeds"
    assert all(told == changes[0] for told in changes) and len(changes) == READERS
    merged = [each for each in changes[0]["changes"] if each["kind"] == "merged"]
    assert [(each["entity_id"], each["other_entity_id"]) for each in merged] == [(ANN, BO)]


async def read_while_waiting(
    project: Project, app: FastAPI, cursor: str, issue: Issue
) -> tuple[list[Any], Any]:
    """What each waiting reader was told of a release, and another request before it was there."""
    transport = httpx.ASGITransport(app=app)
    async with httpx.AsyncClient(transport=transport, base_url="http://here") as client:
        asked, key = {"cursor": cursor, "wait": 60}, issue()
        waiting = [
            asyncio.create_task(client.get("/v1/changes", params=asked, headers=key))
            for _ in range(READERS)
        ]
        await asyncio.sleep(1)  # more of them wait by now than the server has threads
        other = await client.get(f"/v1/customers/{ANN}", headers=key)
        assert not any(task.done() for task in waiting)
        publisher = publish_elsewhere(project, 0)
        answers = await asyncio.gather(*waiting)
        assert publisher.wait() == 0
    return [answer.json() for answer in answers], other.json()
