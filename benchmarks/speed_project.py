"""OneID's own run over synthetic persons: a project made, run, and its stages' times read."""

import re
import shutil
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import polars as pl

from benchmarks.measuring import Cost, run_process
from benchmarks.persons import make_persons
from benchmarks.product import COMMAND, environment
from core.project import Project

SOURCE: Final = "people"
PART: Final = 1_000_000
"""Records of a file."""
STAGE: Final = re.compile(r"^(?P<name>  gate|[a-z_]+) .* (?P<seconds>\d+\.\d) s$")


@dataclass(frozen=True)
class StageTimes:
    """Seconds of each stage of `oneid run`, gates under the stage they judge; and the whole."""

    stages: dict[str, float]
    whole: Cost
    published: bool


def make_speed_project(records: int, seed: int, root: Path) -> None:
    """A project of `records` synthetic persons in one source, its spec drafted by `oneid init`."""
    folder = root / "landing" / SOURCE
    folder.mkdir(parents=True)
    persons = make_persons(records, seed).drop("entity_id")
    for number, part in enumerate(persons.iter_slices(PART)):
        part.write_parquet(folder / f"records-{number:02}.parquet")
    del persons
    ended = run_process([*COMMAND, "init", str(root)], root / "init.log", environment())
    if ended.code:
        sys.exit(f"bench-speed: oneid init failed\n{ended.output}")


def run_stages(root: Path) -> StageTimes:
    """`oneid run` on the project. A release that a gate refused counts as run to its end."""
    command = [*COMMAND, "run", "--project", str(root)]
    ended = run_process(command, root / "run.log", environment())
    stages = stage_seconds(ended.output)
    if "scored_pairs" not in stages:
        sys.exit(f"bench-speed: oneid run failed\n{ended.output}")
    return StageTimes(stages, ended.cost, ended.code == 0)


def stage_seconds(log: str) -> dict[str, float]:
    """Seconds by stage from what `oneid run` prints; `<stage> gate` for the gate behind it."""
    found: dict[str, float] = {}
    last = ""
    for line in log.splitlines():
        read = STAGE.match(line.rstrip())
        if read is None:
            continue
        name = read["name"].strip()
        if name == "gate":
            name = f"{last} gate"
        else:
            last = name
        found[name] = found.get(name, 0.0) + float(read["seconds"])
    return found


def standardise_only(root: Path, model: Path) -> Cost:
    """Land and standardise the project's records, for the sizes at which nobody waits for the
    whole run; its weights are those of `model`, another run's model.json."""
    cost = standardise_files(root)
    (root / "var/work/model.json").write_bytes(model.read_bytes())
    return cost


def standardise_files(root: Path) -> Cost:
    """Land and standardise the project's records, each file in a process of its own. Costs all of
    them: seconds are summed, the peak is the largest."""
    costs = []
    for part in range(len(list((root / "landing" / SOURCE).iterdir()))):
        code = (
            f"from benchmarks.speed_project import standardise; standardise({str(root)!r}, {part})"
        )
        ended = run_process([sys.executable, "-c", code], root / "standardise.log", environment())
        if ended.code:
            sys.exit(f"bench-speed: standardising failed\n{ended.output}")
        costs.append(ended.cost)
    peaks = [each.megabytes for each in costs if each.megabytes is not None]
    return Cost(sum(each.seconds for each in costs), max(peaks, default=None))


def standardise(root: str, part: int) -> None:
    """Adds one file's records to the frames of the stage standardised, as a delivery does."""
    from core.frames import add_segment, begin_frames
    from resolution.model import load_model
    from resolution.records.making import build_records
    from sources.ingest import ingest
    from sources.landed import LandedStore, landed_path
    from sources.spec import load_specs

    project = Project(Path(root).resolve())
    specs = load_specs(project)
    delivery = Project(project.root / f"part-{part}")
    file = sorted((project.landing / SOURCE).iterdir())[part]
    (delivery.landing / SOURCE).mkdir(parents=True)
    (delivery.landing / SOURCE / file.name).hardlink_to(file)
    ingest(delivery, specs, datetime.now(UTC))
    with LandedStore(landed_path(delivery), read_only=True) as store:
        frames, _ = build_records(store, specs, load_model(project))
    if part == 0:
        begin_frames(project.work, None)
    number = pl.col("record_id") + part * PART
    add_segment(
        project.work,
        {
            name: frame.with_columns(number) if "record_id" in frame.columns else frame
            for name, frame in frames.segment().items()
        },
    )
    shutil.rmtree(delivery.root)
