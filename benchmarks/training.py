"""How long training takes, and whether it comes to the same model twice.

`python -m benchmarks.training [RECORDS] [--write]`
"""

import argparse
import json
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

import duckdb
import polars as pl

from benchmarks.report import say, table, write_report
from benchmarks.speed_project import make_speed_project, standardise_files
from core.frames import frame_files
from core.project import Project
from resolution.matching.full import SEED, candidates_of, compile_comparisons, filled_columns
from resolution.model import load_model
from resolution.scoring.scorers import scorer_for
from resolution.training.guards import contradiction_of
from resolution.training.trained import model_to_json
from resolution.training.unlabelled import TrainedModel, train

Result = TypeVar("Result")
RECORDS: Final = 1_000_000
NOTES: Final = """`make bench-training`: a model trained without labels on synthetic persons, by the
specs and the model that `oneid init` proposes; twice, from the same records. The bar is 20 seconds
at a million records.
"""


@dataclass
class Trained:
    """Seconds of each step, of the clock and of the processors; and what was trained."""

    candidates: int
    seconds: Mapping[str, tuple[float, float]]
    is_same: bool
    """Whether both trainings came to the same model, to the last digit."""


def train_twice(root: Path) -> Trained:
    """Train on the standardised records of the project in `root`."""
    records = pl.scan_parquet(frame_files(root / "var/work", "records"))
    model = load_model(Project(root))
    comparisons = compile_comparisons(model, filled_columns(records))
    known = TrainedModel(comparisons, 1e-6, 0.0)
    seconds: dict[str, tuple[float, float]] = {}

    def timed(step: str, work: Callable[[], Result]) -> Result:
        started, worked = time.perf_counter(), time.process_time()
        result = work()
        seconds[step] = (time.perf_counter() - started, time.process_time() - worked)
        return result

    candidates = timed("candidates found", lambda: candidates_of(records, model, known))
    connection = duckdb.connect()
    scorer = timed("records encoded", lambda: scorer_for(connection, records, comparisons, 1e-6))
    names = {item.name for item in scorer.comparisons}
    guards = [x for x in model.guards if x.comparison in names]
    watched = sorted({contradiction_of(each, names) for each in guards}, key=str)
    found = [
        timed(step, lambda: train(scorer, candidates, watched, SEED))
        for step in ("trained", "trained again")
    ]
    first, second = (json.dumps(model_to_json(each)) for each in found)
    return Trained(candidates.gross, seconds, first == second)


def report(records: int, trained: Trained) -> str:
    """The measurements as markdown."""
    rows = [[step, f"{a:.1f}", f"{b:.1f}"] for step, (a, b) in trained.seconds.items()]
    same = "Both are the same model." if trained.is_same else "The two models differ."
    told = f"{records:,} records, {trained.candidates:,} candidates. {same}"
    timed = table(["step", "s", "of the processors, s"], rows)
    return f"# Training\n\n{NOTES}\n{told}\n\n{timed}\n"


def main() -> None:
    """Measure, print the report; write it where asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.training", description=__doc__)
    parser.add_argument("records", nargs="?", type=int, default=RECORDS)
    parser.add_argument("--write", action="store_true", help="write results/training.md")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as passing:
        root = Path(passing) / "project"
        make_speed_project(asked.records, 1, root)
        standardise_files(root)
        text = report(asked.records, train_twice(root))
    say(f"\n{text}")
    if asked.write:
        say(f"\nwritten to benchmarks/results/{write_report('training', text).name}")


if __name__ == "__main__":
    main()
