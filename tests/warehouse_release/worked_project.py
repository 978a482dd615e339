"""A project that has been worked on up to the audit: a candidate and the frames beside it."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from core.frames import write_frame
from core.project import Project
from resolution.identity.assigning import assign_entities
from warehouse.candidate import create_tables
from warehouse.changes import fill_changes
from warehouse.connection import create_candidate
from warehouse.ledger import IdentityLedger
from warehouse.release import Release, current_release, publish, sign_audit
from warehouse.retention import Retention

AT = datetime(2026, 3, 1, 5, 30, tzinfo=UTC)


def build_candidate(project: Project, release: str, clusters: dict[str, int]) -> Path:
    """Work on registrations whose key -> cluster is given; returns the unaudited candidate."""
    keys = list(clusters)
    members = pl.DataFrame(
        {
            "source": ["registration"] * len(keys),
            "source_record_id": keys,
            "record_id": range(len(keys)),
        }
    )
    ledger = IdentityLedger(project)
    previous = ledger.current_assignments()
    assignment = assign_entities(
        pl.DataFrame({"record_id": range(len(keys)), "cluster_id": clusters.values()}),
        members,
        previous,
        ledger.issued(),
    )
    write_frame(project.work, "changes", assignment.changes(previous))
    write_frame(project.work, "events", ledger.stamped(assignment.events, release, AT))
    candidate = project.work / "candidate.duckdb"
    with create_candidate(candidate) as con:
        create_tables(con, {})
        con.register("rows", assignment.rows.to_arrow())
        con.execute(
            "INSERT INTO identity.crosswalk SELECT *, 'single', 1.0, source_record_id "
            "FROM rows ORDER BY ALL"
        )
        con.execute(
            "INSERT INTO golden.customers (entity_id, full_name, city, record_count, sources, "
            "confidence) SELECT entity_id, 'bearer of ' || min(source_record_id), "
            "nullif(count(*), 1) || ' rows', count(*), ['registration'], 1 "
            "FROM rows GROUP BY entity_id ORDER BY entity_id"
        )
        base = current_release(project)
        fill_changes(con, base.file if base else None, release, AT, None)
    return candidate


def publish_clusters(
    project: Project,
    release: str,
    clusters: dict[str, int],
    at: datetime = AT,
    retention: Retention | None = None,
) -> Release:
    """Build, sign and publish a release of registrations whose key -> cluster is given."""
    candidate = build_candidate(project, release, clusters)
    sign_audit(project, candidate, passed=True, failures=[], run=f"run of {release}")
    return publish(project, candidate, release, at, f"input of {release}", retention)
