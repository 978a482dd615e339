"""Synthetic persons by the million: three in ten records repeat a person, with slips of the pen.

Vectorised, and the same for the same number and seed. How common each name is comes from the
sample's lists; family names get a long tail of made-up compounds.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from sources import sample

LISTS: Final = Path(sample.__file__).parent / "lists"
REPEATED: Final = 0.3
"""Share of the records that are a person's second, third … record."""
CHINESE: Final = 0.2
"""Share of the persons whose names are written in Han characters."""
RARE: Final = 0.6
"""Share of the Western family names that are made-up compounds."""
FIRST_DAY: Final = np.datetime64("1940-01-01")
DAYS: Final = 65 * 365
DOMAINS: Final = ("gmail.com", "yahoo.com", "outlook.com", "hotmail.com", "icloud.com", "qq.com")
AREAS: Final = (205, 212, 303, 312, 404, 415, 503, 512, 617, 702, 813, 919)
MISSING: Final = {"email": 0.2, "phone": 0.15, "dob": 0.03, "city": 0.05, "postcode": 0.05}
"""Share of the records that lack the field."""
SLIPS: Final = {"first_name": 0.1, "surname": 0.1, "dob": 0.05, "email": 0.05, "phone": 0.03}
"""Share of the repeating records whose field is mistyped."""
MOVED: Final = 0.1
"""Share of the repeating records with another city and postcode."""
COLUMNS: Final = (
    "first_name",
    "surname",
    "dob",
    "city",
    "postcode",
    "email",
    "phone",
)


def make_persons(records: int, seed: int = 1) -> pl.DataFrame:
    """`records` rows in no order: record_id, COLUMNS as typed (text), entity_id."""
    dice = np.random.default_rng(seed)
    persons = records - round(records * REPEATED)
    people = _people(dice, persons)
    owners = np.concatenate([np.arange(persons), dice.integers(0, persons, records - persons)])
    again = np.arange(records) >= persons
    rows = people[owners].with_columns(
        entity_id=pl.format("e{}", pl.Series(owners)), again=pl.Series(again)
    )
    rows = _moved(dice, _mistyped(dice, rows), people)
    rows = _with_gaps(dice, rows).drop("again")[dice.permutation(records)]
    return rows.select(
        pl.format("r{}", pl.int_range(pl.len()).cast(pl.String).str.zfill(8)).alias("record_id"),
        *COLUMNS,
        "entity_id",
    )


def _people(dice: np.random.Generator, count: int) -> pl.DataFrame:
    chinese = dice.random(count) < CHINESE
    western, eastern = _western_names(dice, count), _eastern_names(dice, count)
    names = [
        pl.when(pl.Series(chinese)).then(eastern[name]).otherwise(western[name]).alias(name)
        for name in ("first_name", "surname", "first_latin", "surname_latin")
    ]
    born = (FIRST_DAY + dice.integers(0, DAYS, count)).astype("datetime64[D]")
    number = pl.Series(dice.integers(0, 10_000, count)).cast(pl.String)
    domain = _drawn(dice, DOMAINS, np.arange(len(DOMAINS), 0, -1), count)
    homes = _homes(dice, count)
    return (
        pl.select(*names)
        .with_columns(
            dob=pl.Series(born).dt.to_string("%Y-%m-%d"),
            city=homes["city"],
            postcode=homes["postcode"],
            email=pl.concat_str(
                pl.col("first_latin").str.to_lowercase(),
                pl.lit("."),
                pl.col("surname_latin").str.to_lowercase(),
                number,
                pl.lit("@"),
                domain,
            ),
            phone=_phones(dice.permutation(count), chinese),
        )
        .drop("first_latin", "surname_latin")
    )


def _western_names(dice: np.random.Generator, count: int) -> dict[str, pl.Series]:
    given, family = _list("english_given"), _list("english_family")
    parts = _list("english_family_parts")
    first = _drawn(dice, given["name"], given["weight"], count)
    common = _drawn(dice, family["name"], family["weight"], count)
    compound = _any_of(dice, parts["start"], count) + _any_of(dice, parts["end"], count)
    rare = pl.Series(dice.random(count) < RARE)
    surname = pl.select(pl.when(rare).then(compound).otherwise(common)).to_series()
    return {
        "first_name": first,
        "surname": surname,
        "first_latin": first,
        "surname_latin": surname,
    }


def _eastern_names(dice: np.random.Generator, count: int) -> dict[str, pl.Series]:
    given, family = _list("chinese_given"), _list("chinese_family")
    one, two = (_places(dice, given["weight"].cast(pl.Float64).to_numpy(), count) for _ in range(2))
    own = _places(dice, family["weight"].cast(pl.Float64).to_numpy(), count)
    single = pl.Series(dice.random(count) < 0.2)
    names = {}
    for name, column in (("first_name", "han"), ("first_latin", "latin")):
        second = pl.when(single).then(pl.lit("")).otherwise(given[column].gather(two))
        names[name] = pl.select(given[column].gather(one) + second).to_series()
    names["surname"] = family["han"].gather(own)
    names["surname_latin"] = family["latin"].gather(own)
    return names


def _phones(numbers: np.ndarray, chinese: np.ndarray) -> pl.Series:
    """A mobile number of China, or one of the United States, for each different number."""
    areas = np.array(AREAS)[numbers % len(AREAS)]
    rest = numbers // len(AREAS)
    american = 10**7 * areas + 10**4 * (200 + rest % 800) + rest // 800 % 10**4
    mobile = 13 * 10**9 + numbers * 7
    written = np.where(chinese, 86 * 10**11 + mobile, 10**10 + american)
    return "+" + pl.Series(written).cast(pl.String)


def _homes(dice: np.random.Generator, count: int) -> dict[str, pl.Series]:
    """City and postcode; a city has about one postcode for every twenty persons."""
    places = _list("places")
    found = _places(dice, places["weight"].cast(pl.Float64).to_numpy(), count)
    parts = dice.integers(0, max(count // 20 // len(places), 1), count)
    postcode = pl.Series(10_000 + found * 100_000 + parts).cast(pl.String)
    return {"city": places["city_latin"].gather(found), "postcode": postcode}


def _mistyped(dice: np.random.Generator, rows: pl.DataFrame) -> pl.DataFrame:
    """One letter left out, doubled, or changed places with the next, in some repeating records."""
    for column, share in SLIPS.items():
        chosen = pl.Series(dice.random(rows.height) < share) & rows["again"]
        length = rows[column].str.len_chars().fill_null(0).to_numpy()
        at = pl.Series((dice.random(rows.height) * length).astype(np.int64))
        kind = pl.Series(dice.integers(0, 3, rows.height))
        text, rest = pl.col(column), pl.col(column).str.slice(at + 1)
        start, letter = text.str.slice(0, at), text.str.slice(at, 1)
        slipped = (
            pl.when(kind == 0)
            .then(start + rest)
            .when(kind == 1)
            .then(start + letter + letter + rest)
            .otherwise(start + rest.str.slice(0, 1) + letter + rest.str.slice(1))
        )
        rows = rows.with_columns(pl.when(chosen).then(slipped).otherwise(text).alias(column))
    return rows


def _moved(dice: np.random.Generator, rows: pl.DataFrame, people: pl.DataFrame) -> pl.DataFrame:
    chosen = pl.Series(dice.random(rows.height) < MOVED) & rows["again"]
    other = people.select("city", "postcode")[dice.integers(0, people.height, rows.height)]
    return rows.with_columns(
        pl.when(chosen).then(other[name]).otherwise(name).alias(name)
        for name in ("city", "postcode")
    )


def _with_gaps(dice: np.random.Generator, rows: pl.DataFrame) -> pl.DataFrame:
    gaps = {name: pl.Series(dice.random(rows.height) < share) for name, share in MISSING.items()}
    return rows.with_columns(
        pl.when(~gap).then(pl.col(name)).alias(name) for name, gap in gaps.items()
    )


def _list(name: str) -> pl.DataFrame:
    return pl.read_csv(LISTS / f"{name}.csv", infer_schema_length=None)


def _places(dice: np.random.Generator, weights: np.ndarray, count: int) -> np.ndarray:
    drawn: np.ndarray = dice.choice(len(weights), count, p=weights / weights.sum())
    return drawn


def _drawn(
    dice: np.random.Generator,
    values: Sequence[str] | pl.Series,
    weights: np.ndarray | pl.Series,
    count: int,
) -> pl.Series:
    shares = pl.Series(weights).cast(pl.Float64).to_numpy()
    return pl.Series(values).gather(_places(dice, shares, count))


def _any_of(dice: np.random.Generator, values: pl.Series, count: int) -> pl.Series:
    there = values.drop_nulls()
    return there.gather(dice.integers(0, len(there), count))
