"""Takes erased rows out of what stewards decided: the verdict stays, without saying of whom."""

from collections.abc import Mapping

import polars as pl
import sqlalchemy as sa

from core.project import Project
from resolution.decisions.tables import DECISIONS, UNDOS, DecisionTables
from resolution.learning.kept_decisions import keep_decisions, kept_decisions

Row = tuple[str, str]


def forget_rows(project: Project, named: Mapping[Row, str]) -> int:
    """Write, in place of the key of every row in `named` (source, key), what it gives, and take
    away the notes beside it; how many decisions that were.

    A decision is kept because others may hang together by it: who is A and who is B, by two
    decisions about C, is told apart by them still when C is gone.
    """
    tables = DecisionTables(project)
    with tables.reading() as connection:
        if connection is None:
            return 0
        found = connection.execute(sa.select(DECISIONS)).mappings().all()
    touched = {
        int(each["id"]): {
            "key_l": named.get((each["source_l"], each["key_l"]), each["key_l"]),
            "key_r": named.get((each["source_r"], each["key_r"]), each["key_r"]),
            "note": "",
        }
        for each in found
        if {(each["source_l"], each["key_l"]), (each["source_r"], each["key_r"])} & named.keys()
    }
    if touched:
        with tables.writing() as connection:
            for number, values in touched.items():
                connection.execute(
                    sa.update(DECISIONS).where(DECISIONS.c.id == number).values(values)
                )
            undone = UNDOS.c.decision_id.in_(list(touched))
            connection.execute(sa.update(UNDOS).where(undone).values(note=""))
        tables.rewrite()
    _forget_kept(project, named)
    return len(touched)


def _forget_kept(project: Project, named: Mapping[Row, str]) -> None:
    """The same in the judgements that the model learnt from."""
    kept = kept_decisions(project)
    if kept.is_empty():
        return
    changed = kept
    for side in "lr":
        key = f"source_record_id_{side}"
        pairs = changed.select(f"source_{side}", key).iter_rows()
        renamed = [named.get(pair, pair[1]) for pair in pairs]
        changed = changed.with_columns(pl.Series(key, renamed, dtype=pl.String))
    if not changed.equals(kept):
        keep_decisions(project, changed)
