"""Why identities changed: new evidence, a decision, another model, or a source's correction."""

from dataclasses import dataclass

import polars as pl

DECISION = "decision"
CORRECTION = "source correction"
MODEL = "model change"
EVIDENCE = "new evidence"
KEY = ("source", "source_record_id")


@dataclass(frozen=True)
class Turned:
    """What a run was given beside new rows."""

    decided: pl.DataFrame
    """source, source_record_id of the rows named by decisions that are new, or bind no longer."""
    corrected: pl.DataFrame
    """The same of known rows that were delivered anew with other content, or were taken back."""
    retrained: bool
    """Whether another model weighed than in the release before."""


def with_causes(
    events: pl.DataFrame, before: pl.DataFrame, after: pl.DataFrame, turned: Turned
) -> pl.DataFrame:
    """`events` with the reason before what their `cause` counts: "decision: 3 source rows moved".

    `before`, `after`: source, source_record_id, entity_id. Where several reasons may be behind a
    change, a decision is named first, then a correction; another model only where rows moved.
    """
    rows = pl.concat([before.select(*KEY, "entity_id"), after.select(*KEY, "entity_id")])
    moved = pl.col("kind").is_in(["merged", "split"]) | pl.col("cause").str.starts_with("parted")
    told = (
        pl.when(_about(rows, turned.decided))
        .then(pl.lit(DECISION))
        .when(_about(rows, turned.corrected))
        .then(pl.lit(CORRECTION))
        .when(moved & turned.retrained)
        .then(pl.lit(MODEL))
        .otherwise(pl.lit(EVIDENCE))
    )
    return events.with_columns(cause=pl.concat_str(told, pl.lit(": "), "cause"))


def _about(rows: pl.DataFrame, named: pl.DataFrame) -> pl.Expr:
    """Whether an event is about an entity that holds, or held, one of these rows."""
    held = rows.join(named.select(KEY), on=list(KEY), how="semi").get_column("entity_id").unique()
    ids = held.implode()
    return pl.col("entity_id").is_in(ids) | pl.col("other_entity_id").is_in(ids).fill_null(False)
