"""`oneid review show`: all a steward needs to decide about two rows."""

import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from core.project import Project, open_project
from pipelines.cli.archive import open_archive
from pipelines.cli.review.listing import history_lines
from pipelines.cli.review.rows import matched_row
from pipelines.cli.say import say

if TYPE_CHECKING:
    import duckdb

    from resolution.decisions import RowKey
    from sources.landed import LandedStore
    from sources.spec import SourceSpec

WIDTH_OF_FILES: Final = 160
"""Columns where there is no terminal."""
_CUSTOMER: Final = (
    "SELECT c.*, m.orders, m.revenue, m.last_order_at FROM golden.customers c "
    "LEFT JOIN marts.customer_360 m USING (entity_id) WHERE entity_id = ?"
)


def print_pair(root: Path, left: str, right: str) -> None:
    """Print the evidence, the rows as delivered, golden values, and decisions on either row.

    Raises QueryError for rows that are not of the release, ProjectError before a release.
    """
    from resolution.explain import tell_pair
    from resolution.explain.text import pair_text

    project = open_project(root)
    with open_archive(project) as archive:
        rows = [matched_row(archive.release, each) for each in (left, right)]
        story = tell_pair(archive, str(rows[0]), str(rows[1]))
        say(pair_text(story, values=True))
        _print_delivered(project, rows)
        entities = list(dict.fromkeys((story.left.entity_id, story.right.entity_id)))
        golden = [_golden(archive.release, entity) for entity in entities]
        _print_side_by_side("golden records", entities, golden)
    _print_decisions(project, rows)
    say(f"\ndecide: oneid review decide {left} {right} match|non-match|unsure")


def _print_delivered(project: Project, rows: Sequence["RowKey"]) -> None:
    """The newest version of each row as it was delivered, by the attribute it tells."""
    import duckdb

    from sources.landed import LandedStore, landed_path
    from sources.spec import load_specs

    specs = load_specs(project)
    try:
        with LandedStore(landed_path(project), read_only=True) as landed:
            sides = [_delivered(landed, specs[row.source], row) for row in rows]
    except duckdb.IOException:
        say("\nas delivered: a run is writing just now; ask again when it has ended")
        return
    _print_side_by_side("as delivered", [str(row) for row in rows], sides)


def _delivered(landed: "LandedStore", spec: "SourceSpec", row: "RowKey") -> dict[str, Any]:
    """Attribute, or field where it tells none, -> value."""
    import polars as pl

    found = landed.current_rows(row.source, pl.Series([row.key])).head(1).to_dicts()
    values = found[0] if found else {}
    told = {
        attribute: " ".join(str(values[name]) for name in fields if values.get(name) is not None)
        for attribute, fields in spec.identity.items()
    }
    used = {name for fields in spec.identity.values() for name in fields}
    others = {name: values.get(name) for name in spec.fields if name not in used}
    return {**told, **others}


def _golden(release: "duckdb.DuckDBPyConnection", entity_id: str) -> dict[str, Any]:
    found = release.sql(_CUSTOMER, params=[entity_id]).pl().drop("entity_id").to_dicts()
    return found[0] if found else {}


def _print_decisions(project: Project, rows: Sequence["RowKey"]) -> None:
    from resolution.decisions import DecisionStore
    from resolution.decisions.states import with_states

    named = {(row.source, row.key) for row in rows}
    told = [
        each
        for each in with_states(DecisionStore(project).all()).iter_rows(named=True)
        if any((each[f"source_{side}"], each[f"key_{side}"]) in named for side in "lr")
    ]
    if told:
        say("\ndecisions on these rows")
    for each in told:
        for line in history_lines(each):
            say(line)


def _print_side_by_side(
    title: str, headings: Sequence[str], sides: Sequence[Mapping[str, Any]]
) -> None:
    """A table with a line for each name that any side has a value for."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="")
    for heading in ("", *headings):
        table.add_column(Text(heading), overflow="fold")
    for name in dict.fromkeys(name for side in sides for name in side):
        cells = [_written(side.get(name)) for side in sides]
        if any(cells):
            table.add_row(Text(name), *(Text(cell) for cell in cells))
    width = shutil.get_terminal_size((WIDTH_OF_FILES, 0)).columns
    say(f"\n{title}")
    Console(file=sys.stdout, width=width, highlight=False).print(table)


def _written(value: Any) -> str:
    if value is None:
        return ""
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
