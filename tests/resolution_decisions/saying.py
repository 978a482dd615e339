"""Decisions as the store gives them, without a store."""

from datetime import datetime

import polars as pl

from resolution.decisions import RowKey
from resolution.decisions.store import SCHEMA

NOON = datetime(2026, 1, 1, 12)
Said = tuple[str, str, str] | tuple[str, str, str, str]
"""Verdict, left and right row as source/key, and who; ann where nobody is named."""


def row(written: str) -> RowKey:
    """The row written source/key."""
    return RowKey(*written.split("/"))


def said(*words: Said, undone: tuple[int, ...] = ()) -> pl.DataFrame:
    """The decisions, numbered from 1."""
    rows = []
    for number, (verdict, left, right, *who) in enumerate(words, start=1):
        undo = (NOON, "eve") if number in undone else (None, None)
        by = who[0] if who else "ann"
        rows.append((number, NOON, by, verdict, *row(left), *row(right), "", None, *undo))
    return pl.DataFrame(rows, schema=SCHEMA, orient="row")
