"""Identifiers that systems hand out: loyalty cards, national ids, union ids."""

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


def standardise_tokens(values: pl.DataFrame) -> pl.DataFrame:
    """The same for what programs hand out, where capitals count for who calls them by it: column
    identifier is for matching, column shown has the capitals as written."""
    rows = [one_token(tidy(text)) for text in values.get_column("identifier").to_list()]
    schema = dict.fromkeys(("identifier", "shown", "reason"), pl.String)
    return pl.DataFrame(rows, schema=schema, orient="row")


def one_token(text: str) -> tuple[str | None, str | None, str | None]:
    """One token that is tidy."""
    identifier, reason = one_identifier(text)
    return identifier, identifier and text, reason


def one_identifier(text: str) -> tuple[str | None, str | None]:
    """One identifier that is tidy."""
    if not text:
        return None, None
    letters = set(bare_key(text))
    if (len(letters) == 1 and len(text) > 2) or letters == {"0"} or is_junk("identifier", text):
        return None, "placeholder"
    return text.upper(), None
