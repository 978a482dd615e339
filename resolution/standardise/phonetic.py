"""How a name sounds: NYSIIS (Taft, 1970), with y read as a vowel; and its consonants alone."""

import re
from functools import lru_cache

_BEGINNINGS = (("mac", "mcc"), ("kn", "n"), ("k", "c"), ("ph", "ff"), ("pf", "ff"), ("sch", "sss"))
_ENDINGS = (
    ("ee", "y"),
    ("ie", "y"),
    ("dt", "d"),
    ("rt", "d"),
    ("rd", "d"),
    ("nt", "d"),
    ("nd", "d"),
)
_WITHIN = (("ev", "af"), ("q", "g"), ("z", "s"), ("m", "n"), ("kn", "nn"), ("k", "c"))
_CLUSTERS = (("sch", "sss"), ("ph", "ff"))
_RULES = {
    letter: tuple(rule for rule in (*_WITHIN, *_CLUSTERS) if rule[0][0] == letter)
    for letter in {rule[0][0] for rule in (*_WITHIN, *_CLUSTERS)}
}
"""The rules for a place, by the letter that stands there, in their order."""
_VOWELS = "aeiou"


def _first_match(text: str, rules: tuple[tuple[str, str], ...], at_end: bool) -> str:
    for written, sounded in rules:
        if at_end and text.endswith(written):
            return text[: -len(written)] + sounded
        if not at_end and text.startswith(written):
            return sounded + text[len(written) :]
    return text


def _sound(text: str, at: int) -> str:
    """The letters from `at` on, rewritten as the rules say for that place."""
    here, before = text[at], text[at - 1]
    after = text[at + 1] if at + 1 < len(text) else ""
    rest = text[at:]
    for written, sounded in _RULES.get(here, ()):
        if rest.startswith(written):
            return sounded + rest[len(written) :]
    if here in _VOWELS or (here == "y" and after):
        return "a" + rest[1:]
    if here == "h" and (before not in _VOWELS or after not in _VOWELS or not after):
        return before + rest[1:]
    if here == "w" and before in _VOWELS:
        return before + rest[1:]
    return rest


@lru_cache(maxsize=1 << 17)
def phonetic_code(name: str) -> str | None:
    """The NYSIIS code, upper case, of a name in lower-case ASCII letters; null without any."""
    text = re.sub("[^a-z]", "", name)
    if not text:
        return None
    text = _first_match(_first_match(text, _BEGINNINGS, at_end=False), _ENDINGS, at_end=True)
    code = text[0]
    for at in range(1, len(text)):
        text = text[:at] + _sound(text, at)
        if text[at] != code[-1]:
            code += text[at]
    code = code.removesuffix("s") if len(code) > 1 else code
    code = code[:-2] + "y" if code.endswith("ay") else code
    code = code.removesuffix("a") if len(code) > 1 else code
    return code.upper()


_SPELT = (
    ("sch", "s"),
    ("ch", "s"),
    ("sh", "s"),
    ("kh", "h"),
    ("gh", "g"),
    ("ph", "f"),
    ("th", "t"),
    ("dh", "d"),
    ("x", "ks"),
    ("ck", "k"),
)
_ONE_SOUND = str.maketrans("bcdgjkqvzw", "pktkskkfsf")


@lru_cache(maxsize=1 << 17)
def consonants(name: str) -> str | None:
    """The consonants of a name in lower-case ASCII letters, voiced ones as voiceless ones; null
    with none. It is what romanised names have in common with the usual spelling: many scripts
    write no vowels, or others.
    """
    text = name
    for written, sounded in _SPELT:
        text = text.replace(written, sounded)
    text = re.sub("[^b-df-hj-np-tv-xz]|(?<=.)w|h$", "", text).translate(_ONE_SOUND)
    return re.sub(r"(.)\1+", r"\1", text) or None
