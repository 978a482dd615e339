"""What anonymous visitors showed of themselves: identifiers, standardised as records' are."""

from collections.abc import Mapping

import polars as pl

from resolution.model import CustomerModel, Standardiser
from resolution.records.observations import TIMESTAMP, canonical_rows
from resolution.records.observed_values import PUBLISHED
from resolution.records.standard_parts import MATCHED, standardised_parts
from sources.landed import LandedStore
from sources.spec import SourceSpec


def visitor_identifiers(
    store: LandedStore, specs: Mapping[str, SourceSpec], model: CustomerModel
) -> pl.DataFrame:
    """Identifiers that anonymous subjects showed, standardised as records' are."""
    found = [
        pl.DataFrame(
            schema={
                "source": pl.String,
                "source_record_id": pl.String,
                "attribute": pl.String,
                "value": pl.String,
                "session": pl.String,
                "rows": pl.Int64,
                "last_seen_at": TIMESTAMP,
            }
        )
    ]
    for spec in specs.values():
        if not spec.recognise_by:
            continue
        rows = canonical_rows(store.current(spec.name), spec)
        if "session" not in rows.columns:
            rows = rows.with_columns(session=pl.lit(None, pl.String))
        for attribute in spec.recognise_by:
            shown = rows.filter(pl.col(attribute).is_not_null())
            value = _standardised_attribute(shown, attribute, model)
            found.append(
                shown.with_columns(value=value, attribute=pl.lit(attribute))
                .filter(pl.col("value").is_not_null())
                .group_by(
                    "source",
                    pl.col("subject").alias("source_record_id"),
                    "attribute",
                    "value",
                    "session",
                )
                .agg(
                    pl.len().cast(pl.Int64).alias("rows"), pl.col("at").max().alias("last_seen_at")
                )
            )
    return pl.concat(found).sort("source", "source_record_id", "attribute", "value", "session")


def _standardised_attribute(rows: pl.DataFrame, attribute: str, model: CustomerModel) -> pl.Series:
    for standardiser in model.standardise.values():
        if attribute in standardiser.attributes.values() and standardiser.kind in MATCHED:
            missing = [
                pl.lit(None, pl.String).alias(name)
                for name in ["country_hint", *standardiser.attributes.values()]
                if name not in rows.columns
            ]
            parts = standardised_parts(rows.with_columns(missing), standardiser)
            return parts.get_column(PUBLISHED[standardiser.kind][_role_of(standardiser, attribute)])
    return rows.get_column(attribute)


def _role_of(standardiser: Standardiser, attribute: str) -> str:
    return next(role for role, name in standardiser.attributes.items() if name == attribute)
