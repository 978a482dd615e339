"""A shop in miniature: landed rows and frames written down by hand, built into a candidate."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest

from core.frames import DROPPED, SEGMENTED, SEGMENTS, write_frame
from core.project import Project
from core.sql import quoted
from resolution.golden.customers import choose_golden_values
from resolution.model import CustomerModel, load_model
from resolution.visitors.recognising import recognise_visitors
from sources.spec import OWN_SPECS, SourceSpec, load_spec
from warehouse.candidate import create_tables, drop_touched, fill_identity, fill_quarantine
from warehouse.connection import (
    attach_frames,
    attach_landed,
    continue_candidate,
    create_candidate,
    open_candidate,
)
from warehouse.facts import TYPES, fill_facts
from warehouse.mart_build import build_marts
from warehouse.mart_settings import MartSettings, load_mart_settings

DEFAULT_SOURCES = ("feedback", "registration", "social", "transaction", "web_behaviour")

FRAMES = {
    "records": "record_id BIGINT, source VARCHAR, subject VARCHAR, rows BIGINT, "
    "first_seen_at TIMESTAMPTZ, last_seen_at TIMESTAMPTZ",
    "members": 'source VARCHAR, source_record_id VARCHAR, record_id BIGINT, "at" TIMESTAMPTZ',
    "values": "record_id BIGINT, observation BIGINT, attribute VARCHAR, value VARCHAR, "
    "written VARCHAR, source VARCHAR, source_record_id VARCHAR, first_seen_at TIMESTAMPTZ, "
    "observed_at TIMESTAMPTZ, rows BIGINT, verified BOOLEAN, reason VARCHAR",
    "visitors": "source VARCHAR, source_record_id VARCHAR, attribute VARCHAR, value VARCHAR, "
    "session VARCHAR, rows BIGINT, last_seen_at TIMESTAMPTZ",
    "told_pairs": "record_id_l BIGINT, record_id_r BIGINT, match_weight DOUBLE, "
    "match_probability DOUBLE, linkable BOOLEAN, status VARCHAR, why VARCHAR",
    "entities": "record_id BIGINT, cluster_id BIGINT, entity_id VARCHAR, matched_by VARCHAR, "
    "match_probability DOUBLE",
    "events": 'sequence BIGINT, "at" TIMESTAMPTZ, release VARCHAR, kind VARCHAR, '
    "entity_id VARCHAR, other_entity_id VARCHAR, cause VARCHAR",
    "changed_rows": "source VARCHAR, source_record_id VARCHAR",
    "touched_records": "record_id BIGINT, gone BOOLEAN",
    "touched_entities": "entity_id VARCHAR",
}


@cache
def own_spec(name: str) -> SourceSpec:
    return load_spec(OWN_SPECS / f"{name}.yml")


@cache
def own_model() -> CustomerModel:
    return load_model(Project(Path("/nowhere")))


@dataclass
class Shop:
    """What a project holds before its golden stage."""

    project: Project
    sources: tuple[str, ...] = DEFAULT_SOURCES
    specs: dict[str, SourceSpec] = field(default_factory=dict)
    frames: dict[str, list[list[Any]]] = field(default_factory=lambda: {f: [] for f in FRAMES})
    gone: list[int] = field(default_factory=list)
    landed: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    quarantine: list[list[Any]] = field(default_factory=list)
    model: CustomerModel | None = None
    settings: MartSettings | None = None

    def __post_init__(self) -> None:
        own = {name: own_spec(name) for name in self.sources}
        self.specs = own | self.specs

    def lands(self, source: str, /, **row: Any) -> None:
        """A row of a source nobody is known for."""
        self.landed.setdefault(source, []).append(row)

    def knows(self, entity: str, source: str, /, **row: Any) -> int:
        """A row of a source that is a record of `entity`; returns its record_id."""
        spec = self.specs[source]
        self.lands(source, **row)
        key, at = row[spec.key], f"{row[spec.time or '']} 00:00:00+00"
        number = len(self.frames["records"])
        self.frames["records"].append([number, source, key, 1, at, at])
        self.frames["members"].append([source, key, number, at])
        self.frames["entities"].append([number, number, entity, "email", None])
        for attribute, (name, *_) in spec.identity.items():
            if row.get(name):
                self.frames["values"].append(
                    [number, number, attribute, row[name], row[name], source, key, at, at, 1,
                     True, None]
                )  # fmt: skip
        return number

    def withdraws(self, source: str, key: str) -> None:
        """The row is no longer there, and its record is gone."""
        spec = self.specs[source]
        self.landed[source] = [row for row in self.landed[source] if row[spec.key] != key]
        (number,) = (row[0] for row in self.frames["records"] if row[1:3] == [source, key])
        self.frames["entities"] = [row for row in self.frames["entities"] if row[0] != number]
        self.gone.append(number)

    def build(self, base: Path | None = None) -> Path:
        """The candidate, its marts included; with `base` as a copy of that, in which what the
        frames say is touched is made anew."""
        target = self.project.work / "candidate.duckdb"
        self._write()
        touched_only = base is not None
        begun = continue_candidate(target, base) if base else create_candidate(target)
        with begun as con:
            if base is None:
                create_tables(con, self.specs)
            attach_frames(con, self.project.work, touched_only)
            attach_landed(con, self.project.state / "landed.duckdb")
            if base:
                drop_touched(con)
            choose_golden_values(con, self.model or own_model())
            recognise_visitors(con, self.specs)
            fill_identity(con)
            fill_facts(con, self.specs, touched_only)
            fill_quarantine(con)
        with open_candidate(target) as con:
            build_marts(con, self.specs, self.settings or load_mart_settings(self.project))
        return target

    def _write(self) -> None:
        segment = self.project.work / SEGMENTS / "000"
        segment.mkdir(parents=True, exist_ok=True)
        self.project.state.mkdir(parents=True, exist_ok=True)
        (self.project.state / "landed.duckdb").unlink(missing_ok=True)
        with duckdb.connect(str(self.project.state / "landed.duckdb")) as con:
            con.execute(
                "CREATE SCHEMA current; CREATE TABLE quarantine (source VARCHAR, file VARCHAR, "
                "row_number BIGINT, reason VARCHAR, raw VARCHAR, delivered_at TIMESTAMP)"
            )
            _insert(con, "quarantine", self.quarantine)
            for spec in self.specs.values():
                self._land(con, spec)
        with duckdb.connect() as con:
            con.execute("SET TimeZone = 'UTC'")
            for name, columns in FRAMES.items():
                folder = segment if name in SEGMENTED else self.project.work
                con.execute(f"CREATE TABLE {quoted(name)} ({columns})")
                _insert(con, quoted(name), self.frames[name])
                con.execute(f"COPY {quoted(name)} TO '{folder / name}.parquet'")

        dropped = pl.DataFrame({"record_id": self.gone}, schema={"record_id": pl.Int64})
        write_frame(self.project.work, DROPPED, dropped)

    def _land(self, con: duckdb.DuckDBPyConnection, spec: SourceSpec) -> None:
        columns = {name: TYPES.get(item.type, "VARCHAR") for name, item in spec.fields.items()}
        columns |= {"extra": "VARCHAR", "_file": "VARCHAR", "_row_number": "BIGINT"}
        listed = ", ".join(f"{quoted(name)} {kind}" for name, kind in columns.items())
        con.execute(f"CREATE TABLE current.{spec.name} ({listed})")
        rows = [[row.get(name) for name in columns] for row in self.landed.get(spec.name, [])]
        _insert(con, f"current.{spec.name}", rows)


def _insert(con: duckdb.DuckDBPyConnection, table: str, rows: list[list[Any]]) -> None:
    for row in rows:
        con.execute(f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row)


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(Project(tmp_path))


@pytest.fixture(scope="session")
def empty_candidate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A candidate with the five default sources and no row."""
    built = Shop(Project(tmp_path_factory.mktemp("empty"))).build()
    with duckdb.connect(str(built), read_only=True) as con:
        yield con


@pytest.fixture
def ask() -> Any:
    """Rows that a query finds in a built candidate."""

    def rows(built: Path, query: str) -> list[tuple[Any, ...]]:
        with duckdb.connect(str(built), read_only=True) as con:
            return con.execute(query).fetchall()

    return rows


@pytest.fixture
def make_shop(tmp_path: Path) -> Any:
    """A shop with other sources than the default ones."""

    def made(*sources: str, **specs: SourceSpec) -> Shop:
        return Shop(Project(tmp_path), sources, specs)

    return made
