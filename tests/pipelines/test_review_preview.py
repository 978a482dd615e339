"""`oneid review … --preview`: what is said beforehand is what the next run does."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from running import Review, oneid

from core.project import Project
from resolution.decisions import DecisionStore
from warehouse.query import run_query

LARGEST = "SELECT entity_id FROM golden.customers ORDER BY record_count DESC, entity_id LIMIT {}"
ROWS = (
    "SELECT source || '/' || source_record_id AS row, entity_id FROM identity.crosswalk "
    "WHERE matched_as IS NOT NULL ORDER BY ALL"
)


def asked(root: Path, query: str) -> list[Any]:
    """The first column of the answer."""
    return run_query(Project(root), query).to_series().to_list()


def crosswalk(root: Path) -> dict[str, str]:
    """Source row -> its entity."""
    return dict(run_query(Project(root), ROWS).iter_rows())


def golden(root: Path, entity: str, attribute: str) -> list[Any]:
    """The golden value, as text."""
    return asked(
        root, f"SELECT {attribute}::VARCHAR FROM golden.customers WHERE entity_id = '{entity}'"
    )


def previewed(review: Review, root: Path, *arguments: str) -> dict[str, Any]:
    """The preview's JSON, which must leave nothing behind."""
    before = DecisionStore(Project(root)).fingerprint()
    told = review(root, *arguments, "--preview", "--json")
    assert told.code == 0, told.err
    assert DecisionStore(Project(root)).fingerprint() == before
    assert not list((root / "var" / "preview").iterdir())
    shown: dict[str, Any] = json.loads(told.out)
    return shown


def assert_foretold(root: Path, before: dict[str, str], told: dict[str, Any]) -> None:
    """The release is what the preview said: each moved row, each value, no other row."""
    after = crosswalk(root)
    moves = {f"{x['source']}/{x['source_record_id']}": x["after"] for x in told["rows"]}
    assert {row: after[row] for row in after if after[row] != before[row]} == moves
    ended = {x["entity_id"] for x in told["downstream"] if x["action"] == "redirect"}
    assert not ended & set(after.values())
    for value in told["values"]:
        now = golden(root, value["entity_id"], value["attribute"])
        assert now == ([] if value["entity_id"] in ended else [value["new_value"]])


def assert_told(root: Path, asked: tuple[str, ...], *parts: str) -> None:
    """`oneid why` says all of it."""
    told = oneid("why", *asked, "--project", str(root))
    for part in parts:
        assert part in told.out, told


@pytest.mark.slow
def test_a_split_does_what_its_preview_said_and_so_does_its_undo(
    review: Review, copied: Callable[[], Path]
) -> None:
    root = copied()
    [entity] = asked(root, LARGEST.format(1))
    before = crosswalk(root)
    out = [row for row in before if before[row] == entity and row.startswith("transaction/")][:2]
    split = ("split", entity, "--rows", ",".join(out))
    told = previewed(review, root, *split)
    assert {f"{x['source']}/{x['source_record_id']}" for x in told["rows"]} >= set(out)
    [new] = [x["entity_id"] for x in told["downstream"] if x["action"] == "create"]
    assert {"entity_id": entity, "action": "fetch again", "to": None} in told["downstream"]
    assert {x["what"] for x in told["moved"]} == {"orders"}
    assert {"rfm_segment", "orders"} & {x["figure"] for x in told["segments"]}
    text = review(root, *split, "--preview")
    for part in (f"create {new}", "systems that hold copies", "nothing was recorded", out[0]):
        assert part in text.out
    assert "working out" in text.err

    assert review(root, *split).code == 0
    assert oneid("run", "--project", str(root)).code == 0
    assert_foretold(root, before, told)

    parted = crosswalk(root)
    stays = next(row for row in parted if parted[row] == entity)
    assert_told(root, (out[0], stays), "apart: decided, non-match by ann")
    assert_told(root, (new,), f"from {entity}", "by ann", f"rows parted from {entity} to it")
    [batch] = DecisionStore(Project(root)).all().get_column("batch").unique().to_list()
    told = previewed(review, root, "undo", batch)
    assert {"entity_id": new, "action": "redirect", "to": entity} in told["downstream"]
    assert review(root, "undo", batch).code == 0
    assert oneid("run", "--project", str(root)).code == 0
    assert_foretold(root, parted, told)
    assert crosswalk(root) == before


def test_a_merge_is_told_with_pending_decisions_and_what_it_contradicts(
    review: Review, copied: Callable[[], Path]
) -> None:
    root = copied()
    first, second, third = asked(root, LARGEST.format(3))
    assert review(root, "merge", second, third).code == 0
    merged = DecisionStore(Project(root)).all()
    told = previewed(review, root, "merge", first, second)
    assert told["pending_decisions"] == merged.height
    assert len({x["after"] for x in told["rows"]}) == 1
    assert sum(x["action"] == "redirect" for x in told["downstream"]) == 2
    word = merged.row(0, named=True)
    left, right = (f"{word[f'source_{side}']}:{word[f'key_{side}']}" for side in "lr")
    against = review(root, "decide", left, right, "non-match", "--preview", who="bob")
    assert "does not bind: it cannot be true with" in against.out
    assert "pending decisions or undos" in against.out
    unsure = review(root, "decide", left, right, "unsure", "--preview", who="eve")
    assert unsure.code == 0, unsure.err


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("undo", "99", "--preview"), "nothing stands of 99"),
        (("undo", "1", "--json"), "--json shows a preview; add --preview"),
        (("merge", "C-0000000000000", "C-0000000000000", "--preview"), "C-0000000000000"),
    ],
)
def test_what_cannot_be_previewed_is_said_in_words(
    review: Review, copied: Callable[[], Path], arguments: tuple[str, ...], told: str
) -> None:
    ended = review(copied(), *arguments)
    assert ended.code == 1
    assert told in ended.err
    assert "Traceback" not in ended.err


def test_there_is_no_preview_where_the_next_run_works_everything_out(
    review: Review, copied: Callable[[], Path]
) -> None:
    root = copied()
    rows = sorted(crosswalk(root))
    (root / "customer.yml").write_text("{}\n", encoding="utf-8")
    ended = review(root, "decide", rows[0], rows[-1], "match", "--preview")
    assert ended.code == 1
    assert "the next run will be a full one (rules or code have changed)" in ended.err
