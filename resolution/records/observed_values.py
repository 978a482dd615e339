"""The values golden records are chosen from."""

from collections.abc import Mapping

import polars as pl

from resolution.model import CustomerModel, Standardiser
from resolution.records.standard_parts import MATCHED

PUBLISHED: Mapping[str, Mapping[str, str]] = {
    "person_name": {"full": "full", "given": "given", "family": "family"},
    "date": {"date": "date"},
    "email": {"email": "email"},
    "phone": {"phone": "phone"},
    "address": {
        "line": "line",
        "city": "city",
        "region": "region",
        "postcode": "postcode",
        "country": "country",
    },
    "gender": {"gender": "gender"},
    "identifier": {"identifier": "identifier"},
    "token": {"identifier": "shown"},
    "number": {"number": "number"},
    "text": {"text": "text"},
}
"""Role -> the standardised part that is published as the role's attribute, by kind."""

HOME = "home_key"
"""The attribute that tells two spellings of one dwelling from two dwellings."""

BASE = (
    "record_id",
    "observation",
    "source",
    "source_record_id",
    "first_seen_at",
    "observed_at",
    "rows",
)


def observed_values(
    seen: pl.DataFrame,
    parts: Mapping[str, pl.DataFrame],
    model: CustomerModel,
    crowded: pl.DataFrame,
) -> pl.DataFrame:
    """Every observed value of every golden attribute, the unreadable ones with their reason.

    Grain and columns: `values` of docs/adr/0001. A value that too many people share, or that is
    probably mistyped, is not `verified`.
    """
    seen = seen.rename(
        {"newest_key": "source_record_id", "first_at": "first_seen_at", "last_at": "observed_at"}
    ).with_columns(pl.col("rows").cast(pl.Int64))
    rows = []
    chosen = {name for entry in model.survivorship.values() for name in entry.attributes}
    for name, standardiser in model.standardise.items():
        shared = crowded.filter(pl.col("standardiser") == name).get_column("value")
        doubtful = _doubtful(standardiser, parts[name], shared)
        published = PUBLISHED[standardiser.kind]
        for role, attribute in standardiser.attributes.items():
            if role in published:
                value = parts[name].get_column(published[role])
                found = _value_rows(seen, attribute, value, seen.get_column(attribute))
                rows.append(_judged(found, parts[name], doubtful))
        if standardiser.kind == "person_name":
            latin = parts[name].get_column("latin")
            found = _value_rows(seen, "name_latin", latin, latin)
            rows.append(_judged(found, parts[name], doubtful))
        if standardiser.kind == "address" and HOME in chosen:
            home = parts[name].select(_home_key()).to_series()
            rows.append(_judged(_value_rows(seen, HOME, home, home), parts[name], doubtful))
    present = pl.col("value").is_not_null() | pl.col("written").is_not_null()
    return pl.concat(rows).filter(present).sort("record_id", "observation", "attribute")


def _home_key() -> pl.Expr:
    """Town and street, number and unit: `北京, 88 建国路 3-2-1203`; null for less than a dwelling.

    A street, an estate or a village without a number is where many live who share a surname.
    """
    town = pl.coalesce("city_key", "postcode")
    numbered = pl.col("number").is_not_null() | pl.col("unit").is_not_null()
    return pl.when(numbered).then(pl.concat_str(town, "key", separator=", ")).alias(HOME)


def _doubtful(standardiser: Standardiser, part: pl.DataFrame, crowded: pl.Series) -> pl.Series:
    """Whether each observation's value is shared by too many people or probably mistyped."""
    doubtful = pl.Series([False]).new_from_index(0, len(part))
    if len(crowded):
        matched = part.get_column(MATCHED[standardiser.kind])
        doubtful |= matched.is_in(crowded.implode()).fill_null(False)
    if "suspect" in part.columns:
        doubtful |= part.get_column("suspect").fill_null(False)
    return doubtful


def _value_rows(
    seen: pl.DataFrame, attribute: str, value: pl.Series, written: pl.Series
) -> pl.DataFrame:
    return seen.select(BASE).with_columns(
        pl.lit(attribute).alias("attribute"),
        value.cast(pl.String).alias("value"),
        written.alias("written"),
    )


def _judged(rows: pl.DataFrame, part: pl.DataFrame, doubtful: pl.Series) -> pl.DataFrame:
    unread = pl.col("value").is_null()
    return rows.with_columns(
        verified=~unread & ~doubtful,
        reason=pl.when(unread).then(part.get_column("reason")),
    )
