"""`oneid review`: what is asked, what is recorded, and what is said about it."""

import csv
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from running import Made, Review, oneid

from core.project import Project
from resolution.decisions import DecisionStore
from warehouse.query import run_query


def open_now(review: Review, root: Path) -> int:
    """Pairs to decide, as the list counts them."""
    listed = review(root, "list", "--limit", "1")
    found = re.search(r"of ([\d,]+) pairs to decide", listed.out)
    assert found, listed.err
    return int(found[1].replace(",", ""))


def first_pair(review: Review, root: Path) -> tuple[str, str]:
    """The first pair of the list."""
    listed = review(root, "list", "--limit", "1")
    found = re.search(r"^  1\. (\S+) (\S+) ", listed.out, flags=re.M)
    assert found, listed.err
    return found[1], found[2]


def two_entities(root: Path) -> list[str]:
    """The customers with most records, none of them with a decision."""
    query = "SELECT entity_id FROM golden.customers ORDER BY record_count DESC, entity_id LIMIT 2"
    return run_query(Project(root), query).get_column("entity_id").to_list()


def test_a_pair_leaves_the_queue_when_decided_and_comes_back_when_undone(
    review: Review, copied: Callable[[], Path]
) -> None:
    root = copied()
    before, (left, right) = open_now(review, root), first_pair(review, root)
    shown = review(root, "show", left, right)
    assert shown.code == 0, shown.err
    for part in ("match weight", "as delivered", "golden records", "oneid review decide"):
        assert part in shown.out
    decided = review(root, "decide", left, right, "match", "--note", "same voice")
    assert decided.code == 0, decided.err
    assert "1 recorded as decision 1, by ann" in decided.out
    assert "take effect with the next: oneid run" in decided.out
    assert open_now(review, root) < before
    assert "same voice" in review(root, "show", left, right).out
    assert "undone: 1 decision" in review(root, "undo", "1").out
    assert open_now(review, root) == before
    told = review(root, "history", "--row", left).out
    assert f"ann: {left} {right} match   undone" in told
    assert "by ann" in told
    assert "0 of 0" in review(root, "history", "--state", "binds").out


def test_a_contradiction_is_told_at_once_and_until_it_is_undone(
    review: Review, copied: Callable[[], Path]
) -> None:
    root = copied()
    left, right = first_pair(review, root)
    review(root, "decide", left, right, "non-match")
    second = review(root, "decide", left, right, "match", who="bob")
    told = r"decision 2 \(bob: .* match\) does not bind: it cannot be true with decision 1 \(ann: "
    assert re.search(told, second.out)
    assert re.search(told, review(root, "list").out)
    undone = review(root, "undo", "1")
    assert "now binds: decision 2" in undone.out
    assert "does not bind" not in review(root, "list").out


def test_a_work_list_is_filled_in_imported_and_exported(
    review: Review, copied: Callable[[], Path], tmp_path: Path
) -> None:
    root = copied()
    rows = list(csv.DictReader(review(root, "list", "--format", "csv").out.splitlines()))
    assert len(rows) > 3
    for row, verdict in zip(rows, ["match", "non-match", "unsure", "often"], strict=False):
        row["decision"] = verdict
    work = tmp_path / "work.csv"
    write(work, rows)
    refused = review(root, "import", str(work))
    assert refused.code == 1
    assert "nothing was imported" in refused.err
    assert "line 5: verdict 'often'" in refused.err
    assert DecisionStore(Project(root)).all().is_empty()
    rows[3]["decision"] = ""
    write(work, rows)
    assert "3 recorded as decisions 1 to 3, by ann" in review(root, "import", str(work)).out
    again = review(root, "import", str(work)).out
    assert "3 were recorded before" in again
    assert "nothing new" in again
    assert "3 decisions" in review(root, "export", str(tmp_path / "out.csv")).out
    exported = (tmp_path / "out.csv").read_text(encoding="utf-8")
    assert exported.count("import-work-") == 3


def write(file: Path, rows: list[dict[str, str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as text:
        writer = csv.DictWriter(text, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


def test_entities_are_merged_and_split_by_batches(
    review: Review, copied: Callable[[], Path]
) -> None:
    root = copied()
    first, second = two_entities(root)
    merged = review(root, "merge", first, second)
    assert merged.code == 0, merged.err
    batch = re.search(rf"^batch (merge-{first}-\S+)$", merged.out, flags=re.M)
    assert batch
    count = DecisionStore(Project(root)).all().height
    assert f"undone: {count:,} decisions" in review(root, "undo", batch[1]).out
    row = f"""SELECT source || ':' || source_record_id AS row FROM identity.crosswalk
              WHERE entity_id = '{first}' AND matched_as IS NOT NULL ORDER BY ALL LIMIT 1"""
    out = run_query(Project(root), row).item()
    split = review(root, "split", first, "--rows", out)
    assert f"split off {first}: 1 row" in split.out
    assert "does not bind" not in split.out
    told = DecisionStore(Project(root)).all()[count:]
    assert set(told["verdict"]) == {"non-match"}
    assert {f"{a}:{b}" for a, b in told.select("source_l", "key_l").iter_rows()} == {out}


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("decide", "crm", "crm:1", "match"), "'crm' names no source row"),
        (("decide", "crm:1", "crm:2", "match"), "'crm/1' is no record of the current release"),
        (("undo", "7"), "there is no decision 7"),
        (("undo", "merge-x"), "nothing stands of a batch 'merge-x'"),
        (("merge", "C-1", "C-2"), "'C-1' is not an entity id"),
        (("list", "--format", "xml"), "choose text, csv"),
        (("history", "--state", "good"), "choose binds, unsure"),
    ],
)
def test_mistakes_are_told_in_words(
    review: Review, made: Made, arguments: tuple[str, ...], told: str
) -> None:
    ended = review(made.root, *arguments)
    assert ended.code == 1
    assert told in ended.err


def test_a_visitor_is_not_decided_about(review: Review, made: Made) -> None:
    query = """SELECT source || ':' || source_record_id AS row FROM identity.crosswalk
               WHERE matched_as IS NULL ORDER BY ALL LIMIT 1"""
    visitor = run_query(Project(made.root), query).item()
    ended = review(made.root, "decide", visitor, first_pair(review, made.root)[0], "match")
    assert ended.code == 1
    assert "is a visitor, which is recognised and never matched" in ended.err
    assert DecisionStore(Project(made.root)).all().is_empty()


def test_someone_must_be_named(review: Review, made: Made) -> None:
    ended = review(made.root, "undo", "1", who=" ")
    assert ended.code == 1
    assert "add --as NAME" in ended.err


def test_it_starts_as_a_user_starts_it(made: Made) -> None:
    ended = oneid("review", "list", "--limit", "1", "--project", str(made.root))
    assert ended.code == 0, ended.err
    assert "pairs to decide" in ended.out
