"""`oneid review decide`, `undo`, `split`, `merge`, `import`, `export`: what stewards record."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from core.errors import QueryError
from core.project import Project, open_project
from pipelines.cli.review.previewing import Shown, print_preview, standing_ids
from pipelines.cli.review.rows import living_entity, matched_row, row_key
from pipelines.cli.review.telling import told_changes
from pipelines.cli.say import say
from pipelines.cli.who import named_person

if TYPE_CHECKING:
    import polars as pl

    from resolution.decisions import Decision, Steward

SHOWN: Final = 10
"""Decisions, or lines of a file, that are named one by one."""


def steward(who: str | None, note: str) -> "Steward":
    """Who decides, now. Raises DecisionError where the system does not know the login name."""
    from resolution.decisions import Steward

    return Steward(named_person(who), datetime.now(UTC).replace(tzinfo=None), note.strip())


RECORDED: Final = Shown()
"""How a decision that is not only tried out is shown."""


def decide_pair(
    root: Path, typed: tuple[str, str], verdict: str, by: "Steward", shown: Shown = RECORDED
) -> None:
    """Record one decision, or preview it. Raises QueryError for rows not of the release."""
    from resolution.decisions import Decision
    from warehouse.release import open_current

    project = open_project(root)
    with open_current(project) as release:
        left, right = (matched_row(release, each) for each in typed)
    _record(project, [Decision(verdict.strip().lower(), left, right, by.who, by.note)], shown)


def take_back(root: Path, number: str, by: "Steward", shown: Shown = RECORDED) -> None:
    """Undo a decision or a batch, or preview it. Raises DecisionError for nothing to undo."""
    from resolution.decisions import DecisionStore
    from resolution.decisions.states import with_states

    project = open_project(root)
    if shown.preview:
        print_preview(project, [], standing_ids(project, number), shown)
        return
    store = DecisionStore(project)
    before = with_states(store.all())
    if number.isdecimal():
        store.undo(int(number), by.who, by.note)
        ids = [int(number)]
    else:
        ids = store.undo_batch(number, by.who, by.note)
    say(f"undone: {len(ids):,} decision{'s' * (len(ids) != 1)}")
    _tell(before, with_states(store.all()), ids)


def split_entity(root: Path, typed: str, rows: str, by: "Steward", shown: Shown = RECORDED) -> None:
    """Take rows out of an entity, or preview it. Raises QueryError for rows that are not of it."""
    from resolution.decisions.regrouping import split_decisions
    from warehouse.release import open_current

    project = open_project(root)
    entity = living_entity(project, typed)
    out = [row_key(each) for each in rows.split(",") if each.strip()]
    if not out:
        raise QueryError("--rows names no row to take out; write source:key,source:key")
    with open_current(project) as release:
        decisions = split_decisions(release, entity, out, by)
    if not shown.as_json:
        say(f"split off {entity}: {len(out):,} row{'s' * (len(out) != 1)}")
    _record(project, decisions, shown)


def merge_entities(
    root: Path, typed: tuple[str, str], by: "Steward", shown: Shown = RECORDED
) -> None:
    """Make one entity of two, or preview it. Raises QueryError where they are one already."""
    from resolution.decisions.regrouping import merge_decisions
    from warehouse.release import open_current

    project = open_project(root)
    first, second = (living_entity(project, each) for each in typed)
    with open_current(project) as release:
        decisions = merge_decisions(release, first, second, by)
    if not shown.as_json:
        say(f"merge of {first} and {second}")
    _record(project, decisions, shown)


def import_decisions(root: Path, file: Path, by: "Steward") -> None:
    """Record what a file says. Raises DecisionError with every bad line, and records nothing."""
    from resolution.decisions import DecisionStore
    from resolution.decisions.exchange import news_in, read_decisions

    project = open_project(root)
    read = read_decisions(file, by)
    if read.ignored:
        say(f"not looked at: {', '.join(read.ignored)}")
    if read.blank:
        say(f"{read.blank:,} rows without a decision yet")
    unknown = _lines_of_unknown(project, read.decisions, read.lines)
    if unknown:
        told = ", ".join(map(str, unknown[:SHOWN])) + (", …" if len(unknown) > SHOWN else "")
        say(f"{len(unknown):,} name rows that are not in the current release: line {told}")
    news = news_in(read.decisions, DecisionStore(project).all())
    if len(news) < len(read.decisions):
        say(f"{len(read.decisions) - len(news):,} were recorded before")
    _record(project, news)


def export_decisions(root: Path, file: Path) -> None:
    """Write every decision that stands. Raises DecisionError where the file cannot be written."""
    from resolution.decisions import DecisionStore
    from resolution.decisions.exchange import write_decisions

    count = write_decisions(file, DecisionStore(open_project(root)).all())
    say(f"{count:,} decision{'s' * (count != 1)}: {file}")


def _record(project: Project, decisions: "Sequence[Decision]", shown: Shown = RECORDED) -> None:
    """Record them all, and say what follows; or only say what would, as `shown` says. Every
    decision of the command line goes by here."""
    from resolution.decisions import DecisionStore
    from resolution.decisions.states import with_states

    if shown.preview:
        print_preview(project, decisions, [], shown)
        return
    store = DecisionStore(project)
    before = with_states(store.all())
    ids = store.decide_all(decisions)
    numbers = f" {ids[0]}" if len(ids) == 1 else f"s {ids[0]} to {ids[-1]}" if ids else "s"
    say(
        f"{len(ids):,} recorded as decision{numbers}, by {_deciders(decisions)}"
        if ids
        else "nothing new"
    )
    for batch in sorted({each.batch for each in decisions if each.batch}):
        say(f"batch {batch}")
    _tell(before, with_states(store.all()), ids)


def _deciders(decisions: "Sequence[Decision]") -> str:
    return ", ".join(sorted({each.who for each in decisions}))


def _tell(before: "pl.DataFrame", after: "pl.DataFrame", ids: Sequence[int]) -> None:
    """Say what a change did to all decisions, and when it takes effect."""
    for line in told_changes(before, after, ids):
        say(line)
    if ids:
        say("decisions take effect with the next: oneid run")


def _lines_of_unknown(
    project: Project, decisions: "Sequence[Decision]", lines: Sequence[int]
) -> list[int]:
    """Lines with a row that the current release does not have; none before the first release."""
    from resolution.decisions.queue import rows_in_release
    from warehouse.release import current_release, open_current

    if current_release(project) is None:
        return []
    with open_current(project) as release:
        known = rows_in_release(release, [row for each in decisions for row in each.ends])
    return [
        line for line, each in zip(lines, decisions, strict=True) if not known.issuperset(each.ends)
    ]
