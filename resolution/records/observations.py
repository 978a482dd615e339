"""Landed rows reduced to observations: who was seen, with which written values, how often, when."""

from collections.abc import Mapping

import polars as pl

from sources.spec import SourceSpec

TIMESTAMP = pl.Datetime("us", "UTC")


def canonical_rows(rows: pl.DataFrame, spec: SourceSpec) -> pl.DataFrame:
    """One row a landed row: `source`, `key`, `at`, `subject` and the canonical attributes as text.

    `subject` is null for event sources that name none; `session` is present for sources that do.
    """
    columns = [
        pl.lit(spec.name).alias("source"),
        pl.col(spec.key).cast(pl.String).alias("key"),
        _time_of(rows, spec).alias("at"),
        _subject_of(spec).alias("subject"),
    ]
    columns += [_joined(fields).alias(name) for name, fields in spec.identity.items()]
    if spec.session:
        columns.append(pl.col(spec.session).cast(pl.String).alias("session"))
    return rows.select(columns)


def _time_of(rows: pl.DataFrame, spec: SourceSpec) -> pl.Expr:
    names = spec.version or ((spec.time,) if spec.time else ())
    times = [pl.col(name).cast(TIMESTAMP) for name in names if name in rows.columns]
    return pl.coalesce(times) if times else pl.lit(None, TIMESTAMP)


def _subject_of(spec: SourceSpec) -> pl.Expr:
    if spec.subject:
        return pl.concat_str([pl.col(name).cast(pl.String) for name in spec.subject], separator=":")
    if spec.kind == "profile":
        return pl.col(spec.key).cast(pl.String)
    return pl.lit(None, pl.String)


def _joined(fields: tuple[str, ...]) -> pl.Expr:
    parts = [pl.col(name).cast(pl.String).str.strip_chars() for name in fields]
    text = pl.concat_str(parts, separator=" ", ignore_nulls=True) if len(parts) > 1 else parts[0]
    return pl.when(text.str.len_chars() > 0).then(text)


def observe(
    rows: pl.DataFrame, spec: SourceSpec, attributes: list[str], alone: pl.Series | None = None
) -> pl.DataFrame:
    """Distinct observations of one source, from `canonical_rows`.

    Grain: subject x values. Columns: source, subject, the `attributes` (null where the source
    has none), `keys` (the rows' own keys, sorted), `newest_key`, `rows`, `first_at`, `last_at`.
    An attribute that is the row's own key (an order's number) does not tell rows of an event
    source apart; its values are found in `keys`. `alone`: keys of rows that are subjects of
    their own, whatever their values.
    """
    own = own_key_attributes(spec)
    rows = rows.with_columns(
        [pl.lit(None, pl.String).alias(name) for name in attributes if name not in rows.columns]
    )
    values = [name for name in attributes if name not in own]
    if not spec.subject and spec.kind == "event":
        rows = rows.with_columns(subject=_signature(values))
    if alone is not None and spec.kind == "event":
        own_subject = pl.concat_str("subject", "key", separator="/")
        parted = pl.col("key").is_in(alone.implode())
        rows = rows.with_columns(
            subject=pl.when(parted).then(own_subject).otherwise(pl.col("subject"))
        )
    return (
        rows.sort("key")
        .group_by(["source", "subject", *values], maintain_order=True)
        .agg(
            *[pl.lit(None, pl.String).alias(name) for name in own],
            pl.col("key").alias("keys"),
            pl.col("key").sort_by("at", "key", nulls_last=False).last().alias("newest_key"),
            pl.len().alias("rows"),
            pl.col("at").min().alias("first_at"),
            pl.col("at").max().alias("last_at"),
        )
        .select(
            "source", "subject", *attributes, "keys", "newest_key", "rows", "first_at", "last_at"
        )
        .sort("subject", "newest_key", nulls_last=True)
    )


def own_key_attributes(spec: SourceSpec) -> list[str]:
    """Attributes of an event source that are just the row's key."""
    if spec.kind == "profile":
        return []
    return [name for name, fields in spec.identity.items() if fields == (spec.key,)]


def _signature(values: list[str]) -> pl.Expr:
    """A stable text that is equal for rows with equal values: a digest, as values are personal."""
    text = pl.concat_str([pl.col(name).fill_null("\x01") for name in values], separator="\x00")
    return text.map_batches(_digests, return_dtype=pl.String)


def _digests(texts: pl.Series) -> pl.Series:
    import hashlib

    distinct = texts.unique()
    digests = [hashlib.sha256(text.encode()).hexdigest()[:24] for text in distinct]
    return texts.replace_strict(distinct, pl.Series(digests, dtype=pl.String))


def attributes_of(specs: Mapping[str, SourceSpec]) -> list[str]:
    """Every canonical attribute that some source maps, in order of name."""
    return sorted({name for spec in specs.values() for name in spec.identity})
