"""A small healthy project after each stage, to be broken one way at a time."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from core.frames import (
    add_segment,
    begin_frames,
    frame_files,
    frame_sql,
    scan_frame,
    write_frame,
)
from core.ids import mint_entity_id
from core.project import Project
from warehouse.candidate import create_tables
from warehouse.connection import create_candidate
from warehouse.ledger import IdentityLedger

AT = datetime(2026, 3, 1, 5, 30, tzinfo=UTC)
PEOPLE = 60


def two_each(people: int = PEOPLE) -> list[int]:
    """The clusters of two records for each of `people`."""
    return [person for person in range(people) for _ in range(2)]


def write_frames(project: Project, clusters: Sequence[int], pairs: int | None = None) -> None:
    """The frames up to `entities`; record n is registration n, its entity that of its cluster."""
    numbers = range(len(clusters))
    ids = {cluster: str(mint_entity_id(f"cluster {cluster}")) for cluster in clusters}
    rows = {"source": "registration", "source_record_id": [str(n) for n in numbers]}
    by_record = {
        "records": pl.DataFrame({"record_id": numbers, "source": "registration"}),
        "members": pl.DataFrame({**rows, "record_id": numbers}),
        "values": pl.DataFrame(
            {
                "record_id": numbers,
                "attribute": "email",
                "value": [f"a{n}@example.org" for n in numbers],
                "written": [f"A{n}@example.org" for n in numbers],
            }
        ),
    }
    whole = {
        "entities": pl.DataFrame(
            {
                "record_id": numbers,
                "cluster_id": clusters,
                "entity_id": [ids[cluster] for cluster in clusters],
            }
        ),
        "pairs": pl.DataFrame(
            {"match_weight": 9.0, "status": ["link"] * (len(clusters) if pairs is None else pairs)},
            schema={"match_weight": pl.Float64, "status": pl.String},
        ),
    }
    begin_frames(project.work, None)
    add_segment(project.work, by_record)
    for name, frame in whole.items():
        write_frame(project.work, name, frame)


def change_frame(
    project: Project, name: str, change: Callable[[pl.DataFrame], pl.DataFrame]
) -> None:
    (file,) = frame_files(project.work, name)
    change(pl.read_parquet(file)).write_parquet(file)


def write_candidate(project: Project, *breaking: str) -> Path:
    """The candidate of the frames, then changed by the SQL statements in `breaking`."""
    entities = scan_frame(project.work, "entities").collect()
    rows = scan_frame(project.work, "members").collect().join(entities, on="record_id")
    write_frame(
        project.work,
        "changes",
        rows.select("source", "source_record_id", "entity_id").sort(pl.all()),
    )
    events = pl.DataFrame(
        {"entity_id": sorted(set(entities["entity_id"])), "kind": "created"}
    ).with_columns(other_entity_id=pl.lit(None, pl.String), cause=pl.lit("test"))
    write_frame(project.work, "events", IdentityLedger(project).stamped(events, "r1", AT))
    candidate = project.work / "candidate.duckdb"
    with create_candidate(candidate) as con:
        create_tables(con, {})
        for name in ("members", "entities", "values", "events"):
            con.execute(f'CREATE VIEW work."{name}" AS {frame_sql(project.work, name)}')
        con.execute((Path(__file__).parent / "candidate.sql").read_text(encoding="utf-8"))
        for statement in breaking:
            con.execute(statement)
    return candidate
