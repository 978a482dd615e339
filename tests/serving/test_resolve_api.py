"""POST /v1/resolve over a real run: the answer is the release's, and follows it."""

import time
from collections.abc import Iterator

import polars as pl
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from small_shop import run, small_shop

from core.project import Project
from serving.app import create_app
from serving.roles import Role, Scope
from serving.settings import ServingSettings

NEW = {
    "registration_id": "R-NEW-1",
    "registered_at": "2026-08-01T00:00:00Z",
    "given_name": "Zebedee",
    "family_name": "Quillfeather",
    "email": "zebedee.quillfeather@example.org",
    "phone": "+447466145699",
    "date_of_birth": "1971-05-30",
}
ASKED = {name: NEW[name] for name in ("given_name", "family_name", "email", "phone")}


def ready(client: TestClient, headers: dict[str, str], release: str = "") -> str:
    """The release that answers, once there is one other than `release`."""
    for _ in range(600):
        answer = client.post("/v1/resolve", json={"records": [ASKED]}, headers=headers)
        found = answer.headers.get("OneID-Release", "")
        if answer.status_code == 200 and found != release:
            return found
        assert answer.status_code in (200, 503)
        time.sleep(0.1)
    raise AssertionError("no lookup came to be")


def headers_of(app: FastAPI, *scopes: Scope) -> dict[str, str]:
    keys = app.state.ground.keys
    name = f"key {len(keys.all())}"
    return {"Authorization": f"Bearer {keys.issue(name, Role.VIEWER, scopes, 'test', 100_000)}"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Project:
    return small_shop(tmp_path_factory.mktemp("resolve"))


@pytest.fixture
def shop_app(shop: Project) -> FastAPI:
    return create_app(shop, ServingSettings(deliver_webhooks=False, watch_every=0.05))


@pytest.fixture
def asking(shop_app: FastAPI) -> Iterator[tuple[TestClient, dict[str, str]]]:
    with TestClient(shop_app, raise_server_exceptions=False) as client:
        headers = headers_of(shop_app, Scope.RESOLVE)
        ready(client, headers)
        yield client, headers


Asking = tuple[TestClient, dict[str, str]]


def customers(app: FastAPI) -> list[dict[str, str]]:
    with app.state.ground.releases.reading() as reader:
        return reader.rows(
            "SELECT entity_id, full_name, email, phone, date_of_birth::VARCHAR AS date_of_birth "
            "FROM golden.customers WHERE email IS NOT NULL AND phone IS NOT NULL "
            "AND full_name IS NOT NULL ORDER BY entity_id"
        )


@pytest.mark.slow
def test_golden_customers_are_found_in_one_batch(shop_app: FastAPI, asking: Asking) -> None:
    client, headers = asking
    known = customers(shop_app)
    records = [{k: v for k, v in row.items() if k != "entity_id"} for row in known]
    answer = client.post("/v1/resolve", json={"records": records}, headers=headers).json()
    found = [each["candidates"][0]["entity_id"] for each in answer["answers"]]
    assert len(known) > 20 and found == [row["entity_id"] for row in known]
    best = answer["answers"][0]["candidates"][0]
    assert best["status"] == "link" and best["match_probability"] > 0.99
    assert {"comparison", "level", "weight", "tf"} == best["why"][0].keys()


@pytest.mark.slow
def test_no_value_of_a_customer_is_told(shop_app: FastAPI, asking: Asking) -> None:
    client, headers = asking
    row = customers(shop_app)[0]
    told = client.post(
        "/v1/resolve",
        json={"records": [{"phone": row["phone"], "full_name": row["full_name"]}]},
        headers=headers,
    ).text
    assert row["entity_id"] in told
    assert row["email"] not in told and row["full_name"] not in told


@pytest.mark.slow
def test_what_cannot_be_asked_is_refused_without_repeating_it(asking: Asking) -> None:
    client, headers = asking
    bodies = (
        {"records": []},
        {"records": [{}] * 1001},
        {"records": [{"shoe_size": "Quillfeather"}]},
        {"records": [{"full_name": "Quillfeather" * 100}]},
        {"records": [{"full_name": 7}]},
        {"records": [{}], "source": "Quillfeather"},
        {"record": {}},
    )
    for body in bodies:
        answer = client.post("/v1/resolve", json=body, headers=headers)
        assert answer.status_code == 422, body
        assert "Quillfeather" not in answer.text


@pytest.mark.slow
def test_only_a_key_for_resolving_may_ask(shop_app: FastAPI, asking: Asking) -> None:
    client, _ = asking
    other = headers_of(shop_app, Scope.CUSTOMERS)
    assert client.post("/v1/resolve", json={"records": [{}]}, headers=other).status_code == 403
    assert client.post("/v1/resolve", json={"records": [{}]}).status_code == 401


def test_a_release_that_kept_nothing_cannot_be_looked_up_in(published: Project) -> None:
    app = create_app(published, ServingSettings(deliver_webhooks=False, watch_every=0.02))
    with TestClient(app, raise_server_exceptions=False) as client:
        headers = headers_of(app, Scope.RESOLVE)
        for _ in range(100):
            answer = client.post("/v1/resolve", json={"records": [ASKED]}, headers=headers)
            assert answer.status_code == 503
            if answer.json()["type"] == "/problems/no-lookup":
                assert "oneid run" in answer.json()["detail"]
                return
            time.sleep(0.05)
    raise AssertionError(answer.text)


@pytest.mark.slow
def test_a_new_release_takes_the_place_of_the_old(shop: Project, asking: Asking) -> None:
    client, headers = asking
    first = ready(client, headers)
    before = client.post("/v1/resolve", json={"records": [ASKED]}, headers=headers).json()
    assert before["answers"][0]["verdict"] == "nobody"
    pl.DataFrame([NEW]).write_csv(shop.landing / "registration" / "new.csv")
    run(shop)
    assert ready(client, headers, first) != first
    after = client.post("/v1/resolve", json={"records": [ASKED]}, headers=headers).json()
    assert after["answers"][0]["verdict"] == "one"
