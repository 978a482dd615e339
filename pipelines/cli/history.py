"""`oneid history`: what became of a customer or a source row, and what was decided about it."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from core.project import open_project

if TYPE_CHECKING:
    from core.project import Project
    from warehouse.entity_history import Chapter, History, IdentityEvent, RowMove, Step

ROWS_SHOWN = 5
"""Source rows named of one release; --json names all."""
MISSING = "none"
"""Shown for a value that is not there."""


def print_history(root: Path, asked: str, as_json: bool) -> None:
    """Print the history of an entity id or source row. Raises QueryError for an unknown one."""
    from warehouse.entity_history import tell_history

    project = open_project(root)
    history = tell_history(project, asked)
    decisions = _decisions(project, history)
    if as_json:
        told = asdict(history) | {"decisions": decisions}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1, default=_iso))
        return
    for line in (*history_lines(history), *_decision_lines(decisions)):
        typer.echo(line)


def _decisions(project: "Project", history: "History") -> list[dict[str, Any]]:
    """Every decision on the asked row, or else on a row that ever was the customer's."""
    from resolution.decisions import DecisionStore
    from resolution.decisions.states import with_states

    named = {history.row_key} if history.row_key else _row_keys(history)
    told = with_states(DecisionStore(project).all()).iter_rows(named=True)
    return [
        each
        for each in told
        if any((each[f"source_{side}"], each[f"key_{side}"]) in named for side in "lr")
    ]


def _row_keys(history: "History") -> set[tuple[str, str]]:
    steps = [step for chapter in history.chapters for step in chapter.steps]
    moves = [move for step in steps for move in (*step.rows_joined, *step.rows_left)]
    return {(move.source, move.source_record_id) for move in moves}


def _decision_lines(decisions: list[dict[str, Any]]) -> Iterator[str]:
    from pipelines.cli.review.listing import history_lines as decision_lines

    if decisions:
        yield ""
        yield "decisions on its source rows"
    for each in decisions:
        yield from decision_lines(each)


def history_lines(history: "History") -> Iterator[str]:
    """The history as text, a line at a time. It holds golden values: personal data."""
    if history.row:
        yield f"source row {history.asked}"
        for stay in history.row:
            yield f"  {stay.at:%Y-%m-%d %H:%M}  {stay.release}  {stay.entity_id or 'gone'}"
        yield ""
    first = history.chapters[0]
    if first.merged_into and history.living_entity_id:
        yield f"{first.entity_id} was merged away; who it was is now {history.living_entity_id}"
        yield ""
    for place, chapter in enumerate(history.chapters):
        if place:
            yield ""
        yield from _chapter_lines(chapter)


def _chapter_lines(chapter: "Chapter") -> Iterator[str]:
    kinds = {event.kind for step in chapter.steps for event in step.events}
    end = "erased" if "erased" in kinds else "retired"
    end = f"merged into {chapter.merged_into}" if chapter.merged_into else end
    yield f"{chapter.entity_id}, {'living' if chapter.is_living else end}"
    for step in chapter.steps:
        yield f"  {step.at:%Y-%m-%d %H:%M}  {step.release}"
        for event in step.events:
            yield f"    {_told(event, chapter.entity_id)}"
        yield from _row_lines(step)
        for change in step.values:
            old, new = change.old_value or MISSING, change.new_value or MISSING
            yield f"    {change.attribute}: {old} -> {new}"


def _told(event: "IdentityEvent", entity: str) -> str:
    """The event from where `entity` stands."""
    ours = event.entity_id == entity
    words = {
        "merged": "{other} merged into it" if ours else "merged into {other}",
        "split": "rows parted to {other}" if ours else "rows parted from {other} to it",
    }.get(event.kind, event.kind)
    other = event.other_entity_id if ours else event.entity_id
    cause = f" ({event.cause})" if event.cause else ""
    return words.format(other=other) + cause


def _row_lines(step: "Step") -> Iterator[str]:
    for word, link, moves in (
        ("joined", "from", step.rows_joined),
        ("left", "to", step.rows_left),
    ):
        if moves:
            named = [_move(move, link) for move in moves[:ROWS_SHOWN]]
            more = len(moves) - ROWS_SHOWN
            rest = f", and {more:,} more" if more > 0 else ""
            yield f"    {word}: {', '.join(named)}{rest}"


def _move(move: "RowMove", link: str) -> str:
    key = f"{move.source}/{move.source_record_id}"
    return f"{key} ({link} {move.other_entity_id})" if move.other_entity_id else key


def _iso(at: object) -> str:
    """JSON has no times: UTC, as every time of the ledger."""
    return f"{at:%Y-%m-%dT%H:%M:%S.%fZ}"
