"""Gender as m, f or x, from the words and forms of address of two languages."""

from functools import lru_cache

import polars as pl

from resolution.standardise.characters import bare_key
from resolution.standardise.junk import is_junk

_WORDS = {
    "m": "m male man boy masculine mr mister sir he gentleman 男 男性 男士 先生 男人 1",
    "f": "f female woman girl feminine mrs ms miss madam lady she w 女 女性 女士 小姐 太太 女人 2",
    "x": "x other nonbinary nb diverse divers genderqueer agender they intersex 其他 非二元",
}
_GENDERS = {bare_key(word): gender for gender, words in _WORDS.items() for word in words.split()}


def standardise_genders(values: pl.DataFrame) -> pl.DataFrame:
    """Genders as m, f or x; same height and order as `values` (column gender).

    Gives gender and reason (unknown_gender, placeholder), both text. 1 and 2 are read as in
    ISO/IEC 5218.
    """
    rows = [one_gender(written) for written in values.get_column("gender").to_list()]
    return pl.DataFrame(rows, schema={"gender": pl.String, "reason": pl.String}, orient="row")


@lru_cache(maxsize=1 << 12)
def one_gender(written: str | None) -> tuple[str | None, str | None]:
    """One gender as written."""
    if not written or not written.strip():
        return None, None
    gender = _GENDERS.get(bare_key(written))
    if gender:
        return gender, None
    return None, "placeholder" if is_junk("gender", written) else "unknown_gender"
