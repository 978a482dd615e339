"""A real server on a real port: releases are published under its readers, and it is killed."""

import os
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from served import ONEID, PATIENCE, REPO, Served
from serving_project import ANN, PEOPLE, ROWS_OF, publish_first, publish_people

from core.project import Project

RELEASES = 50


@pytest.fixture
def served(project: Project) -> Iterator[Served]:
    publish_first(project)
    served = Served(project)
    yield served
    if served.process.poll() is None:
        served.stop()


def publish_number(project: Project, number: int) -> None:
    """Release `number`: everybody lives in a town of its number."""
    people = {who: values | {"city": f"town {number}"} for who, values in PEOPLE.items()}
    publish_people(project, number, people, ROWS_OF, [], [])


@pytest.mark.slow
def test_fifty_releases_under_readers_fail_and_mix_no_answer(
    project: Project, served: Served
) -> None:
    done = threading.Event()
    wrong: list[Any] = []
    counts: list[int] = []

    def read_pages() -> None:
        count = 0
        with served.client() as client:
            while not done.is_set():
                for path in (
                    "/v1/customers?fields=city",
                    "/v1/exports/golden.customers?format=jsonl&fields=city",
                    f"/v1/customers/{ANN}?include=contact_points,provenance&fields=city",
                ):
                    answer = client.get(path)
                    count += 1
                    towns = {part for part in answer.text.split('"') if part.startswith("town ")}
                    if answer.status_code != 200 or len(towns) > 1:
                        wrong.append((path, answer.status_code, towns))
        counts.append(count)

    readers = [threading.Thread(target=read_pages) for _ in range(3)]
    for reader in readers:
        reader.start()
    seen: list[dict[str, Any]] = []
    feed = threading.Thread(target=follow_feed, args=(served, seen, done))
    feed.start()
    for number in range(2, RELEASES + 2):
        publish_number(project, number)
        old = sorted(project.releases.glob("golden-*"))[:-3]
        for file in old:
            file.unlink()
    done.set()
    for thread in (*readers, feed):
        thread.join()
    assert wrong == [] and min(counts) > RELEASES
    towns = [x["values"][0]["to"] for x in seen if x["kind"] == "changed" and x["entity_id"] == ANN]
    assert towns == [f"town {number}" for number in range(2, RELEASES + 2)]
    assert len(seen) == len({x["cursor"] for x in seen}) == len(PEOPLE) * (RELEASES + 1)
    told = served.stop()
    assert "Fletcher" not in told and "Traceback" not in told


def follow_feed(served: Served, seen: list[dict[str, Any]], done: threading.Event) -> None:
    """Read the feed until it has told everything, by a new connection each time."""
    cursor, ended = "", False
    while not ended:
        ended = done.is_set()
        while True:
            with served.client() as client:
                asked = {"limit": 2, "wait": 0.2} | ({"cursor": cursor} if cursor else {})
                page = client.get("/v1/changes", params=asked).json()
            seen += page["changes"]
            cursor = page["cursor"]
            if not page["changes"]:
                break


def test_the_command_serves_and_stops_and_says_what_is_wrong(served: Served) -> None:
    with served.client() as client:
        assert client.get(f"/v1/customers/{ANN}").json()["city"] == "Leeds"
        assert client.get("/v1/customers?email=ann.fletcher@example.com").status_code == 200
    told = served.stop()
    assert "GET /v1/customers/{entity_id} 200" in told
    assert ANN not in told and "ann.fletcher" not in told
    assert served.process.returncode in (0, -signal.SIGTERM)


def test_a_port_that_is_taken_is_told_in_words(project: Project, published: Project) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = subprocess.run(
            [*ONEID, "serve", "--project", str(project.root), "--port", str(port)],
            env=os.environ | {"PYTHONPATH": str(REPO)},
            capture_output=True, text=True, timeout=PATIENCE, check=False,
        )  # fmt: skip
    assert ended.returncode == 1
    assert "choose another with --port" in ended.stderr and "Traceback" not in ended.stderr
