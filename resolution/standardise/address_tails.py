"""The end of an address written in one line: town, state, postcode, country."""

import re
from dataclasses import dataclass

from resolution.standardise.characters import bare_key
from resolution.standardise.countries import country_code
from resolution.standardise.places import places

_POSTCODES = (
    re.compile(r"(?P<state>\b[A-Za-z]{2}\b\.?|,)[\s,]*(?P<postcode>\d{5}(?:-\d{4})?)$"),
    re.compile(r"[\s,](?P<postcode>[A-Za-z]{1,2}\d[A-Za-z\d]?\s*\d[A-Za-z]{2})$"),
    re.compile(r"[\s,](?P<postcode>[A-Za-z]\d[A-Za-z]\s*\d[A-Za-z]\d)$"),
)
"""American (behind a state or a comma: a bare number may be a house's), British, Canadian."""
_STREET_TYPES = frozenset(
    {"street", "avenue", "road", "drive", "lane", "boulevard", "court", "place", "way", "square"}
    | {"terrace", "parkway", "highway", "crescent", "close", "circle", "trail"}
)
_DIRECTION = re.compile(r"(?:[ns]\.?[ew]?|[ew])\.?", re.IGNORECASE)
_SHORTEST_COUNTRY = 4
"""Letters of a country's name; shorter ones are states as well (CA), but for the two below."""
_SHORT_COUNTRIES = frozenset({"usa", "uk"})


@dataclass(frozen=True)
class Tail:
    """What an address line says behind the street; texts as written, '' for what it does not."""

    street: str
    """The line without its tail."""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""


def split_tail(line: str) -> Tail:
    """The line cut before its town, where a state, postcode or country at its end shows that
    it goes on so far; a line that ends with none of them comes back whole."""
    rest, postcode = _cut_postcode(line)
    rest, country = _cut_country(rest)
    if country and not postcode:
        rest, postcode = _cut_postcode(rest)
    rest, region = _cut_region(rest, behind_it=bool(postcode))
    if not (postcode or country or region):
        return Tail(line)
    street, city = _cut_city(rest)
    return Tail(street, city, region, postcode, country)


def _cut_postcode(line: str) -> tuple[str, str]:
    for pattern in _POSTCODES:
        found = pattern.search(line)
        if not found:
            continue
        state = found.groupdict().get("state", ",") or ","
        if state != "," and not _american_or_so(state):
            continue
        return line[: found.start("postcode")].rstrip(" ,"), found["postcode"]
    return line, ""


def _cut_country(line: str) -> tuple[str, str]:
    before, comma, last = line.rpartition(",")
    name = last.strip()
    letters = bare_key(name)
    long = len(letters) >= _SHORTEST_COUNTRY and not _american_or_so(name)
    if comma and (long or letters in _SHORT_COUNTRIES) and country_code(name):
        return before.rstrip(" ,"), name
    return line, ""


def _cut_region(line: str, behind_it: bool) -> tuple[str, str]:
    """A state behind a comma, or a state's two letters before a postcode."""
    before, comma, last = line.rpartition(",")
    if comma and _american_or_so(last):
        return before.rstrip(" ,"), last.strip()
    before, space, last = line.rpartition(" ")
    if space and behind_it and len(bare_key(last)) == 2 and _american_or_so(last):
        return before.rstrip(" ,"), last
    return line, ""


def _american_or_so(name: str) -> bool:
    """Whether it is a region known by a code (America, Britain, Australia, Canada)."""
    return places().regions.get(bare_key(name), "路").isascii()


def _cut_city(line: str) -> tuple[str, str]:
    """The street and the town behind it: the first part without a digit, or else what follows
    the street's last word (Street, Avenue)."""
    parts = [part.strip() for part in line.split(",")]
    for place, part in enumerate(parts):
        if place and part and not any(letter.isdigit() for letter in part):
            return ", ".join(parts[:place]), part
    words = line.split()
    known = places().street_words
    for place in range(len(words) - 2, 0, -1):
        if known.get(bare_key(words[place]), bare_key(words[place])) in _STREET_TYPES:
            end = place + 2 if _DIRECTION.fullmatch(words[place + 1]) else place + 1
            town = words[end:]
            if town and not any(letter.isdigit() for word in town for letter in word):
                return " ".join(words[:end]), " ".join(town)
            break
    return line, ""
