"""The kinds of comparison: which levels of agreement each kind of value has."""

from collections.abc import Callable, Mapping
from typing import Any

from resolution.comparisons.conditions import (
    Contains,
    Equal,
    Held,
    Lengths,
    Not,
    Otherwise,
    Shares,
    alike,
    all_of,
    any_of,
    differs,
    either_way,
    missing,
    same,
    within_edits,
)
from resolution.comparisons.levels import Level, LevelSet
from resolution.comparisons.name_levels import compare_person_names
from resolution.comparisons.sql_comparison import compare_by_sql
from resolution.comparisons.word_comparisons import compare_numbers, compare_words


def compare_dates(name: str, on: str, settings: Mapping[str, Any]) -> LevelSet:
    """Dates with day and month exchanged, one digit wrong, or only the year known."""
    date, digits = f"{on}_date", f"{on}_digits"
    other_reading = either_way(Equal(date, f"{on}_alternative"))
    exchanged = Equal(date, f"{on}_turned")
    two_parts = any_of(*[same(f"{on}_{x}") for x in ("month_day", "year_month", "year_day")])
    return LevelSet(
        name,
        on,
        missing(date),
        (
            Level("same date", same(date), 0.85, 5e-5, date),
            Level("same date, read the other way round", other_reading, 0.02, 5e-5, agrees=True),
            Level("day and month exchanged", exchanged, 0.02, 5e-5),
            Level("one digit differs", within_edits(digits), 0.05, 7e-4),
            Level(
                "same year, the rest not given",
                all_of(Held(f"{on}_coarse"), same(f"{on}_year")),
                0.02,
                2e-4,
            ),
            Level("two of day, month and year the same", two_parts, 0.02, 5e-3),
            Level("two digits differ", within_edits(digits, 2), 0.02, 2e-2),
            Level("same year", same(f"{on}_year"), 0.005, 1e-2),
            Level("different dates", Otherwise(), 0.02, 0.98, conflict=True),
        ),
    )


def compare_categories(name: str, on: str, settings: Mapping[str, Any]) -> LevelSet:
    """Categories: the same or not."""
    return LevelSet(
        name,
        on,
        missing(f"{on}_key"),
        (
            Level(f"same {name}", same(f"{on}_key"), 0.97, 0.5),
            Level(f"other {name}", Otherwise(), 0.03, 0.5),
        ),
    )


def compare_emails(name: str, on: str, settings: Mapping[str, Any]) -> LevelSet:
    """Email addresses: any shared, the same name at another provider, or a typing error apart.

    An email name that only repeats its owner's name is not evidence beside that name; nor are
    two that differ in their digits a slip of the pen.
    """
    first, own, digits = f"{on}_first", f"{on}_own", f"{on}_digits"
    inside = all_of(Lengths(own, 6), Contains(own, own))
    slip = all_of(Lengths(first, 10), same(digits), within_edits(first, 2))
    local = f"{on}_local"
    around = all_of(Lengths(local, 3), same(f"{on}_domain"), same(digits), Contains(local, local))
    return LevelSet(
        name,
        on,
        missing(first),
        (
            Level("same email", Shares(on), 0.75, 1e-6, shared_with=0.05),
            Level(
                "same email name at another provider",
                all_of(same(own), Lengths(own, 5)),
                0.03,
                1e-5,
                shared_with=0.5,
            ),
            Level("email nearly the same", slip, 0.05, 2e-6, shared_with=0.1),
            Level("one email name inside the other", inside, 0.03, 1e-5, shared_with=0.3),
            Level(
                "email name as the person's name, more around one",
                around,
                0.02,
                1e-4,
                shared_with=5,
            ),
            Level("different emails", Otherwise(), 0.15, 0.9999),
        ),
    )


def compare_phones(name: str, on: str, settings: Mapping[str, Any]) -> LevelSet:
    """Phone numbers: any shared, or one digit wrong."""
    first = f"{on}_first"
    return LevelSet(
        name,
        on,
        missing(first),
        (
            Level("same phone", Shares(on), 0.75, 1e-6, shared_with=0.2),
            Level(
                "same phone but for the country's code",
                Shares(f"{on}_tails"),
                0.02,
                1e-6,
                shared_with=0.2,
            ),
            Level(
                "one digit of the phone differs", within_edits(first), 0.03, 2e-6, shared_with=0.4
            ),
            Level("different phones", Otherwise(), 0.22, 0.9999),
        ),
    )


def compare_addresses(name: str, on: str, settings: Mapping[str, Any]) -> LevelSet:
    """Addresses by their parts: house, street, postcode, town."""
    key, number, street = f"{on}_key", f"{on}_number", f"{on}_street_key"
    postcode, city = f"{on}_postcode", f"{on}_city_key"
    near = any_of(same(postcode), same(city))
    far = all_of(differs(postcode), differs(city))
    # a town that could not be told from the street behind it
    inside = all_of(same(number), Lengths(street, 6), Contains(street, street), Not(far))
    slipped_town = any_of(alike(city, 0.8795), within_edits(city))
    return LevelSet(
        name,
        on,
        all_of(missing(key), missing(postcode), missing(city)),
        (
            Level("same address", all_of(same(key), near), 0.6, 2e-6, key, shared_with=1.5),
            Level(
                "same street and number, town not given or other",
                all_of(same(key), Not(far)),
                0.03,
                1e-5,
                key,
                shared_with=3,
            ),
            Level(
                "address nearly the same",
                all_of(near, alike(key, 0.9195)),
                0.06,
                2e-5,
                shared_with=3,
            ),
            Level(
                "same house number and postcode", all_of(same(number), same(postcode)), 0.02, 1e-5
            ),
            Level("same house number, one street inside the other", inside, 0.01, 2e-5),
            Level("same street", all_of(near, same(street)), 0.02, 1e-4),
            Level("same postcode", same(postcode), 0.05, 2e-3, postcode),
            Level("same town", same(city), 0.05, 1e-2, city),
            Level("town nearly the same", all_of(Lengths(city, 4), slipped_town), 0.01, 1e-3),
            Level("same part of the postcode", same(f"{on}_area"), 0.02, 5e-3),
            Level("different addresses", Otherwise(), 0.17, 0.98),
        ),
    )


def compare_identifiers(name: str, on: str, settings: Mapping[str, Any]) -> LevelSet:
    """Identifiers that point at one person: shared or not."""
    first = f"{on}_first"
    differ = float(settings.get("differ", 0.3))
    return LevelSet(
        name,
        on,
        missing(on),
        (
            Level(
                f"same {name}",
                Shares(f"{on}_plain"),
                1 - differ,
                1e-7,
                shared_with=float(settings.get("shared_with", 0.02)),
            ),
            Level(
                f"one character of the {name} differs",
                all_of(Lengths(first, 6), within_edits(first)),
                0.02,
                1e-5,
            ),
            Level(f"other {name}", Otherwise(), differ, 1.0, conflict=True),
        ),
    )


def compare_texts(name: str, on: str, settings: Mapping[str, Any]) -> LevelSet:
    """Free text: the same, nearly the same, or the same words in another order."""
    key = f"{on}_key"
    return LevelSet(
        name,
        on,
        missing(key),
        (
            Level(f"same {name}", same(key), 0.7, 1e-3, key),
            Level(f"{name} nearly the same", alike(key, 0.9195), 0.12, 2e-3),
            Level(f"{name} similar", alike(key, 0.7995), 0.1, 2e-2),
            Level(f"other {name}", Otherwise(), 0.08, 0.97, conflict=True),
        ),
    )


KINDS: Mapping[str, Callable[[str, str, Mapping[str, Any]], LevelSet]] = {
    "person_name": compare_person_names,
    "date": compare_dates,
    "category": compare_categories,
    "email": compare_emails,
    "phone": compare_phones,
    "address": compare_addresses,
    "identifier": compare_identifiers,
    "text": compare_texts,
    "words": compare_words,
    "number": compare_numbers,
    "sql": compare_by_sql,
}
