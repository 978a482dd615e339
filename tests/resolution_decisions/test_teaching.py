"""What stewards decided teaches beside the labels, unless it was picked because it was wrong."""

from pathlib import Path

import polars as pl
import pytest

from core.database import SETTING
from core.project import Project
from resolution.decisions import Decision, DecisionStore, RowKey
from resolution.decisions.teaching import SPLIT, teaching_decisions
from resolution.learning.decided_pairs import ENDS
from resolution.learning.kept_decisions import keep_decisions

A, B, C, D = (RowKey("crm", str(number)) for number in range(4))


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Project:
    monkeypatch.delenv(SETTING, raising=False)
    labels = [(*A, *B, "match"), (*C, *D, "match")]
    schema = [*ENDS, "decision"]
    keep_decisions(Project(tmp_path), pl.DataFrame(labels, schema=schema, orient="row"))
    return Project(tmp_path)


def taught(project: Project) -> list[tuple[str, str, str]]:
    """Key of the left and the right row, and the word on them."""
    keys = ("source_record_id_l", "source_record_id_r")
    return sorted(teaching_decisions(project).select(*keys, "decision").rows())


def test_without_a_steward_the_labels_teach(project: Project) -> None:
    assert taught(project) == [("0", "1", "match"), ("2", "3", "match")]


def test_a_steward_has_the_last_word_on_a_pair(project: Project) -> None:
    store = DecisionStore(project)
    number = store.decide(Decision("non-match", D, C, "ann"))
    store.decide(Decision("unsure", A, D, "ann"))
    store.decide(Decision("match", A, C, "ann"))
    assert taught(project) == [("0", "1", "match"), ("0", "2", "match"), ("2", "3", "non-match")]
    store.undo(number, "ann")
    assert taught(project) == [("0", "1", "match"), ("0", "2", "match"), ("2", "3", "match")]


def test_what_does_not_bind_and_what_was_divided_by_hand_teaches_nothing(project: Project) -> None:
    store = DecisionStore(project)
    store.decide(Decision("match", A, C, "ann"))
    store.decide(Decision("non-match", A, C, "bob"))
    store.decide(Decision("non-match", B, D, "ann", batch=f"{SPLIT}-C-1"))
    assert taught(project) == [("0", "1", "match"), ("0", "2", "match"), ("2", "3", "match")]
