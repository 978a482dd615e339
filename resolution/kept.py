"""What explains a release, kept beside it until the next one: records, frequencies, model, rules.

    var/state/matching/<release>/
        records.parquet              one row a record, as it was compared
        members.parquet              one row a source row: the record it belongs to
        pairs.parquet                one row a scored pair, by record
        clusters.parquet             one row a record
        frequencies/<column>.parquet one row a value of the column: how common it is
        model.json                   the trained model
        customer.json                the customer model it was made with

The folder carries the release's name, so that nothing is ever explained by another release's
figures. It is made before the release is published: a publication that is killed or refused leaves
a folder that nobody asks for, and the next publication removes it.
"""

import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from core.errors import ProjectError
from core.files import written_whole
from core.project import Project
from resolution.model import CustomerModel
from resolution.trained import model_from_json
from resolution.training import TrainedModel

FRAMES = ("records", "members", "pairs", "clusters")
FREQUENCIES = "frequencies"
MODEL, RULES = "model.json", "customer.json"


@dataclass(frozen=True)
class Kept:
    """The folder of one release."""

    folder: Path

    def frame(self, name: str) -> Path:
        """The file of one of FRAMES."""
        return self.folder / f"{name}.parquet"

    def frequencies(self) -> dict[str, Path]:
        """Column -> its file: the value, and `tf_<column>`, the chance that another bears it."""
        return {x.stem: x for x in sorted((self.folder / FREQUENCIES).glob("*.parquet"))}

    def trained(self) -> TrainedModel:
        """The model that weighed the release's pairs."""
        content = json.loads((self.folder / MODEL).read_text(encoding="utf-8"))
        return model_from_json(content["model"])

    def rules(self) -> CustomerModel:
        """The customer model of that run, whatever customer.yml says by now."""
        return CustomerModel(**json.loads((self.folder / RULES).read_text(encoding="utf-8")))


def write_for_keeping(
    project: Project, model: CustomerModel, frequencies: Mapping[str, pl.DataFrame]
) -> None:
    """Write to var/work/ what only explanations need; the stages write the rest anyway."""
    folder = project.work / FREQUENCIES
    shutil.rmtree(folder, ignore_errors=True)
    for column, frame in frequencies.items():
        with written_whole(folder / f"{column}.parquet") as draft:
            frame.write_parquet(draft)
    with written_whole(project.work / RULES) as draft:
        draft.write_text(model.model_dump_json(), encoding="utf-8")


def keep_for(project: Project, release: str) -> Kept:
    """Keep what lies in var/work/ as what explains `release`.

    Files of the work folder are replaced, never changed, so a second name for the same bytes is
    as good as a copy and costs nothing. Raises ProjectError where the work folder lacks a file.
    """
    kept = Kept(_folder(project) / release)
    names = list(_names_in(project.work))
    _require(project.work, names)
    draft = kept.folder.with_name(f".{release}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    for name in names:
        target = draft / name
        target.parent.mkdir(parents=True, exist_ok=True)
        _name_again(project.work / name, target)
    shutil.rmtree(kept.folder, ignore_errors=True)
    draft.replace(kept.folder)
    return kept


def forget_others(project: Project, release: str) -> None:
    """Remove what explains any release but this one."""
    for folder in _folder(project).iterdir():
        if folder.name != release:
            shutil.rmtree(folder)


def kept_for(project: Project, release: str) -> Kept | None:
    """What explains `release`; None when it was not kept, or cannot be read because another
    version of OneID wrote it."""
    kept = Kept(_folder(project) / release)
    try:
        kept.trained()
        kept.rules()
    except (OSError, KeyError, TypeError, ValueError):
        return None
    return kept


def _folder(project: Project) -> Path:
    return project.state / "matching"


def _names_in(work: Path) -> Iterator[Path]:
    yield from (Path(f"{name}.parquet") for name in FRAMES)
    yield from (file.relative_to(work) for file in sorted((work / FREQUENCIES).glob("*.parquet")))
    yield from (Path(MODEL), Path(RULES))


def _require(work: Path, names: Iterable[Path]) -> None:
    missing = [str(name) for name in names if not (work / name).is_file()]
    if missing:
        raise ProjectError(
            f"the work folder lacks {', '.join(missing)}; run the stages before this one"
        )


def _name_again(file: Path, target: Path) -> None:
    try:
        os.link(file, target)
    except OSError:  # a file system without links
        shutil.copyfile(file, target)
