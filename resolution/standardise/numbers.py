"""Numbers as people write them: years, prices, counts of employees."""

import re
from decimal import Decimal, InvalidOperation

import polars as pl

from resolution.standardise.characters import tidy
from resolution.standardise.junk import is_junk

_AROUND = re.compile(r"^[^\d.,+-]*|[^\d]*$")
"""Currency signs and units before and after the digits."""
_THOUSANDS = re.compile(r"(?<=\d)[,'\u2009 ](?=\d{3}(?!\d))")
_DECIMAL_COMMA = re.compile(r"^([+-]?\d+),(\d{1,2})$")


def standardise_numbers(values: pl.DataFrame) -> pl.DataFrame:
    """Numbers in plain decimal form; same height and order as `values` (column number).

    Gives number and reason (placeholder, unreadable), both text. Signs of a currency or unit
    around the digits, and between thousands, are left out: `$1,200.50` is 1200.5.
    """
    rows = [one_number(tidy(text)) for text in values.get_column("number").to_list()]
    return pl.DataFrame(rows, schema={"number": pl.String, "reason": pl.String}, orient="row")


def one_number(text: str) -> tuple[str | None, str | None]:
    """One number that is tidy."""
    if not text:
        return None, None
    if is_junk("text", text):
        return None, "placeholder"
    bare = _THOUSANDS.sub("", _AROUND.sub("", text))
    bare = _DECIMAL_COMMA.sub(r"\1.\2", bare)
    try:
        value = Decimal(bare)
    except InvalidOperation:
        return None, "unreadable"
    return format(value.normalize(), "f"), None
