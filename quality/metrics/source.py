"""Figures about one source: what was delivered since the last release, and what is known of it."""

from datetime import UTC, datetime
from typing import Any

import duckdb
import polars as pl

from core.project import Project
from core.sql import quoted
from sources.deliveries import lists_withdrawn_keys
from sources.spec import SourceSpec
from sources.standing import oldest_first
from sources.versions import table
from warehouse.release import current_release

_FIRST_WITHDRAWN = """
WITH later AS (
    SELECT min(delivery) AS first FROM (
        SELECT source, delivery, delivered_at FROM files
        UNION ALL SELECT source, delivery, delivered_at FROM snapshots
        UNION ALL SELECT source, _delivery, restated_at FROM restated)
    WHERE source = $source AND delivered_at > $since::TIMESTAMP)
SELECT first, EXISTS (FROM {table} WHERE _withdrawal IS NOT NULL AND _delivery >= first)
    OR EXISTS (FROM restated WHERE source = $source AND _delivery >= first)
FROM later
"""
"""The number of the first delivery (or change of what was delivered) after a time, and whether
anything since then may withdraw rows."""

_WITHDRAWN_SHARE = """
WITH restated_since AS (
    SELECT DISTINCT _key FROM restated WHERE source = $source AND _delivery >= $first
), touched AS (
    SELECT _key FROM {table} WHERE _delivery >= $first UNION FROM restated_since
), known AS (
    -- a value may withdraw now that did not when the last release was made
    SELECT _key, last(
        _withdrawal IS NULL OR (_withdrawal = 'value' AND _key IN (FROM restated_since))
        ORDER BY {oldest_first}) AS lived
    FROM {table} SEMI JOIN touched USING (_key) WHERE _delivery < $first GROUP BY _key
), compared AS (
    SELECT _key NOT IN (SELECT _key FROM {table} WHERE _current) AS gone FROM known WHERE lived
), others AS (
    SELECT count(*) AS rows FROM {table} ANTI JOIN touched USING (_key) WHERE _current
)
SELECT count(*) FILTER (gone) / nullif(count(gone) + any_value(others.rows), 0)
FROM others LEFT JOIN compared ON true
"""
"""Of what was current before the delivery `$first`, the share that is not any more."""


def measure_source(
    project: Project, spec: SourceSpec, landed: duckdb.DuckDBPyConnection
) -> pl.DataFrame:
    """One row of figures; `landed` is a connection to the landed store.

    About the deliveries since the last release, of each file its newest delivery, those of them
    that still lie in the landing folder; null when there is none: `delivered_files`,
    `refused_files` (unreadable as a whole); of the readable ones `delivered_rows`,
    `quarantined_rows`, `usable_rows`, `quarantined_share`, and `quarantined_share_of_many`, null
    below five quarantined rows, where a share says little. A source of which nothing but
    unreadable files ever came has delivered 0 rows. A list of withdrawn keys without a key counts
    for nothing.
    About what was known at the last release: `withdrawn_share`, of its rows those that were taken
    back since; null before the first release, or where nothing was known.
    About all current rows: `rows`, `identified_share` (with an identity value beside the key),
    `present_<field>` (share of rows that have it); shares are null without rows.
    """
    release = current_release(project)
    since = release.published_at.astimezone(UTC).replace(tzinfo=None) if release else None
    known = _known(spec, landed)
    known["withdrawn_share"] = _withdrawn_share(spec, landed, since) if since else None
    delivered = _delivered(project, spec, landed, since)
    if delivered["delivered_files"] and not known["rows"]:
        nothing = {"delivered_rows": 0, "usable_rows": 0}
        delivered |= {name: delivered[name] or zero for name, zero in nothing.items()}
    return pl.DataFrame([delivered | known], infer_schema_length=None)


def _delivered(
    project: Project,
    spec: SourceSpec,
    landed: duckdb.DuckDBPyConnection,
    since: datetime | None,
) -> dict[str, float | None]:
    files = [
        row
        for row in landed.execute(
            """
            SELECT file, rows, landed + repeated AS usable, reason IS NOT NULL AS refused
            FROM files WHERE source = $source
                AND delivered_at > coalesce($since::TIMESTAMP, '-infinity'::TIMESTAMP)
            QUALIFY row_number() OVER (PARTITION BY file ORDER BY delivery DESC) = 1
            """,
            {"source": spec.name, "since": since},
        ).fetchall()
        if (project.landing / spec.folder / row[0]).exists()
        and (row[1] or row[3] or not lists_withdrawn_keys(row[0]))
    ]
    names = ("delivered_rows", "quarantined_rows", "usable_rows")
    shares = ("quarantined_share", "quarantined_share_of_many")
    readable = [file for file in files if not file[3]]
    counted = {"delivered_files": len(files), "refused_files": len(files) - len(readable)}
    if not readable:
        return counted | dict.fromkeys((*names, *shares))
    rows = sum(file[1] for file in readable)
    usable = sum(file[2] for file in readable)
    share = (rows - usable) / rows if rows else None
    return counted | {
        "delivered_rows": rows,
        "quarantined_rows": rows - usable,
        "usable_rows": usable,
        "quarantined_share": share,
        "quarantined_share_of_many": share if rows - usable >= 5 else None,
    }


def _withdrawn_share(
    spec: SourceSpec, landed: duckdb.DuckDBPyConnection, since: datetime
) -> float | None:
    """Of the rows that were current at the time `since`, the share withdrawn by now."""
    values = {"source": spec.name, "since": since}
    try:
        found: Any = landed.execute(_FIRST_WITHDRAWN.format(table=table(spec.name)), values)
    except duckdb.CatalogException:  # nothing of this source has ever landed
        return None
    first, withdraws = found.fetchall()[0]
    if not withdraws:
        return 0.0
    asked = _WITHDRAWN_SHARE.format(table=table(spec.name), oldest_first=oldest_first(spec))
    share: float | None = landed.execute(asked, {"first": first, "source": spec.name}).fetchall()[
        0
    ][0]
    return share


def _known(spec: SourceSpec, landed: duckdb.DuckDBPyConnection) -> dict[str, float | None]:
    """Figures about the newest version of every row."""
    identity = sorted({field for fields in spec.identity.values() for field in fields} - {spec.key})
    named = " OR ".join(f"{quoted(field)} IS NOT NULL" for field in identity) or "true"
    present = ", ".join(
        f"count({quoted(field)}) / nullif(count(*), 0) AS {quoted(f'present_{field}')}"
        for field in spec.fields
    )
    asked = f"count(*) AS rows, avg(CAST({named} AS INTEGER)) AS identified_share, {present}"
    try:
        answer: Any = landed.execute(f"SELECT {asked} FROM {quoted('current', spec.name)}")
    except duckdb.CatalogException:  # nothing of this source has ever landed
        nothing = dict.fromkeys(["identified_share", *(f"present_{each}" for each in spec.fields)])
        return {"rows": 0} | nothing
    columns = [column[0] for column in answer.description]
    return dict(zip(columns, answer.fetchall()[0], strict=True))
