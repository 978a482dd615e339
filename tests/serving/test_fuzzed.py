"""Whatever is sent to the API of a real release, in or out of its description: no server error."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from small_shop import small_shop

from serving.app import create_app
from serving.problems import ApiProblem
from serving.roles import Role, Scope
from serving.settings import ServingSettings


@pytest.fixture
def served(tmp_path: Path) -> Iterator[FastAPI]:
    """An app whose lookup has been read into memory."""
    app = create_app(small_shop(tmp_path), ServingSettings(deliver_webhooks=False, longest_wait=0))
    for _ in range(600):
        try:
            app.state.ground.lookups.current()
            break
        except ApiProblem:
            time.sleep(0.1)
    yield app
    app.state.ground.close()


@pytest.mark.slow
def test_whatever_is_sent_the_server_does_not_fail(served: FastAPI) -> None:
    secret = served.state.ground.keys.issue(
        "fuzz", Role.ADMIN, list(Scope), "test", per_minute=10_000_000
    )
    with served.state.ground.releases.reading() as reader:
        known = reader.rows("SELECT entity_id FROM golden.customers ORDER BY 1")
    entities = [str(row["entity_id"]) for row in known]
    schema = schemathesis.openapi.from_asgi("/v1/openapi.json", served)
    seen: dict[str, set[int]] = {}
    for result in schema.include(path_regex="^/v1/").get_all_operations():
        operation = result.ok()
        answers = seen.setdefault(operation.path, set())
        for mode in GenerationMode:
            answers |= run_on(operation, secret, mode, entities)
    assert len(seen) >= 12 and all(seen.values())
    # what was sent got past the door
    assert 200 in seen["/v1/customers/{entity_id}"] and 200 in seen["/v1/resolve"]
    assert {200, 404, 422} <= set().union(*seen.values())


def run_on(operation: Any, secret: str, mode: GenerationMode, entities: list[str]) -> set[int]:
    """Send examples of what the description allows, or of what it does not; what was answered."""
    seen = set[int]()

    @settings(max_examples=30, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(case=operation.as_strategy(generation_mode=mode), entity=st.sampled_from(entities))
    def send(case: Any, entity: str) -> None:
        if mode is GenerationMode.POSITIVE and "entity_id" in case.path_parameters:
            case.path_parameters["entity_id"] = entity
        answer = case.call(headers={"Authorization": f"Bearer {secret}"})
        assert answer.status_code < 500, case.as_curl_command()
        seen.add(answer.status_code)

    send()
    return seen
