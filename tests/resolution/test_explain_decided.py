"""The part of a story that people told: decisions, and the releases in which rows came."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from release_of_ann import ANN, FIRST, GONE, SECOND, archive_of_ann

from resolution.decisions import Decision, RowKey
from resolution.decisions.states import with_states
from resolution.decisions.store import SCHEMA, as_if
from resolution.explain import Archive, tell_entity, tell_pair
from resolution.explain.arrivals import Arrived, with_arrivals
from resolution.explain.as_json import entity_json, pair_json
from resolution.explain.decided import Words
from resolution.explain.picture import entity_picture, pair_picture
from resolution.explain.published import rows_of
from resolution.explain.text import entity_text, pair_text


@pytest.fixture(scope="module")
def archive() -> Iterator[Archive]:
    with archive_of_ann() as archive:
        yield archive


def words(*told: tuple[str, str, str, str], applied: int = 99) -> Words:
    """Decisions (verdict, left key, right key, who), numbered from 1; the first `applied` were
    known when the release was made."""
    import polars as pl

    decisions = [
        Decision(verdict, RowKey("crm", left), RowKey("crm", right), who, "by phone", at=FIRST)
        for verdict, left, right, who in told
    ]
    states = with_states(as_if(pl.DataFrame(schema=SCHEMA), decisions, []))
    return Words(states, frozenset(range(1, applied + 1)))


def test_the_decision_on_a_pair_comes_before_its_evidence(archive: Archive) -> None:
    asked = tell_pair(archive, "crm/1", "crm/2")
    found = words(("match", "1", "2", "ann")).between(("crm", "1"), ("crm", "2"), {})
    story = replace(asked, words=found)
    first, _, title, told, *_ = pair_text(story).splitlines()
    assert first == f"together in {ANN}: decided, match by ann"
    assert title == "decided"
    assert told.endswith("decision 1 by ann, 2026-03-01 05:30: by phone")
    assert pair_json(story)["decisions"][0]["who"] == "ann"
    assert "decided, match by ann" in pair_picture(story)


def test_a_chain_of_decisions_decides_also_by_way_of_equal_rows(archive: Archive) -> None:
    told = words(
        ("match", "1", "3b", "ann"), ("non-match", "3", "9", "bob"), ("match", "8", "2", "x")
    )
    names = rows_of(archive.release, [ANN])
    apart = told.between(("crm", "1"), ("crm", "9"), names)
    assert {word.number for word in apart} == {1, 2}
    assert [word.number for word in told.between(("crm", "1"), ("crm", "3"), names)] == [1]
    assert told.between(("crm", "1"), ("crm", "2"), names) == ()


def test_a_decision_that_came_after_the_release_is_said_to_wait(archive: Archive) -> None:
    found = words(("match", "3", "9", "eve"), applied=0).between(("crm", "3"), ("crm", "9"), {})
    text = pair_text(replace(tell_pair(archive, "crm/3", "crm/9"), words=found))
    assert text.startswith("apart; together from the next run on: decided, match by eve")
    assert "the next run takes it in" in text


def test_a_customer_is_told_with_decisions_and_arrivals(archive: Archive) -> None:
    names = rows_of(archive.release, [ANN])
    arrived = [
        Arrived(("crm", "1"), "r1", FIRST, None),
        Arrived(("crm", "3"), "r1", FIRST, None),
        Arrived(("crm", "3b"), "r1", FIRST, None),
        Arrived(("crm", "3b"), "r2", SECOND, GONE),
        Arrived(("crm", "left again"), "r1", FIRST, None),
    ]
    told = words(
        ("match", "2", "3b", "ann"), ("non-match", "3b", "2", "bob"), ("unsure", "1", "9", "x")
    )
    story = with_arrivals(tell_entity(archive, ANN), arrived, names)
    story = replace(story, words=told.on(names))
    text = entity_text(story)
    for part in (
        "the weakest +9.0; decided about: 2 decisions (match, non-match) by ann, bob",
        "crm/1       1 row, by name, since 2026-03-01 05:30 r1",
        "1 since 2026-03-01 05:30 r1",
        f"1 since 2026-03-02 05:30 r2 from {GONE}",
        "crm/2  ~  crm/3  (name)  decided",
        "decision 1 by ann, 2026-03-01 05:30: by phone",
        "does not bind, it contradicts earlier ones",
        "2026-03-02 05:30  r2",
    ):
        assert part in text, part
    content = entity_json(story)
    came = {x["record"]: x["came"] for x in content["records"]}
    assert came["crm/3"][1] == {
        "release": "r2",
        "at": "2026-03-02T05:30:00Z",
        "rows": 1,
        "from": GONE,
    }
    assert [(x["id"], x["binds"]) for x in content["decisions"]] == [(1, True), (2, False)]
    assert content["history"][0]["at"] == "2026-03-01T05:30:00Z"
    assert "decided by a steward" in entity_picture(story)
