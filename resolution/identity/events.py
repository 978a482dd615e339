"""What an assignment of ids changed, told as events; see docs/reference/identity.md."""

from typing import Final

import polars as pl

EVENT_SCHEMA: Final = {
    "kind": pl.String,
    "entity_id": pl.String,
    "other_entity_id": pl.String,
    "cause": pl.String,
}
_KINDS: Final = ("created", "changed", "merged", "split", "retired", "erased")


def events_of(
    flows: pl.DataFrame, inherited: pl.DataFrame, minted: pl.DataFrame, counts: pl.DataFrame
) -> pl.DataFrame:
    """What became of the living entities and of new ones: kind, entity_id, other_entity_id, cause.

    `inherited`: as `flows`, of retired entities whose rows came back to another's.
    """
    moved = _count_phrase("n", "moved")
    merged = flows.filter("heir").select(
        kind=pl.lit("merged"), entity_id="new", other_entity_id="old", cause=moved
    )
    split = (
        flows.filter(~pl.col("heir"))
        .group_by("old", "new")
        .agg(pl.col("n").sum())
        .select(kind=pl.lit("split"), entity_id="old", other_entity_id="new", cause=moved)
    )
    sides = [flows.get_column("old"), flows.get_column("new"), inherited.get_column("new")]
    involved = pl.concat(sides).unique()
    quiet = counts.filter(~pl.col("entity_id").is_in(involved.implode()), pl.col("had") > 0)
    parts = [
        _created(minted, counts, flows),
        quiet.filter(pl.col("has") > 0, (pl.col("joined") > 0) | (pl.col("gone") > 0)).select(
            kind=pl.lit("changed"),
            entity_id="entity_id",
            other_entity_id=pl.lit(None, pl.String),
            cause=_changed_cause(),
        ),
        merged,
        split,
        quiet.filter(pl.col("has") == 0).select(
            kind=pl.lit("retired"),
            entity_id="entity_id",
            other_entity_id=pl.lit(None, pl.String),
            cause=pl.concat_str(pl.lit("all of its "), _count_phrase("had", "gone")),
        ),
    ]
    return pl.concat(parts).cast(pl.Schema(EVENT_SCHEMA))


def returns_of(returned: pl.DataFrame, inherited: pl.DataFrame) -> pl.DataFrame:
    """`created` for every retired id that lives again, `merged` for one whose rows came back to
    another's; the columns of `events_of`."""
    cause = _count_phrase("n", "came back")
    again = returned.select(
        kind=pl.lit("created"),
        entity_id="entity_id",
        other_entity_id=pl.lit(None, pl.String),
        cause=cause,
    )
    merged = inherited.select(
        kind=pl.lit("merged"), entity_id="new", other_entity_id="old", cause=cause
    )
    return pl.concat([again, merged]).cast(pl.Schema(EVENT_SCHEMA))


def in_order(*parts: pl.DataFrame) -> pl.DataFrame:
    """Every change, in a fixed order: created, changed, merged, split, retired, then by id."""
    order = pl.col("kind").replace_strict(
        list(_KINDS), list(range(len(_KINDS))), return_dtype=pl.Int8
    )
    return pl.concat(parts).sort(order, "entity_id", "other_entity_id", nulls_last=True)


def _created(minted: pl.DataFrame, counts: pl.DataFrame, flows: pl.DataFrame) -> pl.DataFrame:
    """One `created` event for every id issued in this run."""
    parted = pl.col("entity_id").is_in(flows.get_column("new").implode())
    return (
        minted.join(counts, on="entity_id", how="left")
        .sort("entity_id")
        .select(
            kind=pl.lit("created"),
            entity_id="entity_id",
            other_entity_id=pl.lit(None, pl.String),
            cause=pl.when(parted)
            .then(pl.lit("parted from an entity that was there before"))
            .otherwise(_count_phrase("has", "seen for the first time")),
        )
    )


def _changed_cause() -> pl.Expr:
    """ "2 source rows joined", "1 source row gone", or both."""
    joined = pl.when(pl.col("joined") > 0).then(_count_phrase("joined", "joined"))
    gone = pl.when(pl.col("gone") > 0).then(_count_phrase("gone", "gone"))
    return pl.concat_str(joined, gone, separator=", ", ignore_nulls=True)


def _count_phrase(column: str, what: str) -> pl.Expr:
    many = pl.when(pl.col(column) == 1).then(pl.lit("")).otherwise(pl.lit("s"))
    return pl.concat_str(pl.col(column), pl.lit(" source row"), many, pl.lit(f" {what}"))
