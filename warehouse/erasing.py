"""Takes erased rows and persons out of the ledger, the golden log, and the releases before."""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import polars as pl

from core.project import Project
from core.sql import quoted
from sources.erasures import ERASED, RowHashes
from sources.rewriting import rewrite_database
from sources.spec import SourceSpec
from warehouse.changes import value_columns
from warehouse.golden_log import golden_log_file
from warehouse.ledger import IdentityLedger
from warehouse.release import open_current
from warehouse.waiting import attach, opened

_ROW = ("source", "source_record_id")


def rows_of(
    project: Project, specs: dict[str, SourceSpec], entities: Sequence[str]
) -> pl.DataFrame:
    """source, source_record_id: every row of these customers that the ledger or the current release
    knows: their records' rows, also of those retired, their events, and those of their browsers."""
    ledger = IdentityLedger(project)
    held = pl.concat([ledger.current_assignments(), ledger.departed()])
    parts = [held.filter(pl.col("entity_id").is_in(list(entities))).select(_ROW)]
    with open_current(project) as con:
        for name, spec in sorted(specs.items()):
            if spec.facts and _is_there(con, spec.facts):
                keys = con.execute(_events_sql(spec), {"ids": list(entities)}).fetchall()
                rows = {"source": [name] * len(keys), "source_record_id": [x for (x,) in keys]}
                parts.append(pl.DataFrame(rows, schema=dict.fromkeys(_ROW, pl.String)))
    return pl.concat(parts).unique().sort(_ROW)


def _events_sql(spec: SourceSpec) -> str:
    browsers = "false"
    if spec.recognise_by and spec.subject:
        subject = ", ".join(f"{quoted(name)}::VARCHAR" for name in spec.subject)
        browsers = (
            f"concat_ws('/', {subject}) IN (SELECT source_record_id FROM identity.crosswalk "
            f"WHERE source = '{spec.name}' AND list_contains($ids, entity_id))"
        )
    return (
        f"SELECT {quoted(spec.key)}::VARCHAR FROM facts.{quoted(spec.facts)} "
        f"WHERE list_contains($ids, entity_id) OR {browsers}"
    )


def _is_there(con: duckdb.DuckDBPyConnection, table: str) -> bool:
    found = con.execute(
        "SELECT 1 FROM duckdb_tables() WHERE schema_name = 'facts' AND table_name = ?", [table]
    )
    return bool(found.fetchall())


def concerned_by(
    project: Project, hashes: RowHashes, rows: frozenset[str], entities: Sequence[str]
) -> list[str]:
    """Every id whose golden values may be from these rows: it held one of them at any time, is one
    of `entities`, or was merged into one that is."""
    ledger = IdentityLedger(project)
    if not ledger.file.is_file():
        return sorted(entities)
    with opened(ledger.file, read_only=True) as con:
        ever: pl.DataFrame = con.sql("SELECT DISTINCT * EXCLUDE (release) FROM assignments").pl()
    held = hashes.among(ever.drop_nulls("entity_id"), rows).get_column("entity_id")
    found = {*entities, *held}
    merged = ledger.redirects().filter(pl.col("living_entity_id").is_in(sorted(found)))
    return sorted(found | set(merged.get_column("entity_id")))


def told_as_erased(
    project: Project,
    events: pl.DataFrame,
    hashes: RowHashes,
    rows: frozenset[str],
    named: Sequence[str],
) -> pl.DataFrame:
    """`events` (kind, entity_id, other_entity_id, cause) with `erased` in place of `retired` for
    customers all of whose rows are erased, and for those `named` that had none left before."""
    ledger = IdentityLedger(project)
    previous = ledger.current_assignments()
    erased = hashes.among(previous, rows)
    left = previous.join(erased, on=list(_ROW), how="anti").get_column("entity_id")
    gone = set(erased.get_column("entity_id")) - set(left) | set(named)
    retired = (pl.col("kind") == "retired") & pl.col("entity_id").is_in(sorted(gone))
    before = ledger.history().filter(pl.col("kind") == ERASED).get_column("entity_id")
    told = set(events.filter(retired).get_column("entity_id"))
    there = set(previous.get_column("entity_id"))
    silent = [x for x in sorted(named) if x not in told and x not in there and x not in set(before)]
    cause = pl.lit("on request")
    changed = events.with_columns(
        kind=pl.when(retired).then(pl.lit(ERASED)).otherwise("kind"),
        cause=pl.when(retired).then(cause).otherwise("cause"),
    )
    added = pl.DataFrame({"entity_id": silent}, schema={"entity_id": pl.String}).select(
        kind=pl.lit(ERASED),
        entity_id="entity_id",
        other_entity_id=pl.lit(None, pl.String),
        cause=cause,
    )
    return pl.concat([changed, added])


def begin_anew(
    con: duckdb.DuckDBPyConnection, concerned: Sequence[str], release: str, at: object
) -> None:
    """Have golden.changes of the candidate say nothing of what these customers' values were: of
    those that live, the values they have now, as if they had just come."""
    con.execute("DELETE FROM golden.changes WHERE list_contains(?, entity_id)", [list(concerned)])
    for name in value_columns(con, "golden.customers"):
        con.execute(
            f"INSERT INTO golden.changes SELECT ?, ?, entity_id, ?, NULL, {quoted(name)}::VARCHAR "
            "FROM golden.customers "
            f"WHERE list_contains(?, entity_id) AND {quoted(name)} IS NOT NULL",
            [release, at, name, list(concerned)],
        )


def forget_in_ledger(project: Project, hashes: RowHashes, rows: frozenset[str]) -> None:
    """Take the keys of erased rows out of the ledger. Ids and events stay: they say no more than
    that somebody was there."""
    file = IdentityLedger(project).file
    with opened(file, read_only=False) as con:
        ever: pl.DataFrame = con.sql(
            "SELECT DISTINCT source, source_record_id FROM assignments"
        ).pl()
        con.register("erased_rows", hashes.among(ever, rows).to_arrow())
        con.execute(
            "DELETE FROM assignments USING erased_rows e WHERE assignments.source = e.source "
            "AND assignments.source_record_id = e.source_record_id"
        )
        con.unregister("erased_rows")
    rewrite_database(file)


def forget_in_log(project: Project, concerned: Sequence[str]) -> None:
    """Have the golden log begin anew for these customers, with what the current release, which must
    be the last that is logged, says of them."""
    releases = IdentityLedger(project).releases()
    last, number, file = releases[-1], len(releases), golden_log_file(project)
    if not file.is_file():
        return
    with opened(file, read_only=False) as con:
        attach(con, project.releases / last.file, "current_release")
        con.execute("BEGIN")
        con.execute("DELETE FROM changes WHERE list_contains(?, entity_id)", [list(concerned)])
        con.execute(
            'INSERT INTO changes SELECT ?, release, "at", entity_id, attribute, old_value, '
            "new_value FROM current_release.golden.changes WHERE list_contains(?, entity_id)",
            [number, list(concerned)],
        )
        con.execute("COMMIT")
        con.execute("DETACH current_release")
    rewrite_database(file)


def drop_earlier_files(project: Project) -> list[Path]:
    """Remove the files of all releases but the current one: a release is one immutable file, and a
    copy of the one before, whose free blocks may hold what it no longer shows. Returns them."""
    current = IdentityLedger(project).releases()[-1].file
    earlier = [x for x in sorted(project.releases.glob("golden-*")) if x.name != current]
    for file in earlier:
        file.unlink()
    return earlier
