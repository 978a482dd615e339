"""The store of decisions: only added to, whole or not at all, by several processes at once."""

import subprocess
import sys
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from core.database import SETTING
from core.errors import ConfigError, DecisionError, ProjectError
from core.project import Project
from resolution.decisions import Decision, DecisionStore, RowKey

A, B, C = RowKey("crm", "1"), RowKey("shop", "1"), RowKey("till", "1")
WRITER = """
import sys
from pathlib import Path
from core.project import Project
from resolution.decisions import DecisionStore, Decision, RowKey
store = DecisionStore(Project(Path(sys.argv[1])))
for number in range(int(sys.argv[3])):
    ends = RowKey("crm", sys.argv[2]), RowKey("shop", str(number))
    print(store.decide(Decision("match", *ends, sys.argv[2])), flush=True)
"""


@pytest.fixture
def project(tmp_path: Path, database: str) -> Project:
    return Project(tmp_path)


@pytest.fixture
def in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.delenv(SETTING, raising=False)
    return Project(tmp_path)


def match(left: RowKey, right: RowKey, who: str = "ann", batch: str | None = None) -> Decision:
    return Decision("match", left, right, who, batch=batch)


def test_reading_makes_nothing(in_a_file: Project) -> None:
    assert DecisionStore(in_a_file).all().is_empty()
    assert not in_a_file.ledger.exists()


def test_what_was_decided_is_there_for_the_next_reader(project: Project) -> None:
    said = Decision("non-match", A, B, " ann ", "brothers", at=datetime(2026, 1, 2, 3, 4, 5))
    assert DecisionStore(project).decide(said) == 1
    [row] = DecisionStore(project).all().rows(named=True)
    assert row == {
        "id": 1,
        "at": datetime(2026, 1, 2, 3, 4, 5),
        "who": "ann",
        "verdict": "non-match",
        **{"source_l": "crm", "key_l": "1", "source_r": "shop", "key_r": "1"},
        **{"note": "brothers", "batch": None, "undone_at": None, "undone_by": None},
    }


def test_an_undo_is_added_and_removes_nothing(project: Project) -> None:
    store = DecisionStore(project)
    ids = store.decide_all([match(A, B), match(B, C)])
    store.undo(ids[0], "bob", "a slip")
    told = store.all()
    assert told["id"].to_list() == ids
    assert told["undone_by"].to_list() == ["bob", None]
    with pytest.raises(DecisionError, match=f"bob undid decision {ids[0]}"):
        store.undo(ids[0], "ann")
    with pytest.raises(DecisionError, match="no decision 99"):
        store.undo(99, "ann")


def test_the_same_word_for_word_is_the_same_decision_while_it_stands(project: Project) -> None:
    store = DecisionStore(project)
    first = store.decide(match(A, B))
    assert store.decide(match(B, A)) == first, "whichever row is named first"
    others = [match(A, B, "bob"), Decision("match", A, B, "ann", "seen the card")]
    assert [store.decide(each) for each in others] == [first + 1, first + 2]
    store.undo(first + 2, "ann")
    assert store.decide(Decision("match", A, B, "ann", "seen the card")) == first + 3


def test_the_same_batch_is_recorded_once_while_all_of_it_stands(project: Project) -> None:
    store = DecisionStore(project)
    store.decide(match(A, B))
    said = [[match(A, B, batch=name), match(B, C, batch=name)] for name in ("b1", "b2", "b3")]
    assert [store.decide_batch(each) for each in said[:2]] == ["b1", "b1"]
    store.undo(2, "ann")
    assert store.decide_batch(said[2]) == "b3"
    assert store.all().get_column("batch").to_list() == [None, "b1", "b1", "b3", "b3"]


def test_a_batch_is_taken_back_as_far_as_it_stands(project: Project) -> None:
    store = DecisionStore(project)
    ids = store.decide_all([match(A, B, batch="b1"), match(B, C, batch="b1"), match(A, C)])
    store.undo(ids[0], "ann")
    assert store.undo_batch("b1", "bob") == [ids[1]]
    assert store.all()["undone_by"].to_list() == ["ann", "bob", None]
    with pytest.raises(DecisionError, match="nothing stands"):
        store.undo_batch("b1", "bob")


def test_the_fingerprint_changes_with_every_decision_and_undo(project: Project) -> None:
    store = DecisionStore(project)
    seen = [store.fingerprint()]
    first = store.decide(match(A, B))
    seen.append(store.fingerprint())
    assert store.fingerprint() == seen[-1]
    store.decide(Decision("unsure", A, C, "ann"))
    seen.append(store.fingerprint())
    store.undo(first, "ann")
    seen.append(store.fingerprint())
    assert len(set(seen)) == len(seen)


def test_all_or_none_are_recorded_and_every_problem_is_told(project: Project) -> None:
    store = DecisionStore(project)
    bad = [
        match(A, B),
        Decision("maybe", A, B, "ann"),
        match(A, A),
        match(A, RowKey("shop", "")),
        match(A, C, who=" "),
    ]
    with pytest.raises(DecisionError) as refused:
        store.decide_all(bad)
    assert len(refused.value.problems) == 4
    assert "'maybe'; allowed are match, non-match, unsure" in str(refused.value)
    assert store.all().is_empty()


def test_processes_that_write_at_once_lose_nothing(project: Project) -> None:
    each = 25
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(project.root), name, str(each)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("ann", "bob", "eve")
    ]
    acknowledged = [int(line) for writer in writers for line in writer.communicate()[0].split()]
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    assert sorted(acknowledged) == list(range(1, 3 * each + 1))
    told = DecisionStore(project).all()
    assert told["id"].to_list() == sorted(acknowledged)
    assert told["at"].is_sorted()
    by_writer = told.group_by("who").agg(pl.col("key_r").cast(pl.Int64)).sort("who")
    assert by_writer["key_r"].to_list() == [list(range(each))] * 3


def test_what_was_acknowledged_outlives_a_killed_writer(project: Project) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(project.root), "ann", "100000"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert writer.stdout is not None
    acknowledged = [int(writer.stdout.readline()) for _ in range(20)]
    writer.kill()
    acknowledged += [int(line) for line in writer.communicate()[0].split()]
    told = DecisionStore(project).all()["id"].to_list()
    assert told[: len(acknowledged)] == acknowledged
    assert DecisionStore(project).decide(match(A, B)) == told[-1] + 1


def test_a_file_that_is_no_store_is_told_in_words(in_a_file: Project) -> None:
    in_a_file.ledger.mkdir(parents=True)
    (in_a_file.ledger / "decisions.sqlite").write_text("not a database, but long enough" * 50)
    with pytest.raises(ProjectError, match=r"decisions\.sqlite: file is not a database"):
        DecisionStore(in_a_file).all()


@pytest.mark.parametrize("address", ["mysql://ann:secret@host/db", "no address secret"])
def test_an_address_of_another_kind_is_refused_without_repeating_it(
    in_a_file: Project, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setenv(SETTING, address)
    with pytest.raises(ConfigError, match="no address of a PostgreSQL database") as refused:
        DecisionStore(in_a_file).all()
    assert "secret" not in str(refused.value)
