"""`oneid learn`: what judged pairs would change, and keeping them for the runs to come."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.errors import DecisionError
from core.project import open_project, sole_run
from pipelines.cli.options import HERE, ProjectOption
from pipelines.cli.say import say

if TYPE_CHECKING:
    from resolution.learning.report import LessonReport

LEVELS_SHOWN = 12


def learn(
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="FILE",
            help="CSV or Parquet: judged pairs (source_l, source_record_id_l, source_r, "
            "source_record_id_r, decision) or whole customers (source, source_record_id, "
            "entity_id).",
        ),
    ] = None,
    project: ProjectOption = HERE,
    apply: Annotated[
        bool, typer.Option("--apply", help="Keep the decisions: runs learn from them from now on.")
    ] = False,
    forget: Annotated[
        bool, typer.Option("--forget", help="Drop all decisions that were applied.")
    ] = False,
) -> None:
    """Learn from judged pairs: say what would change, and with `--apply` keep it.

    A decision is match, non-match or unsure. Nothing changes until they are applied, and then
    with the next `oneid run`.

    `oneid learn decisions.csv --project demo`

    `oneid learn decisions.csv --project demo --apply`
    """
    learn_from_decisions(project, file, apply=apply, forget=forget)


def learn_from_decisions(root: Path, file: Path | None, *, apply: bool, forget: bool) -> None:
    """Print what would change, and keep or drop decisions where that is asked for.

    Raises DecisionError for a file that cannot be used, ProjectError before a release, or while a
    run is at work.
    """
    from assets import learning

    if (file is None) != forget or (apply and forget):
        raise DecisionError(
            "oneid learn",
            ["name a file of decisions (and --apply to keep them), or say --forget alone"],
        )
    project = open_project(root)
    with sole_run(project):
        if file is None:
            count = learning.forget(project)
            say(f"{count:,} decisions dropped; the next oneid run learns without labels")
            return
        proposal = learning.propose(project, file)
        markdown, content = learning.write_report(project, proposal.report)
        for line in report_lines(proposal.report):
            say(line)
        say(f"\nthe whole report: {markdown} and {content.name}")
        if apply:
            learning.apply(project, proposal)
            say(
                f"{proposal.decisions.height:,} decisions kept; the next oneid run learns from them"
            )
        else:
            say("nothing is changed yet; add --apply to keep these decisions")


def report_lines(report: "LessonReport") -> Iterator[str]:
    """The report in a screenful: what was given, what it would change, which levels move most."""
    from resolution.learning.report import moved_levels

    taken, total = report.taken, report.taken.matches + report.taken.non_matches
    before = f", {taken.applied_before:,} of them applied before" if taken.applied_before else ""
    yield (
        f"{taken.matches:,} matches and {taken.non_matches:,} non-matches to learn from{before}; "
        f"{taken.unsure:,} unsure"
    )
    yield from (f"  {note}" for note in taken.notes)
    yield from (f"mind: {caution}" for caution in report.cautions)
    yield ""
    yield f"{'decisions got right':<28}{'right':>8}{'missed':>9}{'wrong':>8}{'surprise':>10}"
    for name, item in (
        ("without decisions", report.without),
        ("with the others (held out)", report.held_out),
    ):
        yield f"{name:<28}{item.right:>8,}{item.missed:>9,}{item.wrong:>8,}{item.surprise:>10.3f}"
    yield f"of {total:,}, at a link threshold of {report.link:g}"
    yield ""
    yield f"{report.count('new'):,} pairs would become links, {report.count('gone'):,} would stop"
    yield (
        f"{report.customers.merged.height:,} customers would be made of several, "
        f"{report.customers.split.height:,} divided"
    )
    moved = moved_levels(report.levels).head(LEVELS_SHOWN)
    if len(moved):
        yield f"\n{'weight':>16}{'m':>18}{'u':>20}   level"
    for row in moved.iter_rows(named=True):
        yield (
            f"{row['match_weight_before']:>+7.1f} {row['match_weight_after']:>+8.1f}"
            f"{row['m_before']:>10.3g}{row['m_after']:>8.3g}"
            f"{row['u_before']:>11.2g}{row['u_after']:>9.2g}   {row['comparison']}: {row['level']}"
        )
