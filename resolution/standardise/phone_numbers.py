"""Phone numbers in plain signs, read a column at a time by phonenumbers' own facts and patterns."""

import re
from functools import cache
from typing import Any

import polars as pl

from resolution.standardise.rows import FEW

PHONE_SCHEMA: dict[str, type[pl.DataType]] = dict.fromkeys(
    ("phone", "national", "kind", "country"), pl.String
)
_PLAIN = r"^\+?[( ]*[0-9][0-9 ().\-]{4,40}$"


def read_plain_numbers(written: pl.DataFrame) -> pl.DataFrame:
    """What phonenumbers makes of each number of `written`; same height and order.

    Takes text and region (ISO 3166 alpha-2, which a number without + is read in). Gives phone
    (E.164), national, kind (mobile, fixed, unknown) and country where the number is valid by the
    library's patterns and nothing but its digits had to be understood; all null where it is not:
    the library itself must say what it makes of those.
    """
    numbers = (
        written.with_row_index("row")
        .filter(pl.col("text").str.contains(_PLAIN))
        .select(
            "row",
            digits=pl.col("text").str.replace_all("[^0-9]", ""),
            abroad=pl.col("text").str.starts_with("+"),
            region="region",
        )
        .with_columns(
            code=pl.when("abroad").then(pl.col("digits").str.extract(_codes_pattern())),
            region=pl.when(~pl.col("abroad")).then(pl.col("region")),
        )
    )
    groups = numbers.partition_by("code", "region", as_dict=True, maintain_order=True)
    national = [
        _national(group, code, region)
        for (code, region), group in groups.items()
        if group.height >= FEW
    ]
    by_code = pl.concat([_NATIONAL_EMPTY, *national]).partition_by("code", as_dict=True)
    found = pl.concat([_FOUND_EMPTY, *(_judged(group, code) for (code,), group in by_code.items())])
    rows = written.select(pl.int_range(pl.len(), dtype=pl.get_index_type()).alias("row"))
    return rows.join(found, on="row", how="left", maintain_order="left").drop("row")


_NATIONAL_EMPTY = pl.DataFrame(
    schema={"row": pl.get_index_type(), "national": pl.String, "code": pl.String}
)
_FOUND_EMPTY = pl.DataFrame(schema={"row": pl.get_index_type(), **PHONE_SCHEMA})


# ---- the national number behind the digits ------------------------------------------------------


def _national(group: pl.DataFrame, code: str | None, region: str | None) -> pl.DataFrame:
    """Row, national number and calling code of those digits that the library reads one way.

    All of `group` was written with +`code`, or to be read in `region`.
    """
    main = _regions_of(code)[0] if code else region
    facts = _facts(main) if main else None
    if facts is None:
        return _NATIONAL_EMPTY
    called = str(facts.country_code)
    if code:
        numbers = group.with_columns(pl.col("digits").str.slice(len(code)))
        return _without_prefix(numbers, facts).with_columns(code=pl.lit(called))
    digits, general = pl.col("digits"), facts.general_desc
    begun = group.filter(~_opens(digits, facts.international_prefix or "NonMatch")).with_columns(
        called=digits.str.starts_with(called),
        whole=_is_all(digits, general) & (digits.str.len_bytes() <= general.possible_length[-1]),
    )
    found = [_without_prefix(begun.filter(~pl.col("called") | pl.col("whole")), facts)]
    if region == _regions_of(called)[0]:
        found.append(_without_code(begun.filter("called"), facts))
    return pl.concat(found).with_columns(code=pl.lit(called))


def _without_code(numbers: pl.DataFrame, facts: Any) -> pl.DataFrame:
    """Row and national number of `digits` that open with the calling code but for its +.

    It is taken off where only what follows it is a whole number; the others are left out.
    """
    digits, general = pl.col("digits"), facts.general_desc
    after = numbers.filter(~_is_all(digits, general)).with_columns(
        digits.str.slice(len(str(facts.country_code)))
    )
    prefix = facts.national_prefix_for_parsing or "NonMatch"
    return after.filter(~_opens(digits, prefix) & _is_all(digits, general)).select(
        "row", national="digits"
    )


def _without_prefix(numbers: pl.DataFrame, facts: Any) -> pl.DataFrame:
    """Row and national number: `digits` without the prefix dialled inside a country.

    Those of which the library would make more than that are left out.
    """
    prefix = facts.national_prefix_for_parsing
    if not prefix:
        return numbers.select("row", national="digits")
    digits, rest, general = pl.col("digits"), pl.col("rest"), facts.general_desc
    opening = f"^(?:{prefix})"
    numbers = numbers.with_columns(opens=digits.str.contains(opening))
    opened = numbers.filter("opens").with_columns(rest=digits.str.replace(opening, ""))
    if facts.national_prefix_transform_rule:
        # The last group holds what the library writes anew: numbers that have one are its own.
        opened = opened.filter(digits.str.extract(opening, _groups(prefix)).is_null())
    # Digits that are a whole number with the prefix keep it, unless they are one without it too.
    kept = _is_all(digits, general) & ~_is_all(rest, general)
    removed = rest.str.len_bytes().is_in(general.possible_length)
    stripped = opened.select("row", national=pl.when(kept).then(digits).when(removed).then(rest))
    plain = numbers.filter(~pl.col("opens")).select("row", national="digits")
    return pl.concat([plain, stripped.drop_nulls()])


@cache
def _groups(pattern: str) -> int:
    return re.compile(pattern).groups


def _opens(digits: pl.Expr, pattern: str) -> pl.Expr:
    return digits.str.contains(f"^(?:{pattern})")


def _is_all(digits: pl.Expr, described: Any) -> pl.Expr:
    return digits.str.contains(f"^(?:{described.national_number_pattern})$")


# ---- country and kind of a national number ------------------------------------------------------


def _judged(group: pl.DataFrame, code: str) -> pl.DataFrame:
    """Row and phone of the valid ones of `group`, national numbers of one calling code."""
    left, found = group.drop("code"), [_FOUND_EMPTY]
    regions = _regions_of(code)
    for region in regions:
        facts = _facts(region)
        number = pl.col("national")
        kinds = left.with_columns(kind=_kind(facts))
        if facts.leading_digits and len(regions) > 1:
            own = _opens(number, facts.leading_digits)
        else:
            own = pl.col("kind").is_not_null()
        found.append(
            kinds.filter(own & pl.col("kind").is_not_null()).select(
                "row", pl.concat_str(pl.lit(f"+{code}"), number).alias("phone"), "national", "kind",
                country=pl.lit(region),
            )
        )  # fmt: skip
        left = kinds.filter(~own).drop("kind")
        if left.height < FEW:
            break
    return pl.concat(found)


def _kind(facts: Any) -> pl.Expr:
    """The kind of a national number by one region's patterns; null when it is not valid there."""
    number = pl.col("national")
    special = pl.any_horizontal([_is_described(number, one) for one in _specials(facts)])
    fixed = _is_described(number, facts.fixed_line)
    mobile = _is_described(number, facts.mobile)
    both = fixed if facts.same_mobile_and_fixed_line_pattern else fixed & mobile
    kind = pl.when(special | both).then(pl.lit("unknown")).when(fixed).then(pl.lit("fixed"))
    if not facts.same_mobile_and_fixed_line_pattern:
        kind = kind.when(mobile).then(pl.lit("mobile"))
    return pl.when(_is_described(number, facts.general_desc)).then(kind.otherwise(None))


def _specials(facts: Any) -> tuple[Any, ...]:
    return (
        *(facts.premium_rate, facts.toll_free, facts.shared_cost, facts.voip),
        *(facts.personal_number, facts.pager, facts.uan, facts.voicemail),
    )


def _is_described(number: pl.Expr, described: Any) -> pl.Expr:
    """Whether length and pattern of one description both fit."""
    if described is None or not described.national_number_pattern:
        return pl.lit(False)
    fits = _is_all(number, described)
    lengths = described.possible_length
    return number.str.len_bytes().is_in(lengths) & fits if lengths else fits


# ---- the library's facts ------------------------------------------------------------------------


@cache
def _facts(region: str) -> Any:
    """The library's metadata of a region; null when it knows none."""
    from phonenumbers import PhoneMetadata

    return PhoneMetadata.metadata_for_region(region, None)


@cache
def _regions_of(code: str) -> tuple[str, ...]:
    """The regions that share a calling code, the main one first."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    regions: tuple[str, ...] = COUNTRY_CODE_TO_REGION_CODE[int(code)]
    return regions


@cache
def _codes_pattern() -> str:
    """Calling codes of countries; none opens another. Those of no country are the library's."""
    from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

    codes = [
        str(code) for code, regions in COUNTRY_CODE_TO_REGION_CODE.items() if regions != ("001",)
    ]
    return f"^({'|'.join(codes)})"
