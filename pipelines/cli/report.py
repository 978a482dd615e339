"""What `oneid run` says at its end."""

import shlex
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.project import Project
from pipelines.cli.progress import Progress
from pipelines.cli.say import say


def tell_release(project: Project, progress: Progress) -> None:
    """What came in, what came out, how good it is where that is known, and what to try next."""
    facts = progress.facts
    say("")
    tell_sources(facts["landed"]["sources"])
    say(
        f"\nrecords {facts['standardised']['records']:,} · "
        f"entities {facts['entities']['entities']:,} · "
        f"merge rate {facts['entities']['merge rate']:.1%} · "
        f"checks passed {progress.checks_passed} of {progress.checks}"
    )
    for warning in progress.warnings:
        say(f"warning: {warning}")
    tell_accuracy(project)
    say(f"release {facts['published']['release']}\n        {facts['published']['file']}")
    tell_next(project)


def tell_nothing_new(project: Project) -> None:
    """The release that stays current, and how to make one nevertheless."""
    from warehouse.release import current_release

    release = current_release(project)
    name = release.release if release else "none"
    say(f"nothing new: release {name} stays current (oneid run --full makes it anew)")


def tell_sources(sources: Mapping[str, Any]) -> None:
    """A line a source: rows it has now, rows in quarantine."""
    width = max(len(name) for name in ("source", *sources))
    say(f"{'source':<{width}}  {'rows':>12}  {'quarantined':>12}")
    for name, counts in sources.items():
        say(f"{name:<{width}}  {counts['rows']:>12,}  {counts['quarantined']:>12,}")


def tell_accuracy(project: Project) -> None:
    """Precision, recall and F1 where the project has a truth.parquet."""
    truth = project.root / "truth.parquet"
    if truth.is_file():
        from quality.evaluate import evaluate

        found = evaluate(project, truth)
        say(
            f"against truth.parquet: precision {found.precision:.4f} · "
            f"recall {found.recall:.4f} · F1 {found.f1:.4f}"
        )


def tell_next(project: Project) -> None:
    """Three commands that can be typed as they are shown."""
    command = command_name()
    here = Path.cwd()
    inside = project.root.relative_to(here) if project.root.is_relative_to(here) else project.root
    option = "" if project.root == here else f" --project {shlex.quote(str(inside))}"
    say("\nnext:")
    say(f'  {command} query "SELECT * FROM golden.customers LIMIT 5"{option}')
    say(
        f'  {command} query "SELECT source, reason, count(*) AS n FROM quality.quarantine '
        f'GROUP BY ALL ORDER BY n DESC"{option}'
    )
    say(f"  {command} status{option}")


def command_name() -> str:
    """How `oneid` was called: by its name where the shell would find it, else by its path."""
    called = Path(sys.argv[0])
    if called.name != "oneid" or shutil.which("oneid") == str(called):
        return "oneid"
    here = Path.cwd()
    return str(called.relative_to(here)) if called.is_relative_to(here) else str(called)
