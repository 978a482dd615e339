"""`oneid diff`: what differs between two releases, in counts and, when asked, by example."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from core.project import open_project

if TYPE_CHECKING:
    from warehouse.moments import Moment
    from warehouse.release_diff import AttributeChanges, EventExample, ReleaseDiff

MISSING = "none"
"""Shown for a value that is not there."""


def print_diff(root: Path, older: str, newer: str, examples: int, as_json: bool) -> None:
    """Print the difference between two releases. Raises QueryError where one is not there."""
    from warehouse.release_diff import compare_releases

    diff = compare_releases(open_project(root), older, newer, examples)
    if as_json:
        typer.echo(json.dumps(diff_json(diff), ensure_ascii=False, indent=1))
    else:
        typer.echo("\n".join(diff_lines(diff)))


def diff_lines(diff: "ReleaseDiff") -> Iterator[str]:
    """The difference as text, a line at a time."""
    yield f"from {_named(diff.older)}"
    yield f"to   {_named(diff.newer)}"
    moved = ", ".join(f"{count:,} {word}" for word, count in diff.rows.items())
    yield f"\ncustomers    {diff.customers_before:,} -> {diff.customers_after:,}"
    yield f"source rows  {moved}"
    yield "\nchanges of identity"
    for kind, count in diff.events.items():
        yield f"  {count:>9,}  {kind}"
        for event in diff.event_examples:
            if event.kind == kind:
                yield f"             {_event(event)}"
    others = f"{diff.customers_with_other_values:,}"
    yield f"\nother values, of {others} customers there before and after"
    if diff.values:
        yield f"  {'':<20}{'changed':>9}{'gained':>9}{'lost':>9}"
    for change in diff.values:
        yield from _value_lines(diff, change)


def _value_lines(diff: "ReleaseDiff", change: "AttributeChanges") -> Iterator[str]:
    counts = f"{change.changed:>9,}{change.gained:>9,}{change.lost:>9,}"
    yield f"  {change.attribute:<20}{counts}"
    for each in diff.value_examples:
        if each.attribute == change.attribute:
            old, new = each.old_value or MISSING, each.new_value or MISSING
            yield f"      {each.entity_id}  {old} -> {new}"


def _event(event: "EventExample") -> str:
    link = {"merged": " from ", "split": " to "}.get(event.kind, " ")
    other = f"{link}{event.other_entity_id}" if event.other_entity_id else ""
    return f"{event.entity_id}{other}: {event.cause}, in {event.release}"


def _named(moment: "Moment") -> str:
    return f"{moment.published.release}, published {moment.published.at:%Y-%m-%d %H:%M} UTC"


def diff_json(diff: "ReleaseDiff") -> dict[str, Any]:
    """The difference as JSON can hold it."""
    return {
        "from": _moment_json(diff.older),
        "to": _moment_json(diff.newer),
        "customers": {"before": diff.customers_before, "after": diff.customers_after},
        "rows": diff.rows,
        "events": diff.events,
        "customers_with_other_values": diff.customers_with_other_values,
        "values": {
            each.attribute: {"changed": each.changed, "gained": each.gained, "lost": each.lost}
            for each in diff.values
        },
        "event_examples": [vars(each) for each in diff.event_examples],
        "value_examples": [vars(each) for each in diff.value_examples],
    }


def _moment_json(moment: "Moment") -> dict[str, Any]:
    return {
        "release": moment.published.release,
        "number": moment.number,
        "published_at": f"{moment.published.at:%Y-%m-%dT%H:%M:%SZ}",
        "file_kept": moment.is_kept,
    }
