"""Phone numbers in E.164, with the record's country as a hint and a guess where it has none."""

import re
from collections.abc import Iterator

import polars as pl

from resolution.standardise.characters import tidy_column
from resolution.standardise.countries import country_code
from resolution.standardise.junk import is_junk, junk_lists
from resolution.standardise.phone_numbers import read_plain_numbers
from resolution.standardise.rows import FEW, answer_rest, answer_rows

Phone = tuple[str, str, str, str]
"""E.164, national number, kind, country."""
PHONE_COLUMNS = ("phone", "national", "kind", "country", "reason")
_SCHEMA = dict.fromkeys(PHONE_COLUMNS, pl.String)


def standardise_phones(values: pl.DataFrame) -> pl.DataFrame:
    """Phone numbers as phonenumbers reads them; same height and order as `values`.

    Takes columns phone and country (a hint: a code or a name, may be null). Gives phone
    (E.164, no extension), national (digits without country code), kind (mobile, fixed,
    unknown), country (ISO 3166 alpha-2) and reason (not_a_phone, placeholder), all text.
    """
    written = values.select(text=tidy_column(values.get_column("phone")), hint=_hints(values))
    if written.height < FEW:
        return answer_rows(written, one_phone, _SCHEMA)
    read = read_plain_numbers(_first_readings(written))
    held = pl.col("national").str.contains(_REPEATED) | pl.col("national").is_in(_junk_digits())
    plain = read.with_columns(reason=pl.lit(None, pl.String)).with_columns(
        pl.when(~held).then(pl.col(name)) for name in PHONE_COLUMNS
    )
    return answer_rest(plain, plain.get_column("phone").is_null(), written, one_phone)


def _hints(values: pl.DataFrame) -> pl.Series:
    """The hints as country codes; null where they name no country."""
    written = values.get_column("country")
    codes = {name: country_code(name) for name in written.unique() if name}
    return written.replace_strict(codes, default=None, return_dtype=pl.String)


_EMPTY = (None,) * 5
_PLACEHOLDER = (None, None, None, None, "placeholder")
_NOT_A_PHONE = (None, None, None, None, "not_a_phone")


def one_phone(text: str, hint: str | None) -> tuple[str | None, ...]:
    """One number that is tidy; `hint` is a country's code."""
    if not text:
        return _EMPTY
    digits = "".join(letter for letter in text if letter.isdigit())
    if _is_placeholder(text, digits):
        return _PLACEHOLDER
    if len(digits) < 5:
        return _NOT_A_PHONE
    for number, region in _readings(text, digits, hint):
        found = library_number(number, region)
        if found:
            junk = _is_placeholder(found[1], found[1])
            return _PLACEHOLDER if junk else (*found, None)
    return _NOT_A_PHONE


def _is_placeholder(text: str, digits: str) -> bool:
    if not digits:
        return is_junk("phone", text)
    repeated = len(digits) >= 5 and len(set(digits[-7:])) == 1
    return repeated or digits in junk_lists()["phone_digits"]


_REPEATED = "|".join(f"{digit}{{7}}$|^{digit}{{5,6}}$" for digit in "0123456789")
"""What `_is_placeholder` calls repeated, as a pattern of the digits."""


def _junk_digits() -> list[str]:
    return sorted(junk_lists()["phone_digits"])


# ---- in which country a number is read ----------------------------------------------------------

_NANP_WRITTEN = r"1[ .\-(]+[2-9]\d\d[ .\-)]+\d{3}[ .\-]+\d{4}"
_AREA_CODE_WRITTEN = r"\(?0\d{2,3}[)\- ]+\d{3,4}[\- ]?\d{4}(\D.*)?"


def _readings(text: str, digits: str, hint: str | None) -> Iterator[tuple[str, str]]:
    """Ways to read the number, most plausible first: (text, region to read it in)."""
    if text.startswith("+") or (text.startswith("00") and len(digits) > 10):
        yield "+" + text.lstrip("+").removeprefix("00"), hint or "ZZ"
        text = text.removeprefix("+")
    if hint:
        yield text, hint
    if len(digits) == 11 and re.match("1[3-9]", digits) and not re.fullmatch(_NANP_WRITTEN, text):
        yield text, "CN"
    if len(digits) == 10 and digits[0] in "23456789":
        yield text, "US"
    if len(digits) == 11 and digits[0] == "1":
        yield text, "US"
    if len(digits) == 11 and digits.startswith("07"):
        yield text, "GB"
    if re.fullmatch(_AREA_CODE_WRITTEN, text):
        yield text, "CN"
    if re.match("861[3-9]", digits) or re.match("447", digits):
        yield f"+{text}", "ZZ"


def _first_readings(written: pl.DataFrame) -> pl.DataFrame:
    """The first of `_readings` as columns text and region; for numbers written in plain signs.

    Takes columns text and hint. Null where the whole of what was written is a placeholder, too
    short to be a number, or of no known shape.
    """
    text, digits, region = (pl.col(name) for name in ("text", "digits", "region"))
    count = digits.str.len_bytes()
    bare = text.str.strip_chars_start("+").str.strip_prefix("00")
    named = digits.str.contains("^(?:861[3-9]|447)")
    junk = digits.str.contains(_REPEATED) | digits.is_in(_junk_digits())
    return (
        written.with_columns(digits=text.str.replace_all("[^0-9]", ""))
        .with_columns(
            abroad=text.str.starts_with("+") | (text.str.starts_with("00") & (count > 10)),
            junk=junk | (count < 5),
        )
        .with_columns(region=pl.when(~pl.col("abroad")).then(pl.coalesce("hint", _guessed())))
        .select(
            pl.when("junk").then(None)
            .when("abroad").then(pl.concat_str(pl.lit("+"), bare))
            .when(region.is_not_null()).then(text)
            .when(named).then(pl.concat_str(pl.lit("+"), text))
            .alias("text"),
            region,
        )
    )  # fmt: skip


def _guessed() -> pl.Expr:
    """The region that text and digits of a number without + point to; null where none."""
    text, digits = pl.col("text"), pl.col("digits")
    chinese = digits.str.contains("^1[3-9].{9}$") & ~text.str.contains(f"^(?:{_NANP_WRITTEN})$")
    american = digits.str.contains("^(?:[2-9].{9}|1.{10})$")
    return (
        pl.when(chinese).then(pl.lit("CN"))
        .when(american).then(pl.lit("US"))
        .when(digits.str.contains("^07.{9}$")).then(pl.lit("GB"))
        .when(text.str.contains(f"^(?:{_AREA_CODE_WRITTEN})$")).then(pl.lit("CN"))
    )  # fmt: skip


def library_number(text: str, region: str) -> Phone | None:
    """What phonenumbers alone makes of `text` in `region`; null unless it is valid."""
    import phonenumbers

    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    country = phonenumbers.region_code_for_number(number)
    if country is None or not phonenumbers.is_valid_number_for_region(number, country):
        return None
    kinds = phonenumbers.PhoneNumberType
    kind = {kinds.MOBILE: "mobile", kinds.FIXED_LINE: "fixed"}.get(phonenumbers.number_type(number))
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return written, phonenumbers.national_significant_number(number), kind or "unknown", country
