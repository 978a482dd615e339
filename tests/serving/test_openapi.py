"""The description of the API is complete."""

from typing import Any

import pytest
from fastapi.testclient import TestClient


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
