"""What matching derives from one standardised value; see resolution.records.value_keys and
resolution.records.match_keys.with_bare_values."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from itertools import pairwise
from typing import Any

Parts = Mapping[str, Any]


def date_columns(parts: Parts) -> dict[str, Any]:
    """See resolution.records.value_keys.date_keys."""
    day, other = parts["date"], parts["alternative"]
    found = dict.fromkeys(
        ("digits", "year", "turned", "coarse", "year_month", "year_day", "month_day", "any_order")
    )
    readings = sorted({f"{each:%Y%m%d}" for each in (day, other) if each is not None})
    if day is None:
        return {**found, "readings": readings}
    digits = f"{day:%Y%m%d}"
    coarse = (day.month == 1 and day.day == 1) or parts["precision"] != "day"
    found |= {
        "digits": digits,
        "year": day.year,
        "turned": date(day.year, day.day, day.month) if day.day <= 12 else None,
        "coarse": True if coarse else None,
    }
    if not coarse:
        found |= {
            "year_month": digits[:6],
            "year_day": digits[:4] + digits[6:],
            "month_day": digits[4:],
            "any_order": "".join(sorted(digits)),
        }
    return {**found, "readings": readings}


_BRITISH = re.compile(r"(\S+) ")


def address_columns(parts: Parts) -> dict[str, Any]:
    """See resolution.records.value_keys.address_keys."""
    postcode = parts["postcode"]
    if postcode is None:
        return {"area": None}
    if british := _BRITISH.match(postcode):
        return {"area": british[1]}
    return {"area": postcode[:-2] if len(postcode) > 3 else None}


def gender_columns(parts: Parts) -> dict[str, Any]:
    """See resolution.records.value_keys.gender_keys."""
    return {"key": parts["gender"]}


def email_columns(parts: Parts) -> dict[str, Any]:
    """See resolution.records.value_keys.email_keys."""
    local = parts["local"]
    return {"digits": None if local is None else re.sub(r"\D", "", local)}


def word_columns(parts: Parts) -> dict[str, Any]:
    """See resolution.records.value_keys.word_keys."""
    words = parts["words"].split(" ") if parts["words"] is not None else None
    key = parts["key"].split(" ") if parts["key"] is not None else None
    return {
        "all_words": words,
        "long_words": words and [word for word in words if len(word) > 1],
        "each_word": words and [word for word in words if _is_telling(word)],
        "word_pairs": key and sorted({f"{one} {other}" for one, other in pairwise(key)}),
    }


def _is_telling(word: str) -> bool:
    return len(word) > 2 or not word.isascii()


DERIVED: Mapping[str, Callable[[Parts], dict[str, Any]]] = {
    "date": date_columns,
    "gender": gender_columns,
    "address": address_columns,
    "text": word_columns,
    "email": email_columns,
}
"""By kind, what is derived from a standardised value's parts."""


def _plain(identifier: str) -> str:
    return re.sub(r"[\s\-./]", "", identifier)


BARE: Mapping[str, tuple[str, Callable[[str], str]]] = {
    "phone": ("tails", lambda phone: phone[-9:]),
    "identifier": ("plain", _plain),
    "token": ("plain", _plain),
}
"""By kind, the column of values without what may be written or left out, and how it is made."""
