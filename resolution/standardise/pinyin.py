"""Chinese names in Han and in Latin letters: surnames, readings, syllables, Wade-Giles."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

import yaml

from resolution.standardise.characters import FOLDER, is_han


@dataclass(frozen=True)
class Chinese:
    """The content of chinese.yml, indexed."""

    surnames: Mapping[str, float]
    """Surname in simplified Han -> a weight that falls with its rarity."""
    readings: Mapping[str, float]
    """Surname in pinyin letters -> the sum of the weights of those read so."""
    surname_readings: Mapping[str, str]
    given_readings: Mapping[str, str]
    title: re.Pattern[str]
    """A form of address at the end of a name."""
    syllables: frozenset[str]
    wade_giles: Mapping[str, str]
    """Wade-Giles syllable without its apostrophe -> the pinyin it most likely stands for."""
    wade_giles_surnames: Mapping[str, str]


@cache
def chinese() -> Chinese:
    """The facts of Chinese names, read once."""
    content = yaml.safe_load((FOLDER / "chinese.yml").read_text(encoding="utf-8"))
    ordered = dict.fromkeys("".join(content["surnames"].split()))
    surnames = {surname: 1 / (rank + 4) for rank, surname in enumerate(ordered)}
    surnames |= dict.fromkeys(content["compound_surnames"].split(), 1 / (len(ordered) + 4))
    read_so = {han: reading.split() for han, reading in content["surname_readings"].items()}
    readings: dict[str, float] = {}
    for surname, weight in surnames.items():
        reading = "".join(read_so.get(surname) or [character_reading(c) for c in surname])
        readings[reading] = readings.get(reading, 0) + weight
    syllables = frozenset(content["syllables"].split())
    return Chinese(
        surnames=surnames,
        readings=readings,
        surname_readings={han: "".join(reading) for han, reading in read_so.items()},
        given_readings=content["given_readings"],
        title=re.compile(f"(?:{'|'.join(content['titles'])})$"),
        syllables=syllables,
        wade_giles=_wade_giles_table(sorted(syllables)) | content["wade_giles_given"],
        wade_giles_surnames=content["wade_giles_surnames"],
    )


@cache
def character_reading(character: str) -> str:
    """The usual pinyin of one Han character, without tone, ü as v; '' when it has none."""
    from pypinyin import lazy_pinyin

    reading = lazy_pinyin(character, errors="ignore")
    return reading[0] if reading else ""


@lru_cache(maxsize=1 << 12)
def surname_reading(surname: str) -> str:
    """The pinyin of a surname in simplified Han, as it is read when it is a surname."""
    known = chinese().surname_readings.get(surname)
    return known or "".join(character_reading(character) for character in surname)


@lru_cache(maxsize=1 << 17)
def given_reading(given: str) -> str:
    """The pinyin of a given name in simplified Han, its syllables joined."""
    preferred = chinese().given_readings
    return "".join(preferred.get(character) or character_reading(character) for character in given)


def shown_reading(reading: str) -> str:
    """A reading for display: capital first, and ü where the key has v."""
    return re.sub("([LlNn])v", r"\1ü", reading[:1].upper() + reading[1:])


@lru_cache(maxsize=1 << 17)
def split_han(name: str) -> tuple[str, str]:
    """(surname, given name) of a name in simplified Han without spaces; either may be ''.

    The surname stands first, unless the first character is none and the last one is a usual
    one. A single character that is no surname is a given name; so are two of which the first
    one hardly ever is.
    """
    surnames = chinese().surnames
    if len(name) == 1 or name in surnames:
        return (name, "") if name in surnames else ("", name)
    for length in (4, 2):
        if len(name) > length and name[:length] in surnames:
            return name[:length], name[length:]
    needed = USUAL if len(name) > 2 else CERTAIN  # 月兰 is a given name, 伟张 a name turned round
    if name[0] not in surnames and surnames.get(name[-1], 0) > needed:
        return name[-1], name[:-1]
    if len(name) == 2 and surnames.get(name[0], 0) < RARE:
        return "", name
    return name[0], name[1:]


FREQUENT = 1 / 64
"""Surnames weightier than this are among the sixty commonest: most bearers of Chinese names."""
CERTAIN = 1 / 14
"""The ten commonest surnames; 王伟 in a given-name column is a whole name, 林芳 need not be."""
USUAL = 1 / 154
RARE = 1 / 304
"""The weights of the 150th and the 300th commonest surname."""


def is_surname(han: str) -> bool:
    """Whether simplified `han` is a known surname."""
    return han in chinese().surnames


def is_given_like(han: str) -> bool:
    """Whether simplified `han` can be a given name alone: one or two characters."""
    return is_han(han) and len(han) <= 2


_LONGEST_SYLLABLE = 7
"""Letters; no syllable of pinyin or Wade-Giles has more."""


@lru_cache(maxsize=1 << 17)
def syllable_count(letters: str) -> int:
    """The least number of pinyin syllables that lower-case `letters` split into; 0 if none do."""
    return len(_segment(letters, chinese().syllables))


def _segment(letters: str, syllables: frozenset[str]) -> tuple[str, ...]:
    """The shortest split of `letters` into `syllables`, the longest syllables first; () if none."""
    best: list[tuple[str, ...] | None] = [()] + [None] * len(letters)
    reached = 0
    for end in range(1, len(letters) + 1):
        if end - reached > _LONGEST_SYLLABLE:
            return ()
        for start in range(max(0, end - 6), end):
            before = best[start]
            if before is None or letters[start:end] not in syllables:
                continue
            here = best[end]
            if here is None or len(before) + 1 < len(here):
                best[end] = (*before, letters[start:end])
                reached = end
    return best[-1] or ()


_INITIALS = (
    *(("zh", "ch"), ("ch", "ch"), ("sh", "sh"), ("b", "p"), ("d", "t"), ("g", "k"), ("j", "ch")),
    *(("q", "ch"), ("x", "hs"), ("z", "ts"), ("c", "ts"), ("r", "j")),
)
_ASPIRATED = ("p", "t", "k", "q", "ch", "c")
_WHOLE = {
    "zhi": "chih",
    "chi": "chih",
    "shi": "shih",
    "ri": "jih",
    "zi": "tzu",
    "ci": "tzu",
    "si": "ssu",
}
_WHOLE |= {
    "er": "erh",
    "ye": "yeh",
    "yan": "yen",
    "yue": "yueh",
    "you": "yu",
    "gui": "kuei",
    "kui": "kuei",
}
_WHOLE |= {"ge": "ko", "ke": "ko", "he": "ho", "e": "o", "yong": "yung", "nv": "nu", "lv": "lu"}
_KEEP_UO = ("guo", "kuo", "huo", "shuo")
_FINALS = (
    ("iong", "iung"),
    ("ong", "ung"),
    ("ian", "ien"),
    ("ie", "ieh"),
    ("ue", "ueh"),
    ("uo", "o"),
)


def _to_wade_giles(syllable: str) -> str:
    """A pinyin syllable in Wade-Giles, without apostrophes and umlauts."""
    if syllable in _WHOLE:
        return _WHOLE[syllable]
    initial, written = next(
        ((p, w) for p, w in _INITIALS if syllable.startswith(p)), (syllable[:1], syllable[:1])
    )
    final = syllable[len(initial) :]
    if syllable not in _KEEP_UO:
        final = next((w for p, w in _FINALS if final == p), final)
    return written + final


def _wade_giles_table(syllables: list[str]) -> dict[str, str]:
    """Wade-Giles -> pinyin; of several the unaspirated one, the commoner by far in names."""
    table: dict[str, str] = {}
    ordered = sorted(
        syllables, key=lambda s: (s.startswith(_ASPIRATED) and not s.startswith("zh"), s)
    )
    for syllable in ordered:
        table.setdefault(_to_wade_giles(syllable), syllable)
    return table | {"szu": "si", "erh": "er", "i": "yi", "yui": "rui", "ing": "ying"}


_UNMISTAKABLE = ("hs", "ts", "tz", "ss", "sz")
_UNMISTAKABLE_ENDS = ("ieh", "ueh", "hih", "ien", "erh", "jung", "chung")


def _bare_umlaut(part: str) -> str:
    """A syllable whose ü came as v, as the table has it: hsv is hsu, but chv is ju (not zhu)."""
    if part.startswith("chv"):
        return _CHU_UMLAUT.get(part, part)
    return part if part in chinese().syllables else part.replace("v", "u")


_CHU_UMLAUT = {"chv": "ju", "chvan": "juan", "chvn": "jun", "chveh": "jue"}


def wade_giles_word(parts: tuple[str, ...]) -> bool | None:
    """Whether lower-case `parts` of a word are unlike pinyin but Wade-Giles; null if neither."""
    facts = chinese()
    if any(len(part) > _LONGEST_SYLLABLE for part in parts):
        return None
    bare = [_bare_umlaut(part) for part in parts if part]
    if not all(part in facts.wade_giles or part in facts.syllables for part in bare):
        return None
    return any(part not in facts.syllables or part.startswith("chv") for part in (*bare, *parts))


def from_wade_giles(family: str, given: tuple[str, ...]) -> tuple[str, tuple[str, ...]] | None:
    """A Wade-Giles name in pinyin; null when nothing in it shows that it is one.

    Takes lower-case parts as they were set off by spaces and hyphens; `family` may be ''.
    """
    facts = chinese()
    if any(len(part) > _LONGEST_SYLLABLE for part in (family, *given)):
        return None
    parts = tuple(_bare_umlaut(part) for part in (family, *given) if part)
    if not all(part in facts.wade_giles or part in facts.syllables for part in parts):
        return None
    plain = [part for part in parts if part not in facts.wade_giles]
    if any(part not in _CHU_UMLAUT.values() for part in plain):
        return None
    strange = [part for part in parts if part not in facts.syllables]
    certain = any(part.startswith("chv") for part in given) or any(
        p.startswith(_UNMISTAKABLE) or p.endswith(_UNMISTAKABLE_ENDS) for p in strange
    )
    if not certain and not (strange and len(given) == 2):
        return None
    turned = [facts.wade_giles.get(part, part) for part in parts]
    if family:
        turned[0] = facts.wade_giles_surnames.get(parts[0], turned[0])
        return turned[0], tuple(turned[1:])
    return "", tuple(turned)
