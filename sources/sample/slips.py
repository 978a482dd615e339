"""What goes wrong when people type: each function spoils one value by three uniform draws."""

from functools import lru_cache

import numpy as np

from sources.sample.dice import Reals
from sources.sample.words import listing

_KEYBOARD = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
# FEBRL's dsgen, given names: substitution 0.35, deletion 0.15, insertion 0.05, transposition
# 0.05; single errors only, which Damerau (1964) found to be four in five of all misspellings.
_KINDS = np.cumsum([0.35, 0.15, 0.05, 0.05]) / 0.6


@lru_cache(maxsize=1)
def _neighbours() -> dict[str, str]:
    near: dict[str, str] = {}
    for row, letters in enumerate(_KEYBOARD):
        for place, letter in enumerate(letters):
            beside = letters[max(0, place - 1) : place] + letters[place + 1 : place + 2]
            below = _KEYBOARD[row + 1][place : place + 1] if row < 2 else ""
            near[letter] = beside + below
    return near


def mistype(text: str, draw: Reals) -> str:
    """One letter wrong, missing, doubled or swapped with the next; short texts stay whole."""
    if len(text) < 3:
        return text
    place = 1 + int(draw[0] * (len(text) - 1))  # the first letter is seldom the wrong one
    kind = int(np.searchsorted(_KINDS, draw[1], side="right"))
    letter = text[place]
    near = _neighbours().get(letter.lower(), letter)
    other = near[int(draw[2] * len(near))]
    other = other.upper() if letter.isupper() else other
    if kind == 0:
        return text[:place] + other + text[place + 1 :]
    if kind == 1:
        return text[:place] + text[place + 1 :]
    if kind == 2:
        return text[:place] + letter + text[place:]
    return text[: place - 1] + letter + text[place - 1] + text[place + 1 :]


def wrong_digit(text: str, draw: Reals) -> str:
    """One digit replaced by another; the first two digits stay, text without more stays whole."""
    digits = [place for place, letter in enumerate(text) if letter.isdigit()][2:]
    if not digits:
        return text
    place = digits[int(draw[0] * len(digits))]
    digit = (int(text[place]) + 1 + int(draw[1] * 9)) % 10
    return f"{text[:place]}{digit}{text[place + 1 :]}"


@lru_cache(maxsize=1)
def _homophones() -> dict[str, str]:
    words = listing("chinese_given")
    by_sound: dict[str, str] = {}
    for han, sound in zip(words["han"], words["latin"], strict=True):
        by_sound[sound] = by_sound.get(sound, "") + han
    return {
        han: by_sound[sound].replace(han, "")
        for han, sound in zip(words["han"], words["latin"], strict=True)
    }


def homophone(text: str, draw: Reals) -> str:
    """The last character replaced by one of the same sound, where the word list has one."""
    others = _homophones().get(text[-1], "")
    return text[:-1] + others[int(draw[0] * len(others))] if others else text


def cut(text: str, draw: Reals) -> str:
    """The beginning of a text that did not fit, at least three letters of it."""
    return text[: max(3, int(len(text) * (0.5 + draw[0] / 2)))]


def full_width(text: str, draw: Reals) -> str:
    """Latin letters and digits in their full-width forms."""
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)


def upper(text: str, draw: Reals) -> str:
    """All capitals."""
    return text.upper()


def lower(text: str, draw: Reals) -> str:
    """No capitals."""
    return text.lower()


def mistype_mail(text: str, draw: Reals) -> str:
    """A known misspelling of the provider, or one wrong letter in the mailbox."""
    name, _, provider = text.partition("@")
    wrong = {"gmail.com": "gmial.com", "hotmail.com": "hotmial.com", "qq.com": "qq.con"}
    if draw[2] < 0.4 and provider in wrong:
        return f"{name}@{wrong[provider]}"
    return f"{mistype(name, draw)}@{provider}"


def tag_mail(text: str, draw: Reals) -> str:
    """The same mailbox in another spelling: a +tag, or at Gmail a dot."""
    name, _, provider = text.partition("@")
    if provider != "gmail.com":
        return text
    if draw[0] < 0.5 and len(name) > 3:
        return f"{name[:3]}.{name[3:]}@{provider}".replace("..", ".")
    return f"{name}+shop@{provider}"
