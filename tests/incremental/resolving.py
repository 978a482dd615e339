"""The stages up to the identities as a job runs them, without gates or a release's file."""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl

from assets.entities import assign_lasting_ids
from assets.make_records import make_records
from assets.run_sheet import new_run_sheet
from assets.trained_model import match_project
from benchmarks.batches import Rows, landed_rows
from core.frames import scan_frame
from core.project import Project
from pipelines.cli.sample import write_sample
from resolution.kept import FREQUENCIES, forget_others, keep_for
from sources.ingest import ingest
from sources.spec import OWN_SPECS, load_spec, load_specs
from warehouse.ledger import IdentityLedger, PublishedRelease

AT = datetime(2026, 7, 1, tzinfo=UTC)
ROW = ("source", "source_record_id")


class Resolving:
    """A project that is resolved delivery by delivery."""

    def __init__(self, root: Path, pinned: Path | None = None) -> None:
        self.project = Project(root)
        self.project.landing.mkdir(parents=True, exist_ok=True)
        if pinned:
            shutil.copytree(pinned, root / "model")
        self.release = ""
        self.number = 0

    def deliver(self, rows: Mapping[str, pl.DataFrame]) -> None:
        """Put rows into landing/, a file a source."""
        self._put(rows, "csv")

    def withdraw(self, keys: Mapping[str, Sequence[str]]) -> None:
        """Put lists of withdrawn keys into landing/."""
        lists = {
            name: pl.DataFrame({load_spec(OWN_SPECS / f"{name}.yml").key: found})
            for name, found in keys.items()
        }
        self._put(lists, "withdrawn.csv")

    def _put(self, frames: Mapping[str, pl.DataFrame], kind: str) -> None:
        for source, frame in frames.items():
            folder = self.project.landing / source
            folder.mkdir(exist_ok=True)
            frame.write_csv(folder / f"{self.number:03}.{kind}")

    def say(self, source: str, setting: str) -> None:
        """Add a setting to the source's own spec."""
        self.project.specs.mkdir(exist_ok=True)
        spec = (OWN_SPECS / f"{source}.yml").read_text(encoding="utf-8")
        (self.project.specs / f"{source}.yml").write_text(f"{spec}{setting}\n", encoding="utf-8")

    def resolve(self, full: bool = False) -> None:
        """One run, on the base of the one before; `full`: on none."""
        project, at = self.project, AT + timedelta(days=self.number)
        ingest(project, load_specs(project), at)
        base = "" if full else self.release
        new_run_sheet("run", at, str(self.number), full=full, base=base).write(project)
        make_records(project)
        match_project(project, retrain=full)
        assign_lasting_ids(project)
        release = f"r{self.number:03}"
        changes, events = (pl.read_parquet(project.work / f"{x}.parquet") for x in self._signed)
        events = events.with_columns(release=pl.lit(release))
        published = PublishedRelease(release, at.replace(tzinfo=None), release, release, "")
        IdentityLedger(project).append(published, changes, events)
        keep_for(project, release)
        forget_others(project, release)
        self.release, self.number = release, self.number + 1

    _signed = ("changes", "events")

    def entities(self) -> dict[tuple[str, str], str]:
        """Row -> its entity."""
        entities = scan_frame(self.project.work, "entities").select("record_id", "entity_id")
        rows = scan_frame(self.project.work, "members").join(entities, on="record_id").collect()
        found = {(a, b): c for a, b, c in rows.select(*ROW, "entity_id").iter_rows()}
        assert len(found) == rows.height
        return found

    def partition(self) -> set[frozenset[tuple[str, str]]]:
        """Which rows are together."""
        return together(self.entities())

    def pin(self, target: Path) -> Path:
        """Keep the model of the last run as a project's own."""
        kept = self.project.state / "matching" / self.release
        target.mkdir()
        for name in ("model.json", "customer.json", "large_blocks.parquet"):
            shutil.copyfile(kept / name, target / name)
        shutil.copytree(kept / FREQUENCIES, target / FREQUENCIES)
        return target


def together(entities: Mapping[tuple[str, str], str]) -> set[frozenset[tuple[str, str]]]:
    """The rows of each entity."""
    rows: dict[str, set[tuple[str, str]]] = {}
    for row, entity in entities.items():
        rows.setdefault(entity, set()).add(row)
    return {frozenset(found) for found in rows.values()}


def at_once(rows: Rows, root: Path, model: Path) -> "Resolving":
    """A project of its own that gets these rows in one delivery."""
    resolving = Resolving(root, model)
    resolving.deliver(rows)
    resolving.resolve()
    return resolving


@dataclass(frozen=True)
class Shop:
    """What every test of this folder starts from."""

    rows: Rows
    model: Path
    whole: set[frozenset[tuple[str, str]]]
    """Which rows are together when all are delivered at once."""


def shop_of(root: Path, customers: int, seed: int) -> Shop:
    """A sample's rows, a model trained on all of them, and what it makes of them at once."""
    write_sample(root / "sample", customers, seed)
    trained = Resolving(root / "sample")
    trained.resolve()
    rows, model = landed_rows(trained.project), trained.pin(root / "model")
    return Shop(rows, model, at_once(rows, root / "whole", model).partition())
