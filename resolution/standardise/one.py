"""One value standardised by itself, for whoever asks about one record: the standardisers' own row
functions, without a frame around them, which would cost twenty times as much."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from resolution.standardise.addresses import one_address
from resolution.standardise.characters import tidy
from resolution.standardise.countries import country_code
from resolution.standardise.dates import one_date
from resolution.standardise.emails import one_email
from resolution.standardise.genders import one_gender
from resolution.standardise.identifiers import one_identifier, one_token
from resolution.standardise.names import one_name
from resolution.standardise.numbers import one_number
from resolution.standardise.phones import one_phone
from resolution.standardise.texts import one_text

Written = str | None


def _email(email: Written) -> Sequence[Any]:
    return one_email(tidy(email))


def _phone(phone: Written, country: Written) -> Sequence[Any]:
    return one_phone(tidy(phone), country_code(country))


def _date(date: Written) -> Sequence[Any]:
    return one_date(tidy(date), day_first=True)


def _address(*parts: Written) -> Sequence[Any]:
    return one_address(*(tidy(part) for part in parts))


def _identifier(identifier: Written) -> Sequence[Any]:
    return one_identifier(tidy(identifier))


def _token(identifier: Written) -> Sequence[Any]:
    return one_token(tidy(identifier))


def _number(number: Written) -> Sequence[Any]:
    return one_number(tidy(number))


def _text(text: Written) -> Sequence[Any]:
    return one_text(tidy(text))


ONE: Mapping[str, Callable[..., Sequence[Any]]] = {
    "person_name": one_name,
    "email": _email,
    "phone": _phone,
    "date": _date,
    "address": _address,
    "gender": one_gender,
    "identifier": _identifier,
    "token": _token,
    "number": _number,
    "text": _text,
}
"""By kind: takes one written value a role (see KINDS), gives the columns of the kind's schema."""
