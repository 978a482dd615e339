"""What a delivery costs beside a full run: the stages of `oneid run` as deliveries grow.

`python -m benchmarks.incremental [RECORDS] [--deliveries N,N,…] [--write]`
"""

import argparse
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from benchmarks.measuring import run_process
from benchmarks.persons import make_persons
from benchmarks.product import COMMAND, environment
from benchmarks.report import say, table, write_report
from benchmarks.speed_project import SOURCE, stage_seconds

RECORDS: Final = 1_000_000
DELIVERIES: Final = "100,1000,10000,100000"
RESOLVE: Final = ("scored_pairs", "entities")
JUDGED: Final = (*RESOLVE, "golden", "published")
"""The stages whose sum is held against the full run's."""
STAGES: Final = (
    "landed",
    "standardised",
    "scored_pairs",
    "entities",
    "golden",
    "marts",
    "published",
)
NOTES: Final = """\
Synthetic persons in one source, three in ten records a repetition with slips. One file with the
first records is delivered and run in full, then files with further records of the same persons,
each by `oneid run` on the release before. Seconds are those that `oneid run` prints for each
stage; `gates` are the checks between them, `whole` is the process from start to end.

`resolve, golden, publish` is the sum of scored_pairs, entities, golden and published.
"""


@dataclass(frozen=True)
class Measured:
    """One run."""

    records: int
    """Delivered to it."""
    stages: Mapping[str, float]
    """Seconds by stage, `<stage> gate` for gates."""
    seconds: float
    """Of the whole process."""
    megabytes: float | None

    @property
    def judged(self) -> float:
        """Seconds of resolve, golden and publish together."""
        return sum(self.stages[name] for name in JUDGED)


def measure(records: int, deliveries: Sequence[int], root: Path) -> list[Measured]:
    """The full run over `records`, then each delivery on top of those before."""
    people = make_persons(records + sum(deliveries)).drop("entity_id")
    _deliver(root, 0, people.head(records))
    ended = run_process([*COMMAND, "init", str(root)], root / "init.log", environment())
    if ended.code:
        sys.exit(f"bench-incremental: oneid init failed\n{ended.output}")
    found = [_run(root, records)]
    say(f"full run of {records:,} records: {found[0].judged:.1f} s of {found[0].seconds:.1f} s")
    begin = records
    for place, each in enumerate(deliveries, start=1):
        _deliver(root, place, people.slice(begin, each))
        begin += each
        found.append(_run(root, each))
        say(f"delivery of {each:,}: {found[-1].judged:.1f} s of {found[-1].seconds:.1f} s")
    return found


def _deliver(root: Path, place: int, rows: pl.DataFrame) -> None:
    folder = root / "landing" / SOURCE
    folder.mkdir(parents=True, exist_ok=True)
    rows.write_parquet(folder / f"{place:03}.parquet")


def _run(root: Path, records: int) -> Measured:
    command = [*COMMAND, "run", "--project", str(root)]
    ended = run_process(command, root / "run.log", environment())
    if ended.code:
        sys.exit(f"bench-incremental: oneid run failed\n{ended.output}")
    cost = ended.cost
    return Measured(records, stage_seconds(ended.output), cost.seconds, cost.megabytes)


def report(found: Sequence[Measured]) -> str:
    """The measurements as markdown."""
    full = found[0]
    headings = ["", f"full, {full.records:,}", *(f"{each.records:,} new" for each in found[1:])]
    rows = [[name, *(f"{each.stages.get(name, 0):.1f}" for each in found)] for name in STAGES]
    gates = [sum(v for name, v in each.stages.items() if name.endswith("gate")) for each in found]
    rows += [
        ["gates", *(f"{seconds:.1f}" for seconds in gates)],
        ["whole", *(f"{each.seconds:.1f}" for each in found)],
        ["highest memory, MB", *(f"{each.megabytes or 0:,.0f}" for each in found)],
        ["**resolve, golden, publish**", *(f"**{each.judged:.1f}**" for each in found)],
        [
            "of the full run's",
            "1",
            *(f"**1/{full.judged / each.judged:.0f}**" for each in found[1:]),
        ],
    ]
    return f"# Incremental runs\n\n{NOTES}\n{table(headings, rows)}\n"


def main() -> None:
    """Measure, print the report; write it where asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.incremental", description=__doc__)
    parser.add_argument("records", nargs="?", type=int, default=RECORDS)
    parser.add_argument("--deliveries", default=DELIVERIES, help="records of each, with commas")
    parser.add_argument("--keep", type=Path, help="leave the project in this new folder")
    parser.add_argument("--write", action="store_true", help="write results/incremental.md")
    asked = parser.parse_args()
    deliveries = [int(each) for each in asked.deliveries.split(",")]
    with tempfile.TemporaryDirectory() as passing:
        text = report(measure(asked.records, deliveries, asked.keep or Path(passing)))
    say(f"\n{text}")
    if asked.write:
        say(f"\nwritten to benchmarks/results/{write_report('incremental', text).name}")


if __name__ == "__main__":
    main()
