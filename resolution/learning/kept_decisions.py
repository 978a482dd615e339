"""The decisions that runs learn from: kept in the project's state, placed on each run's records."""

from pathlib import Path

import polars as pl

from core.files import written_whole
from core.project import Project
from resolution.learning.decided_pairs import ENDS, MATCH, UNSURE, distinct_pairs, with_records


def decisions_file(project: Project) -> Path:
    """Where applied decisions are kept: CSV of ENDS and decision."""
    return project.state / "decisions.csv"


def kept_decisions(project: Project) -> pl.DataFrame:
    """ENDS and decision of every applied decision; no rows where none were applied."""
    file = decisions_file(project)
    if not file.is_file():
        return pl.DataFrame(schema=dict.fromkeys((*ENDS, "decision"), pl.String))
    return pl.read_csv(file, infer_schema=False)


def keep_decisions(project: Project, decisions: pl.DataFrame) -> None:
    """Keep exactly these decisions for the runs to come."""
    with written_whole(decisions_file(project)) as draft:
        decisions.select(*ENDS, "decision").sort(*ENDS).write_csv(draft)


def forget_decisions(project: Project) -> int:
    """Runs learn without decisions from now on; how many there were."""
    count = kept_decisions(project).height
    decisions_file(project).unlink(missing_ok=True)
    return count


def on_records(decisions: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """record_id_l < record_id_r, same: what `decisions` say of today's records.

    Decisions on records that are gone, that are one record by now, or that contradict each other
    since two records became one, are left out.
    """
    found = with_records(decisions, members).filter(
        pl.col("record_id_l") != pl.col("record_id_r"), pl.col("decision") != UNSURE
    )
    return distinct_pairs(
        found.select(
            pl.min_horizontal("record_id_l", "record_id_r").alias("record_id_l"),
            pl.max_horizontal("record_id_l", "record_id_r").alias("record_id_r"),
            (pl.col("decision") == MATCH).alias("same"),
        )
    )
