"""Facts of names in Latin letters: titles, nicknames, capitals, and the letters of a word."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

import yaml

from resolution.standardise.characters import FOLDER, bare_key, without_accents


@dataclass(frozen=True)
class Latin:
    """The content of latin.yml, indexed."""

    titles: frozenset[str]
    also_names: frozenset[str]
    """Titles that are somebody's name where nothing else is left of it."""
    also_given: frozenset[str]
    """Titles that are a given name where one word only comes after."""
    suffixes: Mapping[str, str]
    credentials: frozenset[str]
    nobility: frozenset[str]
    """What opens a rank written after the name: "John Smith, 3rd Baronet"."""
    joining: frozenset[str]
    """What joins the parts of a rank: Earl of Dunraven and Mount-Earl."""
    particles: frozenset[str]
    formal: Mapping[str, str]
    """Given name or nickname -> formal name."""
    forms: Mapping[str, tuple[str, ...]]
    """Given name or nickname -> every formal name it may stand for: Bert is Albert or Robert."""
    set_apart: frozenset[str]
    """Words that are, or may be, more than a name: all of the above but the last two."""


@cache
def latin() -> Latin:
    """The facts of Latin names, read once."""
    content = yaml.safe_load((FOLDER / "latin.yml").read_text(encoding="utf-8"))
    formal = {name: name for name in content["formal"]}
    for name, nicknames in content["formal"].items():
        for nickname in nicknames:
            formal.setdefault(bare_key(str(nickname)), name)
    lists = (
        "titles",
        "also_names",
        "also_given",
        "nobility",
        "joining",
        "credentials",
        "particles",
    )
    listed = {name: frozenset(bare_key(str(word)) for word in content[name]) for name in lists}
    return Latin(
        **listed,
        suffixes=content["suffixes"],
        formal=formal,
        forms=_forms(content["formal"], content["also"], content["abroad"]),
        set_apart=frozenset().union(*listed.values(), content["suffixes"]),
    )


def _forms(*tables: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for table in tables:
        for name, others in table.items():
            for each in (name, *(bare_key(str(other)) for other in others)):
                found.setdefault(each, []).append(name)
    return {each: tuple(sorted(set(names))) for each, names in found.items()}


_PINYIN_UMLAUT = re.compile("([lnLN])[üǖǘǚǜÜ]")


@lru_cache(maxsize=1 << 17)
def letters(word: str) -> str:
    """`word` as a key: lower-case letters only, ü of pinyin as v."""
    if word.isascii() and word.isalpha():
        return word.lower().replace("lyu", "lv")
    word = word if word.isascii() else _PINYIN_UMLAUT.sub(r"\1v", word)
    return "".join(c for c in without_accents(word).casefold() if c.isalpha()).replace("lyu", "lv")


@lru_cache(maxsize=1 << 16)
def proper_case(text: str) -> str:
    """`text` with a name's capitals when it was written all in one case, else as it is."""
    if not (text.islower() or text.isupper()):
        return text
    words = text.lower().split(" ")
    particles = latin().particles
    return " ".join(
        word if place and word in particles and place < len(words) - 1 else word_in_capitals(word)
        for place, word in enumerate(words)
    )


def word_in_capitals(word: str) -> str:
    """A lower-case word with the capitals of a name."""
    if word.isalpha() and not word.startswith("mc"):
        return word[:1].upper() + word[1:]
    parts = re.split(r"([-'])", word)
    raised = "".join(part[:1].upper() + part[1:] for part in parts)
    raised = re.sub(r"^Mc([a-z])", lambda found: "Mc" + found[1].upper(), raised)
    return re.sub(r"'(S|T)\b", lambda found: found[0].lower(), raised)


def formal_name(given_key: str) -> str:
    """The formal name a nickname most often stands for; the name itself when it is none."""
    formal = latin().formal
    known = next((each for each in _spellings(given_key) if each in formal), given_key)
    return formal.get(known, known)


def _spellings(given_key: str) -> tuple[str, ...]:
    """A nickname as written first, and as it may end: Dickey, Dickie and Dicky are one."""
    stem = re.sub("(?:ie|ey|y)$", "", given_key)
    return (
        (given_key, *(stem + end for end in ("y", "ie", "ey")))
        if stem not in ("", given_key)
        else (given_key,)
    )


@lru_cache(maxsize=1 << 16)
def formal_names(given_key: str) -> str:
    """Every formal name a given name may stand for, sorted, separated by spaces; the name itself
    when none is known."""
    forms = latin().forms
    known = next((forms[each] for each in _spellings(given_key) if each in forms), (given_key,))
    return " ".join(known)
