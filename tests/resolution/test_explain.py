"""Why records are together or apart, told from a release's own tables."""

import json
from collections.abc import Iterator

import duckdb
import pytest

from core.errors import QueryError
from core.ids import mint_entity_id
from resolution.explain import as_text, explain

ANN, BOB = mint_entity_id("ann"), mint_entity_id("bob")
WHY = {"name": {"level": "same full name", "weight": 12.0, "tf": -1.5}}


def row(source: str, key: str, entity: str, matched_as: str | None) -> tuple[object, ...]:
    return (source, key, entity, "name", 0.99, matched_as)


def pair(left: str, right: str, status: str, weight: float, **more: str) -> tuple[object, ...]:
    return ("crm", left, "crm", right, weight, 0.9, status, json.dumps(WHY | more))


@pytest.fixture(scope="module")
def release() -> Iterator[duckdb.DuckDBPyConnection]:
    """A chain of three records of Ann with a fourth row like the third, and Bob beside them."""
    with duckdb.connect() as con:
        con.execute("CREATE SCHEMA identity")
        con.execute(
            "CREATE TABLE identity.crosswalk (source VARCHAR, source_record_id VARCHAR,"
            " entity_id VARCHAR, matched_by VARCHAR, match_probability DOUBLE, matched_as VARCHAR)"
        )
        con.execute(
            "CREATE TABLE identity.matches (source_l VARCHAR, source_record_id_l VARCHAR,"
            " source_r VARCHAR, source_record_id_r VARCHAR, match_weight DOUBLE,"
            " match_probability DOUBLE, status VARCHAR, why JSON)"
        )
        rows = [row("crm", key, ANN, key) for key in ("1", "2", "3")]
        rows += [row("crm", "3b", ANN, "3"), row("crm", "9", BOB, "9"), row("crm", "8", BOB, "8")]
        rows.append(row("web", "cookie", ANN, None))
        con.executemany("INSERT INTO identity.crosswalk VALUES (?, ?, ?, ?, ?, ?)", rows)
        pairs = [
            pair("1", "2", "link", 9.0),
            pair("2", "3", "link", 4.0),
            pair("8", "9", "link", 7.0),
            pair("3", "9", "refused", 8.0, refused="clearly different names"),
            pair("2", "9", "clerical", -1.0),
        ]
        con.executemany("INSERT INTO identity.matches VALUES (?, ?, ?, ?, ?, ?, ?, ?)", pairs)
        yield con


def test_a_direct_link_is_told_with_its_evidence(release: duckdb.DuckDBPyConnection) -> None:
    told = explain(release, "crm/1", "crm/2")
    assert told.verdict == f"together in {ANN}: linked directly"
    text = as_text(told)
    assert "+10.5  name: same full name" in text
    assert "-1.5  before any evidence" in text
    assert "+9.0  match weight" in text


def test_records_that_never_met_are_joined_by_a_path(release: duckdb.DuckDBPyConnection) -> None:
    told = explain(release, "crm/1", "crm/3")
    assert told.verdict == f"together in {ANN}: through 2 links, weakest 4.0"
    assert [x.weight for x in told.pairs] == [9.0, 4.0]


@pytest.mark.parametrize(
    ("left", "right", "verdict"),
    [
        ("crm/3", "crm/3b", "together: both rows carry the same identity values"),
        ("crm/3b", "crm/9", "apart: clearly different names"),
        ("crm/2", "crm/9", "apart until a steward decides: the evidence is not enough"),
        ("crm/1", "crm/8", "apart: nothing they share makes them worth comparing"),
        ("crm/1", "web/cookie", "together: web/cookie is a visitor recognised by name"),
        ("web/cookie", "crm/9", "apart: web/cookie is a visitor recognised by name"),
    ],
)
def test_the_verdict_says_what_decided(
    release: duckdb.DuckDBPyConnection, left: str, right: str, verdict: str
) -> None:
    assert explain(release, left, right).verdict.startswith(verdict)


@pytest.mark.parametrize("asked", [ANN, "crm/2", "web/cookie"])
def test_a_customer_is_told_with_all_its_links(
    release: duckdb.DuckDBPyConnection, asked: str
) -> None:
    told = explain(release, asked)
    assert told.verdict == f"{ANN}: 3 distinct records held together by 2 links"
    assert [x.weight for x in told.pairs] == [9.0, 4.0]


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (("crm/77",), "no record of the current release"),
        (("nonsense",), "write source/source_record_id"),
        ((mint_entity_id("nobody"),), "no customer"),
        ((ANN, "crm/9"), "is a customer; two records are compared"),
    ],
)
def test_what_is_not_known_is_said(
    release: duckdb.DuckDBPyConnection, asked: tuple[str, ...], answer: str
) -> None:
    with pytest.raises(QueryError, match=answer):
        explain(release, *asked)
