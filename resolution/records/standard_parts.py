"""Observations' written values standardised, each distinct value once."""

from collections.abc import Mapping

import polars as pl

from resolution.model import Standardiser
from resolution.standardise import KINDS
from sources.spec import SourceSpec

MATCHED: Mapping[str, str] = {
    "email": "canonical",
    "phone": "phone",
    "identifier": "identifier",
    "token": "identifier",
}
"""Part whose distinct values a record carries as a list, by kind."""


def with_country(seen: pl.DataFrame, specs: Mapping[str, SourceSpec]) -> pl.DataFrame:
    """Adds `country_hint`: the written country, or else the one its source is known for."""
    defaults = {name: spec.country for name, spec in specs.items() if spec.country}
    written = pl.col("country") if "country" in seen.columns else pl.lit(None, pl.String)
    known = (
        pl.col("source").replace_strict(
            list(defaults), list(defaults.values()), default=None, return_dtype=pl.String
        )
        if defaults
        else pl.lit(None, pl.String)
    )
    return seen.with_columns(country_hint=pl.coalesce(written, known))


def standardised_parts(seen: pl.DataFrame, standardiser: Standardiser) -> pl.DataFrame:
    """The standardised parts of every observation, in its order; paid once a distinct value."""
    roles = {
        role: "country_hint" if role == "country" else attribute
        for role, attribute in standardiser.attributes.items()
    }
    written = seen.select([pl.col(attribute).alias(role) for role, attribute in roles.items()])
    distinct = written.unique(maintain_order=True)
    parts = standardise_distinct(standardiser.kind, distinct)
    renamed = parts.rename({name: f"out_{name}" for name in parts.columns})
    joined = written.join(
        pl.concat([distinct, renamed], how="horizontal"),
        on=list(roles),
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    return joined.select([pl.col(f"out_{name}").alias(name) for name in parts.columns])


def standardise_distinct(kind: str, written: pl.DataFrame) -> pl.DataFrame:
    """The standardised parts of `written`, whose columns are some of the kind's roles."""
    missing = [
        pl.lit(None, pl.String).alias(role)
        for role in KINDS[kind].roles
        if role not in written.columns
    ]
    return KINDS[kind].standardise(written.with_columns(missing).select(KINDS[kind].roles))
