"""`oneid status`: where a project stands, in one screen."""

from datetime import datetime
from pathlib import Path
from typing import Any

import typer

from core.project import Project, open_project
from pipelines.cli.report import accepted, churn

RUNS_SHOWN = 8
REASONS_SHOWN = 12
DRIFT_SHOWN = 10


def print_status(root: Path) -> None:
    """Print the current release, the last runs, quarantine by reason, and what drifted."""
    from sources.landed import landed_path
    from warehouse.history import history_file

    project = open_project(root)
    _tell_release(project)
    _tell_erasures(project)
    if history_file(project).is_file():
        _tell_runs(project)
    if landed_path(project).is_file():
        _tell_quarantine(project)
        _tell_drift(project)


def _tell_release(project: Project) -> None:
    from warehouse.query import run_query
    from warehouse.release import current_release

    release = current_release(project)
    if release is None:
        typer.echo("release      none yet; make one with: oneid run")
        return
    counted = run_query(
        project,
        "SELECT (SELECT count(*) FROM golden.customers) AS customers,"
        " (SELECT count(*) FROM identity.crosswalk) AS rows",
    ).row(0, named=True)
    typer.echo(f"release      {release.release}, published {_minute(release.published_at)}")
    typer.echo(f"file         {release.file}")
    typer.echo(f"customers    {counted['customers']:,} of {counted['rows']:,} source rows")
    _tell_kept(project)


def _tell_kept(project: Project) -> None:
    """Which releases still have their file, by which settings, and what room they take."""
    from warehouse.ledger import IdentityLedger
    from warehouse.retention import load_retention

    releases = IdentityLedger(project).releases()
    files = [project.releases / each.file for each in releases]
    sizes = [file.stat().st_size for file in files if file.is_file()]
    typer.echo(
        f"files        {len(sizes)} of {len(releases)} releases are kept "
        f"({load_retention(project)}), {sum(sizes) / 1e6:,.1f} MB"
    )


def _tell_erasures(project: Project) -> None:
    from sources.erasures import waiting_erasures

    waiting = waiting_erasures(project)
    if waiting:
        since = _minute(min(each.at for each in waiting))
        typer.echo(f"erasures     {len(waiting):,} wait for a run (oneid run) since {since}")


def _tell_runs(project: Project) -> None:
    runs = _rows(
        project,
        "SELECT *, coalesce(started_at, finished_at) AS moment FROM quality.runs "
        f"ORDER BY moment DESC NULLS LAST LIMIT {RUNS_SHOWN}",
    )
    typer.echo("\nruns, newest first")
    for run in runs:
        facts = [
            f"{run[name]:,} {words}"
            for name, words in (("rows_in", "rows"), ("entities", "customers"), ("seconds", "s"))
            if run[name] is not None
        ]
        typer.echo(f"  {_minute(run['moment'])}  {run['outcome']:<12}{', '.join(facts)}")
        if run["outcome"] == "published" and run["known_rows"] is not None:
            typer.echo(f"      {churn(run)}")
        for line in _failing_checks(project, run["run"]):
            typer.echo(f"      {line}")


def _failing_checks(project: Project, run: str) -> list[str]:
    from core.sql import literal

    failed = _rows(
        project,
        f"SELECT * FROM quality.results WHERE run = {literal(run)} AND NOT passed "
        'ORDER BY severity, suite, "check"',
    )
    return [
        f"accepted: {accepted(each)}"
        if each["accepted_by"] is not None
        else f"{each['severity']}: {each['suite']}.{each['check']}: "
        f"observed {each['observed']}, allowed {each['expected']}"
        for each in failed
    ]


def _tell_quarantine(project: Project) -> None:
    reasons = _rows(
        project,
        "SELECT source, reason, count(*) AS n FROM quality.quarantine "
        "GROUP BY source, reason ORDER BY n DESC, source, reason",
    )
    if not reasons:
        return
    typer.echo(f"\nquarantine: {sum(each['n'] for each in reasons):,} rows")
    for each in reasons[:REASONS_SHOWN]:
        typer.echo(f"  {each['n']:>8,}  {each['source']}: {each['reason']}")
    _tell_rest(len(reasons) - REASONS_SHOWN, "reasons")


def _tell_drift(project: Project) -> None:
    from sources.landed import LandedStore, landed_path

    with LandedStore(landed_path(project), read_only=True) as store:
        drift = store.drift()
    if drift.is_empty():
        return
    typer.echo("\ndrift, newest delivery first")
    for row in drift.reverse().head(DRIFT_SHOWN).iter_rows(named=True):
        what = f"{row['kind'].replace('_', ' ')} {row['field']}".strip()
        typer.echo(f"  {row['source']}: {row['file']}: {what}: {row['detail']}")
    _tell_rest(drift.height - DRIFT_SHOWN, "findings")


def _tell_rest(more: int, what: str) -> None:
    if more > 0:
        typer.echo(f"  … and {more:,} more {what}")


def _rows(project: Project, sql: str) -> list[dict[str, Any]]:
    from warehouse.query import run_query

    return run_query(project, sql).to_dicts()


def _minute(at: datetime | object) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC" if isinstance(at, datetime) else " " * 20
