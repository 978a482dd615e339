"""What matching derives from one person's name; see combined_name_keys in records.match_keys."""

from collections.abc import Mapping
from typing import Any

from resolution.standardise.latin_facts import formal_name, formal_names, latin, letters
from resolution.standardise.phonetic import consonants, phonetic_code
from resolution.standardise.pinyin import given_reading

Parts = Mapping[str, Any]


def name_columns(name: str, parts: Parts) -> dict[str, Any]:
    """The columns by their full names. `parts`: of the standardised name."""
    given, family, middle = (parts[f"{part}_key"] for part in ("given", "family", "middle"))
    lone = None if given and family else given or family
    han = parts["han"]
    spelt = "".join(sorted("".join(part for part in (given, middle, family) if part)))
    found = {
        "any_key": given or family,
        "lone_key": lone,
        "whole_key": given_reading(han) if han and len(han) == 2 else None,
        "letters": spelt or None,
        "given_start": given and given[:2],
        "given_initial": given and given[:1],
        "family_initial": family and family[:1],
        "lone_initial": lone and lone[:1],
        "middle_initial": middle and middle[:1],
        "formal_initial": parts["formal"] and parts["formal"][:1],
        "foreign": True if parts["script"] == "other" else None,
        "given_bare": _bare(given),
        "family_bare": _bare(family),
        "lone_bare": _bare(lone),
        **_western(parts),
    }
    return {f"{name}_{key}": value for key, value in found.items()}


def _bare(key: str | None) -> str | None:
    return key if key and len(key) == 1 else None


def _western(parts: Parts) -> dict[str, Any]:
    """What only a name whose surname has a sound has."""
    names = ("each_word", "each_form", "sound", "given_sound", "bones")
    if parts["phonetic"] is None:
        return dict.fromkeys(names)
    given, family, formal = parts["given_key"], parts["family_key"], parts["formal"]
    forms = formal_names(given) if given else None
    sound = phonetic_code(formal) if formal else None
    bones = [consonants(key) if key else None for key in (given, family)]
    return {
        "each_word": _telling_words(parts),
        "each_form": forms.split(" ") if forms is not None else None,
        "sound": " ".join(sorted((sound, parts["phonetic"]))) if sound is not None else None,
        "given_sound": phonetic_code(given) if given else None,
        "bones": " ".join(sorted(x for x in bones if x is not None)) if None not in bones else None,
    }


def _telling_words(parts: Parts) -> list[str]:
    """See resolution.records.match_keys._each_word."""
    text = " ".join(part for part in (parts["latin"], parts["place"]) if part is not None)
    particles = latin().particles
    keys = {letters(word) for part in text.split(" ") for word in part.split("-")}
    told = {formal_name(key) for key in keys if len(key) > 1 and key not in particles}
    return sorted(told)
