"""Matching with the model of the last release, or with one trained now when that does not fit."""

import hashlib
import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl

from assets.base import Base, base_of, read_facts
from assets.run_sheet import code_fingerprint
from core.errors import ConfigError
from core.files import written_whole
from core.frames import dropped_records, name_again, scan_frame, write_frame
from core.project import Project
from core.sql import NO_PROGRESS_BAR

if TYPE_CHECKING:
    from resolution.kept import Kept
    from resolution.matching.full import FixedModel
    from resolution.model import CustomerModel
    from resolution.training.unlabelled import TrainedModel

GROWTH_MAXIMUM = 1.5
"""A model is trained anew once there are this many times the records it learnt from (or fewer
than the inverse): rare names and the share of matches are different then."""


@dataclass(frozen=True)
class MatchedRun:
    """What a run matched."""

    pairs: pl.DataFrame
    """The touched records' pairs, with their reasons."""
    candidates: int
    trained: "TrainedModel"
    how: str
    """Trained anew, or with which model."""
    touched_only: bool = False
    """Whether only new records were compared, and only touched groups made anew."""


@dataclass(frozen=True)
class _Fitting:
    """A model that can be used as it is."""

    fixed: "FixedModel"
    records: int
    """From how many it learnt."""
    how: str


def match_project(project: Project, retrain: bool) -> MatchedRun:
    """Match the run's new records with all others, or all of them where there is no base, or no
    model that fits.

    Writes to var/work/: `pairs` (all, numbers only), `told_pairs` (those of touched records, with
    reasons), `clusters` (of touched records), `model_levels`, and what explains the weights.
    """
    from resolution.engine.key_index import OutgrownError
    from resolution.model import load_model

    model, base = load_model(project), base_of(project)
    filled = read_facts(project.work).filled
    count = int(scan_frame(project.work, "records").select(pl.len()).collect().item())
    key = model_key(project, model, filled)
    known = fitting_model(project, model, key, count, retrain)
    with scratch(project) as connection:
        if base and known:
            try:
                return _match_delta(project, connection, model, known, base, key)
            except OutgrownError:
                known = None
        return _match_all(project, connection, model, known, key)


def _match_all(
    project: Project,
    connection: duckdb.DuckDBPyConnection,
    model: "CustomerModel",
    known: _Fitting | None,
    key: str,
) -> MatchedRun:
    from resolution.decisions.on_records import bound_pairs
    from resolution.decisions.teaching import teaching_decisions
    from resolution.kept import dense_records, write_index
    from resolution.learning.kept_decisions import on_records
    from resolution.matching.full import match_records
    from resolution.records.renumbered import Renumbered

    records, numbers = dense_records(project.work)
    dense = Renumbered(numbers)
    members = scan_frame(project.work, "members").collect()
    here = dense.inside(members, "record_id")
    bound = bound_pairs(scan_frame(project.work, "decisions").collect(), here)
    decisions = on_records(teaching_decisions(project), here) if known is None else None
    fixed = known.fixed if known else None
    matched = match_records(connection, records, model, fixed, decisions=decisions, bound=bound)
    write_index(project.work, records, numbers, model, matched.fixed)
    pairs = dense.pairs_outside(matched.pairs)
    how = known.how if known else "model trained"
    if matched.lesson:
        how += f" with {matched.lesson.scored.height:,} decisions"
    _write(project, pairs, pairs, dense.clusters_outside(matched.clusters))
    _write_model(project, model, matched.fixed, known.records if known else len(numbers), key)
    return MatchedRun(pairs, matched.candidates, matched.trained, how)


def _match_delta(
    project: Project,
    connection: duckdb.DuckDBPyConnection,
    model: "CustomerModel",
    known: _Fitting,
    base: Base,
    key: str,
) -> MatchedRun:
    from core.frames import segments_of
    from resolution.decisions.on_records import bound_pairs, stirred_records
    from resolution.engine.key_index import merge_segments
    from resolution.kept import INDEX
    from resolution.matching.delta import DeltaMatching

    index, work = project.work / INDEX, project.work
    shutil.rmtree(index, ignore_errors=True)
    name_again(base.folder / INDEX, index)
    dropped = pl.concat([dropped_records(base.folder), dropped_records(work)]).unique()
    if len(segments_of(work)) <= len(segments_of(base.folder)):
        # the frames have just been written anew as one: what they forget, the index must forget
        merge_segments(index, dropped.to_numpy())
    new = pl.read_parquet(segments_of(work)[-1] / "records.parquet")
    decided = scan_frame(work, "decisions").collect()
    members = scan_frame(work, "members")
    delta = DeltaMatching(
        connection,
        work,
        index,
        model,
        known.fixed,
        scan_frame(base.folder, "pairs").collect(),
        new,
        pl.concat([dropped, scan_frame(work, "dropped_now").collect().to_series()]).unique(),
    )
    before = scan_frame(base.folder, "decisions").collect()
    stirred = stirred_records(before, decided, members)
    found = delta.match(bound_pairs(decided, members), stirred)
    _write(project, found.evidence, found.pairs, found.clusters)
    _write_model(project, model, known.fixed, known.records, key)
    return MatchedRun(
        found.pairs, found.candidates, known.fixed.trained, known.how, touched_only=True
    )


EVIDENCE: Sequence[str] = (
    "record_id_l",
    "record_id_r",
    "match_weight",
    "match_probability",
    "linkable",
    "status",
)


def _write(
    project: Project, evidence: pl.DataFrame, told: pl.DataFrame, clusters: pl.DataFrame
) -> None:
    write_frame(project.work, "pairs", evidence.select(EVIDENCE))
    write_frame(project.work, "told_pairs", told)
    write_frame(project.work, "clusters", clusters)


def _write_model(
    project: Project, model: "CustomerModel", fixed: "FixedModel", records: int, key: str
) -> None:
    from resolution.kept import write_for_keeping
    from resolution.training.trained import levels_of, model_to_json

    write_frame(project.work, "model_levels", levels_of(fixed.trained))
    content = {"key": key, "records": records, "model": model_to_json(fixed.trained)}
    with written_whole(project.work / "model.json") as draft:
        draft.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    write_for_keeping(project, model, fixed)


def fitting_model(
    project: Project, model: "CustomerModel", key: str, records: int, retrain: bool = False
) -> _Fitting | None:
    """The model to use as it is: the project's own, or else that of the last release unless it is
    to `retrain`; None where a new one is to be trained.

    Raises ConfigError where the project names a model that was made by other rules.
    """
    from resolution.kept import Kept, kept_for
    from warehouse.release import current_release

    pinned = Kept(project.root / "model")
    if (pinned.folder / "model.json").is_file():
        return _Fitting(*_pinned(pinned, model), "the project's own model")
    release = None if retrain else current_release(project)
    kept = kept_for(project, release.release) if release else None
    if kept is None:
        return None
    content: dict[str, Any] = kept.content()
    learnt_from = int(content["records"])
    grown = records / max(learnt_from, 1)
    if content["key"] != key or not 1 / GROWTH_MAXIMUM <= grown <= GROWTH_MAXIMUM:
        return None
    return _Fitting(kept.fixed(), learnt_from, "model reused")


def _pinned(pinned: "Kept", model: "CustomerModel") -> tuple["FixedModel", int]:
    if pinned.rules() != model:
        problem = (
            "was trained by other rules than customer.yml has now; take it away with "
            "`oneid model forget`, run, and keep the new one with `oneid model keep`"
        )
        raise ConfigError("model/customer.json", [problem])
    return pinned.fixed(), int(pinned.content()["records"])


def model_key(project: Project, model: "CustomerModel", filled: Sequence[str]) -> str:
    """What a model depends on beside the values: the rules, the columns that have any, the code,
    the labels it learnt from."""
    from resolution.learning.kept_decisions import kept_decisions

    labels = kept_decisions(project).write_csv()
    parts = (model.model_dump_json(), ",".join(sorted(filled)), code_fingerprint(), labels)
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@contextmanager
def scratch(project: Project) -> Iterator[duckdb.DuckDBPyConnection]:
    """A DuckDB in memory that spills to var/work/ and leaves nothing behind."""
    spill = Path(project.work / "spill")
    connection = duckdb.connect(config={"temp_directory": str(spill)})
    try:
        connection.execute(NO_PROGRESS_BAR)
        yield connection
    finally:
        connection.close()
