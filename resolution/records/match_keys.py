"""Columns of a record that only matching needs: keys of several parts, and what is no key."""

from collections.abc import Callable, Mapping

import polars as pl

from resolution.model import CustomerModel
from resolution.records.observations import own_key_attributes
from resolution.records.value_keys import (
    address_keys,
    date_keys,
    email_keys,
    gender_keys,
    word_keys,
)
from resolution.standardise.latin_facts import formal_name, formal_names, latin, letters
from resolution.standardise.phonetic import consonants, phonetic_code
from resolution.standardise.pinyin import given_reading
from sources.spec import SourceSpec


def combined_name_keys(name: str) -> list[pl.Expr]:
    """Keys made of several parts of a name, and what is asked of single parts.

    `<name>_any_key`, whatever is known; `_lone_key`, the only part known; `_whole_key`, two
    Chinese characters read as a given name; `_letters`, all letters sorted, whatever the order
    of the parts; `_given_start`, two letters; `_<part>_initial`, the first letter, and
    `_<part>_bare`, the letter where there is no more; `_each_word`, the list of its telling
    words; `_each_form`, of the formal names that the given name may stand for; `_sound`, how
    given and family name sound, in any order; `_bones`, their consonants, and `_foreign`, true
    for a script that is neither Latin nor Han.
    """
    given, family = pl.col(f"{name}_given_key"), pl.col(f"{name}_family_key")
    lone = pl.when(given.is_null() | family.is_null()).then(pl.coalesce(given, family))
    two = pl.when(pl.col(f"{name}_han").str.len_chars() == 2).then(pl.col(f"{name}_han"))
    whole = two.map_batches(_given_readings, return_dtype=pl.String)
    parts = (given, pl.col(f"{name}_middle_key"), family)
    letters = pl.concat_str(parts, ignore_nulls=True).str.split("").list.sort().list.join("")
    western = pl.when(pl.col(f"{name}_phonetic").is_not_null())
    single = {"given": given, "family": family, "lone": lone}
    return [
        pl.coalesce(given, family).alias(f"{name}_any_key"),
        lone.alias(f"{name}_lone_key"),
        whole.alias(f"{name}_whole_key"),
        pl.when(letters.str.len_chars() > 0).then(letters).alias(f"{name}_letters"),
        given.str.slice(0, 2).alias(f"{name}_given_start"),
        given.str.slice(0, 1).alias(f"{name}_given_initial"),
        family.str.slice(0, 1).alias(f"{name}_family_initial"),
        lone.str.slice(0, 1).alias(f"{name}_lone_initial"),
        pl.col(f"{name}_middle_key").str.slice(0, 1).alias(f"{name}_middle_initial"),
        pl.col(f"{name}_formal").str.slice(0, 1).alias(f"{name}_formal_initial"),
        western.then(_each_word(name)).alias(f"{name}_each_word"),
        western.then(pl.col(f"{name}_given_key").map_batches(_formal, return_dtype=pl.String))
        .str.split(" ")
        .alias(f"{name}_each_form"),
        _sound_of(name).alias(f"{name}_sound"),
        western.then(given.map_batches(_sounds, return_dtype=pl.String)).alias(
            f"{name}_given_sound"
        ),
        _bones_of(name).alias(f"{name}_bones"),
        pl.when(pl.col(f"{name}_script") == "other").then(True).alias(f"{name}_foreign"),
        *[
            pl.when(key.str.len_chars() == 1).then(key).alias(f"{name}_{part}_bare")
            for part, key in single.items()
        ],
    ]


def _sound_of(name: str) -> pl.Expr:
    """The phonetic codes of a Western name's two parts, sorted; null without both."""
    given = pl.col(f"{name}_formal").map_batches(_sounds, return_dtype=pl.String)
    codes = pl.concat_list(given, f"{name}_phonetic").list.sort()
    return pl.when(given.is_not_null() & pl.col(f"{name}_phonetic").is_not_null()).then(
        codes.list.join(" ")
    )


def _bones_of(name: str) -> pl.Expr:
    """The consonants of a Western name's two parts, sorted; null without both."""
    parts = [
        pl.col(f"{name}_{part}_key").map_batches(_consonants, return_dtype=pl.String)
        for part in ("given", "family")
    ]
    both = pl.all_horizontal(*[part.is_not_null() for part in parts])
    western = pl.col(f"{name}_phonetic").is_not_null()
    return pl.when(both & western).then(pl.concat_list(parts).list.sort().list.join(" "))


def _each_word(name: str) -> pl.Expr:
    """The distinct words of a Western name: middle names, both surnames, a rank's place; in
    their formal form, without initials and particles."""
    text = pl.concat_str(f"{name}_latin", f"{name}_place", separator=" ", ignore_nulls=True)
    return text.map_batches(_telling_words, return_dtype=pl.List(pl.String))


def _telling_words(names: pl.Series) -> pl.Series:
    written = names.str.split(" ").list.eval(pl.element().str.split("-").explode())
    distinct = written.explode().drop_nulls().unique()
    particles = latin().particles
    keys = [letters(word) for word in distinct]
    told = [formal_name(key) if len(key) > 1 and key not in particles else None for key in keys]
    spelt = pl.element().replace_strict(
        distinct, pl.Series(told, dtype=pl.String), default=None, return_dtype=pl.String
    )
    return written.list.eval(spelt.drop_nulls().unique()).list.sort()


def _given_readings(names: pl.Series) -> pl.Series:
    return _of_distinct(names, given_reading)


def _formal(keys: pl.Series) -> pl.Series:
    return _of_distinct(keys, formal_names)


def _sounds(keys: pl.Series) -> pl.Series:
    return _of_distinct(keys, phonetic_code)


def _consonants(keys: pl.Series) -> pl.Series:
    return _of_distinct(keys, consonants)


def _of_distinct(keys: pl.Series, answer: Callable[[str], str | None]) -> pl.Series:
    distinct = keys.drop_nulls().unique()
    found = pl.Series([answer(key) for key in distinct], dtype=pl.String)
    return keys.replace_strict(distinct, found, default=None, return_dtype=pl.String)


KEYS: Mapping[str, Callable[[str], list[pl.Expr]]] = {
    "date": date_keys,
    "gender": gender_keys,
    "address": address_keys,
    "text": word_keys,
    "email": email_keys,
}
"""The columns derived from one standardised value, by kind."""


def with_own_email_names(records: pl.DataFrame, model: CustomerModel) -> pl.DataFrame:
    """Adds `<email>_own`: the email's name where it says more than the person's name does.

    Null for john.smith of John Smith; everybody of that name has such an address somewhere, so
    finding it again is no further evidence. smithj84 and kittycat are their owner's.
    """
    kinds = {name: item.kind for name, item in model.standardise.items()}
    person = next((name for name, kind in kinds.items() if kind == "person_name"), None)
    for name in [name for name, kind in kinds.items() if kind == "email"]:
        if person is None:
            records = records.with_columns(pl.col(f"{name}_local").alias(f"{name}_own"))
            continue
        columns = [f"{name}_local", f"{person}_given_key", f"{person}_family_key"]
        own = [
            local if local and says_more(local, given, family) else None
            for local, given, family in records.select(columns).iter_rows()
        ]
        records = records.with_columns(pl.Series(f"{name}_own", own, dtype=pl.String))
    return records


def says_more(local: str, given: str | None, family: str | None) -> bool:
    """Whether an email's name holds more than parts of its owner's name."""
    if sum(letter.isdigit() for letter in local) > 1:
        return True
    left = "".join(letter for letter in local.lower() if letter.isalpha())
    for part in (family, given):
        if part and part in left:
            left = left.replace(part, "", 1)
        elif part and left[:3] == part[:3]:
            left = left[3:].lstrip(part[3:])
    return len(left) > 1


def referred_keys(specs: Mapping[str, SourceSpec], model: CustomerModel) -> dict[str, list[str]]:
    """Standardiser -> the sources whose rows' own keys are its values (an order's number)."""
    found = {}
    for name, standardiser in model.standardise.items():
        attribute = standardiser.attributes.get("identifier")
        owners = [source for source, spec in specs.items() if attribute in own_key_attributes(spec)]
        if owners:
            found[name] = owners
    return found


def with_own_keys(
    records: pl.DataFrame,
    seen: pl.DataFrame,
    owners: Mapping[str, list[str]],
    referred: Mapping[str, pl.Series],
) -> pl.DataFrame:
    """Adds to each record the keys of its own rows that other sources refer to (order numbers).

    `owners`: standardiser -> sources. `referred`: standardiser -> values that are referred to.
    """
    for name, sources in owners.items():
        keys = (
            seen.filter(pl.col("source").is_in(sources))
            .select("record_id", pl.col("keys").alias("key"))
            .explode("key")
            .filter(pl.col("key").is_in(referred[name].implode()))
            .group_by("record_id")
            .agg(pl.col("key").unique().sort().alias("own"))
        )
        records = (
            records.join(keys, on="record_id", how="left", maintain_order="left")
            .with_columns(pl.coalesce(name, "own").alias(name))
            .drop("own")
        )
    return records


def with_bare_values(records: pl.DataFrame, model: CustomerModel) -> pl.DataFrame:
    """Adds lists of values without what may be written or left out: `<phone>_tails`, the last
    nine digits, without country and trunk prefix; `<identifier>_plain`, without signs."""
    tail, plain = pl.element().str.slice(-9), pl.element().str.replace_all(r"[\s\-./]", "")
    bare = {"phone": ("tails", tail), **dict.fromkeys(("identifier", "token"), ("plain", plain))}
    columns = [
        pl.col(name).list.eval(bare[item.kind][1].unique().sort()).alias(f"{name}_{suffix}")
        for name, item in model.standardise.items()
        if item.kind in bare and (suffix := bare[item.kind][0])
    ]
    return records.with_columns(columns)
