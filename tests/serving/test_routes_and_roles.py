"""Every path and every role: nobody gets in without being let in, nothing opens by mistake."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from serving_project import ANN, publish_first

from core.project import Project
from serving import api, console
from serving.roles import Role, Scope

Issue = Callable[..., dict[str, str]]
OPEN = {"/healthz", "/readyz", "/metrics"}
"""Paths that tell nothing of anybody, and that anyone may ask."""
SIGN_IN = {"/sign-in", "/preferences", "/console/{name}"}
"""Where those who are not signed in yet have to get to."""
VALUES = {"entity_id": ANN, "table": "golden.customers", "number": "1", "letter": "1"}
"""What the parts of paths are filled with."""
BODIES: dict[str, dict[str, Any]] = {
    "/v1/crosswalk": {"records": [{"source": "registration", "source_record_id": "R-1"}]},
    "/v1/webhooks": {"url": "https://crm.example.com/hook"},
}


def guards_of(dependant: Dependant) -> Iterator[Any]:
    """The access dependencies that a path stands behind."""
    for each in dependant.dependencies:
        if hasattr(each.call, "least_role"):
            yield each.call
        yield from guards_of(each)


ROUTES = [
    route
    for router in (*api.ROUTERS, *console.ROUTERS)
    for route in router.routes
    if isinstance(route, APIRoute)
]
API = [
    (method, route.path, next(guards_of(route.dependant)))
    for route in ROUTES
    if route.path.startswith("/v1/")
    for method in sorted(route.methods or ())
]
"""Method, path and guard of every path below /v1."""


def ask(client: TestClient, method: str, path: str, headers: dict[str, str]) -> int:
    body = BODIES.get(path) if method == "POST" else None
    return client.request(method, path.format(**VALUES), json=body, headers=headers).status_code


def test_every_path_stands_behind_a_guard_or_is_meant_to_be_open() -> None:
    unguarded = {route.path for route in ROUTES if not list(guards_of(route.dependant))}
    assert unguarded <= OPEN | SIGN_IN


def test_no_path_answers_without_a_key(client: TestClient, published: Project) -> None:
    assert len(API) >= 12
    for method, path, _ in API:
        assert ask(client, method, path, {}) == 401, path


@pytest.mark.parametrize("role", list(Role))
def test_a_key_opens_its_scopes_and_its_role_and_nothing_else(
    client: TestClient, issue: Issue, published: Project, role: Role
) -> None:
    keys = {scope: issue(role, scope) for scope in Scope}
    for method, path, guard in API:
        for scope, headers in keys.items():
            status = ask(client, method, path, headers)
            may = scope == guard.scope and role.includes(guard.least_role)
            assert (status != 403) == may and status != 401, (method, path, scope, status)


@pytest.mark.parametrize("role", [Role.VIEWER])
def test_nothing_that_a_viewer_gets_holds_personal_data(
    client: TestClient, issue: Issue, published: Project, role: Role
) -> None:
    headers = issue(role)
    for method, path, _ in API:
        for end in ("", "?format=csv", "?format=jsonl", "?include=contact_points,provenance"):
            told = client.request(
                method, path.format(**VALUES) + end, json=BODIES.get(path), headers=headers
            ).text
            for secret in ("Fletcher", "ann.fletcher", "7911123456", "Leeds", "蔡明亮", "Buyer"):
                assert secret not in told, path


def test_logs_hold_routes_and_no_values(
    client: TestClient, issue: Issue, published: Project, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG", "oneid")
    headers = issue()
    client.get("/v1/customers?email=ann.fletcher@example.com", headers=headers)
    client.get(f"/v1/customers/{ANN}", headers=headers)
    told = "\n".join(
        record.getMessage() for record in caplog.records if record.name == "oneid.serving"
    )
    assert "GET /v1/customers 200" in told and "GET /v1/customers/{entity_id} 200" in told
    assert "ann.fletcher" not in told and ANN not in told
    figures = client.get("/metrics").text
    assert 'route="/v1/customers/{entity_id}"' in figures
    assert "ann.fletcher" not in figures and ANN not in figures


def test_ready_only_once_something_is_published(client: TestClient, project: Project) -> None:
    assert client.get("/healthz").json() == {"status": "ok", "release": None}
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/nothing-published")
    release = publish_first(project)
    assert client.get("/readyz").json()["release"] == release


def test_a_path_that_is_not_there_is_a_problem_too(client: TestClient) -> None:
    answer = client.get("/v1/nothing")
    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert client.put("/v1/customers").status_code == 405
