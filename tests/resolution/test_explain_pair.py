"""Why two records are together or apart, told from a release's own tables."""

from collections.abc import Iterator

import pytest
from release_of_ann import ANN, PRIOR, archive_of_ann

from core.errors import QueryError
from resolution.explain import Archive, tell_pair
from resolution.explain.as_json import pair_json
from resolution.explain.pair import steps_of
from resolution.explain.text import pair_text
from resolution.explain.verdict import pair_verdict


@pytest.fixture(scope="module")
def archive() -> Iterator[Archive]:
    with archive_of_ann() as archive:
        yield archive


def test_a_direct_link_is_told_with_its_evidence(archive: Archive) -> None:
    story = tell_pair(archive, "crm/1", "crm/2")
    assert pair_verdict(story) == f"together in {ANN}: linked directly"
    assert story.evidence is not None
    assert (story.evidence.prior, story.evidence.unknown) == (PRIOR, ("email",))
    (step,) = story.evidence.steps
    assert (step.level_weight, step.rarity, step.weight) == (12.0, -1.5, 10.5)
    assert (step.m, step.u) == (0.4, 0.0001)


def test_the_text_has_a_running_total(archive: Archive) -> None:
    lines = pair_text(tell_pair(archive, "crm/1", "crm/2")).splitlines()
    assert (
        "     -9.0            -9.0  any two records: 1 in 513 random pairs is one customer" in lines
    )
    assert "    +12.0    -1.5    +1.5  name: same full name" in lines
    assert "  match weight +9.0, probability 0.9000: link" in lines


def test_records_that_were_not_linked_are_joined_by_a_path(archive: Archive) -> None:
    story = tell_pair(archive, "crm/3", "crm/1")
    assert pair_verdict(story) == f"together in {ANN}: through 2 links, the weakest +4.0"
    assert [x.pair.weight for x in story.path] == [4.0, 9.0]
    crm = [("crm", key) for key in "321"]
    assert steps_of(story) == [(crm[0], crm[1]), (crm[1], crm[2])]
    assert "+4.0  crm/3  ~  crm/2  (name)" in pair_text(story)


@pytest.mark.parametrize(
    ("left", "right", "verdict"),
    [
        ("crm/3", "crm/3b", f"together in {ANN}: both rows carry the same identity values"),
        ("crm/3b", "crm/9", "apart: clearly different names"),
        ("crm/2", "crm/9", "apart: until a steward decides, because the evidence is not enough"),
        ("crm/1", "crm/8", "apart: not among the scored pairs of the release"),
        ("crm/1", "web/cookie", "together: web/cookie is a visitor recognised by name"),
        ("web/cookie", "crm/9", "apart: web/cookie is a visitor recognised by name"),
    ],
)
def test_the_verdict_says_what_decided(
    archive: Archive, left: str, right: str, verdict: str
) -> None:
    story = tell_pair(archive, left, right)
    assert pair_verdict(story).startswith(verdict)
    assert pair_text(story).startswith(verdict)
    assert pair_json(story)["verdict"].startswith(verdict)


def test_pairs_between_two_customers_are_told(archive: Archive) -> None:
    between = tell_pair(archive, "crm/1", "crm/8").between
    assert [(x.left[1], x.right[1], x.status) for x in between] == [
        ("3", "9", "refused"),
        ("2", "9", "clerical"),
    ]


def test_json_has_the_running_total_and_who_was_asked(archive: Archive) -> None:
    content = pair_json(tell_pair(archive, "crm/3b", "crm/9"))
    assert [x["record"] for x in content["records"]] == ["crm/3b", "crm/9"]
    assert content["records"][0]["matched_as"] == "crm/3"
    assert (content["status"], content["refused"]) == ("refused", "clearly different names")
    assert content["evidence"]["steps"][0]["total"] == PRIOR + 10.5
    assert "values" not in content


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        (("crm/77", "crm/1"), "no record of the current release"),
        (("crm/1", "nonsense"), "write source/source_record_id"),
        ((ANN, "crm/9"), "is a customer; two records are compared"),
    ],
)
def test_what_is_not_known_is_said(archive: Archive, asked: tuple[str, str], answer: str) -> None:
    with pytest.raises(QueryError, match=answer):
        tell_pair(archive, *asked)
