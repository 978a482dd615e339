"""Decisions about rows as decisions about today's records."""

import polars as pl

from resolution.decisions.binding import ENDS

SAID = ("verdict", *ENDS)


def bound_pairs(bound: pl.DataFrame, members: pl.DataFrame | pl.LazyFrame) -> pl.DataFrame:
    """record_id_l < record_id_r, same: one row a pair of records, in order.

    `bound`: Binding.applied. Left out: decisions on rows that are gone, and matches within one
    record.
    """
    placed = _placed(bound.select(SAID), members).drop_nulls()
    left, right = pl.col("record_id_l"), pl.col("record_id_r")
    return (
        placed.filter(left != right)
        .select(
            record_id_l=pl.min_horizontal(left, right),
            record_id_r=pl.max_horizontal(left, right),
            same=pl.col("verdict") == "match",
        )
        .unique()
        .sort("record_id_l", "record_id_r")
    )


def turned_rows(before: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """source, source_record_id of the rows named by decisions that are new, or bind no longer."""
    return _rows(_turned(before, now))


def stirred_records(
    before: pl.DataFrame, now: pl.DataFrame, members: pl.DataFrame | pl.LazyFrame
) -> pl.Series:
    """The records that decisions were about which are new, or bind no longer."""
    placed = _placed(_turned(before, now), members)
    ends = [placed.get_column(f"record_id_{side}").rename("record_id") for side in "lr"]
    return pl.concat(ends).drop_nulls().unique()


def _turned(before: pl.DataFrame, now: pl.DataFrame) -> pl.DataFrame:
    """What one of the two says, and the other does not."""
    return pl.concat(
        [
            one.select(SAID).join(other.select(SAID), on=list(SAID), how="anti")
            for one, other in ((before, now), (now, before))
        ]
    )


def _rows(said: pl.DataFrame) -> pl.DataFrame:
    return pl.concat(
        [said.select(source=f"source_{side}", source_record_id=f"key_{side}") for side in "lr"]
    ).unique()


def _placed(said: pl.DataFrame, members: pl.DataFrame | pl.LazyFrame) -> pl.DataFrame:
    """`said` with record_id_l and record_id_r; null where a row is gone."""
    rows = _rows(said)
    known = (
        members.lazy()
        .select("source", "source_record_id", "record_id")
        .join(rows.lazy(), on=["source", "source_record_id"], how="semi")
        .collect()
    )
    for side in "lr":
        numbers = known.rename(
            {
                "source": f"source_{side}",
                "source_record_id": f"key_{side}",
                "record_id": f"record_id_{side}",
            }
        )
        said = said.join(numbers, on=[f"source_{side}", f"key_{side}"], how="left")
    return said
