"""`oneid query`: an answer of the current release, for people or for programs."""

import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from core.errors import QueryError
from core.project import Project, open_project

if TYPE_CHECKING:
    import polars as pl

    from warehouse.moments import Moment

FORMATS = ("table", "csv", "json")
WIDTH_OF_FILES = 10_000
"""Columns where there is no terminal to wrap for."""
ROWS_SHOWN = 50
"""A table is for reading; csv and json give every row."""


def print_answer(root: Path, sql: str, form: str, as_of: str | None = None) -> None:
    """Print what `sql` gives, of the current release or the one that `as_of` names.

    Raises QueryError for a statement that cannot be answered, or a release that is not there.
    """
    if form not in FORMATS:
        raise QueryError(f"--format {form}: no such format; choose {', '.join(FORMATS)}")
    from warehouse.query import run_query

    project = open_project(root)
    moment = None if as_of is None else _moment(project, as_of)
    answer = run_query(project, sql, moment)
    if form == "table":
        typer.echo(as_table(answer))
    elif form == "csv":
        sys.stdout.write(_flattened(answer).write_csv())
    else:
        answer.write_ndjson(sys.stdout.buffer)


def _moment(project: Project, as_of: str) -> "Moment":
    """The release to ask; which one it is, and what it lacks, is told beside the answer."""
    from warehouse.as_of import REBUILT
    from warehouse.moments import find_release

    moment = find_release(project, as_of)
    told = f"release {moment.published.release} of {moment.published.at:%Y-%m-%d %H:%M} UTC"
    if not moment.is_kept:
        told += f"; its file is no longer kept: {', '.join(REBUILT)} are rebuilt from the logs"
    typer.echo(told, err=True)
    return moment


def as_table(frame: "pl.DataFrame") -> str:
    """`frame` as plain text, at most ROWS_SHOWN rows, and a line that counts them."""
    import polars as pl

    settings = pl.Config(
        tbl_rows=ROWS_SHOWN,
        tbl_cols=-1,
        fmt_table_cell_list_len=-1,
        tbl_width_chars=shutil.get_terminal_size((WIDTH_OF_FILES, 0)).columns,
        fmt_str_lengths=60,
        tbl_formatting="UTF8_BORDERS_ONLY",
        tbl_hide_dataframe_shape=True,
        tbl_hide_column_data_types=True,
    )
    with settings:
        table = str(frame.head(ROWS_SHOWN))
    more = f", the first {ROWS_SHOWN} shown" if frame.height > ROWS_SHOWN else ""
    return f"{table}\n{frame.height:,} row{'' if frame.height == 1 else 's'}{more}"


def _flattened(frame: "pl.DataFrame") -> "pl.DataFrame":
    """CSV has no lists or objects: they become JSON text."""
    import json

    import polars as pl

    nested = [name for name, kind in frame.schema.items() if kind.is_nested()]
    return frame.with_columns(
        pl.Series(
            name,
            [
                None if value is None else json.dumps(value, ensure_ascii=False, default=str)
                for value in frame[name].to_list()
            ],
            dtype=pl.String,
        )
        for name in nested
    )
