"""Matching with the model of the last release, or with one trained now when that does not fit."""

import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import polars as pl

from assets.run_sheet import code_fingerprint
from core.files import written_whole
from core.project import Project
from core.sql import NO_PROGRESS_BAR

if TYPE_CHECKING:
    from resolution.matching import Matched
    from resolution.model import CustomerModel
    from resolution.training import TrainedModel

GROWTH_MAXIMUM = 1.5
"""A model is trained anew once there are this many times the records it learnt from (or fewer
than the inverse): rare names and the share of matches are different then."""


def match_project(project: Project, retrain: bool) -> tuple["Matched", bool]:
    """Match the project's `records`; writes `pairs`, `clusters`, `model_levels`, `model.json`
    and what else explains the weights to var/work/.

    Returns what was found, and whether the model was trained anew.
    """
    from resolution.kept import write_for_keeping
    from resolution.kept_decisions import kept_decisions, on_records
    from resolution.matching import match_records
    from resolution.model import load_model
    from resolution.trained import levels_of, model_to_json

    model = load_model(project)
    records = pl.scan_parquet(project.work / "records.parquet")
    count = int(records.select(pl.len()).collect().item())
    key = model_key(project, model, records)
    known = None if retrain else fitting_model(project, key, count)
    members = pl.read_parquet(project.work / "members.parquet")
    decisions = on_records(kept_decisions(project), members)
    with scratch(project) as connection:
        trained = known[0] if known else None
        matched = match_records(connection, records, model, trained, decisions=decisions)
    frames = {"pairs": matched.pairs, "clusters": matched.clusters}
    frames["model_levels"] = levels_of(matched.trained)
    for name, frame in frames.items():
        with written_whole(project.work / f"{name}.parquet") as draft:
            frame.write_parquet(draft)
    learnt_from = known[1] if known else count
    content = {"key": key, "records": learnt_from, "model": model_to_json(matched.trained)}
    with written_whole(project.work / "model.json") as draft:
        draft.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    write_for_keeping(project, model, matched.frequencies)
    return matched, known is None


def keep_model(project: Project) -> None:
    """Keep the model of the run that has just been published for the runs to come."""
    with written_whole(project.state / "model.json") as draft:
        draft.write_bytes((project.work / "model.json").read_bytes())


def fitting_model(project: Project, key: str, records: int) -> tuple["TrainedModel", int] | None:
    """The kept model and the number of records it learnt from; None when it does not fit."""
    from resolution.trained import model_from_json

    path = project.state / "model.json"
    if not path.is_file():
        return None
    content: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    learnt_from = int(content["records"])
    grown = records / max(learnt_from, 1)
    if content["key"] != key or not 1 / GROWTH_MAXIMUM <= grown <= GROWTH_MAXIMUM:
        return None
    return model_from_json(content["model"]), learnt_from


def model_key(project: Project, model: "CustomerModel", records: pl.LazyFrame) -> str:
    """What a model depends on beside the values: the rules, the columns, the code, decisions."""
    from resolution.kept_decisions import kept_decisions
    from resolution.matching import filled_columns

    filled = filled_columns(records)
    decisions = kept_decisions(project).write_csv()
    parts = (model.model_dump_json(), ",".join(filled), code_fingerprint(), decisions)
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
