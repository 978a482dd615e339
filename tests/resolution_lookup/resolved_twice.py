"""A sample resolved twice, so that its records lie in two segments and some are no more."""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl

from assets.entities import assign_lasting_ids
from assets.make_records import make_records
from assets.run_sheet import new_run_sheet
from assets.trained_model import match_project
from core.project import Project
from resolution.kept import FREQUENCIES, Kept, keep_for
from resolution.lookup.who import Lookup
from resolution.records.making import landed_rows, scored_sources
from resolution.records.observations import canonical_rows
from sources.ingest import ingest
from sources.landed import LandedStore, landed_path
from sources.spec import SourceSpec, load_specs
from warehouse.ledger import IdentityLedger, PublishedRelease

AT = datetime(2026, 7, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Resolved:
    """What is kept of a release, and what was delivered to it."""

    project: Project
    kept: Kept
    specs: dict[str, SourceSpec]
    lookup: Lookup

    def written(self, source: str) -> pl.DataFrame:
        """The rows of a source as delivered: `key` and canonical attributes."""
        with LandedStore(landed_path(self.project), read_only=True) as store:
            rows = landed_rows(store, self.specs[source])
        return canonical_rows(rows, self.specs[source]).sort("key", "at")

    def scored(self) -> list[str]:
        """The sources whose rows are matched."""
        return [spec.name for spec in scored_sources(self.specs)]


def resolve(project: Project, number: int) -> Kept:
    """One run on the base of the one before; what is kept of it."""
    at, base = AT + timedelta(days=number), f"r{number - 1}" if number else ""
    ingest(project, load_specs(project), at)
    new_run_sheet("run", at, str(number), full=False, base=base).write(project)
    make_records(project)
    match_project(project, retrain=False)
    assign_lasting_ids(project)
    changes, events = (
        pl.read_parquet(project.work / f"{x}.parquet") for x in ("changes", "events")
    )
    release = f"r{number}"
    published = PublishedRelease(release, at.replace(tzinfo=None), release, release, "")
    IdentityLedger(project).append(published, changes, events.with_columns(release=pl.lit(release)))
    return keep_for(project, release)


def pin(project: Project, kept: Kept) -> None:
    """Make the model of a run the project's own, so that no later run trains."""
    target = project.root / "model"
    target.mkdir()
    for name in ("model.json", "customer.json", "large_blocks.parquet"):
        shutil.copyfile(kept.folder / name, target / name)
    shutil.copytree(kept.folder / FREQUENCIES, target / FREQUENCIES)


def correct_phones(project: Project) -> None:
    """Deliver twenty registrations again, each with another phone."""
    file = next((project.landing / "registration").glob("*.csv"))
    rows = pl.read_csv(file, infer_schema=False).head(20)
    newer = rows.with_columns(phone=pl.format("+4474661456{}", pl.int_range(10, 30)))
    newer = newer.with_columns(updated_at=pl.lit("2026-08-01T00:00:00Z"))
    newer.write_csv(file.with_name("later.csv"))
