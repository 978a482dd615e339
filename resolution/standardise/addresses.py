"""Postal addresses, English and Chinese, split into parts that can be compared."""

import re
from functools import lru_cache

import polars as pl

from resolution.standardise.address_tails import Tail, split_tail
from resolution.standardise.characters import has_han, is_han, tidy, without_accents
from resolution.standardise.chinese_addresses import AddressLine, parse_chinese_line
from resolution.standardise.countries import country_code
from resolution.standardise.junk import is_junk
from resolution.standardise.latin_facts import proper_case
from resolution.standardise.places import city_key, in_simplified, places, region_key

ADDRESS_COLUMNS = (
    "line", "number", "street_key", "unit", "city", "city_key", "region", "region_key",
    "district_key", "postcode", "country", "key", "reason",
)  # fmt: skip
ROLES = ("line", "city", "region", "postcode", "country")


def standardise_addresses(values: pl.DataFrame) -> pl.DataFrame:
    """Addresses split and keyed; same height and order as `values`, all columns text.

    Takes columns line, city, region, postcode, country. Gives line, city and region for
    display, number, street_key (words spelt out, lower case; simplified Han), unit, city_key,
    region_key, district_key, postcode (upper case, canonical spaces), country (ISO 3166
    alpha-2), key (number, street and unit; null without a street) and reason (placeholder,
    no_street, unknown_country). What only the line tells of town, region, postcode and country
    is filled from it.
    """
    columns = [values.get_column(role).to_list() for role in ROLES]
    rows = [one_address(*map(tidy, row)) for row in zip(*columns, strict=True)]
    return pl.DataFrame(rows, schema=dict.fromkeys(ADDRESS_COLUMNS, pl.String), orient="row")


def one_address(
    line: str, city: str, region: str, postcode: str, country: str
) -> tuple[str | None, ...]:
    """One address of tidy parts."""
    if not (line or city or region or postcode or country):
        return (None,) * len(ADDRESS_COLUMNS)
    junk = bool(line) and is_junk("address", line)
    line = "" if junk else line
    city, region = _real(city), _real(region)
    tail = Tail(line) if city or postcode or has_han(line) else split_tail(line)
    city, postcode = city or tail.city, postcode or tail.postcode
    region, country = region or tail.region, tail.country or country
    parts = _parsed(tail.street)
    street = parts.street
    code = country_code(country)
    reason = "placeholder" if junk else "no_street" if line and not street else None
    reason = reason or ("unknown_country" if country and not code else None)
    found = (
        line,
        parts.number,
        street,
        parts.unit,
        proper_case(city) or parts.city,
        (city_key(city) if city else None) or parts.city,
        region or parts.region,
        (region_key(region) if region else None) or parts.region,
        parts.district,
        postcode_form(postcode),
        code,
        " ".join(part for part in (parts.number, street, parts.unit) if part) if street else "",
        reason,
    )
    return tuple(value or None for value in found)


@lru_cache(maxsize=1 << 14)
def _real(text: str) -> str:
    return "" if text and is_junk("address", text) else text


@lru_cache(maxsize=1 << 12)
def _parsed(line: str) -> AddressLine:
    if not line:
        return AddressLine()
    if has_han(line):
        return parse_chinese_line(_without_marks(in_simplified(line).lower()))
    return parse_english_line(line)


def _without_marks(line: str) -> str:
    return re.sub(r"[\s,，。、;；:：]", "", line)


_BRITISH = re.compile(r"([A-Z]{1,2}\d[A-Z\d]?)\s*(\d[A-Z]{2})")
_CANADIAN = re.compile(r"([A-Z]\d[A-Z])\s*(\d[A-Z]\d)")


@lru_cache(maxsize=1 << 16)
def postcode_form(written: str) -> str | None:
    """A postcode in upper case, with the space British and Canadian ones have; null for zeros."""
    text = re.sub(r"[^\w \-]", "", without_accents(written).upper()).strip(" -")
    if not text or not text.strip("0- ") or is_junk("address", text):
        return None
    parts = _BRITISH.fullmatch(text) or _CANADIAN.fullmatch(text)
    return f"{parts[1]} {parts[2]}" if parts else text.replace(" ", "")


# ---- English lines ------------------------------------------------------------------------------

_UNIT = re.compile(
    r"(?:\b(?P<word>apartment|appt|apt|unit|flat|suite|ste|room|rm|lot|floor|fl|level)\b\.?\s*#?\s*|#\s*)"
    r"(?P<unit>[a-z]?\d+[a-z]?(?:-\d+)?|[a-z]\b)"
)
_BUILDING = re.compile(
    r"\b(?:building|bldg|bld|block|blk|tower)\.?\s*#?\s*(?P<unit>[a-z]?\d+[a-z]?|[a-z]\b)"
)
_UNIT_FIRST = re.compile(r"^(?P<unit>\d+[a-z]?)\s*/\s*(?P<number>\d+[a-z]?)\s+(?=[a-z])")
_HOUSE_FIRST = re.compile(r"^#\s*(?=\d+\s*,\s*[a-z])")
"""The sign for a number before the house's: #321, Street 128."""
_PO_BOX = re.compile(r"\b(?:p\.?\s*o\.?|post office)\s*box\s*#?\s*(?P<number>\d+)")
_NUMBER = re.compile(
    r"^(?:no|number|num)?\.?\s*#?\s*(?P<number>(?!\d+(?:st|nd|rd|th)\b)\d+[a-z\d]*(?:-\d+[a-z]?)?)(?:\s+|$)"
)
_NUMBER_LAST = re.compile(r"^(?P<street>[a-z' .\-]{4,}?)\s+(?:no\.?\s*)?(?P<number>\d+[a-z]?)$")
_PLACE = re.compile(r"^(?P<name>.+?)\s+(?P<rank>district|county|qu|xian|city|shi|province)$")


def parse_english_line(line: str) -> AddressLine:
    """The parts of a line in Latin letters; streets are told from places by a house number."""
    text = _HOUSE_FIRST.sub("no ", without_accents(line).casefold())
    box = _PO_BOX.search(text)
    if box:
        return AddressLine(number=box["number"], street="po box")
    building, unit = _BUILDING.search(text), _UNIT.search(text)
    units = [found["unit"] for found in (building, unit) if found]
    text = _BUILDING.sub(",", _UNIT.sub(",", text))
    segments = [segment for part in text.split(",") if (segment := part.strip(" .-#"))]
    number, street, rest = _street_of(segments)
    if "/" in number:
        first, number = number.split("/")
        units = units or [first]
    district, city, region = _places_of(rest)
    return AddressLine(number, _street_key(street), "-".join(units), district, city, region)


def _street_of(segments: list[str]) -> tuple[str, str, list[str]]:
    """House number, street as written and the other segments; a lone number joins the next one."""
    if len(segments) > 1 and _NUMBER.fullmatch(segments[0]):
        segments = [f"{segments[0]} {segments[1]}", *segments[2:]]
    for place, segment in enumerate(segments):
        others = segments[:place] + segments[place + 1 :]
        if slash := _UNIT_FIRST.match(segment):
            return f"{slash['unit']}/{slash['number']}", segment[slash.end() :], others
        found = _NUMBER.match(segment)
        if found and segment[found.end() :]:
            return found["number"], segment[found.end() :], others
        if last := _NUMBER_LAST.match(segment):
            return last["number"], last["street"], others
    return ("", segments[0], segments[1:]) if segments else ("", "", [])


def _street_key(street: str) -> str:
    """Street words in full; "St" is saint before a name and street behind it."""
    known = places().street_words
    words = [word.replace("'", "") for word in re.findall(r"[\w']+", street)]
    spelt = [known.get(word, word) for word in words]
    if len(words) > 1 and words[0] == "st":
        spelt[0] = "saint"
    return " ".join(spelt)


def _places_of(segments: list[str]) -> tuple[str, str, str]:
    """District, city and region among the segments that are no street."""
    district = city = region = ""
    for segment in segments:
        found = _PLACE.match(segment)
        rank = found["rank"] if found else ""
        name = found["name"] if found else segment
        if rank in ("district", "county", "qu", "xian"):
            district = district or name
        elif (han := city_key(name)) and is_han(han):
            city = city or han
        elif rank == "province" or region_key(name) in places().provinces:
            region = region or region_key(name) or ""
    return district, city, region
