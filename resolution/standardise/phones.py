"""Phone numbers in E.164, with the record's country as a hint and a guess where it has none."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import polars as pl

from resolution.standardise.characters import tidy
from resolution.standardise.countries import country_code
from resolution.standardise.junk import is_junk, junk_lists

Phone = tuple[str, str, str, str]
"""E.164, national number, kind, country."""
PHONE_COLUMNS = ("phone", "national", "kind", "country", "reason")


def standardise_phones(values: pl.DataFrame) -> pl.DataFrame:
    """Phone numbers as phonenumbers reads them; same height and order as `values`.

    Takes columns phone and country (a hint: a code or a name, may be null). Gives phone
    (E.164, no extension), national (digits without country code), kind (mobile, fixed,
    unknown), country (ISO 3166 alpha-2) and reason (not_a_phone, placeholder), all text.
    """
    written, hints = (values.get_column(role).to_list() for role in ("phone", "country"))
    rows = [_phone(tidy(text), hint) for text, hint in zip(written, hints, strict=True)]
    return pl.DataFrame(rows, schema=dict.fromkeys(PHONE_COLUMNS, pl.String), orient="row")


_EMPTY = (None,) * 5
_PLACEHOLDER = (None, None, None, None, "placeholder")
_NOT_A_PHONE = (None, None, None, None, "not_a_phone")


def _phone(text: str, hint: str | None) -> tuple[str | None, ...]:
    if not text:
        return _EMPTY
    digits = "".join(letter for letter in text if letter.isdigit())
    if _is_placeholder(text, digits):
        return _PLACEHOLDER
    if len(digits) < 5:
        return _NOT_A_PHONE
    for number, region in _readings(text, digits, country_code(hint) if hint else None):
        found = read_number(number, region)
        if found:
            junk = _is_placeholder(found[1], found[1])
            return _PLACEHOLDER if junk else (*found, None)
    return _NOT_A_PHONE


def _is_placeholder(text: str, digits: str) -> bool:
    if not digits:
        return is_junk("phone", text)
    repeated = len(digits) >= 5 and len(set(digits[-7:])) == 1
    return repeated or digits in junk_lists()["phone_digits"]


_NANP_WRITTEN = re.compile(r"1[ .\-(]+[2-9]\d\d[ .\-)]+\d{3}[ .\-]+\d{4}")
_AREA_CODE_WRITTEN = re.compile(r"\(?0\d{2,3}[)\- ]+\d{3,4}[\- ]?\d{4}(\D.*)?")


def _readings(text: str, digits: str, hint: str | None) -> Iterator[tuple[str, str]]:
    """Ways to read the number, most plausible first: (text, region to read it in)."""
    if text.startswith("+") or (text.startswith("00") and len(digits) > 10):
        yield "+" + text.lstrip("+").removeprefix("00"), hint or "ZZ"
        text = text.removeprefix("+")
    if hint:
        yield text, hint
    if len(digits) == 11 and re.match("1[3-9]", digits) and not _NANP_WRITTEN.fullmatch(text):
        yield text, "CN"
    if len(digits) == 10 and digits[0] in "23456789":
        yield text, "US"
    if len(digits) == 11 and digits[0] == "1":
        yield text, "US"
    if len(digits) == 11 and digits.startswith("07"):
        yield text, "GB"
    if _AREA_CODE_WRITTEN.fullmatch(text):
        yield text, "CN"
    if re.match("861[3-9]", digits) or re.match("447", digits):
        yield f"+{text}", "ZZ"


# ---- the library's reading, found faster --------------------------------------------------------

_PUNCTUATION = str.maketrans("", "", " -().")
_SHAPES = {
    "CN": re.compile(r"(?:\+86|86(?=1))?(1(?:[3-689]\d|7[0-8])\d{8})", re.ASCII),
    "US": re.compile(r"(?:\+?1)?([2-9]\d{9})", re.ASCII),
    "GB": re.compile(r"(?:\+44|0)([1-9]\d{9})", re.ASCII),
}
_INTERNATIONAL = {"+86": "CN", "+44": "GB"}
_CODES = {"CN": "86", "US": "1", "GB": "44"}


def read_number(text: str, region: str) -> Phone | None:
    """What phonenumbers makes of `text` in `region` ("ZZ" is none); null unless it is valid.

    Mobile numbers of China and numbers of the United States and Britain in their usual shapes
    are judged by the library's own patterns without its parser; the rest goes through it.
    """
    bare = text.translate(_PUNCTUATION)
    shape = "US" if bare.startswith("+1") else _INTERNATIONAL.get(bare[:3], region)
    shape = shape if not bare.startswith("+") or bare.startswith(f"+{_CODES.get(shape)}") else "ZZ"
    pattern = _SHAPES.get(shape)
    found = pattern.fullmatch(bare) if pattern and text[0] in "+(0123456789" else None
    if found:
        kind = _kind_by_pattern(found[1], shape)
        if kind:
            return f"+{_CODES[shape]}{found[1]}", found[1], kind, shape
    return library_number(text, region)


@cache
def _patterns(region: str) -> Mapping[str, tuple[re.Pattern[str], ...]]:
    """The library's patterns: of any number, of special services, of fixed and mobile ones."""
    from phonenumbers import PhoneMetadata

    facts: Any = PhoneMetadata.metadata_for_region(region, None)
    special = (
        *(facts.premium_rate, facts.toll_free, facts.shared_cost, facts.voip),
        *(facts.personal_number, facts.pager, facts.uan, facts.voicemail),
    )
    groups = {"any": (facts.general_desc,), "special": special}
    groups |= {"fixed": (facts.fixed_line,), "mobile": (facts.mobile,)}
    return {
        name: tuple(
            re.compile(described.national_number_pattern)
            for described in group
            if described is not None and described.national_number_pattern
        )
        for name, group in groups.items()
    }


def _kind_by_pattern(number: str, region: str) -> str | None:
    """The kind of a national number of ten or more digits; null where its own parser must say."""
    patterns = _patterns(region)
    if not any(p.fullmatch(number) for p in patterns["any"]):
        return None
    if any(p.fullmatch(number) for p in patterns["special"]):
        return None
    fixed = any(p.fullmatch(number) for p in patterns["fixed"])
    mobile = any(p.fullmatch(number) for p in patterns["mobile"])
    return "unknown" if fixed and mobile else "fixed" if fixed else "mobile" if mobile else None


def library_number(text: str, region: str) -> Phone | None:
    """What phonenumbers alone makes of `text` in `region`; null unless it is valid."""
    import phonenumbers

    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    country = phonenumbers.region_code_for_number(number)
    if country is None or not phonenumbers.is_valid_number_for_region(number, country):
        return None
    kinds = phonenumbers.PhoneNumberType
    kind = {kinds.MOBILE: "mobile", kinds.FIXED_LINE: "fixed"}.get(phonenumbers.number_type(number))
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return written, phonenumbers.national_significant_number(number), kind or "unknown", country
