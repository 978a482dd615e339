"""How fast OneID is: its stages, and its engine beside Splink 5 on the same pairs and weights.

`python -m benchmarks.speed [N,N,…] [--runs-up-to N] [--keep FOLDER] [--write]`
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from benchmarks.measuring import Cost, run_process
from benchmarks.product import environment
from benchmarks.report import say, table, write_report
from benchmarks.speed_project import StageTimes, make_speed_project, run_stages, standardise_only
from benchmarks.speed_resolve import RULES

SIZES: Final = "100000,1000000"
RUNS_UP_TO: Final = 1_000_000
STEPS: Final = ("read", "encode", "block", "score", "cluster")
NOTES: Final = """\
Synthetic persons, three in ten records a repetition with slips, one in five names in Han
characters: first name, surname, date of birth, city, postcode, email, phone. `tight` is six
blocking rules, `dense` the same with date of birth alone, and surname and city, added.

OneID's engine and Splink 5 work one after the other in one process, on the same standardised
records, with the same model (OneID's, as Splink's own settings), the same candidate pairs and
the same threshold. Splink reads, blocks, predicts and clusters in a DuckDB in memory, and is not
asked to keep columns it does not need; OneID reads a column when it blocks by it or encodes it.
Processor seconds are summed over the cores; they are what to go by when the machine had other
work.
"""


@dataclass(frozen=True)
class Sized:
    """What was measured at one number of records."""

    records: int
    run: StageTimes | None
    """None above RUNS_UP_TO, where the records were standardised only."""
    resolve: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By rules: what benchmarks.speed_resolve printed."""
    prepared: Cost | None = None
    """Of landing and standardising, where there was no whole run."""


def measure_size(records: int, root: Path, runs_up_to: int, model: Path | None) -> Sized:
    """Make the persons, run OneID on them, then both engines; the project stays in `root`."""
    make_speed_project(records, 1, root)
    run, prepared = None, None
    if records <= runs_up_to or model is None:
        run = run_stages(root)
    else:
        prepared = standardise_only(root, model)
    return Sized(records, run, {rules: _resolved(root, rules) for rules in RULES}, prepared)


def _resolved(root: Path, rules: str) -> dict[str, Any]:
    command = [sys.executable, "-m", "benchmarks.speed_resolve", str(root), rules]
    ended = run_process(command, root / f"{rules}.log", environment())
    lines = [line for line in ended.output.splitlines() if line.startswith("{")]
    if ended.code or not lines:
        sys.exit(f"bench-speed: {rules} failed\n{ended.output}")
    found: dict[str, Any] = json.loads(lines[-1])
    return found


def scoring_table(sizes: Sequence[Sized]) -> str:
    """One row a number of records and set of rules: blocking and scoring by both, their ratios."""
    headings = ["records, rules", "candidates", "kept", "OneID s", "Splink s", "ratio"]
    headings += ["processor ratio", "OneID million pairs/s", "Splink's"]
    rows = []
    for name, ours, theirs in _sides(sizes):
        both = [seconds_of(side, "block", "score") for side in (ours, theirs)]
        rates = [_rate(ours["candidates"], seconds) for seconds in both]
        counts = [f"{ours['candidates']:,}", f"{ours['kept']:,}"]
        rows.append([name, *counts, *_beside(ours, theirs, "block", "score"), *rates])
    return table(headings, rows)


def resolve_table(sizes: Sequence[Sized]) -> str:
    """One row a number of records and set of rules: all steps by both, their ratios, memory."""
    headings = ["records, rules", "OneID s", "Splink s", "ratio", "processor ratio"]
    headings += ["OneID MB", "Splink MB"]
    rows = []
    for name, ours, theirs in _sides(sizes):
        memory = [_number(side["megabytes"] if side else None, 0) for side in (ours, theirs)]
        rows.append([name, *_beside(ours, theirs, *STEPS), *memory])
    return table(headings, rows)


def _sides(sizes: Sequence[Sized]) -> Iterator[tuple[str, dict[str, Any], dict[str, Any] | None]]:
    """What to call a comparison, OneID's side, Splink's where it was asked."""
    for size in sizes:
        for rules, found in size.resolve.items():
            yield f"{size.records:,} {rules}", found["ours"], found.get("splink")


def steps_table(sizes: Sequence[Sized]) -> str:
    """One row a comparison and side: clock and processor seconds of each step."""
    rows = []
    for name, ours, theirs in _sides(sizes):
        rows.append([f"{name}, OneID", *_steps(ours)])
        if theirs:
            rows.append([f"{name}, Splink", *_steps(theirs)])
    return table(["records, rules", *STEPS], rows)


def _steps(side: Mapping[str, Any]) -> list[str]:
    done = side["seconds"], side["processor"]
    return [f"{done[0][x]:.2f} ({done[1][x]:.2f})" if x in done[0] else "" for x in STEPS]


def stages_table(sizes: Sequence[Sized]) -> str:
    """One row a stage of `oneid run`: seconds at each size, and microseconds a record."""
    runs = [(size.records, size.run) for size in sizes if size.run]
    names = list(dict.fromkeys(name for _, run in runs for name in run.stages))
    headings = ["stage", *(f"{records:,}: s" for records, _ in runs)]
    headings += [f"{records:,}: µs a record" for records, _ in runs]
    rows = [_stage_row(name, [(n, run.stages.get(name)) for n, run in runs]) for name in names]
    rows.append(_stage_row("whole command", [(n, run.whole.seconds) for n, run in runs]))
    rows.append(
        ["peak MB", *(_number(run.whole.megabytes, 0) for _, run in runs), *("" for _ in runs)]
    )
    return table(headings, rows)


def growth_table(sizes: Sequence[Sized]) -> str:
    """One row a step of the engine and set of rules: time a record, by the clock and of the
    processors, against that of the smallest size."""
    first, *others = sizes
    headings = ["step, rules", *(f"{size.records:,} against {first.records:,}" for size in others)]
    rows = []
    for rules in RULES:
        for step in (*STEPS, "all"):
            steps = STEPS if step == "all" else (step,)
            grown = [_grown(first, size, rules, steps) for size in others]
            if any(grown):
                rows.append([f"{step}, {rules}", *grown])
    return table(headings, rows)


def _grown(first: Sized, size: Sized, rules: str, steps: Sequence[str]) -> str:
    """How many times as long a record takes as at `first`: the clock's (the processors')."""
    sides = [each.resolve[rules]["ours"] for each in (first, size)]
    told = []
    for clock in ("seconds", "processor"):
        base, now = (seconds_of(side, *steps, clock=clock) or 0.0 for side in sides)
        told.append(now / size.records / (base / first.records) if base else None)
    return f"{told[0]:.2f} ({told[1]:.2f})" if told[0] and told[1] else ""


def parity_lines(sizes: Sequence[Sized]) -> str:
    """One line a comparison with Splink: weights and clusters that differ."""
    lines = []
    for size in sizes:
        for rules, found in size.resolve.items():
            if "parity" not in found:
                lines.append(f"- {size.records:,} {rules}: too many to ask Splink")
                continue
            seen = found["parity"]
            lines.append(
                f"- {size.records:,} {rules}: {seen['pairs']:,} pairs kept by both, "
                f"{seen['only_one_side']:,} by one; largest difference of weights "
                f"{seen['largest_difference']:.1e}; {seen['clusters_differ']:,} records clustered "
                "otherwise"
            )
    return "\n".join(lines)


def report(sizes: Sequence[Sized]) -> str:
    """The whole report, without the machine's facts."""
    parts = ["# Speed", NOTES, "## Blocking and scoring, beside Splink", scoring_table(sizes)]
    parts += ["## Read, encode, block, score, cluster, beside Splink", resolve_table(sizes)]
    parts += ["Seconds by step, of the clock and (of the processors):", steps_table(sizes)]
    parts += ["The same weights, pair by pair:", parity_lines(sizes)]
    if len(sizes) > 1:
        parts += [
            "## How OneID's time a record grows",
            "By the clock and (of the processors); candidates a record grow with the records.",
            growth_table(sizes),
        ]
    parts += ["## `oneid run`, from files to a release", stages_table(sizes)]
    parts += [
        f"{size.records:,} records landed and standardised, no more: "
        f"{size.prepared.seconds:,.0f} s, {_number(size.prepared.megabytes, 0)} MB at the most."
        for size in sizes
        if size.prepared
    ]
    return "\n\n".join(parts)


def seconds_of(side: Mapping[str, Any] | None, *steps: str, clock: str = "seconds") -> float | None:
    """Seconds of the steps together, by `seconds` or `processor`; None where nobody was asked."""
    return None if side is None else sum(side[clock].get(step, 0.0) for step in steps)


def _beside(ours: Mapping[str, Any], theirs: Mapping[str, Any] | None, *steps: str) -> list[str]:
    """Both sides' seconds, their ratio, and that of the processors' seconds."""
    own, other = (seconds_of(side, *steps) for side in (ours, theirs))
    work = (
        seconds_of(ours, *steps, clock="processor"),
        seconds_of(theirs, *steps, clock="processor"),
    )
    ratios = [_ratio(own, other), _ratio(*work)]
    return [_number(own, 2), _number(other, 2), *ratios]


def _ratio(ours: float | None, theirs: float | None) -> str:
    return f"**{theirs / ours:.1f}**" if ours and theirs else ""


def _rate(pairs: int, seconds: float | None) -> str:
    return f"{pairs / seconds / 1e6:.2f}" if seconds else ""


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:,.{digits}f}"


def _stage_row(name: str, found: Sequence[tuple[int, float | None]]) -> list[str]:
    seconds = [_number(value, 1) for _, value in found]
    each = ["" if value is None else f"{1e6 * value / records:,.0f}" for records, value in found]
    return [name, *seconds, *each]


def main() -> None:
    """Measure each size, then print the report; write it where asked."""
    asked = _arguments()
    sizes: list[Sized] = []
    model = None
    with tempfile.TemporaryDirectory() as passing:
        for records in sorted(int(each) for each in asked.sizes.split(",")):
            root = (asked.keep or Path(passing)) / str(records)
            sizes.append(measure_size(records, root, asked.runs_up_to, model))
            if sizes[-1].run:
                model = root / "var/work/model.json"
            say(f"{records:,} records measured")
        text = report(sizes)
    say(f"\n{text}")
    if asked.write:
        say(f"\nwritten to benchmarks/results/{write_report('speed', text).name}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed", description=__doc__)
    parser.add_argument("sizes", nargs="?", default=SIZES, help="numbers of records, with commas")
    parser.add_argument(
        "--runs-up-to", type=int, default=RUNS_UP_TO, help="above it, no whole `oneid run`"
    )
    parser.add_argument("--keep", type=Path, help="leave each size's project in this folder")
    parser.add_argument("--write", action="store_true", help="write benchmarks/results/speed.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()
