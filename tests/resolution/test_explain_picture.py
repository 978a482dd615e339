"""Pictures: whole SVG files that show the figures where they belong, and load nothing."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from xml.etree import ElementTree

import hypothesis.strategies as st
import pytest
from hypothesis import given
from release_of_ann import ANN, BOB, archive_of_ann

from resolution.explain import Archive, tell_entity, tell_pair
from resolution.explain.meeting import RuleTold
from resolution.explain.pair import Contradiction
from resolution.explain.picture import entity_picture, pair_picture
from resolution.explain.picture.canvas import fitted, text_width, wrapped
from resolution.explain.picture.entity_picture import SHOWN
from resolution.explain.picture.layout import places_of
from resolution.explain.picture.waterfall_chart import LEFT, RIGHT, Axis
from resolution.model import Thresholds

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def archive() -> Iterator[Archive]:
    with archive_of_ann() as archive:
        yield archive


def texts(picture: str) -> list[str]:
    root = ElementTree.fromstring(picture)
    return [found.text or "" for found in root.iter(f"{SVG}text")]


def test_a_link_is_drawn_with_its_evidence(archive: Archive) -> None:
    told = texts(pair_picture(tell_pair(archive, "crm/1", "crm/2")))
    for words in ("TOGETHER", "same full name", "+10.5", "a common value −1.5", "+9.0"):
        assert words in told


def test_a_path_is_drawn_stop_by_stop(archive: Archive) -> None:
    told = texts(pair_picture(tell_pair(archive, "crm/3", "crm/1")))
    stops = [words for words in told if words in ("1", "2", "3")]
    assert stops == ["3", "2", "1"]
    assert "THE TWO COMPARED DIRECTLY, STEP BY STEP" in told


def test_what_keeps_two_apart_is_drawn(archive: Archive) -> None:
    story = tell_pair(archive, "crm/3", "crm/9")
    found = Contradiction(("crm", "2"), ("crm", "9"), "two national ids")
    told = texts(pair_picture(replace(story, contradictions=(found,))))
    for words in ("APART", ANN, BOB, "refused: clearly different names"):
        assert words in told
    assert "contradict: two national ids" in told


def test_thresholds_and_blocking_are_drawn_where_they_are_known(archive: Archive) -> None:
    story = replace(
        tell_pair(archive, "crm/2", "crm/9"),
        thresholds=Thresholds(link=0.8, clerical=0.2),
        rules=(RuleTold("surname", "too common", ("name_family_key",), 400),),
    )
    told = texts(pair_picture(story))
    for words in ("FOR A STEWARD", "linked from +2.0", "a steward is asked from −2.0", "surname"):
        assert words in told


def test_a_customer_is_drawn_with_what_holds_it(archive: Archive) -> None:
    told = texts(entity_picture(tell_entity(archive, ANN)))
    for words in ("3 RECORDS", "crm/1", "web/cookie", "the weakest: name", "KEPT OUT", BOB):
        assert words in told


def test_keys_with_angle_brackets_do_not_break_the_picture(archive: Archive) -> None:
    story = tell_pair(archive, "crm/1", "crm/2")
    named = replace(story, left=replace(story.left, key=("crm", "<1>&")))
    assert "crm/<1>&  ~  crm/2" in texts(pair_picture(named))


def test_a_weight_lies_on_the_axis_in_proportion() -> None:
    axis = Axis(-10, 30)
    assert (axis.x(-10), axis.x(30)) == (LEFT, RIGHT)
    assert axis.x(10) == pytest.approx((LEFT + RIGHT) / 2)
    assert list(axis.ticks()) == [-10, -5, 0, 5, 10, 15, 20, 25, 30]


@given(st.text(max_size=60), st.floats(30, 400))
def test_fitted_text_is_no_wider_than_its_room(words: str, width: float) -> None:
    assert text_width(fitted(words, width, 12), 12) <= max(width, 36)


def test_wrapped_text_loses_no_word() -> None:
    words = "apart: never compared, they agree on no blocking rule"
    lines = list(wrapped(words, 120, 12))
    assert len(lines) > 1
    assert " ".join(lines) == words


def test_a_chain_is_laid_out_as_a_chain() -> None:
    nodes = list("abcd")
    edges = [("a", "b"), ("b", "c"), ("c", "d")]
    places = places_of(nodes, edges, (300, 300))

    def apart(one: str, other: str) -> float:
        (x, y), (u, v) = places[one], places[other]
        return float(((x - u) ** 2 + (y - v) ** 2) ** 0.5)

    assert apart("a", "b") < apart("a", "c") < apart("a", "d")
    assert places == places_of(nodes, edges, (300, 300))
    assert all(0 <= x <= 300 and 0 <= y <= 300 for x, y in places.values())


def test_a_single_record_stands_in_the_middle() -> None:
    assert places_of(["a"], [], (300, 200)) == {"a": (150, 100)}


def test_of_a_large_customer_a_part_is_drawn_that_hangs_together(archive: Archive) -> None:
    story = tell_entity(archive, ANN)
    keys = [("crm", f"{number:03d}") for number in range(60)]
    chain = tuple(
        replace(story.holding[0], left=left, right=right)
        for left, right in pairwise(keys[::-1])  # the list begins where the chain ends
    )
    records = tuple(replace(story.records[0], key=key) for key in keys)
    large = replace(story, records=records, holding=chain, further=(), neighbours=())
    picture = entity_picture(large)
    root = ElementTree.fromstring(picture)
    drawn = [x for x in root.iter(f"{SVG}line") if x.get("stroke") == "var(--for)"]
    assert len(drawn) == SHOWN - 1
    assert f"… and {60 - SHOWN} more" in texts(picture)
