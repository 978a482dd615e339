"""/v1/customers and /v1/crosswalk: found by anything, in pages, as the caller may see them."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient
from serving_project import ANN, BO, CAI, publish_erasure, publish_merge

from core.ids import mint_entity_id
from core.project import Project
from serving.ground import Ground
from serving.roles import Role, Scope

Issue = Callable[..., dict[str, str]]
pytestmark = pytest.mark.usefixtures("published")


def found_by(client: TestClient, headers: dict[str, str], **asked: str) -> list[str]:
    answer = client.get("/v1/customers", params=asked, headers=headers)
    assert answer.status_code == 200, answer.text
    return [each["entity_id"] for each in answer.json()["customers"]]


def test_a_customer_by_id(client: TestClient, issue: Issue) -> None:
    answer = client.get(f"/v1/customers/{ANN}", headers=issue())
    told = answer.json()
    assert answer.status_code == 200
    assert told["full_name"] == "Ann Fletcher" and told["date_of_birth"] == "1984-03-07"
    assert told["sources"] == ["registration", "transaction"]
    assert told["last_seen_at"] == "2026-11-22T08:01:00Z"


def test_only_the_fields_asked_for_and_the_parts(client: TestClient, issue: Issue) -> None:
    path = f"/v1/customers/{ANN}?fields=city&include=contact_points,provenance"
    told = client.get(path, headers=issue()).json()
    assert set(told) == {"entity_id", "city", "contact_points", "provenance"}
    assert [x["value"] for x in told["contact_points"]] == [
        "ann.fletcher@example.com",
        "+447911123456",
    ]
    assert told["provenance"][0]["alternatives"] == [{"value": "an old one"}]


def test_a_merged_id_leads_to_the_one_that_lives(
    client: TestClient, issue: Issue, published: Project
) -> None:
    publish_merge(published)
    headers = issue()
    for end in ("?fields=city", "/records"):
        answer = client.get(f"/v1/customers/{BO}{end}", headers=headers)
        assert answer.status_code == 308
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["entity_id"] == ANN
        followed = client.get(answer.headers["location"], headers=headers)
        assert followed.status_code == 200
        assert answer.headers["location"].endswith(end)


def test_an_erased_customer_is_gone_and_an_unknown_one_not_found(
    client: TestClient, issue: Issue, published: Project
) -> None:
    publish_merge(published)
    publish_erasure(published)
    headers = issue()
    answer = client.get(f"/v1/customers/{CAI}", headers=headers)
    assert (answer.status_code, answer.json()["type"]) == (410, "/problems/erased")
    for unknown in ("C-nonsense", str(mint_entity_id("registration/none"))):
        assert client.get(f"/v1/customers/{unknown}", headers=headers).status_code == 404


@pytest.mark.parametrize(
    ("asked", "who"),
    [
        ({"email": " ANN.FLETCHER@Example.com"}, ANN),
        ({"phone": "07911 123456"}, ANN),
        ({"phone": "0044 7911-123-456"}, ANN),
        ({"phone": "150 4134 3524"}, CAI),
        ({"phone": "(314) 701-0604", "phone_country": "USA"}, BO),
        ({"loyalty_id": "l-100 "}, ANN),
        ({"wechat_unionid": " ounion7"}, BO),
        ({"source": "social", "source_record_id": "weibo:88"}, CAI),
        ({"source": "transaction", "source_record_id": "T/1 é"}, ANN),
        ({"email": "ann.fletcher@example.com", "phone": "150 4134 3524"}, None),
        ({"phone": "no phone"}, None),
    ],
)
def test_any_spelling_of_an_identifier_finds_its_customer(
    client: TestClient, issue: Issue, asked: dict[str, str], who: str | None
) -> None:
    assert found_by(client, issue(), **asked) == ([who] if who else [])


@pytest.mark.parametrize("sort", ["entity_id", "-entity_id", "loyalty_id", "-loyalty_id", "city"])
def test_pages_give_everybody_once_in_order(client: TestClient, issue: Issue, sort: str) -> None:
    headers, seen, after = issue(), [], {}
    whole = found_by(client, headers, sort=sort)
    while True:
        answer = client.get(
            "/v1/customers", params={"sort": sort, "limit": 1} | after, headers=headers
        ).json()
        seen += [each["entity_id"] for each in answer["customers"]]
        if answer["next"] is None:
            break
        after = {"after": answer["next"]}
    assert seen == whole and sorted(seen) == sorted([ANN, BO, CAI])


def test_filters_must_all_hold(client: TestClient, issue: Issue) -> None:
    headers = issue()
    for filters, expected in [
        (["city:eq:Leeds"], {ANN}),
        (["record_count:ge:2"], {ANN, CAI}),
        (["record_count:ge:2", "loyalty_id:null:true"], {CAI}),
        (["sources:has:social"], {CAI}),
        (["full_name:prefix:蔡"], {CAI}),
        (["date_of_birth:lt:1985-01-01"], {ANN, CAI}),
    ]:
        answer = client.get("/v1/customers", params={"filter": filters}, headers=headers)
        assert {each["entity_id"] for each in answer.json()["customers"]} == expected, filters


@pytest.mark.parametrize(
    "query",
    ["filter=city", "filter=nothing:eq:1", "filter=record_count:eq:many", "sort=nothing",
     "fields=nothing", "after=nonsense", "limit=0", "limit=5000", "source=registration",
     "filter=sources:eq:x", "filter=city:has:x", "filter=city:null:maybe"],
)  # fmt: skip
def test_what_cannot_be_used_is_said(client: TestClient, issue: Issue, query: str) -> None:
    answer = client.get(f"/v1/customers?{query}", headers=issue())
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_cursor_of_another_order_is_refused(client: TestClient, issue: Issue) -> None:
    headers = issue()
    cursor = client.get("/v1/customers?limit=1", headers=headers).json()["next"]
    answer = client.get(f"/v1/customers?sort=city&after={cursor}", headers=headers)
    assert answer.status_code == 422


def test_a_viewer_gets_masks_and_cannot_ask_round_them(client: TestClient, issue: Issue) -> None:
    headers = issue(Role.VIEWER)
    paths = [
        "/v1/customers",
        f"/v1/customers/{ANN}?include=contact_points,provenance",
        "/v1/customers?email=ann.fletcher@example.com",
    ]
    for path in paths:
        text = client.get(path, headers=headers).text
        for secret in ("Fletcher", "ann.fletcher", "7911123456", "03-07", "L-100", "an old one"):
            assert secret not in text, path
        assert "A•••" in text and "•••56" in text and "1984•••" in text
    for query in ("filter=email:prefix:a", "sort=date_of_birth", "sort=-full_name"):
        assert client.get(f"/v1/customers?{query}", headers=headers).status_code == 403
    assert client.get("/v1/customers?sort=-record_count", headers=headers).status_code == 200


def test_an_answer_that_is_known_is_not_sent_again(
    client: TestClient, issue: Issue, published: Project
) -> None:
    headers = issue()
    first = client.get(f"/v1/customers/{ANN}", headers=headers)
    known = headers | {"If-None-Match": first.headers["etag"]}
    again = client.get(f"/v1/customers/{ANN}", headers=known)
    assert (again.status_code, again.content) == (304, b"")
    release = publish_merge(published)
    changed = client.get(f"/v1/customers/{ANN}", headers=known)
    assert changed.status_code == 200 and changed.headers["oneid-release"] == release


def test_the_crosswalk_goes_both_ways(client: TestClient, issue: Issue) -> None:
    headers = issue(Role.VIEWER)
    one = client.get(
        f"/v1/crosswalk?source=transaction&source_record_id={quote('T/1 é', safe='')}",
        headers=headers,
    )
    assert one.json()["entity_id"] == ANN
    rows = client.get(f"/v1/customers/{ANN}/records", headers=headers).json()["records"]
    assert [(x["source"], x["source_record_id"]) for x in rows] == [
        ("registration", "R-1"),
        ("transaction", "T/1 é"),
    ]
    page = client.get(f"/v1/customers/{ANN}/records?limit=1", headers=headers).json()
    rest = client.get(
        f"/v1/customers/{ANN}/records", params={"after": page["next"]}, headers=headers
    ).json()
    assert [*page["records"], *rest["records"]] == rows and rest["next"] is None
    missing = client.get("/v1/crosswalk?source=social&source_record_id=x", headers=headers)
    assert missing.status_code == 404


def test_many_rows_are_looked_up_in_the_order_asked(client: TestClient, issue: Issue) -> None:
    asked: list[dict[str, Any]] = [
        {"source": "social", "source_record_id": "weibo:88"},
        {"source": "social", "source_record_id": "nobody"},
        {"source": "registration", "source_record_id": "R-1"},
    ]
    answer = client.post("/v1/crosswalk", json={"records": asked}, headers=issue())
    assert [each["entity_id"] for each in answer.json()["records"]] == [CAI, None, ANN]
    too_many = {"records": asked[:1] * 1001}
    assert client.post("/v1/crosswalk", json=too_many, headers=issue()).status_code == 422


def test_who_looked_at_whom_is_in_the_audit(
    client: TestClient, issue: Issue, ground: Ground
) -> None:
    client.get(f"/v1/customers/{ANN}", headers=issue(Role.VIEWER))
    assert "looked at" not in {row.action for row in ground.audit.newest()}
    client.get(f"/v1/customers/{ANN}", headers=issue())
    newest = ground.audit.newest(1)[0]
    assert (newest.action, newest.subject) == ("looked at", ANN)
    client.get("/v1/customers", headers=issue())
    assert set(ground.audit.newest(1)[0].detail["entities"]) == {ANN, BO, CAI}


def test_no_key_a_wrong_scope_and_too_often(client: TestClient, issue: Issue) -> None:
    path = f"/v1/customers/{ANN}"
    assert client.get(path).status_code == 401
    assert client.get(path, headers={"Authorization": "Bearer oneid_wrong"}).status_code == 401
    assert client.get(path, headers=issue(Role.ADMIN, Scope.CHANGES)).status_code == 403
    slow = issue(per_minute=1)
    assert client.get(path, headers=slow).status_code == 200
    answer = client.get(path, headers=slow)
    assert answer.status_code == 429 and int(answer.headers["retry-after"]) > 50


def test_an_error_repeats_nothing_that_was_sent(client: TestClient, issue: Issue) -> None:
    answer = client.get("/v1/customers?email=" + "secret" * 100, headers=issue())
    assert answer.status_code == 422 and "secret" not in answer.text
