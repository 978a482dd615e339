"""Names in Latin letters: which word is the surname, Chinese names in pinyin included."""

from dataclasses import dataclass, replace

from resolution.standardise.latin_facts import latin, letters
from resolution.standardise.pinyin import chinese, from_wade_giles, syllable_count
from resolution.standardise.titled_words import Words


@dataclass(frozen=True, slots=True)
class LatinName:
    """A name in Latin letters, split. The texts are as written, the keys for comparing."""

    given: str
    middle: str
    family: str
    given_key: str
    middle_key: str
    family_key: str
    in_order: bool = True
    """Whether it was written given name first."""
    chinese: bool = False
    """Whether it is a Chinese name spelt in Latin letters."""


def split_full(words: Words) -> LatinName:
    """A name written in one piece. With one word only it is a given name, or a known surname."""
    names = words.words
    if len(names) == 1:
        key = letters(names[0])
        if key in chinese().readings:
            return _named((), names)
        return _single(names[0], key)
    if words.comma:
        return split_columns(names[words.comma :], names[: words.comma])
    family_at = _chinese_family(names)
    if family_at is not None:
        start, stop = family_at
        return _chinese(names[:start] + names[stop:], names[start:stop], in_order=start > 0)
    start, stop = _western_family(names)
    return _named(names[:start] + names[stop:], names[start:stop], in_order=start > 0)


def _single(word: str, key: str) -> LatinName:
    """One word: a Chinese name run together when it has three syllables, else a given name."""
    if syllable_count(key) == 3:
        for end in range(len(key) - 2, 1, -1):
            if chinese().readings.get(key[:end], 0) > _COMMON and syllable_count(key[end:]) == 2:
                given, family = key[end:], key[:end]
                shown = given.title(), "", family.title()
                return LatinName(*shown, given, "", family, in_order=False, chinese=True)
    return _named((word,), ())


def split_columns(
    given: tuple[str, ...], family: tuple[str, ...], in_order: bool = True
) -> LatinName:
    """A name whose surname and given name were written apart; Chinese ones may be swapped."""
    given, family = _without_repeats(given, family)
    if not given or not family:
        return _named(given, family, in_order)
    readings = chinese().readings
    given_key, family_key = "".join(map(letters, given)), "".join(map(letters, family))
    if 0 < syllable_count(given_key) + syllable_count(family_key) <= 4:
        if family_key in readings and 0 < syllable_count(given_key) <= 2:
            return _chinese(given, family, in_order)
        if given_key in readings and 0 < syllable_count(family_key) <= 2:
            return _chinese(family, given, not in_order)
    turned = _wade_giles(given, family) or _wade_giles(family, given)
    return turned or _named(given, family, in_order)


def _without_repeats(
    given: tuple[str, ...], family: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words of both columns when one column repeats the surname of the other."""
    last = letters("".join(family))
    if len(given) > 1 and last:
        if letters(given[-1]) == last:
            return given[:-1], family
        if letters(given[0]) == last:
            return given[1:], family
    return given, family


_COMMON = 0.02
"""Readings weightier than this are those of the commonest surnames."""


def _chinese_family(names: tuple[str, ...]) -> tuple[int, int] | None:
    """Where the surname stands if `names` is a Chinese name in pinyin or Wade-Giles, else null.

    When both ends could be the surname, the first one is it, unless the last one is several
    times as common as a surname.
    """
    keys = [letters(name) for name in names]
    readings, last = chinese().readings, len(names) - 1
    compound = "".join(keys[:2])
    spelt_apart = last >= 2 and compound in readings and compound not in chinese().syllables
    if spelt_apart and syllable_count("".join(keys[2:])):
        return 0, 2
    raised = _raised_word(names)
    counts = [syllable_count(key) for key in keys]
    if not all(counts) or sum(counts) > 4:
        return _wade_giles_family(names, keys)
    first_weight = readings.get(keys[0], 0.0) if sum(counts[1:]) <= 2 else 0.0
    last_weight = readings.get(keys[last], 0.0) if sum(counts[:last]) <= 2 else 0.0
    if raised in (0, last) and (first_weight, last_weight)[raised == last]:
        return raised, raised + 1
    if not first_weight and not last_weight:
        return _wade_giles_family(names, keys)
    at = 0 if first_weight and last_weight <= 4 * first_weight else last
    return at, at + 1


def _raised_word(names: tuple[str, ...]) -> int | None:
    """The place of the only word in capitals, which marks a surname; null when there is none."""
    raised = [
        place for place, name in enumerate(names) if name.isupper() and len(letters(name)) > 1
    ]
    return raised[0] if len(raised) == 1 and len(names) > 1 else None


def _wade_giles_family(names: tuple[str, ...], keys: list[str]) -> tuple[int, int] | None:
    """Like `_chinese_family`, for names in Wade-Giles: the surname is the word without hyphen."""
    last = len(names) - 1
    for at in (0, last) if "-" in names[last] or last > 1 else (last, 0):
        rest = names[:at] + names[at + 1 :]
        turned = from_wade_giles(keys[at], _syllable_words(rest))
        if turned and turned[0] in chinese().readings and len(turned[1]) <= 2:
            return at, at + 1
    return None


def _syllable_words(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(key for name in names for part in name.split("-") if (key := letters(part)))


def _wade_giles(given: tuple[str, ...], family: tuple[str, ...]) -> LatinName | None:
    turned = from_wade_giles(letters("".join(family)), _syllable_words(given)) if family else None
    if turned is None or turned[0] not in chinese().readings or len(turned[1]) > 2:
        return None
    keys = "".join(turned[1]), turned[0]
    return LatinName(" ".join(given), "", " ".join(family), keys[0], "", keys[1], chinese=True)


def _chinese(given: tuple[str, ...], family: tuple[str, ...], in_order: bool) -> LatinName:
    """A Chinese name: the syllables of the given name are one name, no middle names."""
    turned = _wade_giles(given, family)
    if turned:
        return replace(turned, in_order=in_order)
    keys = "".join(map(letters, given)), "".join(map(letters, family))
    return LatinName(" ".join(given), "", " ".join(family), keys[0], "", keys[1], in_order, True)


def _western_family(names: tuple[str, ...]) -> tuple[int, int]:
    """Where the surname stands in a name written in one piece, given name first by custom."""
    particles = latin().particles
    raised = _raised_word(names)
    if raised is not None:
        return raised, raised + 1
    initials = [len(letters(name)) == 1 for name in names]
    if not initials[0] and all(initials[1:]):
        return 0, 1
    for place in range(1, len(names) - 1):
        if letters(names[place]) in particles:
            return place, len(names)
    return len(names) - 1, len(names)


def _named(given: tuple[str, ...], family: tuple[str, ...], in_order: bool = True) -> LatinName:
    """A Western name: the first given name, the others as middle names, the whole surname."""
    first, *middle = given or ("",)
    if not family and len(given) == 1 and "-" in first:
        turned = from_wade_giles("", _syllable_words(given))
        if turned:
            return LatinName(first, "", "", "".join(turned[1]), "", "", chinese=True)
    keys = letters(first), " ".join(map(letters, middle)), "".join(map(letters, family))
    return LatinName(first, " ".join(middle), " ".join(family), *keys, in_order)
