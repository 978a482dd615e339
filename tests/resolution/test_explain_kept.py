"""What was kept beside a release says why two records are apart that the release says little of."""

import json
from collections.abc import Iterator
from pathlib import Path

import duckdb
import polars as pl
import pytest
from release_of_ann import ANN, BOB, TABLES
from test_records import deliver, frames_of, registration

from core.frames import add_segment
from core.project import Project
from resolution.explain import Archive, tell_entity, tell_pair
from resolution.explain.pair import Contradiction
from resolution.explain.text import entity_text, pair_text
from resolution.explain.verdict import pair_verdict
from resolution.kept import MODEL, Kept, write_for_keeping
from resolution.matching.full import FixedModel, compile_comparisons
from resolution.model import CustomerModel, load_model
from resolution.training.guards import TWICE
from resolution.training.trained import model_to_json
from resolution.training.unlabelled import TrainedModel

TORN = "would join records that contradict each other"
SHARED = {"email": "winters@example.org", "phone": "+8613764209518"}
PEOPLE = {
    "R1": {"full_name": "Martha Winters", **SHARED},
    "R2": {"full_name": "Quentin Winters", **SHARED},
    "R3": SHARED,
    "R4": {"full_name": "Bruno Calder", "email": "bruno@example.org"},
}


def keep(folder: Path, model: CustomerModel) -> Kept:
    """Four registrations, kept as a run would have."""
    deliver(folder, "registration", "a.csv", [registration(k, **v) for k, v in PEOPLE.items()])
    project, frames = Project(folder), frames_of(folder)
    add_segment(project.work, frames.segment())
    comparisons = compile_comparisons(model, ["name_full", "email_first", "phone_first"])
    columns = {column for item in comparisons for column in item.frequency_columns}
    tables = {
        column: frames.records.select(column)
        .drop_nulls()
        .unique()
        .with_columns(pl.lit(0.001).alias(f"tf_{column}"))
        for column in columns
    }
    trained = TrainedModel(comparisons, 0.01, 1.0)
    write_for_keeping(project, model, FixedModel(trained, tables, {}))
    content = json.dumps({"model": model_to_json(trained)})
    (project.work / MODEL).write_text(content, encoding="utf-8")
    return Kept(project.work)


def release(con: duckdb.DuckDBPyConnection) -> None:
    """R1 and R3 are Ann's, R2 and R4 Bob's; a link between R2 and R3 was refused."""
    con.execute(TABLES)
    for key, entity in (("R1", ANN), ("R3", ANN), ("R2", BOB), ("R4", BOB)):
        row = ("registration", key, entity, "email", 0.9, key)
        con.execute("INSERT INTO identity.crosswalk VALUES (?, ?, ?, ?, ?, ?)", row)
    for left, right, status, why in (
        ("R1", "R3", "link", "{}"),
        ("R2", "R3", "refused", json.dumps({"refused": TORN})),
    ):
        pair = ("registration", left, "registration", right, 9.0, 0.99, status, why)
        con.execute("INSERT INTO identity.matches VALUES (?, ?, ?, ?, ?, ?, ?, ?)", pair)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with duckdb.connect() as con, duckdb.connect() as scratch:
        release(con)
        yield Archive(con, keep(tmp_path, load_model(Project(tmp_path))), scratch)


def test_records_that_contradict_each_other_are_named(archive: Archive) -> None:
    story = tell_pair(archive, "registration/R3", "registration/R2")
    first, second = ("registration", "R1"), ("registration", "R2")
    assert Contradiction(first, second, "clearly different names") in story.contradictions
    assert pair_verdict(story) == f"apart: {TORN}"
    text = pair_text(story)
    assert "what contradicts what in the two customers" in text
    assert "registration/R1  ~  registration/R2  clearly different names" in text


def test_records_that_no_rule_brought_together_are_weighed_all_the_same(archive: Archive) -> None:
    story = tell_pair(archive, "registration/R1", "registration/R4")
    assert story.cause == "never compared"
    assert story.evidence is not None
    assert {step.comparison for step in story.evidence.steps} == {"name", "email"}
    rules = {rule.rule: rule for rule in story.rules}
    assert rules["email"].outcome == "differs"
    assert rules["phone"].outcome == "missing"
    guarded = "compared now, a guard forbids it: clearly different names"
    assert pair_verdict(story).endswith(guarded)


def test_records_that_were_compared_and_differ_too_much_are_told_so(archive: Archive) -> None:
    archive.release.execute("DELETE FROM identity.matches WHERE status = 'refused'")
    story = tell_pair(archive, "registration/R2", "registration/R1")
    assert story.cause == "below clerical"
    assert story.guard == "clearly different names"
    assert pair_verdict(story).startswith("apart: compared, and too little agrees (probability")


def test_a_source_that_holds_nobody_twice_keeps_its_records_apart(tmp_path: Path) -> None:
    asked = {"without_duplicates": ("registration",)}
    model = load_model(Project(tmp_path)).model_copy(update=asked)
    with duckdb.connect() as con, duckdb.connect() as scratch:
        release(con)
        con.execute("DELETE FROM identity.matches WHERE status = 'refused'")
        archive = Archive(con, keep(tmp_path, model), scratch)
        story = tell_pair(archive, "registration/R2", "registration/R3")
    assert (story.cause, story.guard) == ("never compared", TWICE)
    assert pair_verdict(story).startswith(f"apart: never compared, {TWICE}")


def test_values_are_told_only_when_asked_for(archive: Archive) -> None:
    story = tell_pair(archive, "registration/R1", "registration/R2")
    assert story.values[0]["name"] == "Martha Winters"
    assert "Martha" not in pair_text(story)
    assert "Martha Winters  |  Quentin Winters" in pair_text(story, values=True)
    customer = tell_entity(archive, ANN)
    assert "Martha" not in entity_text(customer)
    assert "email winters@example.org" in entity_text(customer, values=True)


def test_a_row_beside_itself_is_said_to_be_one(archive: Archive) -> None:
    story = tell_pair(archive, "registration/R1", "registration/R1")
    assert pair_verdict(story) == f"together in {ANN}: it is one and the same row"
