"""A small project with releases, made without a run: what the server is tested on."""

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import polars as pl

from core.files import sha256_of
from core.ids import mint_entity_id
from core.project import Project
from core.sql import STORAGE
from warehouse.changes import fill_changes
from warehouse.golden_log import log_releases
from warehouse.ledger import IdentityLedger, PublishedRelease, without_zone

DDL = Path(__file__).parents[2] / "warehouse/ddl"
BEGAN = datetime(2026, 11, 22, 8, tzinfo=UTC)
ANN, BO, CAI = (str(mint_entity_id(f"registration/R-{n}")) for n in (1, 2, 3))
EVENTS = pl.Schema(dict.fromkeys(("kind", "entity_id", "other_entity_id", "cause"), pl.String))
ROWS = pl.Schema(dict.fromkeys(("source", "source_record_id", "entity_id"), pl.String))
PEOPLE = {
    ANN: {"full_name": "Ann Fletcher", "email": "ann.fletcher@example.com",
          "phone": "+447911123456", "city": "Leeds", "loyalty_id": "L-100",
          "date_of_birth": "1984-03-07"},
    BO: {"full_name": "Bo Larsen", "email": "bo.larsen@example.com", "phone": "+13147010604",
         "city": "St. Louis", "wechat_unionid": "oUnion7", "date_of_birth": "1990-12-01"},
    CAI: {"full_name": "蔡明亮", "name_latin": "Cai Mingliang", "email": "cai@example.cn",
          "phone": "+8615041343524", "city": "北京", "date_of_birth": "1971-05-30"},
}  # fmt: skip
ROWS_OF = {
    ANN: [("registration", "R-1"), ("transaction", "T/1 é")],
    BO: [("registration", "R-2")],
    CAI: [("registration", "R-3"), ("social", "weibo:88")],
}
Events = list[tuple[str, str, str | None, str | None]]
Moves = list[tuple[str, str, str | None]]


def publish_people(  # noqa: PLR0913, PLR0917 - a release is all of these
    project: Project,
    number: int,
    people: dict[str, dict[str, str]],
    rows_of: dict[str, list[tuple[str, str]]],
    events: Events,
    moves: Moves,
    logged: bool = True,
) -> str:
    """Publish release `number` with these customers; its id.

    `logged`: whether the golden log has it, too, which a run killed at the wrong moment leaves out.
    """
    at = BEGAN + timedelta(minutes=number)
    release = f"{at:%Y%m%dT%H%M%SZ}-{number:08x}"
    ledger = IdentityLedger(project)
    last = ledger.last_release()
    file = project.releases / f"golden-{release}.duckdb"
    file.parent.mkdir(parents=True, exist_ok=True)
    told = pl.DataFrame(events, schema=EVENTS, orient="row")
    con = duckdb.connect(str(file), config=STORAGE)
    for part in ("golden", "identity", "quality"):
        con.execute((DDL / f"{part}.sql").read_text(encoding="utf-8"))
    for entity, values in people.items():
        _insert_customer(con, entity, values, rows_of[entity], at)
    stamped = pl.concat([ledger.history(), ledger.stamped(told, release, at)])
    con.register("stamped", stamped.to_arrow())
    con.execute("INSERT INTO identity.events BY NAME SELECT * FROM stamped ORDER BY sequence")
    con.unregister("stamped")
    base = project.releases / last.file if last else None
    fill_changes(con, base, release, at, None)
    con.execute("CREATE SCHEMA marts")
    con.execute("CREATE SCHEMA facts")
    con.execute(
        "CREATE TABLE facts.transactions AS SELECT source_record_id AS transaction_id, entity_id, "
        "'Secret Buyer' AS buyer_name, 12.5 AS amount FROM identity.crosswalk "
        "WHERE source = 'transaction'"
    )
    con.close()
    published = PublishedRelease(release, without_zone(at), file.name, sha256_of(file), "")
    ledger.append(published, pl.DataFrame(moves, schema=ROWS, orient="row"), told)
    content = {
        "release": release,
        "file": file.name,
        "sha256": published.sha256,
        "published_at": at.isoformat(),
    }
    draft = project.current_pointer.with_suffix(".draft")
    draft.write_text(json.dumps(content), encoding="utf-8")
    draft.replace(project.current_pointer)
    if logged:
        log_releases(project)
    return release


def _insert_customer(
    con: duckdb.DuckDBPyConnection,
    entity: str,
    values: dict[str, str],
    rows: list[tuple[str, str]],
    at: datetime,
) -> None:
    seen = without_zone(at)
    row = {
        "entity_id": entity,
        **values,
        "record_count": len(rows),
        "sources": sorted({source for source, _ in rows}),
        "last_seen_at": seen,
        "updated_at": seen,
        "confidence": 1.0,
    }
    marks = ", ".join("?" for _ in row)
    names = ", ".join(row)
    con.execute(f"INSERT INTO golden.customers ({names}) VALUES ({marks})", list(row.values()))
    for kind in ("email", "phone"):
        if kind in values:
            con.execute(
                "INSERT INTO golden.contact_points VALUES (?, ?, ?, true, ?, ?, ['registration'])",
                [entity, kind, values[kind], seen, seen],
            )
    for attribute, value in values.items():
        con.execute(
            "INSERT INTO golden.provenance VALUES (?, ?, ?, ?, ?, 'newest', ?)",
            [entity, attribute, value, *rows[0], json.dumps([{"value": "an old one"}])],
        )
    for source, key in rows:
        con.execute(
            "INSERT INTO identity.crosswalk VALUES (?, ?, ?, 'email', 0.99, ?)",
            [source, key, entity, key],
        )


def publish_first(project: Project) -> str:
    """Release 1: three customers."""
    events: Events = [("created", entity, None, "seen for the first time") for entity in PEOPLE]
    moves: Moves = [(*row, entity) for entity, rows in ROWS_OF.items() for row in rows]
    return publish_people(project, 1, PEOPLE, ROWS_OF, events, moves)


def publish_merge(project: Project, logged: bool = True) -> str:
    """Release 2: Bo turns out to be Ann, and Ann moved."""
    people = {ANN: {**PEOPLE[ANN], "city": "York"}, CAI: PEOPLE[CAI]}
    rows_of = {ANN: [*ROWS_OF[ANN], *ROWS_OF[BO]], CAI: ROWS_OF[CAI]}
    events: Events = [("merged", ANN, BO, "1 source row moved")]
    moves: Moves = [("registration", "R-2", ANN)]
    return publish_people(project, 2, people, rows_of, events, moves, logged)


def publish_erasure(project: Project) -> str:
    """Release 3: Cai is forgotten."""
    people = {ANN: {**PEOPLE[ANN], "city": "York"}}
    rows_of = {ANN: [*ROWS_OF[ANN], *ROWS_OF[BO]]}
    gone: Moves = [(*row, None) for row in ROWS_OF[CAI]]
    return publish_people(project, 3, people, rows_of, [("erased", CAI, None, "asked for")], gone)


def publish_elsewhere(project: Project, after: float) -> subprocess.Popen[bytes]:
    """Publish the merge `after` seconds from now in another process, as a run does."""
    code = (
        "import time; from pathlib import Path; from core.project import Project; "
        f"import serving_project; time.sleep({after}); "
        f"serving_project.publish_merge(Project(Path({str(project.root)!r})))"
    )
    paths = [str(Path(__file__).parent), str(Path(__file__).parents[2])]
    return subprocess.Popen(
        [sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": os.pathsep.join(paths)}
    )
