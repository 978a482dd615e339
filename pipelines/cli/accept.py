"""`oneid accept`: somebody vouches for a figure that refused the last run, and says why."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.errors import ProjectError, QueryError
from core.project import Project, open_project, sole_run
from pipelines.cli.options import HERE, ProjectOption
from pipelines.cli.say import say
from pipelines.cli.who import named_person

if TYPE_CHECKING:
    from assets.run_sheet import RunSheet
    from warehouse.history import CheckResult


def accept(
    check: Annotated[str, typer.Argument(metavar="SUITE.CHECK", help="As the refusal named it.")],
    because: Annotated[str, typer.Option(metavar="TEXT", help="Why the figure is right; kept.")],
    project: ProjectOption = HERE,
    who: Annotated[
        str | None,
        typer.Option("--as", metavar="NAME", help="Who vouches.", show_default="the login name"),
    ] = None,
) -> None:
    """Vouch for the figure of a check that refused the last run: its data are right as they are.

    It counts for exactly that input and that figure. The next `oneid run` shows the check as failed
    and accepted, and publishes if nothing else is in the way.

    `oneid accept registration.withdrawn_share --because "the branch in Lyon was sold"`
    """
    accept_check(project, check, because, who)


def accept_check(root: Path, name: str, because: str, who: str | None) -> None:
    """Record that the check `name`, written suite.check, is accepted for the refused input.

    Raises QueryError where it did not refuse the last run, or nobody can vouch for it; ProjectError
    while a run is at work, or where what the refused run left is gone.
    """
    person = named_person(who)
    if not because.strip():
        raise QueryError("--because is empty; say why the figure is right, for those who ask later")
    project = open_project(root)
    with sole_run(project):
        sheet, failed = _refusal(project)
        chosen = _chosen(name, failed)
        _record(project, sheet, chosen, person, because.strip())
    for each in chosen:
        say(f"accepted: {each.sentence()}")
    say(f"by {person}: {because.strip()}")
    others = [each.sentence() for each in failed if each not in chosen and each.refuses]
    for sentence in others:
        say(f"still in the way: {sentence}")
    say("it counts for this input alone: another delivery, decision or setting is judged anew")
    if not others:
        say("next: oneid run")


def _refusal(project: Project) -> tuple["RunSheet", list["CheckResult"]]:
    """The last run, which must have been refused, and the critical checks that failed in it."""
    from assets.run_sheet import read_run_sheet
    from warehouse.history import critical_failures, newest_run

    newest = newest_run(project)
    if newest is None or newest[1] != "refused":
        told = f"ended as: {newest[1]}" if newest else "is still to come"
        raise QueryError(
            f"the last run {told}; only a check that refused the last run can be accepted"
        )
    sheet = read_run_sheet(project)
    if sheet.run != newest[0]:
        raise ProjectError(
            f"{project.root}: what the refused run left in var/work is gone; "
            "run again, and accept then"
        )
    return sheet, critical_failures(project, sheet.run)


def _chosen(name: str, failed: Sequence["CheckResult"]) -> list["CheckResult"]:
    """The failures of the check. Raises QueryError for none, or where nobody can vouch for it."""
    from warehouse.acceptance import acceptable

    found = [each for each in failed if f"{each.suite}.{each.check}" == name]
    names = sorted({f"{each.suite}.{each.check}" for each in failed if acceptable(each)})
    if not found:
        raise QueryError(
            f"{name} did not refuse the last run; what did and can be accepted: "
            f"{', '.join(names) or 'nothing'}"
        )
    if not all(acceptable(each) for each in found):
        raise QueryError(
            f"{name} counts what must not be there: a fault in the release itself, which nobody "
            "can vouch for; run again with --full, and if it stays, keep var/work and report it"
        )
    return found


def _record(
    project: Project,
    sheet: "RunSheet",
    chosen: Sequence["CheckResult"],
    person: str,
    because: str,
) -> None:
    from warehouse.acceptance import Acceptance, record_acceptances
    from warehouse.ledger import IdentityLedger

    last = IdentityLedger(project).last_release()
    record_acceptances(
        project,
        [
            Acceptance(
                at=datetime.now(UTC).replace(tzinfo=None),
                who=person,
                because=because,
                run=sheet.run,
                input_fingerprint=sheet.input_fingerprint,
                after_release=last.release if last else None,
                suite=each.suite,
                check=each.check,
                observed=each.observed,
                expected=each.expected,
            )
            for each in chosen
        ],
    )
