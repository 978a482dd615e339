"""Names of two or three plain words in Latin letters, split and keyed a column at a time.

A word is looked at once, however many names it is in; what is decided about a name is decided
from what its words are.
"""

import polars as pl

from resolution.standardise.junk import junk_lists
from resolution.standardise.name_rows import full_key
from resolution.standardise.name_words import look_at_surnames, look_at_words
from resolution.standardise.pinyin import chinese

_WORD = r"\p{Latin}+(?:['\-]\p{Latin}+)*\.?"
_FULL = f"^{_WORD}(?: {_WORD}){{1,2}}$"
_GIVEN = f"^{_WORD}(?: {_WORD})?$"
_FAMILY = f"^{_WORD}$"
_COMMA = f"^{_WORD}, {_WORD}(?: {_WORD})?$"
_LONGEST = 40
_PLACES = ("a", "b", "c")


def read_plain_latin_names(written: pl.DataFrame) -> pl.DataFrame:
    """Row and columns of those of `written` whose words are plain and say how they are split.

    Takes columns row, full, given, family (tidy text). Left out are names with a title, a
    suffix, a particle, a placeholder or signs, in Wade-Giles, and Chinese names of more words.
    """
    full, given, family = (pl.col(role) for role in ("full", "given", "family"))
    apart = given.str.contains(_GIVEN) & family.str.contains(_FAMILY) & _says_no_more()
    alone = (given == "") & (family == "")
    comma = full.str.split_exact(", ", 1).struct
    names = pl.concat(
        [
            written.filter(alone & full.str.contains(_FULL)).select("row", "full", apart=False),
            written.filter(alone & full.str.contains(_COMMA)).select(
                "row", full=pl.concat_str(comma[1], pl.lit(" "), comma[0]), apart=True
            ),
            written.filter(apart).select(
                "row", full=pl.concat_str(given, pl.lit(" "), family), apart=True
            ),
        ]
    )
    names = names.filter((full.str.len_chars() <= _LONGEST) & ~_is_junk(full.str.to_lowercase()))
    parts = names.get_column("full").str.split_exact(" ", 2).struct.rename_fields(list(_PLACES))
    words = _coded(names.drop("full").hstack(parts.struct.unnest()))
    return _answered(*_split(*words))


def _says_no_more() -> pl.Expr:
    """Whether the name in one piece only repeats its parts, or is in Han characters."""
    full, given, family = (pl.col(role) for role in ("full", "given", "family"))
    usual = pl.concat_str(given, pl.lit(" "), family)
    turned = pl.concat_str(family, pl.lit(" "), given)
    comma = pl.concat_str(family, pl.lit(", "), given)
    repeated = (full == usual) | (full == turned) | (full == comma)
    return repeated | (full == "") | full.str.contains(r"^\p{Han}+$")


def _is_junk(text: pl.Expr) -> pl.Expr:
    return text.is_in(sorted(junk_lists()["person_name"]))


Words = tuple[pl.DataFrame, pl.DataFrame]
"""Names whose words are numbers, and what is known of the word of each number."""


def _coded(names: pl.DataFrame) -> Words:
    distinct = (
        pl.concat([names.get_column(place) for place in _PLACES]).drop_nulls().unique().sort()
    )
    order = pl.Enum(distinct)
    coded = names.with_columns(
        pl.col(place).cast(order).to_physical().cast(pl.UInt32) for place in _PLACES
    )
    return coded, look_at_words(distinct)


def _split(names: pl.DataFrame, words: pl.DataFrame) -> Words:
    """Which word is given, middle and family name: row, given, middle, family, in_order, chinese.

    A name of three words has its last two in columns b and c, one of two has only a and b.
    """
    names = names.with_columns(
        words.get_column(fact).gather(names.get_column(place)).alias(f"{fact}_{place}")
        for place in _PLACES
        for fact in (
            "plain",
            "key",
            "bare",
            "count",
            "weight",
            "spelt",
            "strange",
            "raised",
            "initial",
        )
    )
    third = pl.col("c").is_not_null()
    odd = pl.col("strange_a") | pl.col("strange_b") | pl.col("strange_c").fill_null(False)
    spelt = pl.col("spelt_a") & pl.col("spelt_b") & pl.col("spelt_c").fill_null(True)
    bare = pl.concat_str("bare_a", "bare_b", "bare_c", ignore_nulls=True)
    turned = pl.concat_str("bare_b", "bare_a")
    turned = pl.when(third).then(pl.concat_str("bare_c", "bare_a", "bare_b")).otherwise(turned)
    names = names.filter(
        pl.col("plain_a") & pl.col("plain_b") & pl.col("plain_c").fill_null(True)
        & ~(spelt & odd) & ~_is_junk(bare) & ~_is_junk(turned)
    )  # fmt: skip
    pieces = [
        _two_in_one(names.filter(~third & ~pl.col("apart"))),
        _two_apart(names.filter(~third & pl.col("apart"))),
        _three_in_one(names.filter(third & ~pl.col("apart"))),
        _three_apart(names.filter(third & pl.col("apart"))),
    ]
    return pl.concat(pieces), words


def _two_in_one(names: pl.DataFrame) -> pl.DataFrame:
    """Two words of one column: the surname is the last, unless something says it is the first."""
    count_a, count_b = pl.col("count_a"), pl.col("count_b")
    syllables = (count_a > 0) & (count_b > 0) & (count_a + count_b <= 4)
    first = pl.when(syllables & (count_b <= 2)).then("weight_a").otherwise(0.0)
    last = pl.when(syllables & (count_a <= 2)).then("weight_b").otherwise(0.0)
    raised_a = pl.col("raised_a") & ~pl.col("raised_b")
    raised_b = pl.col("raised_b") & ~pl.col("raised_a")
    weighed = names.with_columns(first=first, last=last)
    first, last = pl.col("first"), pl.col("last")
    usual = (first > 0) & (last <= 4 * first)
    either = (first > 0) | (last > 0)
    at_first = (
        pl.when(either & raised_a & (first > 0)).then(True)
        .when(either & raised_b & (last > 0)).then(False)
        .when(either).then(usual)
        .when(raised_a | raised_b).then(raised_a)
        .otherwise(~pl.col("initial_a") & pl.col("initial_b"))
    )  # fmt: skip
    decided = weighed.with_columns(at_first=at_first, chinese=either)
    return decided.select(
        "row",
        given=pl.when("at_first").then("b").otherwise("a"),
        middle=pl.lit(None, pl.UInt32),
        family=pl.when("at_first").then("a").otherwise("b"),
        in_order=~pl.col("at_first"),
        chinese="chinese",
    )


def _two_apart(names: pl.DataFrame) -> pl.DataFrame:
    """Given name and surname in their columns; of Chinese ones the surname may be in the other."""
    count_a, count_b = pl.col("count_a"), pl.col("count_b")
    few = count_a + count_b <= 4
    said = few & (pl.col("weight_b") > 0) & count_a.is_between(1, 2)
    swapped = few & ~said & (pl.col("weight_a") > 0) & count_b.is_between(1, 2)
    return names.with_columns(said=said, swapped=swapped).select(
        "row",
        given=pl.when("swapped").then("b").otherwise("a"),
        middle=pl.lit(None, pl.UInt32),
        family=pl.when("swapped").then("a").otherwise("b"),
        in_order=~pl.col("swapped"),
        chinese=pl.col("said") | pl.col("swapped"),
    )


def _three_in_one(names: pl.DataFrame) -> pl.DataFrame:
    """Three words that are no Chinese name and in the usual order: given, middle, family."""
    syllables = (pl.col("count_c") > 0) & (pl.col("count_b") > 0) & (pl.col("count_a") > 0)
    raised = pl.col("raised_a") | pl.col("raised_b")
    initials = pl.col("initial_b") & pl.col("initial_c")
    # Two words may be one surname set apart, whatever they are alone.
    compound = (pl.col("count_c") > 0) & (pl.col("key_a") + pl.col("key_b")).is_in(
        list(chinese().readings)
    )
    return names.filter(~syllables & ~raised & ~initials & ~compound).select(_AS_WRITTEN)


def _three_apart(names: pl.DataFrame) -> pl.DataFrame:
    """Two given names and a surname that cannot be Chinese, none of them the surname again."""
    western = (pl.col("count_c") == 0) & (pl.col("weight_c") == 0) & ~pl.col("spelt_c")
    again = (pl.col("key_a") == pl.col("key_c")) | (pl.col("key_b") == pl.col("key_c"))
    return names.filter(western & ~again).select(_AS_WRITTEN)


_AS_WRITTEN = (
    pl.col("row"),
    pl.col("a").alias("given"),
    pl.col("b").alias("middle"),
    pl.col("c").alias("family"),
    pl.lit(True).alias("in_order"),
    pl.lit(False).alias("chinese"),
)


# ---- the columns of the answer ------------------------------------------------------------------


def _answered(names: pl.DataFrame, words: pl.DataFrame) -> pl.DataFrame:
    """The columns of names whose words have their parts."""
    names = names.with_columns(
        words.get_column(fact).gather(names.get_column(part)).alias(f"{part}_{fact}")
        for part in ("given", "middle", "family")
        for fact in ("key", "lower", "upper", "shown", "capital", "formal")
    )
    for case in ("lower", "upper"):
        middle = pl.col(f"middle_{case}").fill_null(True)
        names = names.with_columns(
            (pl.col(f"given_{case}") & middle & pl.col(f"family_{case}")).alias(case)
        )
    one_case = pl.col("lower") | pl.col("upper")
    names = names.with_columns(
        pl.when(one_case).then(f"{part}_capital").otherwise(f"{part}_shown").alias(f"{part}_shown")
        for part in ("given", "middle", "family")
    )
    surnames = names.get_column("family").unique()
    names = names.join(
        look_at_surnames(words.get_column("shown").gather(surnames)).with_columns(family=surnames),
        on="family",
        how="left",
        maintain_order="left",
    )
    western = ~pl.col("chinese")
    given, family = pl.col("given_shown"), pl.col("family_shown")
    ordered = pl.concat_str(
        "given_shown", "middle_shown", "family_shown", separator=" ", ignore_nulls=True
    )
    turned = pl.concat_str(family, given, separator=" ")
    return names.with_columns(full=pl.when("in_order").then(ordered).otherwise(turned)).select(
        "row",
        "full",
        given=given,
        family=family,
        latin="full",
        script=pl.lit("latin"),
        family_key="family_key",
        given_key="given_key",
        middle_key="middle_key",
        full_key=full_key(),
        formal=pl.when(western).then("given_formal").otherwise("given_key"),
        phonetic=pl.when(western).then("phonetic"),
        family_parts=pl.when(western).then("family_parts"),
    )
