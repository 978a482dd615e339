"""Countries by any of their names or codes, English or Chinese, from countries.yml."""

from collections.abc import Mapping
from functools import cache, lru_cache

import polars as pl
import yaml

from resolution.standardise.characters import FOLDER, bare_key
from resolution.standardise.junk import is_junk


def standardise_countries(values: pl.DataFrame) -> pl.DataFrame:
    """Countries as ISO 3166-1 alpha-2; same height and order as `values` (column country).

    Gives country and reason (unknown_country, placeholder), both text.
    """
    rows = [_country(written) for written in values.get_column("country").to_list()]
    schema = {"country": pl.String, "reason": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _country(written: str | None) -> tuple[str | None, str | None]:
    if not written or not written.strip():
        return None, None
    code = country_code(written)
    if code:
        return code, None
    return None, "placeholder" if is_junk("country", written) else "unknown_country"


@cache
def _names() -> Mapping[str, str]:
    content = yaml.safe_load((FOLDER / "countries.yml").read_text(encoding="utf-8"))
    return {bare_key(name): code for code, names in content.items() for name in (code, *names)}


@lru_cache(maxsize=1 << 12)
def country_code(written: str | None) -> str | None:
    """The ISO 3166-1 alpha-2 code of a country's name or code; null when it is none."""
    return _names().get(bare_key(written)) if written else None
