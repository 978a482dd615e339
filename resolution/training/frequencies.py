"""How common a value is among customers, not among records: forty orders are one bearer's."""

from collections.abc import Mapping, Sequence

import polars as pl

from resolution.comparisons.levels import LevelSet

UNSEEN = 2
"""Bearers assumed of a value that no well-known customer bears: nothing speaks for fewer."""

PARTS = {"full_key": ("given_key", "family_key"), "han": ("given_key", "family_key")}
"""Of a whole name, the parts that people bear independently of each other, more or less."""

NOT_YET_LINKED = 1
"""Further bearers of a whole name that are taken for the same customer, whose records have not
met: on the measured sets most names with two bearers are one customer's."""

TOGETHER = 4.0
"""Times as often as by chance that two parts of a name meet: parents of one culture choose both.
At 20,000 sample customers precision is .989 with once or twice as often, .990 with three times
and .993 with four."""

RAREST = 1 / 64
"""Others by chance that are assumed of a whole name at least: below, what looks like a rare name
is as often a slip."""


def known_customers(
    records: pl.LazyFrame, clusters: pl.DataFrame, comparisons: Sequence[LevelSet]
) -> pl.LazyFrame:
    """`records` of the clusters that show at least two kinds of evidence, with `cluster_id`.

    A record that holds a name and nothing else may be anybody's: it is no bearer of its own,
    unless nobody shows more.
    """
    kinds = pl.sum_horizontal(
        [
            pl.any_horizontal(
                [pl.col(name).is_not_null() for name in _columns_of(records, item)]
            ).cast(pl.Int8)
            for item in comparisons
        ]
    )
    kept = clusters.lazy().select("record_id", "cluster_id")
    shown = records.select("record_id", kinds.alias("kinds")).join(kept, on="record_id")
    known = (
        shown.filter(pl.col("kinds").max().over("cluster_id") >= pl.col("kinds").max().clip(1, 2))
        .select("record_id", "cluster_id")
        .collect()
    )
    return records.join(known.lazy(), on="record_id", maintain_order="left")


def _columns_of(records: pl.LazyFrame, item: LevelSet) -> list[str]:
    return [
        name
        for name, kind in records.collect_schema().items()
        if (name == item.of or name.startswith(f"{item.of}_")) and kind != pl.Boolean
    ]


def frequencies_of(
    column: str, also_in: Sequence[str], records: pl.LazyFrame, customers: pl.LazyFrame
) -> pl.DataFrame:
    """Chance that another customer bears a value of `column`: the value, `tf_<column>`.

    Grain: distinct value of `column` in `records`. `also_in`: columns whose values count as
    bearing it too. Of a value's bearers one is the customer asked about; the others make the
    chance. Where there is no other, it is Good and Turing's estimate (Good 1953) that a further
    customer bears it. Of a whole name, it is the chance that both its parts meet in one person,
    unless more bear it than slips in linking explain.
    """
    borne = customers.select("cluster_id", *dict.fromkeys((column, *also_in))).collect()
    bearers = (
        pl.concat([borne.select("cluster_id", pl.col(x).alias(column)) for x in (column, *also_in)])
        .drop_nulls()
        .unique()
        .group_by(column)
        .len("bearers")
    )
    total = max(borne.get_column("cluster_id").n_unique(), 1)
    once, twice = (bearers.filter(pl.col("bearers") == n).height for n in (1, 2))
    further = min(2 * (twice + 1) / (once + 1), 1.0)
    known = pl.col("bearers").fill_null(UNSEEN).cast(pl.Float64)
    others = (known - 1).clip(lower_bound=further)
    values = records.select(column).drop_nulls().unique().collect()
    if parts := _parts_of(column, records):
        values = values.join(
            _meetings(column, parts, records, customers, total), on=column, how="left"
        )
        more = known + pl.col("strangers") - 1 - NOT_YET_LINKED
        whole = pl.max_horizontal("meetings", more).clip(lower_bound=RAREST)
        others = pl.when(pl.col("meetings").is_null()).then(others).otherwise(whole)
    return (
        values.join(bearers, on=column, how="left")
        .select(column, (others / total).clip(upper_bound=1.0).alias(f"tf_{column}"))
        .sort(column)
    )


def _parts_of(column: str, records: pl.LazyFrame) -> tuple[str, ...]:
    """The columns of the parts of a whole name; none for another column, or if one is missing."""
    present = set(records.collect_schema().names())
    for ending, parts in PARTS.items():
        prefix = column.removesuffix(f"_{ending}")
        if prefix != column and {f"{prefix}_{part}" for part in parts} <= present:
            return tuple(f"{prefix}_{part}" for part in parts)
    return ()


def _not_self_chosen(parts: Sequence[str], records: pl.LazyFrame) -> pl.Expr:
    """Whether a record's name is its bearer's own: what people call themselves has no parts."""
    chosen = f"{parts[0].removesuffix('_given_key')}_self_chosen"
    present = chosen in records.collect_schema().names()
    return pl.col(chosen).is_null() if present else pl.lit(True)


def _meetings(
    column: str,
    parts: Sequence[str],
    records: pl.LazyFrame,
    customers: pl.LazyFrame,
    total: int,
) -> pl.DataFrame:
    """Of each value of `column` whose parts are known: `meetings`, customers that bear all parts if
    nobody's parts go together more than others', and `strangers`, records of no known customer
    that bear it."""
    real = records.filter(_not_self_chosen(parts, records))
    found = real.select("record_id", column, *parts).drop_nulls().collect()
    for part in parts:
        borne = customers.select("cluster_id", part).drop_nulls().unique().collect()
        found = found.join(borne.group_by(part).len(f"of_{part}"), on=part, how="left")
    shares = [pl.col(f"of_{part}").fill_null(UNSEEN) / total for part in parts]
    meetings = TOGETHER * total * pl.fold(pl.lit(1.0), lambda one, other: one * other, shares)
    known = customers.select("record_id", known=True).collect()
    return (
        found.join(known, on="record_id", how="left")
        .group_by(column)
        .agg(meetings.max().alias("meetings"), pl.col("known").is_null().sum().alias("strangers"))
    )


def with_unseen(
    frequencies: Mapping[str, pl.DataFrame], records: pl.LazyFrame
) -> dict[str, pl.DataFrame]:
    """`frequencies` with the values of `records` that were not there when they were counted:
    each as rare as the rarest that was, a whole name as rare as its parts make it."""
    present = set(records.collect_schema().names())
    return {
        column: _with_unseen(column, frequencies, records) if column in present else counted
        for column, counted in frequencies.items()
    }


def _with_unseen(
    column: str, frequencies: Mapping[str, pl.DataFrame], records: pl.LazyFrame
) -> pl.DataFrame:
    counted = frequencies[column]
    if not len(counted):
        return counted
    parts = [part for part in _parts_of(column, records) if len(frequencies.get(part, ()))]
    own = _not_self_chosen(parts, records) if parts else pl.lit(True)
    values = records.select(column, *parts, own=own).filter(pl.col(column).is_not_null())
    unseen = values.unique().collect().join(counted, on=column, how="anti")
    share = pl.lit(_least(counted, column))
    if parts:
        rarest = [_least(frequencies[part], part) for part in parts]
        for part in parts:
            unseen = unseen.join(frequencies[part], on=part, how="left")
        known = [
            pl.col(f"tf_{part}").fill_null(least) for part, least in zip(parts, rarest, strict=True)
        ]
        whole = TOGETHER * pl.fold(pl.lit(1.0), lambda one, other: one * other, known)
        told = pl.all_horizontal("own", *[pl.col(part).is_not_null() for part in parts])
        # without its parts it is as rare as any single name
        share = pl.when(told).then(whole).otherwise(max(rarest)).clip(_least(counted, column), 1.0)
    added = unseen.select(column, share.alias(f"tf_{column}")).group_by(column).max().sort(column)
    return pl.concat([counted, added])


def _least(counted: pl.DataFrame, column: str) -> float:
    """The chance of the rarest value."""
    found: float = counted.get_column(f"tf_{column}").cast(pl.Float64).to_numpy().min()
    return found
