"""Names in scripts that are neither Latin nor Han: split, and keyed by their letters in Latin."""

import re

from anyascii import anyascii

from resolution.standardise.characters import has_han
from resolution.standardise.latin_facts import letters, proper_case
from resolution.standardise.name_rows import Row, name_row

_HANGUL = re.compile("[\uac00-\ud7af]{3}")
_CYRILLIC = re.compile("[\u0400-\u04ff]")
_PATRONYMIC = re.compile("(?:[aeiouy][uv]i?(?:ich|ych|na)|ichna)$")
"""How a father's name ends in Latin letters: Pavlovich, Paulavich, Pavlivna, Nikitichna."""


def other_name(whole: str, first: str, last: str) -> Row:
    """A name in another script: the parts as written, the keys and `latin` romanised.

    Where Han characters stand among the others (Japanese), their reading cannot be told: the
    keys keep the letters as they are.
    """
    given, middle, family, in_order = _split(whole, first, last)
    parts = (given, middle, family) if in_order else (family, given, middle)
    shown = " ".join(part for part in parts if part)
    if has_han(shown):
        keys = (letters(family), letters(given), letters(middle))
        return name_row(shown, given, family, latin="", script="other", han="", keys=keys)
    latin = proper_case(" ".join(romanised(part) for part in parts if part).lower())
    return name_row(
        shown,
        given,
        family,
        latin=latin,
        script="other",
        han="",
        keys=(letters(romanised(family)), letters(romanised(given)), letters(romanised(middle))),
        western=True,
    )


def romanised(text: str) -> str:
    """`text` in Latin letters, as far as the script tells: Arabic and Hebrew have no vowels."""
    return anyascii(text).replace("'", "").replace("`", "")


def _split(whole: str, first: str, last: str) -> tuple[str, str, str, bool]:
    """Given, middle and family name, and whether it was written given name first."""
    if first and last:
        return _columns(first.split(), last, in_order=True)
    before, comma, after = (whole or first or last).replace("،", ",").partition(",")
    if comma and before.split() and after.split():
        return _columns(after.split(), before.strip(), in_order=True)
    words = (before or after).split()
    if len(words) == 1:
        if _HANGUL.fullmatch(words[0]):
            return words[0][1:], "", words[0][0], False
        return (words[0], "", "", True) if whole or first else ("", "", words[0], True)
    if len(words) == 3 and _is_patronymic(words[2]):
        return words[1], words[2], words[0], False
    return _columns(words[:-1], words[-1], in_order=True)


def _columns(given: list[str], family: str, in_order: bool) -> tuple[str, str, str, bool]:
    return given[0], " ".join(given[1:]), family, in_order


def _is_patronymic(word: str) -> bool:
    return bool(_CYRILLIC.search(word) and _PATRONYMIC.search(romanised(word).lower()))
