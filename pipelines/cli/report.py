"""What `oneid run` says at its end."""

import math
import shlex
import shutil
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from core.project import Project
from core.sql import literal
from pipelines.cli.progress import Progress
from pipelines.cli.say import say


def tell_release(project: Project, progress: Progress) -> None:
    """What came in, what came out, how good it is where that is known, and what to try next."""
    facts = progress.facts
    say("")
    tell_sources(facts["landed"]["sources"])
    release = facts["published"]["release"]
    records = _asked(project, f"FROM quality.runs WHERE release = {literal(release)}")[0]["records"]
    say(
        f"\nrecords {records:,} · "
        f"entities {facts['entities']['entities']:,} · "
        f"merge rate {facts['entities']['merge rate']:.1%} · "
        f"checks passed {progress.checks_passed} of {progress.checks}"
    )
    for line in (*churn_lines(project, release), *accepted_lines(project, release)):
        say(line)
    for warning in progress.warnings:
        say(f"warning: {warning}")
    tell_accuracy(project)
    say(f"release {release}\n        {facts['published']['file']}")
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


def churn_lines(project: Project, release: str) -> Iterator[str]:
    """What became of the identities: one line."""
    for run in _asked(project, f"FROM quality.runs WHERE release = {literal(release)}"):
        yield churn(run)


def churn(run: Mapping[str, Any]) -> str:
    """A row of quality.runs in words: changes of identity, and how many rows kept their entity."""
    kinds = ("new_entities", "changed", "merged", "split", "retired")
    words = ("created", *kinds[1:])
    named = zip(kinds, words, strict=True)
    told = [f"{run[kind]:,} {word}" for kind, word in named if run[kind]] or ["no customer changed"]
    if run["known_rows"]:
        share = run["kept_rows"] / run["known_rows"]
        told.append(f"{_percent(share)} of {run['known_rows']:,} known rows kept their entity")
    return f"churn: {' · '.join(told)}"


def _percent(share: float) -> str:
    """Rounded down, so that only all is 100%."""
    return f"{math.floor(share * 1000) / 10:.1f}%"


def accepted_lines(project: Project, release: str) -> Iterator[str]:
    """A line a check that failed and that somebody vouched for."""
    for each in _asked(
        project,
        "FROM quality.results WHERE accepted_by IS NOT NULL AND run IN "
        f"(SELECT run FROM quality.runs WHERE release = {literal(release)}) ORDER BY ALL",
    ):
        yield f"accepted: {accepted(each)}"


def accepted(result: Mapping[str, Any]) -> str:
    """A row of quality.results whose figure somebody vouched for, in words."""
    return (
        f"{result['suite']}.{result['check']}: observed {result['observed']}, allowed "
        f"{result['expected']}; by {result['accepted_by']}: {result['accepted_because']}"
    )


def _asked(project: Project, query: str) -> list[dict[str, Any]]:
    from warehouse.query import run_query

    return run_query(project, query).to_dicts()


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
