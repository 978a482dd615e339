"""Free text such as firms' names, titles and positions, for display and for comparing."""

import re
from html import unescape
from itertools import pairwise

import polars as pl

from resolution.standardise.characters import HAN, simplified, tidy, without_accents
from resolution.standardise.junk import is_junk

_WORD = re.compile(r"[^\W_]+")
_PIECE = re.compile(f"[{HAN}]+|[^{HAN}]+")
_CODED_CHARACTER = re.compile(r"&(#\d+|#x[0-9a-fA-F]+|[a-zA-Z]+\d*);")
"""A character written for web pages: `&#233;`, `&amp;`; exports of web sites hold them."""


def standardise_texts(values: pl.DataFrame) -> pl.DataFrame:
    """Texts tidied; same height and order as `values` (column text).

    Gives text (display), key (words in lower case, simplified, without accents and
    punctuation), words (the key's distinct words in order of the alphabet, Chinese cut into
    pairs of characters) and reason (placeholder), all text.
    """
    rows = [one_text(tidy(text)) for text in values.get_column("text").to_list()]
    schema = dict.fromkeys(("text", "key", "words", "reason"), pl.String)
    return pl.DataFrame(rows, schema=schema, orient="row")


def _decoded(text: str) -> str:
    return tidy(unescape(text)) if _CODED_CHARACTER.search(text) else text


def one_text(text: str) -> tuple[str | None, str | None, str | None, str | None]:
    """One text that is tidy."""
    text = _decoded(text)
    if not text:
        return None, None, None, None
    if is_junk("text", text):
        return None, None, None, "placeholder"
    plain = without_accents(simplified(text)).casefold().replace("'", "")
    found = _WORD.findall(plain)
    words = {piece for word in found for piece in _pieces(word)}
    return text, " ".join(found) or None, " ".join(sorted(words)) or None, None


def _pieces(word: str) -> list[str]:
    """A word as it is; a run of Chinese as its pairs of characters, as it has no spaces."""
    if word.isascii():
        return [word]
    pieces: list[str] = []
    for piece in _PIECE.findall(word):
        chinese = len(piece) > 2 and re.match(f"[{HAN}]", piece)
        pieces += [a + b for a, b in pairwise(piece)] if chinese else [piece]
    return pieces
