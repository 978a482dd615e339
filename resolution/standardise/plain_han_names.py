"""Names of nothing but usual Han characters, split and read a column at a time."""

import polars as pl

from resolution.standardise.characters import simplified_column
from resolution.standardise.junk import junk_lists
from resolution.standardise.name_rows import full_key
from resolution.standardise.pinyin import (
    CERTAIN,
    RARE,
    USUAL,
    chinese,
    given_reading,
    shown_reading,
    surname_reading,
)

_HAN = "^[\u4e00-\u9fff]+$"
_LONGEST = 20


def read_plain_han_names(written: pl.DataFrame) -> pl.DataFrame:
    """Row and columns of those of `written` that are Han throughout and plainly split.

    Takes columns row, full, given, family (tidy text). Those with a title, a placeholder, or
    columns that repeat each other are left out.
    """
    full, given, family = pl.col("full"), pl.col("given"), pl.col("family")
    nothing = (given == "") & (family == "")
    whole = written.filter(nothing & full.str.contains(_HAN)).select("row", name="full")
    columns = written.filter(
        given.str.contains(_HAN) & family.str.contains(_HAN) & full.str.contains(f"{_HAN}|^$")
    ).select("row", "given", "family")
    return _answered(pl.concat([_split(whole), _columns(columns)]))


def _split(names: pl.DataFrame) -> pl.DataFrame:
    """Row, given and family of names in one piece, as `split_han` divides them."""
    surnames = chinese().surnames
    known = list(surnames)
    plain = names.with_columns(simple=simplified_column(names.get_column("name")))
    simple, count = pl.col("simple"), pl.col("count")
    plain = plain.filter(~_is_held(simple) & ~_is_titled("name")).with_columns(
        count=simple.str.len_chars().cast(pl.Int64),
        leading=_weight(simple.str.slice(0, 1)),
        ending=_weight(simple.str.slice(-1, 1)),
        compound=simple.str.slice(0, 2).is_in(known),
        long=simple.str.slice(0, 4).is_in(known),
        surname=simple.is_in(known),
    )
    needed = pl.when(count > 2).then(USUAL).otherwise(CERTAIN)
    # The length of the surname; negative when it stands at the end.
    length = (
        pl.when("surname").then(count)
        .when(count == 1).then(0)
        .when((count > 4) & pl.col("long")).then(4)
        .when((count > 2) & pl.col("compound")).then(2)
        .when((pl.col("leading") == 0) & (pl.col("ending") > needed)).then(-1)
        .when((count == 2) & (pl.col("leading") < RARE)).then(0)
        .otherwise(1)
    )  # fmt: skip
    name, at = pl.col("name"), pl.col("length")
    return plain.with_columns(length=length).select(
        "row",
        given=pl.when(at < 0).then(name.str.slice(0, count - 1)).otherwise(name.str.slice(at)),
        family=pl.when(at < 0).then(name.str.slice(-1, 1)).otherwise(name.str.slice(0, at)),
    )


def _columns(names: pl.DataFrame) -> pl.DataFrame:
    """Row, given and family of names in two columns, neither of which repeats the other."""
    given, family = pl.col("given"), pl.col("family")
    plain = names.with_columns(
        first=simplified_column(names.get_column("given")),
        last=simplified_column(names.get_column("family")),
    )
    first, last = pl.col("first"), pl.col("last")
    held = [_is_held(first), _is_held(last), _is_held(pl.concat_str(last, first))]
    held += [_is_held(pl.concat_str(first, last)), _is_titled("given"), _is_titled("family")]
    repeated = [first.str.starts_with(last), first.str.ends_with(last), last.str.ends_with(first)]
    surnames = list(chinese().surnames)
    turned = ~last.is_in(surnames) & first.is_in(surnames) & (last.str.len_chars() <= 2)
    return plain.filter(~pl.any_horizontal(repeated + held)).select(
        "row",
        given=pl.when(turned).then(family).otherwise(given),
        family=pl.when(turned).then(given).otherwise(family),
    )


def _weight(surname: pl.Expr) -> pl.Expr:
    return surname.replace_strict(chinese().surnames, default=0.0, return_dtype=pl.Float64)


def _is_held(simple: pl.Expr) -> pl.Expr:
    """Whether `simple` is a placeholder, or too long to be a name."""
    lists = junk_lists()
    junk = sorted(lists["person_name"] | lists["name_part"])
    return simple.is_in(junk) | (simple.str.len_chars() > _LONGEST)


def _is_titled(column: str) -> pl.Expr:
    return pl.col(column).str.contains(f".{chinese().title.pattern}")


# ---- the columns of the answer ------------------------------------------------------------------


def _answered(names: pl.DataFrame) -> pl.DataFrame:
    """The columns of names split into given and family, each distinct part read once."""
    read = names.with_columns(
        given_simple=simplified_column(names.get_column("given")),
        family_simple=simplified_column(names.get_column("family")),
    )
    for part, reading in (("given", given_reading), ("family", surname_reading)):
        simple = read.get_column(f"{part}_simple").unique()
        keys = [reading(text) for text in simple]
        read = read.join(
            pl.DataFrame(
                [
                    simple,
                    pl.Series(f"{part}_key", keys, pl.String),
                    pl.Series(f"{part}_shown", map(shown_reading, keys), pl.String),
                ]
            ),
            on=f"{part}_simple",
            how="left",
            maintain_order="left",
        )
    key, family_key = pl.col("given_key"), pl.col("family_key")
    han = pl.concat_str("family_simple", "given_simple")
    both = pl.concat_str("family_shown", pl.lit(" "), "given_shown").str.strip_chars(" ")
    return read.filter((key != "") | (family_key != "")).select(
        "row",
        full=pl.concat_str("family", "given"),
        given=_or_null("given"),
        family=_or_null("family"),
        latin=both,
        script=pl.lit("han"),
        han=pl.when(han.str.len_chars() > 1).then(han),
        family_key=_or_null("family_key"),
        given_key=_or_null("given_key"),
        full_key=full_key(),
        formal=_or_null("given_key"),
    )


def _or_null(column: str) -> pl.Expr:
    return pl.when(pl.col(column) != "").then(column)
