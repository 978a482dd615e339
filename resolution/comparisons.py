"""The kinds of comparison: which levels of agreement each kind of value has."""

from collections.abc import Callable, Mapping
from typing import Any

from resolution.levels import ELSE, Level, LevelSet, alike, any_of, either_null, same, within_edits
from resolution.name_levels import compare_person_names
from resolution.word_comparisons import compare_numbers, compare_words


def compare_dates(name: str, on: str, settings: Mapping[str, Any]) -> LevelSet:
    """Dates with day and month exchanged, one digit wrong, or only the year known."""
    date, other, digits = f"{on}_date", f"{on}_alternative", f"{on}_digits"
    turned = (
        f"(year({date}_l) = year({date}_r) "
        f"AND day({date}_l) = month({date}_r) AND month({date}_l) = day({date}_r))"
    )
    exchanged = any_of(f"{date}_l = {other}_r", f"{other}_l = {date}_r", turned)
    coarse = any_of(*[f"{on}_precision_{side} <> 'day'" for side in "lr"])
    return LevelSet(
        name,
        on,
        either_null(date),
        (
            Level("same date", same(date), 0.85, 5e-5, date),
            Level("day and month exchanged", exchanged, 0.02, 5e-5),
            Level("one digit differs", within_edits(digits), 0.05, 7e-4),
            Level(
                "same year, the rest not given",
                f"{coarse} AND year({date}_l) = year({date}_r)",
                0.02,
                2e-4,
            ),
            Level("two digits differ", within_edits(digits, 2), 0.02, 2e-2),
            Level("different dates", ELSE, 0.02, 0.98, conflict=True),
        ),
    )


def compare_categories(name: str, on: str, settings: Mapping[str, Any]) -> LevelSet:
    """Categories: the same or not."""
    return LevelSet(
        name,
        on,
        either_null(f"{on}_key"),
        (
            Level(f"same {name}", same(f"{on}_key"), 0.97, 0.5),
            Level(f"other {name}", ELSE, 0.03, 0.5),
        ),
    )


def compare_emails(name: str, on: str, settings: Mapping[str, Any]) -> LevelSet:
    """Email addresses: any shared, the same name at another provider, or a typing error apart.

    An email name that only repeats its owner's name is not evidence beside that name; nor are
    two that differ in their digits a slip of the pen.
    """
    first, own, digits = f"{on}_first", f"{on}_own", f"{on}_digits"
    contained = any_of(f"contains({own}_l, {own}_r)", f"contains({own}_r, {own}_l)")
    inside = f"least(length({own}_l), length({own}_r)) >= 6 AND {contained}"
    slip = f"length({first}_l) >= 10 AND {same(digits)} AND {within_edits(first, 2)}"
    return LevelSet(
        name,
        on,
        either_null(first),
        (
            Level("same email", f"list_has_any({on}_l, {on}_r)", 0.75, 1e-6, shared_with=0.05),
            Level(
                "same email name at another provider",
                f"{same(own)} AND length({own}_l) >= 5",
                0.03,
                1e-5,
                shared_with=0.5,
            ),
            Level("email nearly the same", slip, 0.05, 2e-6, shared_with=0.1),
            Level("one email name inside the other", inside, 0.03, 1e-5, shared_with=0.3),
            Level("different emails", ELSE, 0.15, 0.9999),
        ),
    )


def compare_phones(name: str, on: str, settings: Mapping[str, Any]) -> LevelSet:
    """Phone numbers: any shared, or one digit wrong."""
    first = f"{on}_first"
    return LevelSet(
        name,
        on,
        either_null(first),
        (
            Level("same phone", f"list_has_any({on}_l, {on}_r)", 0.75, 1e-6, shared_with=0.2),
            Level(
                "one digit of the phone differs", within_edits(first), 0.03, 2e-6, shared_with=0.4
            ),
            Level("different phones", ELSE, 0.22, 0.9999),
        ),
    )


def compare_addresses(name: str, on: str, settings: Mapping[str, Any]) -> LevelSet:
    """Addresses by their parts: house, street, postcode, town."""
    key, number, street = f"{on}_key", f"{on}_number", f"{on}_street_key"
    postcode, city = f"{on}_postcode", f"{on}_city_key"
    near = any_of(same(postcode), same(city))
    far = f"coalesce({postcode}_l <> {postcode}_r AND {city}_l <> {city}_r, false)"
    return LevelSet(
        name,
        on,
        f"{either_null(key)} AND {either_null(postcode)} AND {either_null(city)}",
        (
            Level("same address", f"{same(key)} AND {near}", 0.6, 2e-6, key, shared_with=1.5),
            Level(
                "same street and number, town not given or other",
                f"{same(key)} AND NOT {far}",
                0.03,
                1e-5,
                key,
                shared_with=3,
            ),
            Level(
                "address nearly the same",
                f"{near} AND ({alike(key, 0.9195)})",
                0.06,
                2e-5,
                shared_with=3,
            ),
            Level(
                "same house number and postcode",
                f"{same(number)} AND {same(postcode)}",
                0.02,
                1e-5,
            ),
            Level("same street", f"{near} AND {same(street)}", 0.02, 1e-4),
            Level("same postcode", same(postcode), 0.05, 2e-3, postcode),
            Level("same town", same(city), 0.05, 1e-2, city),
            Level("different addresses", ELSE, 0.17, 0.98),
        ),
    )


def compare_identifiers(name: str, on: str, settings: Mapping[str, Any]) -> LevelSet:
    """Identifiers that point at one person: shared or not."""
    agree = f"list_has_any({on}_l, {on}_r)"
    first = f"{on}_first"
    differ = float(settings.get("differ", 0.3))
    return LevelSet(
        name,
        on,
        either_null(on),
        (
            Level(
                f"same {name}",
                agree,
                1 - differ,
                1e-7,
                shared_with=float(settings.get("shared_with", 0.02)),
            ),
            Level(
                f"one character of the {name} differs",
                f"length({first}_l) >= 6 AND {within_edits(first)}",
                0.02,
                1e-5,
            ),
            Level(f"other {name}", ELSE, differ, 1.0, conflict=True),
        ),
    )


def compare_texts(name: str, on: str, settings: Mapping[str, Any]) -> LevelSet:
    """Free text: the same, nearly the same, or the same words in another order."""
    key = f"{on}_key"
    return LevelSet(
        name,
        on,
        either_null(key),
        (
            Level(f"same {name}", same(key), 0.7, 1e-3, key),
            Level(f"{name} nearly the same", alike(key, 0.9195), 0.12, 2e-3),
            Level(f"{name} similar", alike(key, 0.7995), 0.1, 2e-2),
            Level(f"other {name}", ELSE, 0.08, 0.97, conflict=True),
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
}
