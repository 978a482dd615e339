"""`oneid blocking`: what each blocking rule of the current release found, and what it cost."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from core.errors import ProjectError
from core.project import open_project

if TYPE_CHECKING:
    from resolution.scoring.rule_report import BlockingReport


def print_blocking(root: Path) -> None:
    """Print a row a rule, the recall they reach together, and the rules that were left out.

    Raises ProjectError before a release, or when what explains it is gone.
    """
    from resolution.kept import kept_for
    from resolution.matching.full import candidates_of
    from resolution.records.renumbered import Renumbered
    from resolution.scoring.rule_report import report_blocking
    from warehouse.release import current_release

    project = open_project(root)
    release = current_release(project)
    kept = kept_for(project, release.release) if release else None
    if kept is None:
        raise ProjectError(
            f"{project.root}: there is no release to report on; make one with: oneid run"
        )
    records, numbers = kept.dense_records()
    trained = kept.trained()
    candidates = candidates_of(records, kept.rules(), trained, kept.large())
    pairs = Renumbered(numbers).pairs_inside(kept.scan("pairs").collect())
    report = report_blocking(candidates, pairs.sort("record_id_l", "record_id_r"))
    _print_table(report)
    for rule in trained.left_out_rules:
        typer.echo(f"left out: {rule} (many pairs, hardly a match that no other rule finds)")
    _print_sum(report, len(candidates.own))


def _print_table(report: "BlockingReport") -> None:
    from resolution.scoring.rule_report import as_table

    rows = as_table(report)
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    for name, *figures in rows:
        padded = [text.rjust(width) for text, width in zip(figures, widths[1:], strict=True)]
        typer.echo("  ".join([name.ljust(widths[0]), *padded]))
    typer.echo("")


def _print_sum(report: "BlockingReport", records: int) -> None:
    each = report.candidates / max(records, 1)
    typer.echo(
        f"{records:,} records, {report.candidates:,.0f} candidates ({each:.1f} a record), "
        f"{report.matches:,.0f} expected matches among them"
    )
    typer.echo(
        f"about {report.unseen:,.0f} more are likely to share no rule: "
        f"recall of blocking about {report.recall:.1%}"
    )
