"""From a steward's word to everybody downstream: console, sensor, run, release, feed, webhook."""

import html
import logging
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import duckdb
import httpx
import pytest
from receiver import Receiver, is_signed, receiving
from served import REPO, Served, free_port, hidden_in, sign_in, steward_of
from small_shop import small_shop

from core.project import Project

pytestmark = pytest.mark.slow
DAGSTER: Final = (sys.executable, "-m", "dagster")
_LOG: Final = logging.getLogger(__name__)
MODULE: Final = "pipelines.definitions"
PATIENCE: Final = 600.0
"""Seconds; a busy machine is no failure. What it took is told with the test's result."""
_TICKS: Final = """
query($module: String!) {
  sensorOrError(sensorSelector: {
    repositoryLocationName: $module, repositoryName: "__repository__", sensorName: "decisions"
  }) { ... on Sensor { sensorState { ticks(limit: 1) { id } } } }
}
"""


def waited(found: Callable[[], Any], why: str) -> Any:
    """What `found` answers once it answers anything."""
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        if answer := found():
            return answer
        time.sleep(0.2)
    raise AssertionError(why)


@contextmanager
def dagster_dev(project: Project) -> Iterator[None]:
    """`dagster dev` on the project, its sensor on decisions switched on, until the block ends."""
    shutil.copy(REPO / "dagster.yaml", project.root)
    places = {"PYTHONPATH": str(REPO), "DAGSTER_HOME": str(project.root)}
    told = os.environ | places | {"ONEID_PROJECT": str(project.root)}
    switch = [*DAGSTER, "sensor", "start", "decisions", "-m", MODULE]
    subprocess.run(switch, check=True, cwd=project.root, env=told, capture_output=True)
    port = str(free_port())
    with (project.root / "dagster.log").open("wb") as log:
        process = subprocess.Popen(
            [*DAGSTER, "dev", "-m", MODULE, "-h", "127.0.0.1", "-p", port],
            cwd=project.root, env=told, stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        waited(lambda: has_ticked(port), "the sensor never looked")
        yield
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def has_ticked(port: str) -> bool:
    try:
        asked = {"query": _TICKS, "variables": {"module": MODULE}}
        answer = httpx.post(f"http://127.0.0.1:{port}/graphql", json=asked, trust_env=False)
    except httpx.TransportError:
        return False
    state = answer.json().get("data", {}).get("sensorOrError", {}).get("sensorState")
    return bool(state and state["ticks"])


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    project = small_shop(tmp_path / "shop")
    steward_of(project, "mei")
    served = Served(project)
    yield served
    served.stop()


def test_a_decision_is_published_told_once_and_sent(
    served: Served, record_property: Callable[[str, object], None]
) -> None:
    project = Project(served.root)
    (left, one), (right, other) = two_customers(project)
    with receiving() as receiver, served.client() as program, dagster_dev(project):
        cursor = program.get("/v1/changes", params={"cursor": "latest"}).json()["cursor"]
        hook = program.post("/v1/webhooks", json={"url": receiver.url}).json()
        decide_match(served.browser(), left, right)
        began = time.monotonic()
        waited(lambda: are_one(project, left, right), "no release has the merge")
        taken = time.monotonic() - began
        record_property("seconds from decision to release", round(taken, 1))
        _LOG.info("from decision to release: %.1f s", taken)
        changes = waited(lambda: told_since(program, cursor), "the feed tells nothing")
        merges = [each for each in changes if each["kind"] == "merged"]
        assert [{x["entity_id"], x["other_entity_id"]} for x in merges] == [{one, other}]
        asked = {"source": left.split("/")[0], "source_record_id": left.split("/", 1)[1]}
        crosswalk = program.get("/v1/crosswalk", params=asked).json()
        assert crosswalk["entity_id"] == merges[0]["entity_id"]
        waited(lambda: ("merged", merges[0]["entity_id"]) in receiver.changes(), "no webhook")
    assert_sent_as_told(receiver, changes, hook["secret"])


def assert_sent_as_told(receiver: Receiver, changes: list[dict[str, Any]], secret: str) -> None:
    assert receiver.changes() == [(each["kind"], each["entity_id"]) for each in changes]
    assert all(is_signed(headers, body, secret) for headers, body in receiver.got)


def decide_match(browser: httpx.Client, left: str, right: str) -> None:
    """Sign in, open the pair, say that it is one customer."""
    sign_in(browser, "mei")
    page = browser.get("/pair", params={"left": left, "right": right}).text
    form = {name: html.unescape(x) for name, x in hidden_in(page, "/decide").items()}
    assert browser.post("/decide", data=form | {"verdict": "match"}).status_code == 303


def told_since(program: httpx.Client, cursor: str) -> list[dict[str, Any]]:
    """All that the feed tells after a cursor; pages of any size give each change once."""
    found: list[dict[str, Any]] = []
    while True:
        page = program.get("/v1/changes", params={"cursor": cursor, "limit": 7, "wait": 1}).json()
        found += page["changes"]
        cursor = page["cursor"]
        if not page["changes"]:
            assert len({each["cursor"] for each in found}) == len(found)
            return found


def two_customers(project: Project) -> list[tuple[str, str]]:
    """A row and its customer, of two customers who have no other: nothing else may part them."""
    return rows(
        project,
        "SELECT source || '/' || source_record_id, entity_id FROM identity.crosswalk "
        "SEMI JOIN golden.customers c ON c.entity_id = crosswalk.entity_id AND record_count = 1 "
        "WHERE matched_as IS NOT NULL ORDER BY 2 LIMIT 2",
    )


def are_one(project: Project, *named: str) -> bool:
    """Whether these rows are one customer in the current release."""
    asked = "SELECT entity_id FROM identity.crosswalk WHERE source || '/' || source_record_id = ?"
    return len({entity for row in named for (entity,) in rows(project, asked, row)}) == 1


def rows(project: Project, sql: str, *values: str) -> list[Any]:
    file = (project.root / "var/current.duckdb").resolve()
    con = duckdb.connect(str(file), read_only=True)
    try:
        return con.execute(sql, list(values)).fetchall()
    finally:
        con.close()
