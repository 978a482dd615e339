"""Columns of a record that only matching needs, derived from one standardised value."""

import polars as pl


def date_keys(name: str) -> list[pl.Expr]:
    """`<name>_digits`, `<name>_year`; `<name>_readings`, the list of the dates that it may be;
    `<name>_turned`, day and month exchanged; `<name>_coarse`, true where only the year or the
    month is known, or it is 1 January, which is written where only the year is;
    `<name>_year_month`, `_year_day`, `_month_day`; `_any_order`, its digits sorted."""
    date, other = pl.col(f"{name}_date"), pl.col(f"{name}_alternative")
    turned = pl.when(date.dt.day() <= 12).then(
        pl.date(date.dt.year(), date.dt.day(), date.dt.month())
    )
    first = (date.dt.month() == 1) & (date.dt.day() == 1)
    coarse = pl.when(first | (pl.col(f"{name}_precision") != "day")).then(True)
    known = pl.when(coarse.is_null())
    return [
        date.dt.strftime("%Y%m%d").alias(f"{name}_digits"),
        pl.concat_list(*(each.dt.strftime("%Y%m%d") for each in (date, other)))
        .list.drop_nulls()
        .list.unique()
        .list.sort()
        .alias(f"{name}_readings"),
        date.dt.year().alias(f"{name}_year"),
        turned.alias(f"{name}_turned"),
        coarse.alias(f"{name}_coarse"),
        known.then(date.dt.strftime("%Y%m")).alias(f"{name}_year_month"),
        known.then(date.dt.strftime("%Y%d")).alias(f"{name}_year_day"),
        known.then(date.dt.strftime("%m%d")).alias(f"{name}_month_day"),
        known.then(date.dt.strftime("%Y%m%d").str.split("").list.sort().list.join("")).alias(
            f"{name}_any_order"
        ),
    ]


def address_keys(name: str) -> list[pl.Expr]:
    """`<name>_area`: what a British postcode has before the space, else all of it but the last
    two characters (90210 and 90245)."""
    postcode = pl.col(f"{name}_postcode")
    british = postcode.str.extract(r"^(\S+) ")
    return [
        pl.coalesce(
            british,
            pl.when(postcode.str.len_chars() > 3).then(postcode.str.head(-2)),
        ).alias(f"{name}_area")
    ]


def word_keys(name: str) -> list[pl.Expr]:
    """Lists of a text's distinct words: `<name>_all_words`, `<name>_long_words` without single
    letters, and to block by `<name>_each_word`, of three letters or more (any length in
    Chinese), and `<name>_word_pairs`, words that stand beside each other."""
    key, words = (pl.col(f"{name}_{part}").str.split(" ") for part in ("key", "words"))
    word = pl.element()
    telling = (word.str.len_chars() > 2) | (word.str.len_bytes() > word.str.len_chars())
    pairs = pl.concat_str([word, word.shift(-1)], separator=" ").drop_nulls().unique()
    return [
        words.alias(f"{name}_all_words"),
        words.list.eval(word.filter(word.str.len_chars() > 1)).alias(f"{name}_long_words"),
        words.list.eval(word.filter(telling)).alias(f"{name}_each_word"),
        key.list.eval(pairs).list.sort().alias(f"{name}_word_pairs"),
    ]


def gender_keys(name: str) -> list[pl.Expr]:
    """`<name>_key`."""
    return [pl.col(f"{name}_gender").alias(f"{name}_key")]


def email_keys(name: str) -> list[pl.Expr]:
    """`<name>_digits`, those in the part before the @."""
    return [pl.col(f"{name}_local").str.replace_all(r"\D", "").alias(f"{name}_digits")]
