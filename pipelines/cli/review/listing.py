"""`oneid review list` and `history`: what is open, and what was decided."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from core.errors import QueryError
from core.project import open_project
from pipelines.cli.review.rows import row_key
from pipelines.cli.say import say

if TYPE_CHECKING:
    import polars as pl

    from resolution.decisions.queue import Asked

FORMATS: Final = ("text", "csv")
CLASHES_SHOWN: Final = 5
"""Contradictory decisions that are told one by one."""
_GIVEN: Final = ("source_l", "source_record_id_l", "source_r", "source_record_id_r")
_TOLD: Final = ("match_probability", "match_weight", "reason", "name_l", "name_r", "orders")
"""What a work list has before and after the columns that the steward fills in."""


def print_queue(root: Path, asked: "Asked", limit: int, form: str) -> None:
    """Print open contradictions and the pairs to decide. Raises QueryError, ProjectError."""
    from resolution.decisions import DecisionStore
    from resolution.decisions.queue import open_pairs
    from resolution.decisions.states import contradictions_told, with_states
    from warehouse.release import open_current

    if form not in FORMATS:
        raise QueryError(f"--format {form}: no such format; choose {', '.join(FORMATS)}")
    project = open_project(root)
    decisions = DecisionStore(project).all()
    with open_current(project) as release:
        pairs = open_pairs(release, decisions, asked)
    if form == "csv":
        sys.stdout.write(_work_list(pairs.head(limit)))
        return
    contradictions = list(contradictions_told(with_states(decisions)))
    for line in contradictions[:CLASHES_SHOWN]:
        say(line)
    if len(contradictions) > CLASHES_SHOWN:
        beyond = len(contradictions) - CLASHES_SHOWN
        say(f"… and {beyond:,} more: oneid review history --state contradictory")
    if contradictions:
        say("undo one of each: oneid review undo ID\n")
    for number, pair in enumerate(pairs.head(limit).iter_rows(named=True), start=1):
        for line in _pair_lines(number, pair):
            say(line)
    say(f"{min(limit, pairs.height):,} of {pairs.height:,} pairs to decide")
    if pairs.height:
        say("look closer: oneid review show LEFT RIGHT")


def _work_list(pairs: "pl.DataFrame") -> str:
    import polars as pl

    filled_in = (pl.lit("").alias(name) for name in ("decision", "note"))
    return pairs.select(*_GIVEN, *filled_in, *_TOLD).write_csv()


def _pair_lines(number: int, pair: dict[str, Any]) -> Iterator[str]:
    left, right = (f"{pair[f'source_{x}']}:{pair[f'source_record_id_{x}']}" for x in "lr")
    same = pair["entity_id_l"] == pair["entity_id_r"]
    yield (
        f"{number:>3}. {left} {right}   probability {pair['match_probability']:.2f}, "
        f"weight {pair['match_weight']:+.1f}, now {'together' if same else 'apart'}"
    )
    names = [pair["name_l"], pair["name_r"]][: 1 if same else 2]
    worth = f"{pair['orders']:,} orders worth {pair['revenue']:,.0f}" if pair["orders"] else "none"
    yield f"     {'  |  '.join(x or 'no name' for x in names)}   orders: {worth}"
    yield f"     {pair['reason']}"


def print_history(root: Path, limit: int, typed: str | None, state: str | None) -> None:
    """Print what was decided, newest first. Raises QueryError for no such row or state."""
    import polars as pl

    from resolution.decisions import DecisionStore
    from resolution.decisions.states import STATES, with_states

    if state is not None and state not in STATES:
        raise QueryError(f"--state {state}: no such state; choose {', '.join(STATES)}")
    states = with_states(DecisionStore(open_project(root)).all())
    if typed is not None:
        row = row_key(typed)
        sides = [
            (pl.col(f"source_{x}") == row.source) & (pl.col(f"key_{x}") == row.key) for x in "lr"
        ]
        states = states.filter(sides[0] | sides[1])
    if state is not None:
        states = states.filter(pl.col("state") == state)
    for told in states.reverse().head(limit).iter_rows(named=True):
        for line in history_lines(told):
            say(line)
    say(f"{min(limit, states.height):,} of {states.height:,} decisions")


def history_lines(told: dict[str, Any]) -> Iterator[str]:
    """A decision with its state, and its note, batch and undo where there are any."""
    rows = " ".join(f"{told[f'source_{x}']}:{told[f'key_{x}']}" for x in "lr")
    state = told["state"]
    if told["because"] is not None:
        state += f", against {', '.join(map(str, told['because']))}"
    yield (
        f"{told['id']:>5}  {told['at']:%Y-%m-%d %H:%M}  {told['who']}: {rows} "
        f"{told['verdict']}   {state}"
    )
    if told["note"]:
        yield f"       {told['note']}"
    if told["batch"]:
        yield f"       batch {told['batch']}"
    if told["undone_at"] is not None:
        yield f"       undone {told['undone_at']:%Y-%m-%d %H:%M} by {told['undone_by']}"
