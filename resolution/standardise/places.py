"""Regions, cities and street words under one key each, from places.yml."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

import yaml

from resolution.standardise.characters import (
    FOLDER,
    bare_key,
    has_han,
    simplified,
    tidy,
    without_accents,
)


@dataclass(frozen=True)
class Places:
    """The content of places.yml, indexed."""

    regions: Mapping[str, str]
    """A region's name or code, compared by letters -> its key."""
    provinces: tuple[str, ...]
    """Short Han names of China's provinces."""
    cities: Mapping[str, str]
    """Pinyin of a Chinese city -> its Han name."""
    street_words: Mapping[str, str]
    autonomous: re.Pattern[str]
    """The peoples and the rank at the end of an autonomous area's name."""


@cache
def places() -> Places:
    """The facts of places, read once."""
    from pypinyin import lazy_pinyin

    content = yaml.safe_load((FOLDER / "places.yml").read_text(encoding="utf-8"))
    regions = {bare_key(key): key for key in content["regions"]}
    for key, names in content["regions"].items():
        for name in names:
            regions.setdefault(bare_key(name), key)
    cities: dict[str, str] = {}
    for city in content["cities"].split():
        cities.setdefault("".join(lazy_pinyin(city)), city)
    peoples = "|".join(sorted(content["peoples"], key=len, reverse=True))
    return Places(
        regions=regions,
        provinces=tuple(key for key in content["regions"] if has_han(key)),
        cities=cities,
        street_words=content["street_words"],
        autonomous=re.compile(f"(?:(?:{peoples})族)*自治[州县区旗]$"),
    )


_RANK = re.compile("(?:特别行政区|地区|林区|新区|[省市区县旗盟])$")


@lru_cache(maxsize=1 << 14)
def short_han(name: str) -> str:
    """A Chinese place in simplified Han without the words that only say its rank."""
    bare = places().autonomous.sub("", name)
    bare = bare if bare != name else _RANK.sub("", name)
    return bare if len(bare) > 1 else name


@lru_cache(maxsize=1 << 12)
def region_key(region: str) -> str | None:
    """A code for American, British, Australian and Canadian regions, the short Han name for
    Chinese ones, letters in lower case for others; null without a letter."""
    known = places().regions
    key = bare_key(region)
    if has_han(key):
        key = next((p for p in places().provinces if key.startswith(p)), short_han(key))
    for ending in ("province", "sheng", "state", "municipality", "autonomousregion"):
        key = key.removesuffix(ending) if key.removesuffix(ending) in known else key
    if key not in known:  # Guangxi Zhuang Autonomous Region
        first = bare_key(region.split(" ", maxsplit=1)[0])
        key = first if "autonomous" in region.lower() and first in known else key
    return known.get(key, key) or None


@lru_cache(maxsize=1 << 16)
def city_key(city: str) -> str | None:
    """A city's words in lower case, or its short Han name, for Chinese ones in pinyin too."""
    key = bare_key(city)
    if has_han(key):
        return short_han(key)
    pinyin = key.removesuffix("city").removesuffix("shi") or key
    han = places().cities.get(key) or places().cities.get(pinyin)
    words = re.findall(r"\w+", without_accents(tidy(city)).casefold())
    spelt = ["saint" if word == "st" else word for word in words]
    return han or " ".join(spelt) or None


def in_simplified(text: str | None) -> str:
    """`text` tidied and simplified."""
    return simplified(tidy(text))
