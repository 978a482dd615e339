"""`--preview`: what a decision would change, said before anything is recorded."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import typer

from core.errors import DecisionError, QueryError
from core.project import Project
from pipelines.cli.review.telling import told_changes
from pipelines.cli.say import say

if TYPE_CHECKING:
    import polars as pl

    from assets.preview import Preview
    from resolution.decisions import Decision

ROWS_SHOWN: Final = 10
"""Source rows named of one move; --json names all."""
MISSING: Final = "none"
"""Shown for a value that is not there."""
ENDINGS: Final = {"redirect", "remove"}


@dataclass(frozen=True)
class Shown:
    """Whether a decision is only tried out, and how what it would change is shown."""

    preview: bool = False
    as_json: bool = False

    def required(self) -> "Shown":
        """Itself. Raises QueryError for JSON of what is no preview."""
        if self.as_json and not self.preview:
            raise QueryError("--json shows a preview; add --preview")
        return self


def print_preview(
    project: Project, decisions: "Sequence[Decision]", undone: Sequence[int], shown: Shown
) -> None:
    """Print what the decisions, and the undos of the ids `undone`, would change.

    Raises what `preview_decisions` does.
    """
    from assets.preview import preview_decisions

    typer.echo("working out what would change…", err=True)
    preview = preview_decisions(project, decisions, undone)
    if shown.as_json:
        told = preview.as_json() | {"decisions": list(_words(project, decisions, undone))}
        typer.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    for line in (*_words(project, decisions, undone), *preview_lines(preview)):
        say(line)


def standing_ids(project: Project, number: str) -> list[int]:
    """What still stands of a decision or a batch, by id. Raises DecisionError for nothing."""
    import polars as pl

    from resolution.decisions import DecisionStore

    asked = pl.col("id") == int(number) if number.isdecimal() else pl.col("batch") == number
    standing = DecisionStore(project).all().filter(asked, pl.col("undone_at").is_null())
    if standing.is_empty():
        problem = f"nothing stands of {number}; see: oneid review history"
        raise DecisionError("decisions", [problem], "there is nothing to take back")
    return standing.get_column("id").to_list()


def _words(
    project: Project, decisions: "Sequence[Decision]", undone: Sequence[int]
) -> Iterator[str]:
    """What would become of all decisions, a line each kind."""
    from resolution.decisions import DecisionStore
    from resolution.decisions.states import with_states
    from resolution.decisions.store import as_if

    known = DecisionStore(project).all()
    after = with_states(as_if(known, decisions, undone))
    recorded = after.get_column("id").to_list()[known.height :]
    yield from told_changes(with_states(known), after, [*undone, *recorded])


def preview_lines(preview: "Preview") -> Iterator[str]:
    """The preview as text, a line at a time. It holds golden values: personal data."""
    changes = preview.changes
    if preview.pending:
        yield f"with {preview.pending:,} pending decisions or undos, which the next run applies"
    if preview.deliveries:
        yield f"with {preview.deliveries:,} deliveries that landed since the last release"
    if changes.changes_nothing:
        yield "no source row would belong to another customer"
    else:
        lasting = {x["entity_id"] for x in changes.downstream if x["action"] not in ENDINGS}
        yield from _titled("customers, by their source rows", _entity_lines(changes.entities))
        yield from _titled("source rows that move", _row_lines(changes.rows))
        yield from _titled("golden values", _by_entity(changes.values, "attribute", lasting))
        yield from _titled("orders and contacts, now and then", _moved_lines(changes.moved))
        yield from _titled("figures and segments", _by_entity(changes.segments, "figure", lasting))
        yield from _titled("systems that hold copies", _downstream_lines(preview))
    yield ""
    yield "nothing was recorded; the same without --preview records it"


def _titled(title: str, lines: Iterator[str]) -> Iterator[str]:
    first = next(lines, None)
    if first is not None:
        yield from ("", title, first)
        yield from lines


def _entity_lines(entities: "pl.DataFrame") -> Iterator[str]:
    for each in entities.iter_rows(named=True):
        before, after = (each[f"rows_{side}"] or 0 for side in ("before", "after"))
        heir = f", leads to {each['redirect']}" if each["redirect"] else ""
        word = " (new)" if not before else f" (ends{heir})" if not after else ""
        yield f"  {each['entity_id']}: {before:,} -> {after:,}{word}"


def _row_lines(rows: "pl.DataFrame") -> Iterator[str]:
    for (before, after), moved in rows.group_by("before", "after", maintain_order=True):
        yield f"  {before or 'nobody'} -> {after or 'nobody'}: {moved.height:,}"
        for source, key in moved.select("source", "source_record_id").head(ROWS_SHOWN).iter_rows():
            yield f"    {source}/{key}"
        if moved.height > ROWS_SHOWN:
            yield f"    … and {moved.height - ROWS_SHOWN:,} more"


def _by_entity(table: "pl.DataFrame", named: str, lasting: set[str]) -> Iterator[str]:
    """Old and new, by customer; an id that ends loses all it had, which goes without saying."""
    for (entity,), found in table.group_by("entity_id", maintain_order=True):
        if entity in lasting:
            yield f"  {entity}"
            for each in found.iter_rows(named=True):
                yield f"    {each[named]}: {_old_and_new(each)}"


def _old_and_new(row: Mapping[str, Any]) -> str:
    old, new = (row.get(f"{side}_value", row.get(old)) for side, old in _SIDES)
    return f"{MISSING if old is None else old} -> {MISSING if new is None else new}"


_SIDES: Final = (("old", "before"), ("new", "after"))


def _moved_lines(moved: "pl.DataFrame") -> Iterator[str]:
    for (what,), found in moved.group_by("what", maintain_order=True):
        sides = [
            f"{x['entity_id']} {x['before']:,} -> {x['after']:,}"
            for x in found.iter_rows(named=True)
        ]
        yield f"  {what}: {'; '.join(sides)}"


def _downstream_lines(preview: "Preview") -> Iterator[str]:
    for each in preview.changes.downstream:
        to = f" to {each['to']}" if each["to"] else ""
        yield f"  {each['action']} {each['entity_id']}{to}"
    yield f"  look up {preview.changes.rows.height:,} source rows anew in identity.crosswalk"
