"""The answer of every reader of names: one row of the same columns."""

import polars as pl

from resolution.standardise.latin_facts import formal_name
from resolution.standardise.phonetic import phonetic_code

NAME_COLUMNS = (
    "full", "given", "family", "latin", "script", "han", "family_key", "given_key", "middle_key",
    "full_key", "formal", "phonetic", "suffix", "family_parts", "place", "reason",
)  # fmt: skip
Row = tuple[str | None, ...]
EMPTY: Row = (None,) * len(NAME_COLUMNS)
PLACEHOLDER: Row = (*EMPTY[:-1], "placeholder")
NOT_A_NAME: Row = (*EMPTY[:-1], "not_a_name")


def name_row(  # noqa: PLR0913 - one argument a column of the answer
    full: str,
    given: str,
    family: str,
    *,
    latin: str,
    script: str,
    han: str,
    keys: tuple[str, str, str],
    suffix: str = "",
    family_parts: str = "",
    place: str = "",
    western: bool = False,
) -> Row:
    """The columns of one name, '' as null."""
    family_key, given_key, middle_key = keys
    if not family_key and not given_key:
        return NOT_A_NAME
    full_key = " ".join(sorted((family_key, given_key))) if family_key and given_key else None
    return (
        full or None,
        given or None,
        family or None,
        latin or None,
        script,
        han or None,
        family_key or None,
        given_key or None,
        middle_key or None,
        full_key,
        (formal_name(given_key) if western else given_key) or None,
        phonetic_code(family_key) if family_key and western else None,
        suffix or None,
        family_parts or None,
        place or None,
        None,
    )


def full_key() -> pl.Expr:
    """Columns family_key and given_key together, whatever their order; null unless both are."""
    family, given = pl.col("family_key"), pl.col("given_key")
    turned = pl.when(family <= given)
    ordered = turned.then(pl.concat_str(family, pl.lit(" "), given)).otherwise(
        pl.concat_str(given, pl.lit(" "), family)
    )
    return pl.when((family != "") & (given != "")).then(ordered)
