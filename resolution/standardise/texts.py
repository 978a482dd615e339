"""Free text such as employers and positions, for display and for comparing."""

import re

import polars as pl

from resolution.standardise.characters import simplified, tidy, without_accents
from resolution.standardise.junk import is_junk

_WORD = re.compile(r"[^\W_]+")


def standardise_texts(values: pl.DataFrame) -> pl.DataFrame:
    """Texts tidied; same height and order as `values` (column text).

    Gives text (display), key (words in lower case, simplified, without accents and
    punctuation) and reason (placeholder), all text.
    """
    rows = [_text(tidy(text)) for text in values.get_column("text").to_list()]
    schema = {"text": pl.String, "key": pl.String, "reason": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _text(text: str) -> tuple[str | None, str | None, str | None]:
    if not text:
        return None, None, None
    if is_junk("text", text):
        return None, None, "placeholder"
    key = " ".join(_WORD.findall(without_accents(simplified(text)).casefold().replace("'", "")))
    return text, key or None, None
