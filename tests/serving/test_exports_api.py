"""/v1/exports: whole tables of one release, in three formats, masked for viewers."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pyarrow.parquet as pq
import pytest
from fastapi.testclient import TestClient
from serving_project import ANN, BO, CAI, publish_merge

from core.project import Project
from serving.ground import Ground
from serving.roles import Role

Issue = Callable[..., dict[str, str]]
pytestmark = pytest.mark.usefixtures("published")


def rows_of(content: bytes, form: str) -> list[dict[str, Any]]:
    if form == "parquet":
        found: list[dict[str, Any]] = pq.read_table(io.BytesIO(content)).to_pylist()
        return found
    text = content.decode()
    if form == "csv":
        return list(csv.DictReader(io.StringIO(text)))
    return [json.loads(line) for line in text.splitlines()]


@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl"])
def test_a_table_in_every_format(client: TestClient, issue: Issue, form: str) -> None:
    answer = client.get(f"/v1/exports/golden.customers?format={form}", headers=issue())
    rows = rows_of(answer.content, form)
    assert {row["entity_id"]: row["city"] for row in rows} == {
        ANN: "Leeds",
        BO: "St. Louis",
        CAI: "北京",
    }
    names = {str(row["entity_id"]): row["full_name"] for row in rows}
    assert names[CAI] == "蔡明亮"


@pytest.mark.parametrize("form", ["parquet", "csv", "jsonl"])
def test_a_viewer_gets_masks_in_every_table(client: TestClient, issue: Issue, form: str) -> None:
    headers = issue(Role.VIEWER)
    tables = client.get("/v1/exports", headers=headers).json()["tables"]
    assert len(tables) > 10
    for each in tables:
        answer = client.get(f"/v1/exports/{each['table']}?format={form}", headers=headers)
        assert answer.status_code == 200
        told = repr(rows_of(answer.content, form))
        for secret in ("Fletcher", "ann.fletcher", "Leeds", "7911123456", "蔡明亮", "Secret Buyer"):
            assert secret not in told, each["table"]


def test_some_columns_and_some_that_there_are_not(client: TestClient, issue: Issue) -> None:
    headers = issue()
    path = "/v1/exports/golden.customers"
    answer = client.get(f"{path}?fields=sources,city&format=csv", headers=headers)
    assert answer.text.splitlines()[0] == '"sources","city"'
    assert client.get(f"{path}?fields=nothing", headers=headers).status_code == 422
    for table in ("golden.nothing", "sqlite_master", 'golden."customers"', "information_schema.x"):
        assert client.get(f"/v1/exports/{table}", headers=headers).status_code == 404


def test_an_export_that_is_known_is_not_sent_again(
    client: TestClient, issue: Issue, published: Project
) -> None:
    headers, path = issue(), "/v1/exports/golden.customers"
    tag = client.get(path, headers=headers).headers["etag"]
    known = headers | {"If-None-Match": tag}
    assert client.get(path, headers=known).status_code == 304
    assert client.get(path, headers=issue(Role.VIEWER) | {"If-None-Match": tag}).status_code == 200
    publish_merge(published)
    assert client.get(path, headers=known).status_code == 200


def test_a_release_that_was_exported_is_let_go_of(
    client: TestClient, issue: Issue, ground: Ground, published: Project
) -> None:
    client.get("/v1/exports/golden.customers", headers=issue())
    newest = publish_merge(published)
    client.get("/v1/exports/golden.customers", headers=issue())
    assert ground.releases.open_files() == [newest]


def test_what_was_exported_by_whom_is_in_the_audit(
    client: TestClient, issue: Issue, ground: Ground
) -> None:
    client.get("/v1/exports/golden.customers?fields=email", headers=issue())
    newest = ground.audit.newest(1)[0]
    assert (newest.action, newest.subject) == ("exported", "golden.customers")
    assert newest.detail["fields"] == ["email"]
