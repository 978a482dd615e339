"""Plain Splink's input: columns taken for what their names say, values in one simple form."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import polars as pl

ROLES: Final[Mapping[str, frozenset[str]]] = {
    "given": frozenset({"givenname", "firstname", "forename", "primarynamefirst", "imie"}),
    "family": frozenset({"familyname", "surname", "lastname", "primarynamelast", "nazwisko"}),
    "whole_name": frozenset({"fullname", "primarynamefull"}),
    "dob": frozenset({"dob", "dateofbirth", "birthdate", "birthday", "dataur"}),
    "email": frozenset({"email", "emailaddress"}),
    "phone": frozenset({"phone", "phonenumber", "telephone", "mobile"}),
    "address": frozenset({"address", "addr", "addrfull", "fulladdress"}),
    "postcode": frozenset({"postcode", "zipcode", "zip", "postalcode", "addrpostalcode"}),
}
LEFT_OUT: Final = frozenset(
    {
        "firstandsurname",
        "amount",
        "category",
        "date",
        "status",
        "addrtype",
        "phonetype",
        "recordtype",
    }
)
"""Columns that repeat others, or say nothing about who somebody is."""
DATES: Final = ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%m/%d/%Y", "%m/%d/%y")
PRESENT_MINIMUM: Final = 0.4
"""Columns that fewer records have are left out."""
SHARED_MAXIMUM: Final = 20
"""An email or phone that more records have is a placeholder, and is left out."""
START: Final = 5
"""Letters of a text that `<column>_start` holds, to block by."""


@dataclass(frozen=True)
class PlainTable:
    """Records ready for Splink: record_id, source, the roles' columns, and `others` as text."""

    frame: pl.DataFrame
    roles: frozenset[str]
    others: tuple[str, ...]


def plain_table(records: pl.DataFrame) -> PlainTable:
    """The records with roles for column names, values cleaned, empty ones null."""
    cleaned = records.with_columns(
        pl.exclude("record_id", "source")
        .str.to_lowercase()
        .str.replace_all(r"\s+", " ")
        .str.strip_chars(" '\"")
        .replace("", None)
    )
    found: dict[str, str] = {}
    for column in cleaned.columns:
        role = _role(column)
        if role and role not in found and _usable(role, cleaned[column]):
            found[role] = column
    frame = cleaned.rename({column: role for role, column in found.items()})
    frame = _one_form(frame.drop([x for x in frame.columns if _plain(x) in LEFT_OUT]))
    frame = frame.with_columns(
        pl.when(pl.len().over(name) <= SHARED_MAXIMUM).then(name).alias(name)
        for name in ("email", "phone")
        if name in frame.columns
    )
    others = _others(frame)
    starts = [pl.col(name).str.head(START).alias(f"{name}_start") for name in others]
    return PlainTable(frame.with_columns(starts), frozenset(_roles_of(frame)), tuple(others))


def _role(column: str) -> str | None:
    word = _plain(column).removesuffix("fake")
    return next((role for role, names in ROLES.items() if word in names), None)


def _usable(role: str, column: pl.Series) -> bool:
    """A whole address stands for its parts, so most records must have it."""
    return role != "address" or column.null_count() <= (1 - PRESENT_MINIMUM) * column.len()


def _plain(column: str) -> str:
    return re.sub(r"[\W_]+", "", column.lower())


def _roles_of(frame: pl.DataFrame) -> list[str]:
    return [name for name in frame.columns if name in ROLES or name == "given_family"]


def _one_form(frame: pl.DataFrame) -> pl.DataFrame:
    """Dates as ISO text where they are dates, phones as ten digits, names in two parts."""
    if "dob" in frame.columns:
        dates = [pl.col("dob").str.to_date(written, strict=False) for written in DATES]
        # a date mistyped into none is kept as eight digits with hyphens, to be compared as text
        digits = pl.col("dob").str.replace_all(r"\D", "").str.pad_end(8, "0")
        kept = pl.concat_str(
            digits.str.slice(0, 4), digits.str.slice(4, 2), digits.str.slice(6, 2), separator="-"
        )
        frame = frame.with_columns(
            dob=pl.coalesce(*[each.dt.to_string("%Y-%m-%d") for each in dates], kept)
        )
    if "phone" in frame.columns:
        digits = pl.col("phone").str.replace_all(r"\D", "").str.tail(10)
        frame = frame.with_columns(phone=digits.replace("", None))
    if {"given", "family", "whole_name"} <= set(frame.columns):
        words = pl.col("whole_name").str.split(" ")
        two = words.list.len() > 1
        frame = frame.with_columns(
            given=pl.coalesce(
                "given", pl.when(pl.col("family").is_null()).then(words.list.first())
            ),
            family=pl.coalesce("family", pl.when(two).then(words.list.last())),
        ).drop("whole_name")
    if {"given", "family"} <= set(frame.columns):
        frame = frame.with_columns(given_family=pl.concat_str("given", "family", separator=" "))
    return frame


def _others(frame: pl.DataFrame) -> list[str]:
    known = {"record_id", "source", *_roles_of(frame)}
    return [
        name
        for name in frame.columns
        if name not in known
        and frame[name].null_count() <= (1 - PRESENT_MINIMUM) * frame.height
        and frame[name].drop_nulls().n_unique() > 1
    ]
