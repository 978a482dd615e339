"""What a release was made from, kept beside it: the base of the next run, and of explanations.

    var/state/matching/<release>/
        segments/, dropped.parquet   records, members, values, bearers (core.frames)
        pairs, entities, visitors, crowded, decisions, alone: whole frames
        index/                       blocking keys of the records (resolution.engine.key_index)
        frequencies/<column>.parquet one row a value of the column: how common it is
        large_blocks.parquet         blocks too large to compare whole
        model.json, customer.json    the trained model; the customer model it was made with
        base.json                    up to which delivery, by which settings

The folder carries the release's name, so that nothing is ever explained by another release's
figures. It is made before the release is published: a publication that is killed or refused leaves
a folder that nobody asks for, and the next publication removes it.
"""

import json
import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from core.errors import ProjectError
from core.files import written_whole
from core.frames import DROPPED, SEGMENTS, dropped_records, name_again, scan_frame, segments_of
from core.project import Project
from resolution.engine.key_index import keys_of, write_segment
from resolution.engine.keys import KeyMaker, Large
from resolution.matching.full import FixedModel, rules_in_use
from resolution.model import CustomerModel
from resolution.training.trained import model_from_json
from resolution.training.unlabelled import TrainedModel

WHOLE = ("pairs", "entities", "visitors", "crowded", "decisions", "alone", "large_blocks")
FREQUENCIES, INDEX = "frequencies", "index"
MODEL, RULES, BASE = "model.json", "customer.json", "base.json"


@dataclass(frozen=True)
class Kept:
    """The folder of one release."""

    folder: Path

    def scan(self, name: str) -> pl.LazyFrame:
        """The rows of a frame."""
        return scan_frame(self.folder, name)

    def dense_records(self) -> tuple[pl.LazyFrame, pl.Series]:
        """See `dense_records`."""
        return dense_records(self.folder)

    def frequencies(self) -> dict[str, Path]:
        """Column -> its file: the value, and `tf_<column>`, the chance that another bears it."""
        return {x.stem: x for x in sorted((self.folder / FREQUENCIES).glob("*.parquet"))}

    def trained(self) -> TrainedModel:
        """The model that weighed the release's pairs."""
        return model_from_json(self.content()["model"])

    def content(self) -> dict[str, Any]:
        """What model.json holds: key, records (that it learnt from), model."""
        found: dict[str, Any] = json.loads((self.folder / MODEL).read_text(encoding="utf-8"))
        return found

    def fixed(self) -> FixedModel:
        """All that was estimated from the records."""
        frequencies = {name: pl.read_parquet(file) for name, file in self.frequencies().items()}
        return FixedModel(self.trained(), frequencies, self.large())

    def large(self) -> dict[str, Large]:
        """Rule -> blocks too large to compare whole."""
        return _read_large(self.folder)

    def rules(self) -> CustomerModel:
        """The customer model of that run, whatever customer.yml says by now."""
        return CustomerModel(**json.loads((self.folder / RULES).read_text(encoding="utf-8")))


def dense_records(folder: Path) -> tuple[pl.LazyFrame, pl.Series]:
    """The living records in order of source and subject, `record_id` counting from 0; and the
    record_id that each has by itself."""
    records = scan_frame(folder, "records")
    if len(segments_of(folder)) == 1 and not len(dropped_records(folder)):
        numbers = records.select("record_id").collect().to_series()
        if not len(numbers) or (numbers[0] == 0 and numbers[-1] == len(numbers) - 1):
            return records, numbers
    ordered = records.sort("source", "subject").collect()
    numbers = ordered.get_column("record_id")
    return ordered.with_columns(pl.int_range(pl.len(), dtype=pl.Int64).alias("record_id")).lazy(), (
        numbers
    )


def write_for_keeping(project: Project, model: CustomerModel, fixed: FixedModel) -> None:
    """Write to var/work/ what of a model is not in model.json."""
    folder = project.work / FREQUENCIES
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for column, frame in fixed.frequencies.items():
        with written_whole(folder / f"{column}.parquet") as draft:
            frame.write_parquet(draft)
    with written_whole(project.work / "large_blocks.parquet") as draft:
        _large_frame(fixed.large).write_parquet(draft)
    with written_whole(project.work / RULES) as draft:
        draft.write_text(model.model_dump_json(), encoding="utf-8")


def _large_frame(large: Mapping[str, Large]) -> pl.DataFrame:
    """rule, place (columns more that had to agree), keys."""
    rows = [
        (rule, place, pl.Series(keys, dtype=pl.UInt64))
        for rule, arrays in large.items()
        for place, keys in enumerate(arrays)
    ]
    kinds = (pl.String(), pl.Int64(), pl.List(pl.UInt64()))
    schema = dict(zip(("rule", "place", "keys"), kinds, strict=True))
    return pl.DataFrame(rows, schema=schema, orient="row")


def _read_large(folder: Path) -> dict[str, Large]:
    found: dict[str, list[np.ndarray]] = {}
    for rule, _, keys in pl.read_parquet(folder / "large_blocks.parquet").iter_rows():
        found.setdefault(rule, []).append(np.array(keys, dtype=np.uint64))
    return {rule: tuple(arrays) for rule, arrays in found.items()}


def keep_for(project: Project, release: str) -> Kept:
    """Keep what lies in var/work/ as what explains `release`. Raises ProjectError where the work
    folder lacks a file."""
    kept = Kept(_folder(project) / release)
    draft = kept.folder.with_name(f".{release}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    names = [f"{name}.parquet" for name in WHOLE]
    names += [SEGMENTS, INDEX, FREQUENCIES, MODEL, RULES, BASE]
    _require(project.work, names)
    for name in (*names, f"{DROPPED}.parquet"):
        if (project.work / name).exists():
            name_again(project.work / name, draft / name)
    shutil.rmtree(kept.folder, ignore_errors=True)
    draft.replace(kept.folder)
    return kept


def forget_others(project: Project, release: str) -> None:
    """Remove what explains any release but this one."""
    for folder in _folder(project).glob("*"):
        if folder.name != release:
            shutil.rmtree(folder)


def kept_for(project: Project, release: str) -> Kept | None:
    """What explains `release`; None when it was not kept, or cannot be read because another
    version of OneID wrote it."""
    kept = Kept(_folder(project) / release)
    try:
        kept.trained()
        kept.rules()
        json.loads((kept.folder / BASE).read_text(encoding="utf-8"))
    except (OSError, KeyError, TypeError, ValueError):
        return None
    return kept


def _folder(project: Project) -> Path:
    return project.state / "matching"


def _require(work: Path, names: Iterable[str]) -> None:
    missing = [name for name in names if not (work / name).exists()]
    if missing:
        raise ProjectError(
            f"the work folder lacks {', '.join(missing)}; run the stages before this one"
        )


def write_index(
    work: Path, records: pl.LazyFrame, numbers: pl.Series, model: CustomerModel, fixed: FixedModel
) -> None:
    """Write the key index of all records anew. `numbers`: record_id by place."""
    rules, refine_by = rules_in_use(records.collect_schema().names(), model, fixed.trained)
    keys = keys_of(KeyMaker(records), rules, refine_by, fixed.large, numbers.to_numpy())
    shutil.rmtree(work / INDEX, ignore_errors=True)
    write_segment(work / INDEX, keys)
