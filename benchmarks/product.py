"""OneID itself at work on a set: a project folder made, drafted by `oneid init`, run, judged."""

import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from benchmarks.measuring import Cost, Ended, run_process
from benchmarks.sets import TruthSet
from core.errors import ProjectError
from core.project import Project
from quality.evaluate import Evaluation, evaluate

MODELS = Path(__file__).with_name("models")
REPO = Path(__file__).parents[1]
COMMAND = (sys.executable, "-c", "from pipelines.cli import main; main()")


class RunFailed(Exception):  # noqa: N818 - a refusal by a gate is an answer
    """`oneid` did not publish; the message is the first thing it said about it."""


@dataclass(frozen=True)
class ProductResult:
    """OneID's release of a set, judged, and what `oneid run` cost."""

    evaluation: Evaluation
    cost: Cost
    model: str
    """Where the model came from."""


def run_product(given: TruthSet, root: Path) -> ProductResult:
    """Make a project of the set at `root` (must not exist yet), run it, judge its release.

    The logs of `oneid init` and `oneid run`, and the truth, stay in the folder. Raises RunFailed.
    """
    make_project(given, root)
    _oneid("init", str(root), log=root / "init.log")
    model = apply_model(given, root)
    ended = _oneid("run", "--project", str(root), log=root / "run.log")
    try:
        found = evaluate(Project(root.resolve()), root / "truth.parquet")
    except ProjectError as error:
        raise RunFailed(str(error)) from error
    return ProductResult(found, ended.cost, model)


def make_project(given: TruthSet, root: Path) -> None:
    """Land each source's records as one Parquet file, with the columns that the source fills."""
    for source in sorted(given.records["source"].unique()):
        rows = given.records.filter(pl.col("source") == source).drop("source")
        filled = [name for name in rows.columns if rows[name].null_count() < rows.height]
        folder = root / "landing" / source
        folder.mkdir(parents=True)
        rows.select(filled).write_parquet(folder / "records.parquet")
    given.truth.write_parquet(root / "truth.parquet")


def apply_model(given: TruthSet, root: Path) -> str:
    """Put a model of the set's own, or of its kind of entity, in place of what was drafted.

    Says which: `proposed by oneid init`, `the default`, `the set's own`, or the kind.
    """
    own = sorted(given.folder.glob("*.yml")) if given.folder else []
    for file in own:
        target = root if file.name == "customer.yml" else root / "sources"
        shutil.copy(file, target / file.name)
    if any(file.name == "customer.yml" for file in own):
        return "the set's own"
    kind = kind_of(given)
    if kind is not None:
        _write_kind(load_kind(kind), root)
        return kind
    return "proposed by oneid init" if (root / "customer.yml").is_file() else "the default"


def kind_of(given: TruthSet) -> str | None:
    """The kind of entity of benchmarks/models that has exactly this set's columns; else None."""
    for file in sorted(MODELS.glob("*.yml")):
        if set(load_kind(file.stem)["columns"]) == set(given.fields):
            return file.stem
    return None


def load_kind(kind: str) -> dict[str, Any]:
    """`columns`, `source`, `customer` and `each_source_without_duplicates` of a kind."""
    content: dict[str, Any] = yaml.safe_load((MODELS / f"{kind}.yml").read_text(encoding="utf-8"))
    return content


def _write_kind(kind: dict[str, Any], root: Path) -> None:
    specs = sorted((root / "sources").glob("*.yml"))
    for file in specs:
        spec = yaml.safe_load(file.read_text(encoding="utf-8")) | kind["source"]
        file.write_text(yaml.safe_dump(spec, sort_keys=False), encoding="utf-8")
    customer = dict(kind["customer"])
    if kind["each_source_without_duplicates"]:
        customer["without_duplicates"] = [file.stem for file in specs]
    (root / "customer.yml").write_text(yaml.safe_dump(customer, sort_keys=False), encoding="utf-8")


def environment() -> dict[str, str]:
    """For a process of OneID's: this repo's code, and no Dagster instance from outside."""
    inherited = {name: value for name, value in os.environ.items() if name != "DAGSTER_HOME"}
    return inherited | {"PYTHONPATH": str(REPO)}


def _oneid(*arguments: str, log: Path) -> Ended:
    """`oneid` in a process of its own, as a user starts it. Raises RunFailed where it fails."""
    ended = run_process([*COMMAND, *arguments], log, environment())
    if ended.code:
        said = [line for line in ended.output.splitlines() if line.startswith(("oneid:", "  - "))]
        raise RunFailed(" ".join(said[:3]) or f"oneid {arguments[0]} ended with {ended.code}")
    return ended
