"""Distinct values in, comparable values out: one pure function a kind of Standardiser."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from resolution.standardise.addresses import ADDRESS_COLUMNS, ROLES, standardise_addresses
from resolution.standardise.dates import DATE_SCHEMA, standardise_dates
from resolution.standardise.emails import EMAIL_SCHEMA, standardise_emails
from resolution.standardise.genders import standardise_genders
from resolution.standardise.identifiers import standardise_identifiers, standardise_tokens
from resolution.standardise.name_rows import NAME_COLUMNS
from resolution.standardise.names import standardise_names
from resolution.standardise.numbers import standardise_numbers
from resolution.standardise.phones import PHONE_COLUMNS, standardise_phones
from resolution.standardise.texts import standardise_texts

Schema = Mapping[str, type[pl.DataType]]


@dataclass(frozen=True)
class Kind:
    """One kind of value: what standardises it, from which text columns, into which columns."""

    standardise: Callable[[pl.DataFrame], pl.DataFrame]
    """Takes the columns `roles` (text, nulls allowed); same height and order comes back."""
    roles: tuple[str, ...]
    schema: Schema
    """Columns that come back; the last one, `reason`, says why the others are null."""


def _texts(*columns: str) -> Schema:
    return dict.fromkeys(columns, pl.String)


KINDS: Mapping[str, Kind] = {
    "person_name": Kind(standardise_names, ("full", "given", "family"), _texts(*NAME_COLUMNS)),
    "email": Kind(standardise_emails, ("email",), EMAIL_SCHEMA),
    "phone": Kind(standardise_phones, ("phone", "country"), _texts(*PHONE_COLUMNS)),
    "date": Kind(standardise_dates, ("date",), DATE_SCHEMA),
    "address": Kind(standardise_addresses, ROLES, _texts(*ADDRESS_COLUMNS)),
    "gender": Kind(standardise_genders, ("gender",), _texts("gender", "reason")),
    "identifier": Kind(standardise_identifiers, ("identifier",), _texts("identifier", "reason")),
    "token": Kind(standardise_tokens, ("identifier",), _texts("identifier", "shown", "reason")),
    "number": Kind(standardise_numbers, ("number",), _texts("number", "reason")),
    "text": Kind(standardise_texts, ("text",), _texts("text", "key", "words", "reason")),
}
STANDARDISERS: Mapping[str, Callable[[pl.DataFrame], pl.DataFrame]] = {
    name: kind.standardise for name, kind in KINDS.items()
}
ROLES_OF: Mapping[str, tuple[str, ...]] = {name: kind.roles for name, kind in KINDS.items()}
SCHEMAS: Mapping[str, Schema] = {name: kind.schema for name, kind in KINDS.items()}
