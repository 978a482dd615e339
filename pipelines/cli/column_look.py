"""Whether a column's values are what its heading says: a look at some of them."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from pipelines.cli.headings import vocabulary

VALUES_LOOKED_AT = 300
"""Distinct values; a share of them is known to within a few per cent."""
MOST = 0.5
ISO_TIME = (
    r"^\d{4}-?\d{2}-?\d{2}([T ]\d{2}:?\d{2}(:?\d{2}([.,]\d+)?)?\s*(Z|[+-]\d{2}(:?\d{2})?)?)?$"
)
READABLE_MINIMUM = 0.95
"""Share of values that must be a time before the field is said to be one; rows whose required
time cannot be read would be quarantined."""


@dataclass(frozen=True)
class Look:
    """What one column holds."""

    rows: int
    filled: int
    """Rows with a value."""
    distinct: int
    values: tuple[str, ...]
    """Distinct values, evenly picked, at most VALUES_LOOKED_AT."""

    @property
    def share_filled(self) -> float:
        return self.filled / self.rows if self.rows else 0.0

    def share(self, holds: Callable[[str], bool]) -> float:
        """Share of the distinct values looked at for which `holds`."""
        return sum(map(holds, self.values)) / len(self.values) if self.values else 0.0

    def matching(self, pattern: str) -> float:
        """Share of the distinct values looked at in which the pattern is found."""
        found = re.compile(pattern, re.IGNORECASE)
        return self.share(lambda value: found.search(value) is not None)


def look_at(column: pl.Series) -> Look:
    """A look at a column of text."""
    present = present_values(column)
    distinct = present.unique(maintain_order=True)
    step = max(1, len(distinct) // VALUES_LOOKED_AT)
    picked = distinct.gather_every(step).head(VALUES_LOOKED_AT)
    return Look(column.len(), present.len(), len(distinct), tuple(picked.to_list()))


def present_values(column: pl.Series) -> pl.Series:
    """The column's values without nulls and blanks, trimmed."""
    present = column.drop_nulls().str.strip_chars()
    return present.filter(present != "")


def is_time(column: pl.Series) -> bool:
    """Whether nearly all values present are written as ISO 8601 says."""
    present = present_values(column)
    if present.is_empty():
        return False
    return float(present.str.contains(ISO_TIME).mean() or 0) >= READABLE_MINIMUM  # type: ignore[arg-type]


def doubt(concept: str, look: Look) -> str | None:
    """Why the values cannot be what the concept says, in words without a value; None if they can.

    A column without values is not doubted.
    """
    if not look.values:
        return None
    kind = vocabulary()["extras"].get(concept, {}).get("kind")
    check = CHECKS.get(concept) or KIND_CHECKS.get(kind or "")
    return check(look) if check else None


def telephones_of(country: str, look: Look) -> float:
    """Share of the values looked at that are valid telephone numbers of the country."""
    from resolution.standardise import KINDS

    written = pl.DataFrame({"phone": look.values}, schema={"phone": pl.String})
    read = KINDS["phone"].standardise(written.with_columns(country=pl.lit(country)))
    return float((read.get_column("country") == country).sum()) / max(1, len(look.values))


def like_people(names: Look) -> bool | None:
    """Whether whole names are people's: True, False, or None where they do not say.

    People's names are two to four words without numerals, in Chinese two to four characters that
    a surname opens, and hardly ever hold the words of firms; known given names decide the rest.
    """
    if not names.values:
        return None
    firms = names.share(_firm_like)
    shaped = names.share(lambda name: _chinese_name(name) or _name_shaped(name))
    if firms >= 0.25 or shaped < 0.4:
        return False
    sure = shaped >= 0.6 and firms < 0.05
    return True if sure or names.share(_holds_given_name) >= 0.3 else None


def _names(look: Look) -> str | None:
    if look.matching("@") > MOST:
        return "holds email addresses"
    return None if look.matching(r"[^\W\d_]") >= 0.8 else "holds numbers, no names"


def _emails(look: Look) -> str | None:
    return None if look.matching(r"\S@\S") >= MOST else "few of its values are email addresses"


def _phones(look: Look) -> str | None:
    def like_phone(value: str) -> bool:
        return 6 <= sum(map(str.isdigit, value)) <= 17 and not re.search(r"[^\W\d_]{4}|@", value)

    return None if look.share(like_phone) >= MOST else "few of its values are telephone numbers"


def _dates(look: Look) -> str | None:
    from resolution.standardise import KINDS

    read = KINDS["date"].standardise(pl.DataFrame({"date": look.values}))
    share = read.get_column("date").is_not_null().mean()
    return None if isinstance(share, float) and share >= MOST else "few of its values are dates"


def _genders(look: Look) -> str | None:
    return None if look.distinct <= 20 else "holds too many different values for genders"


def _places(look: Look) -> str | None:
    affairs = set(vocabulary()["states_of_affairs"])
    if look.share(lambda value: value.casefold() in affairs) >= MOST:
        return "holds the state of something, no place"
    return None if look.matching(r"[^\W\d_]{2}") >= MOST else "holds numbers, no places"


def _postcodes(look: Look) -> str | None:
    def like_postcode(value: str) -> bool:
        return len(value) <= 12 and any(map(str.isdigit, value))

    return None if look.share(like_postcode) >= MOST else "few of its values are postcodes"


def _lines(look: Look) -> str | None:
    return "holds email addresses" if look.matching("@") > MOST else None


def _identifiers(look: Look) -> str | None:
    if look.share(lambda value: len(value.split()) > 4) > MOST:
        return "holds texts, no numbers that are handed out"
    few = look.filled >= 20 and look.distinct < 0.2 * look.filled
    return "holds the same few values again and again" if few else None


def _numbered(look: Look) -> str | None:
    if look.matching(r"\d") < MOST:
        return "few of its values hold a numeral"
    return _identifiers(look)


def _between(low: int, high: int, what: str) -> Callable[[Look], str | None]:
    def check(look: Look) -> str | None:
        def inside(value: str) -> bool:
            return bool(re.fullmatch(r"\d{1,4}(\.0+)?", value)) and low <= float(value) <= high

        return None if look.share(inside) >= 0.8 else f"few of its values are {what}"

    return check


def _texts(look: Look) -> str | None:
    if look.distinct < 2 and look.filled > 1:
        return "holds one value"
    return None


def _units(look: Look) -> str | None:
    worded = look.matching(r"[^\W\d_]{2,}|#|№")
    return None if worded >= MOST else "holds bare numbers, which a street's number would swallow"


CHECKS: Mapping[str, Callable[[Look], str | None]] = {
    "full_name": _names,
    "given_name": _names,
    "family_name": _names,
    "middle_name": _names,
    "name_suffix": _names,
    "email": _emails,
    "second_email": _emails,
    "phone": _phones,
    "second_phone": _phones,
    "date_of_birth": _dates,
    "gender": _genders,
    "region": _places,
    "city": _places,
    "country": _places,
    "postcode": _postcodes,
    "address_line": _lines,
    "company": _names,
    "job_title": _names,
    "username": _identifiers,
    "birth_year": _between(1850, 2100, "years"),
    "birth_month": _between(1, 12, "months"),
    "birth_day": _between(1, 31, "days of a month"),
    "age": _between(0, 125, "ages"),
    "unit": _units,
    "loyalty_id": _identifiers,
    "national_id": _numbered,
}
KIND_CHECKS: Mapping[str, Callable[[Look], str | None]] = {
    "identifier": _numbered,
    "person_name": _names,
    "text": _texts,
}


def _words(name: str) -> Sequence[str]:
    return re.findall(r"[^\W_]+(?:['.’-][^\W_]+)*|&", name.casefold())


def _firm_like(name: str) -> bool:
    known = vocabulary()
    if name.endswith(tuple(known["organisation_endings"])):
        return True
    return bool(set(known["organisation_words"]) & set(_words(name)))


def _name_shaped(name: str) -> bool:
    return 2 <= len(_words(name)) <= 4 and not re.search(r"[\d&!?:/#+]", name)


def _chinese_name(name: str) -> bool:
    from resolution.standardise.characters import is_han, simplified
    from resolution.standardise.pinyin import is_surname

    if not (2 <= len(name) <= 4 and is_han(name)):
        return False
    plain = simplified(name)
    return is_surname(plain[:1]) or is_surname(plain[:2])


def _holds_given_name(name: str) -> bool:
    return bool(set(_words(name)) & _given_names())


def _given_names() -> frozenset[str]:
    from resolution.standardise.latin_facts import latin

    return frozenset(latin().formal)
