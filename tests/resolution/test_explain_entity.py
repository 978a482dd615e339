"""What holds a customer together, told from a release's own tables."""

from collections.abc import Iterator

import pytest
from release_of_ann import ANN, BOB, GONE, archive_of_ann

from core.errors import QueryError
from core.ids import mint_entity_id
from resolution.explain import Archive, tell_entity
from resolution.explain.as_json import entity_json
from resolution.explain.text import entity_text


@pytest.fixture(scope="module")
def archive() -> Iterator[Archive]:
    with archive_of_ann() as archive:
        yield archive


@pytest.mark.parametrize("asked", [ANN, "crm/2", "web/cookie"])
def test_a_customer_is_told_with_what_holds_it(archive: Archive, asked: str) -> None:
    story = tell_entity(archive, asked)
    assert story.entity_id == ANN
    assert [(x.key[1], x.rows, x.visitor) for x in story.records] == [
        ("1", 1, False),
        ("2", 1, False),
        ("3", 2, False),
        ("cookie", 1, True),
    ]
    assert [x.weight for x in story.holding] == [9.0, 4.0]
    assert story.bridge == (2, 1)


def test_what_was_kept_out_is_told_with_its_reason(archive: Archive) -> None:
    told = [(x.own[1], x.other[1], x.entity_id) for x in tell_entity(archive, ANN).neighbours]
    assert told == [("3", "9", BOB), ("2", "9", BOB)]


def test_the_text_holds_the_whole_story(archive: Archive) -> None:
    text = entity_text(tell_entity(archive, ANN))
    first = "3 records of 4 source rows and 1 visitor, held by 2 links, the weakest +4.0"
    assert text.startswith(f"{ANN}: {first}")
    for words in (
        "+9.0  crm/1  ~  crm/2  (name)",
        "the weakest link, +4.0, joins 2 and 1 of the records",
        "2 rows, by name",
        f"refused: clearly different names  of {BOB}, and 1 weaker",
        f"r2  {GONE} merged into it: 1 source row came over",
    ):
        assert words in text


def test_json_holds_every_link_with_its_evidence(archive: Archive) -> None:
    content = entity_json(tell_entity(archive, BOB))
    assert [x["match_weight"] for x in content["holding"]] == [7.0]
    assert content["holding"][0]["evidence"]["steps"][0]["level"] == "same full name"
    assert content["weakest_joins"] == [1, 1]
    assert "values" not in content["records"][0]


def test_a_customer_that_was_merged_away_leads_to_the_one_that_lives(archive: Archive) -> None:
    with pytest.raises(QueryError, match=f"was merged into {ANN}.*oneid why {ANN}"):
        tell_entity(archive, GONE)


def test_a_customer_that_never_was_is_said_so(archive: Archive) -> None:
    with pytest.raises(QueryError, match="no customer"):
        tell_entity(archive, mint_entity_id("nobody"))
