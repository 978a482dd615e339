"""The standardised values behind a comparison, for the eyes of the data's owner only."""

from collections.abc import Mapping
from typing import Any

from resolution.model import CustomerModel

SHOWN: Mapping[str, tuple[str, ...]] = {
    "person_name": ("full",),
    "date": ("date",),
    "address": ("number", "street_key", "unit", "city_key", "postcode", "country"),
    "gender": ("gender",),
    "number": ("number",),
    "text": ("text",),
}
"""Parts that say most, by kind of standardiser; other kinds hold a list of whole values."""


def values_of(rules: CustomerModel, record: Mapping[str, Any]) -> dict[str, str]:
    """Comparison -> the record's values in one line; left out where it has none."""
    found = {}
    for name, comparison in rules.comparisons.items():
        on = comparison.of
        parts = SHOWN.get(rules.standardise[on].kind)
        columns = [f"{on}_{part}" for part in parts] if parts else [on]
        told = [_in_words(record[x]) for x in columns if record.get(x) is not None]
        if told:
            found[name] = " ".join(told)
    return found


def _in_words(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
