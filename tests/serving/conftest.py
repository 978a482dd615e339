"""A server in this process over a small project, and keys and accounts to ask it with."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from serving_project import publish_first

from core.project import Project
from serving.app import create_app
from serving.ground import Ground
from serving.roles import Role, Scope
from serving.settings import ServingSettings

Issue = Callable[..., dict[str, str]]
PASSWORD = "correct horse battery"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "landing").mkdir()
    return Project(tmp_path)


@pytest.fixture
def published(project: Project) -> Project:
    publish_first(project)
    return project


@pytest.fixture
def app(project: Project) -> Iterator[FastAPI]:
    app = create_app(project, ServingSettings(deliver_webhooks=False, watch_every=0.02))
    yield app
    app.state.ground.close()


@pytest.fixture
def ground(app: FastAPI) -> Ground:
    found: Ground = app.state.ground
    return found


@pytest.fixture
def client(app: FastAPI) -> Iterator[TestClient]:
    with TestClient(app, follow_redirects=False, raise_server_exceptions=False) as client:
        yield client


@pytest.fixture
def issue(ground: Ground) -> Issue:
    """Headers with a new key of a role, for all scopes unless said."""

    def issue_key(
        role: Role = Role.ANALYST, *scopes: Scope, per_minute: int = 100_000
    ) -> dict[str, str]:
        name = f"key {len(ground.keys.all())}"
        secret = ground.keys.issue(name, role, scopes or list(Scope), "test", per_minute)
        return {"Authorization": f"Bearer {secret}"}

    return issue_key
