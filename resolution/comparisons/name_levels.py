"""Names compared as people write them: other script, order, short forms, typos, parts left out."""

from collections.abc import Mapping
from typing import Any

from resolution.comparisons.conditions import Otherwise, Overlap, all_of, any_of, differs, same
from resolution.comparisons.levels import Level, LevelSet
from resolution.comparisons.name_parts import NameParts


def compare_person_names(name: str, on: str, settings: Mapping[str, Any]) -> LevelSet:
    """Names as people write them: other script, order, short forms, typos, parts left out."""
    part = NameParts(on)
    return LevelSet(
        name,
        on,
        part.unknown,
        (
            Level(
                "same name, another generation (Jr, Sr)",
                part.generations,
                0.001,
                1e-5,
                conflict=True,
            ),
            Level("same name in Chinese characters", same(part.han), 0.25, 2e-5, part.han),
            Level("same sound, other characters", part.homophones, 0.005, 2e-5),
            Level(
                "same full name, other middle name",
                all_of(same(part.full), differs(f"{on}_middle_initial")),
                0.005,
                1e-5,
                part.full,
            ),
            Level(
                "same full name, middle name too",
                all_of(same(part.full), same(f"{on}_middle_key")),
                0.05,
                1e-6,
                part.full,
            ),
            Level("same full name", same(part.full), 0.3, 2e-5, part.full),
            Level(
                "same family name, short form of the given name",
                all_of(same(part.family), part.short_form),
                0.03,
                1e-5,
                part.family,
            ),
            Level(
                "same family name, given name nearly the same",
                all_of(same(part.family), any_of(part.given_alike, part.shortened)),
                0.05,
                3e-5,
                part.family,
            ),
            Level(
                "same given name, family name nearly the same",
                all_of(same(part.given), part.family_alike),
                0.04,
                5e-5,
                part.given,
            ),
            Level(
                "same family name, same initial",
                all_of(same(part.family), part.initial),
                0.03,
                1e-4,
                part.family,
            ),
            Level("same given name, initial of the family name", part.family_initial, 0.005, 1e-4),
            Level("same letters in another order or cut elsewhere", part.reordered, 0.01, 1e-5),
            Level("names nearly the same", part.nearly, 0.03, 2e-4),
            Level("same sound, another script", part.foreign, 0.005, 2e-5),
            Level("every word of one name in the other", Overlap(part.each_word, 2), 0.01, 1e-5),
            Level(
                "the one name given is the same",
                part.lone_agrees,
                0.1,
                1e-3,
                part.lone,
                (part.given, part.family),
            ),
            Level("the one name given is nearly the same", part.lone_resembles, 0.02, 3e-3),
            Level("same given name, other family name", same(part.given), 0.01, 3e-3, part.given),
            Level(
                "same family name, given names begin alike",
                all_of(same(part.family), part.begin_alike),
                0.005,
                1e-3,
            ),
            Level(
                "same family name, other given name",
                same(part.family),
                0.01,
                1e-2,
                part.family,
                conflict=True,
                as_often_as="same given name, other family name",
            ),
            Level(
                "family name nearly the same, other given name",
                part.family_alike,
                0.005,
                1e-2,
                conflict=True,
            ),
            Level("different names", Otherwise(), 0.015, 0.98, conflict=True),
        ),
    )
