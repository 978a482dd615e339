"""Single characters, the ground of every standardiser: width, case, accents, Han variants."""

import re
import unicodedata
from functools import cache
from pathlib import Path

import polars as pl

FOLDER = Path(__file__).parent
"""Where the data files of the standardisers lie."""

HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
"""Han characters, for use inside a character class."""

_HAN = re.compile(f"[{HAN}]")
_ONLY_HAN = re.compile(f"[{HAN}]+")
_UNSEEN = re.compile(
    "[\u0000-\u0008\u000e-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]"
)
_SPACE = re.compile(r"\s+")
_WITHOUT_PARTS = str.maketrans(
    {"ø": "o", "Ø": "O", "ß": "ss", "æ": "ae", "Æ": "AE", "œ": "oe", "Œ": "OE", "ł": "l", "Ł": "L"}
    | {"đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "þ": "th", "Þ": "Th", "ı": "i", "ŋ": "n", "ħ": "h"}
    | {"ə": "e", "Ə": "E", "’": "'", "‘": "'", "ʼ": "'", "ʻ": "'", "`": "'", "´": "'"}
)


def tidy(text: str | None) -> str:
    """`text` in NFKC (full width becomes half width), one space between words; '' for null."""
    if not text:
        return ""
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if not text.isprintable():
        text = _UNSEEN.sub("", _SPACE.sub(" ", text))
    return " ".join(text.split())


_TIDY = "^[!-~\u4e00-\u9fff]+(?: [!-~\u4e00-\u9fff]+)*$"
"""Texts that `tidy` leaves alone: visible ASCII and the usual Han characters, one space apart."""


def tidy_column(written: pl.Series) -> pl.Series:
    """`tidy` of every text, null included."""
    untidy = ~written.str.contains(_TIDY).fill_null(False)
    texts = [tidy(text) for text in written.filter(untidy)]
    return written.scatter(untidy.arg_true(), pl.Series(texts, dtype=pl.String))


def without_accents(text: str) -> str:
    """`text` with accents taken off and the letters that have no bare form spelt out."""
    if text.isascii():
        return text
    bare = unicodedata.normalize("NFKD", text.translate(_WITHOUT_PARTS))
    return "".join(letter for letter in bare if not unicodedata.combining(letter))


@cache
def _simpler() -> dict[int, str]:
    lines = (FOLDER / "simplified.txt").read_text(encoding="utf-8").splitlines()
    pairs = [pair for line in lines if not line.startswith("#") for pair in line.split()]
    return {ord(pair[0]): pair[1] for pair in pairs}


def simplified(text: str) -> str:
    """`text` with traditional characters replaced by simplified ones."""
    return text if text.isascii() else text.translate(_simpler())


@cache
def _traditional() -> str:
    """A pattern of the characters that `simplified` replaces."""
    return f"[{''.join(map(chr, _simpler()))}]"


def simplified_column(texts: pl.Series) -> pl.Series:
    """`simplified` of every text; none may be null."""
    places = texts.str.contains(_traditional()).arg_true()
    replaced = [simplified(text) for text in texts.gather(places)]
    return texts.scatter(places, pl.Series(replaced, dtype=pl.String)) if replaced else texts


def has_han(text: str) -> bool:
    """Whether `text` holds a Han character."""
    return not text.isascii() and _HAN.search(text) is not None


def is_han(text: str) -> bool:
    """Whether `text` is not empty and nothing but Han characters."""
    return _ONLY_HAN.fullmatch(text) is not None


_ASCII_SIGNS = str.maketrans("", "", "".join(c for c in map(chr, range(128)) if not c.isalnum()))


def bare_key(text: str) -> str:
    """`text` for comparing: lower case, simplified, no accents, only letters and digits."""
    if text.isascii():
        return text.lower().translate(_ASCII_SIGNS)
    if _ONLY_HAN.fullmatch(text):
        return simplified(unicodedata.normalize("NFKC", text))
    plain = without_accents(simplified(tidy(text))).casefold()
    return plain if plain.isalnum() else "".join(c for c in plain if c.isalnum())
