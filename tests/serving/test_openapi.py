"""The description of the API: complete, and true of whatever is sent."""

from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from serving_project import publish_first, publish_merge

from core.project import Project
from serving.app import create_app
from serving.roles import Role, Scope
from serving.settings import ServingSettings


@pytest.fixture
def described(client: TestClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/v1/openapi.json").json()
    return found


def operations(described: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    return [
        (f"{method} {path}", operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
        if path.startswith("/v1/")
    ]


def test_every_operation_says_what_it_does_and_what_can_go_wrong(
    described: dict[str, Any],
) -> None:
    for name, operation in operations(described):
        assert operation["summary"] and operation["description"], name
        assert {"401", "403", "429", "503"} <= set(operation["responses"]), name
        assert operation["security"] == [{"ApiKey": []}], name
        for status, answer in operation["responses"].items():
            if status.startswith(("4", "5")):
                assert list(answer["content"]) == ["application/problem+json"], (name, status)


def test_every_reference_leads_to_a_schema(described: dict[str, Any]) -> None:
    schemas = described["components"]["schemas"]
    used = {
        text.split('"')[0]
        for text in str(described).replace("'", '"').split("#/components/schemas/")[1:]
    }
    assert "Problem" in used and used <= set(schemas)


@pytest.mark.slow
def test_whatever_is_sent_the_server_does_not_fail(tmp_path: Any) -> None:
    (tmp_path / "landing").mkdir()
    project = Project(tmp_path)
    publish_first(project)
    publish_merge(project)
    app = create_app(project, ServingSettings(deliver_webhooks=False, longest_wait=0))
    secret = app.state.ground.keys.issue(
        "fuzz", Role.ADMIN, list(Scope), "test", per_minute=10_000_000
    )
    schema = schemathesis.openapi.from_asgi("/v1/openapi.json", app)
    asked, seen = 0, set[int]()
    for result in schema.include(path_regex="^/v1/").get_all_operations():
        operation = result.ok()
        asked += 1
        for mode in GenerationMode:
            seen |= run_on(operation, secret, mode)
    assert asked >= 12 and {200, 404, 422} <= seen
    app.state.ground.close()


def run_on(operation: Any, secret: str, mode: GenerationMode) -> set[int]:
    """Send examples of what the description allows, or of what it does not; what was answered."""
    seen = set[int]()

    @settings(max_examples=30, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        answer = case.call(headers={"Authorization": f"Bearer {secret}"})
        assert answer.status_code < 500, case.as_curl_command()
        seen.add(answer.status_code)

    send()
    return seen
