"""Identifiers that systems hand out: loyalty cards, tokens, national ids."""

import polars as pl

from resolution.standardise.characters import bare_key, tidy
from resolution.standardise.junk import is_junk


def standardise_identifiers(values: pl.DataFrame) -> pl.DataFrame:
    """Identifiers trimmed, in NFKC and upper case; same height and order (column identifier).

    Gives identifier and reason (placeholder), both text. Signs within an identifier are kept:
    they may be all that tells two apart.
    """
    rows = [one_identifier(tidy(text)) for text in values.get_column("identifier").to_list()]
    return pl.DataFrame(rows, schema={"identifier": pl.String, "reason": pl.String}, orient="row")


def one_identifier(text: str) -> tuple[str | None, str | None]:
    """One identifier that is tidy."""
    if not text:
        return None, None
    letters = set(bare_key(text))
    if (len(letters) == 1 and len(text) > 2) or letters == {"0"} or is_junk("identifier", text):
        return None, "placeholder"
    return text.upper(), None
