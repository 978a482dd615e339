"""Learning from decisions: what it would change, and keeping them for the runs to come."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from assets.base import read_facts
from assets.trained_model import fitting_model, model_key, scratch
from core.errors import DecisionError, ProjectError
from core.files import written_whole
from core.project import Project

if TYPE_CHECKING:
    from resolution.kept import Kept
    from resolution.learning.decided_pairs import JudgedRows
    from resolution.learning.lesson import Lesson
    from resolution.learning.report import LessonReport, Taken
    from resolution.matching.full import Matched
    from resolution.model import CustomerModel
    from resolution.records.renumbered import Renumbered
    from resolution.training.guards import Watch
    from resolution.training.unlabelled import TrainedModel


@dataclass(frozen=True)
class Proposal:
    """What was found, and what would be kept."""

    report: "LessonReport"
    decisions: pl.DataFrame
    """Every decision to be kept, those applied before included."""


@dataclass(frozen=True)
class _Release:
    """The current release's records, and the customer model as it is now."""

    kept: "Kept"
    model: "CustomerModel"
    records: pl.LazyFrame
    """In order of record_id, which counts from 0."""
    members: pl.DataFrame
    dense: "Renumbered"
    """Their places among the release's own numbers."""


@dataclass(frozen=True)
class _Given:
    """What a file of judgements gives."""

    decisions: pl.DataFrame
    """Source rows of both sides, and decision."""
    unsure: int
    notes: tuple[str, ...]


def propose(project: Project, file: Path) -> Proposal:
    """What the next run would do differently if it learned from the file; nothing is changed.

    Raises DecisionError for a file that cannot be used, ProjectError before the first release.
    """
    from resolution.decisions.store import DecisionStore
    from resolution.decisions.teaching import with_stewards
    from resolution.learning.kept_decisions import kept_decisions, on_records
    from resolution.matching.full import match_records

    release = _current(project)
    given = _given(file, release)
    before = kept_decisions(project)
    merged = _merged(before, given.decisions, file.name)
    stewards = DecisionStore(project).all()
    pairs = on_records(with_stewards(merged, stewards), release.members)
    if pairs.is_empty():
        raise DecisionError(
            file.name, ["no row says match or non-match of two records that can be told apart"]
        )
    with scratch(project) as connection:
        new = match_records(connection, release.records, release.model, decisions=pairs)
    taken = _taken(file, given, pairs, before)
    return Proposal(_report(project, release, taken, before, new), merged)


def apply(project: Project, proposal: Proposal) -> None:
    """Keep the proposal's decisions: every run learns from them from now on."""
    from resolution.learning.kept_decisions import keep_decisions

    keep_decisions(project, proposal.decisions)


def forget(project: Project) -> int:
    """Drop all applied decisions; how many there were."""
    from resolution.learning.kept_decisions import forget_decisions

    return forget_decisions(project)


def write_report(project: Project, report: "LessonReport") -> tuple[Path, Path]:
    """Write it as Markdown and as JSON below var/learning/; returns both files."""
    from resolution.learning.report import as_json, as_markdown

    folder = project.var / "learning"
    content = json.dumps(as_json(report), ensure_ascii=False, indent=1)
    files = folder / "report.md", folder / "report.json"
    for path, text in zip(files, (as_markdown(report), content), strict=True):
        with written_whole(path) as draft:
            draft.write_text(text, encoding="utf-8")
    return files


def _current(project: Project) -> _Release:
    from resolution.kept import kept_for
    from resolution.model import load_model
    from resolution.records.renumbered import Renumbered
    from warehouse.release import current_release

    release = current_release(project)
    kept = kept_for(project, release.release) if release else None
    if kept is None:
        raise ProjectError(
            f"{project.root}: learning is judged against a release, and there is none whose "
            "records were kept; publish one first: oneid run"
        )
    records, numbers = kept.dense_records()
    dense = Renumbered(numbers)
    members = dense.inside(kept.scan("members").collect(), "record_id")
    return _Release(kept, load_model(project), records, members, dense)


def _given(file: Path, release: _Release) -> _Given:
    """The file's decisions, on source rows of the release."""
    from resolution.learning.decided_pairs import place_pairs, read_judgements

    judged = read_judgements(file)
    if not judged.of_pairs:
        return _given_customers(judged, release)
    placed = place_pairs(judged, release.members)
    notes = []
    if placed.one_record_rows:
        rows = ", ".join(map(str, placed.one_record_rows[:10]))
        notes.append(
            f"{len(placed.one_record_rows):,} non-matches are between rows that are equal in all "
            f"that identifies, and cannot be told apart (rows {rows})"
        )
    return _Given(judged.rows.drop("row"), placed.unsure, tuple(notes))


def _given_customers(judged: "JudgedRows", release: _Release) -> _Given:
    """Whole customers as decisions on the pairs of their records that would be compared."""
    from resolution.learning.decided_pairs import named, place_customers, verdicts
    from resolution.learning.lesson import pairs_of_customers
    from resolution.matching.full import candidates_of

    placed = place_customers(judged, release.members)
    known = release.kept.trained()
    candidates = candidates_of(release.records, release.model, known)
    pairs = pairs_of_customers(candidates, placed.customers)
    notes = [f"{placed.customers.height:,} records of known customers make {pairs.height:,} pairs"]
    if placed.unknown:
        notes.append(f"{placed.unknown:,} rows name records that are not in the release")
    if placed.shared:
        notes.append(
            f"{placed.shared:,} records are left out: rows of several customers are equal in all "
            "that identifies"
        )
    return _Given(verdicts(named(pairs, release.members)), 0, tuple(notes))


def _merged(before: pl.DataFrame, given: pl.DataFrame, name: str) -> pl.DataFrame:
    """All decisions, the newer where a pair was decided before. Raises DecisionError where older
    and newer ones contradict each other."""
    from resolution.learning.decided_pairs import contradicting, in_order

    older = in_order(before).join(in_order(given), on=in_order(given).columns[:4], how="anti")
    rows = in_order(given).unique(maintain_order=True)
    both = pl.concat([older, rows])
    written = pl.Series("written", ["a decision applied before"] * len(older) + [name] * len(rows))
    problems = list(contradicting(both.with_columns(written)))
    if problems:
        problems.append("correct the file, or drop what was applied: oneid learn --forget")
        raise DecisionError(name, problems)
    return both


def _taken(file: Path, given: _Given, pairs: pl.DataFrame, before: pl.DataFrame) -> "Taken":
    from resolution.learning.report import Taken

    matches = int(pairs.get_column("same").sum())
    return Taken(
        file.name, matches, pairs.height - matches, before.height, given.unsure, given.notes
    )


def _report(
    project: Project, release: _Release, taken: "Taken", before: pl.DataFrame, new: "Matched"
) -> "LessonReport":
    from resolution.learning.cautions import cautions_of
    from resolution.learning.decided_pairs import named
    from resolution.learning.effects import (
        by_threshold,
        judged,
        level_changes,
        link_changes,
        refused_matches,
        regrouped,
    )
    from resolution.learning.report import LessonReport
    from resolution.training.thresholds import thresholds_of

    lesson = _lesson(new)
    watch = _watch(release, new)
    thresholds = thresholds_of(release.model, new.trained.chosen)
    link = thresholds.link
    weights = lesson.weights_by(lesson.before), lesson.weights_held_out()
    without, held_out = (judged(lesson, each, watch, link) for each in weights)
    trained, pairs = _as_it_is(project, release, before)
    refused = refused_matches(lesson, weights[1], watch)
    links = named(link_changes(pairs, new.pairs), release.members)
    return LessonReport(
        taken=taken,
        cautions=tuple(cautions_of(lesson, without, held_out, refused)),
        link=link,
        clerical=thresholds.clerical,
        without=without,
        held_out=held_out,
        levels=level_changes(trained, new.trained, lesson.scored),
        thresholds=by_threshold(lesson, *weights, watch),
        links=links.drop("record_id_l", "record_id_r"),
        customers=regrouped(_entities(project, release), new.clusters),
    )


def _as_it_is(
    project: Project, release: _Release, before: pl.DataFrame
) -> tuple["TrainedModel", pl.DataFrame]:
    """The model and the scored pairs of the release, or of a run now where rules or code have
    changed since: a run would train anew then, decisions or not."""
    from resolution.decisions.store import DecisionStore
    from resolution.decisions.teaching import with_stewards
    from resolution.learning.kept_decisions import on_records
    from resolution.matching.full import match_records

    key = model_key(project, release.model, read_facts(release.kept.folder).filled)
    count = int(release.records.select(pl.len()).collect().item())
    if fitting_model(project, release.model, key, count) is not None:
        pairs = release.kept.scan("pairs").collect()
        return release.kept.trained(), release.dense.pairs_inside(pairs)
    stewards = DecisionStore(project).all()
    decisions = on_records(with_stewards(before, stewards), release.members)
    with scratch(project) as connection:
        matched = match_records(connection, release.records, release.model, decisions=decisions)
    return matched.trained, matched.pairs


def _entities(project: Project, release: _Release) -> pl.DataFrame:
    """record_id, entity_id of the release's records."""
    from warehouse.ledger import IdentityLedger

    assigned = IdentityLedger(project).current_assignments()
    keys = ["source", "source_record_id"]
    return (
        release.members.join(assigned, on=keys)
        .sort("record_id", *keys)
        .group_by("record_id", maintain_order=True)
        .agg(pl.col("entity_id").first())
    )


def _lesson(matched: "Matched") -> "Lesson":
    lesson = matched.lesson
    assert lesson is not None
    return lesson


def _watch(release: _Release, matched: "Matched") -> "Watch":
    from resolution.training.guards import Watch, believed_guards

    known = matched.trained
    guards = believed_guards(release.model.guards, known)
    sources = release.records.select("source").collect().to_series()
    return Watch(known.comparisons, guards, sources, release.model.without_duplicates)
