"""Names compared as people write them: other script, order, short forms, typos, parts left out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from resolution.levels import ELSE, Level, LevelSet, alike, any_of, same

SIDES = (("l", "r"), ("r", "l"))
"""A condition that is not symmetric is asked both ways round."""


def compare_person_names(name: str, on: str, settings: Mapping[str, Any]) -> LevelSet:
    """Names as people write them: other script, order, short forms, typos, parts left out."""
    part = _NameParts(on)
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
            Level("same full name", same(part.full), 0.3, 2e-5, part.full),
            Level(
                "same family name, short form of the given name",
                f"{same(part.family)} AND {same(part.formal)}",
                0.03,
                1e-5,
                part.family,
            ),
            Level(
                "same family name, given name nearly the same",
                f"{same(part.family)} AND {any_of(alike(part.given, 0.8795), part.shortened)}",
                0.05,
                3e-5,
                part.family,
            ),
            Level(
                "same given name, family name nearly the same",
                f"{same(part.given)} AND {alike(part.family, 0.8795)}",
                0.04,
                5e-5,
                part.given,
            ),
            Level(
                "same family name, same initial",
                f"{same(part.family)} AND {part.initial}",
                0.03,
                1e-4,
                part.family,
            ),
            Level("same given name, initial of the family name", part.family_initial, 0.005, 1e-4),
            Level("same letters in another order or cut elsewhere", part.reordered, 0.01, 1e-5),
            Level("names nearly the same", alike(part.full, 0.9195), 0.03, 2e-4),
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
                f"{same(part.family)} AND {part.begin_alike}",
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
            ),
            Level("different names", ELSE, 0.015, 0.98, conflict=True),
        ),
    )


@dataclass(frozen=True)
class _NameParts:
    """Columns of a standardised name, and the conditions built of them."""

    on: str

    @property
    def han(self) -> str:
        return f"{self.on}_han"

    @property
    def full(self) -> str:
        return f"{self.on}_full_key"

    @property
    def given(self) -> str:
        return f"{self.on}_given_key"

    @property
    def family(self) -> str:
        return f"{self.on}_family_key"

    @property
    def formal(self) -> str:
        return f"{self.on}_formal"

    @property
    def letters(self) -> str:
        return f"{self.on}_letters"

    @property
    def lone(self) -> str:
        """The only name known; which part of the full name it is cannot be told."""
        return f"{self.on}_lone_key"

    @property
    def unknown(self) -> str:
        nameless = [
            f"({self.given}_{side} IS NULL AND {self.family}_{side} IS NULL)" for side in "lr"
        ]
        loose = any_of(*[f"{self.on}_self_chosen_{side}" for side in "lr"])
        columns = (self.full, self.given, self.family, self.formal, self.letters)
        shared = any_of(*[same(column) for column in columns], self.lone_agrees)
        # two lone names may be two parts of one name, and so may a lone one and two Chinese
        # characters: only agreement says something
        parts = any_of(
            *[
                f"({self.lone}_{a} IS NOT NULL AND {column}_{b} IS NOT NULL)"
                for a, b in SIDES
                for column in (self.lone, f"{self.on}_whole_key")
            ]
        )
        return any_of(
            *nameless,
            f"({loose} AND NOT {shared})",
            f"({parts} AND NOT {shared} AND NOT {self.lone_resembles})",
        )

    @property
    def homophones(self) -> str:
        return f"{same(self.full)} AND {self.han}_l <> {self.han}_r"

    @property
    def generations(self) -> str:
        return f"{self.on}_suffix_l <> {self.on}_suffix_r AND {same(self.full)}"

    @property
    def initial(self) -> str:
        short = any_of(*[f"length({self.given}_{side}) = 1" for side in "lr"])
        begins = any_of(
            *[
                f"{self.given}_{a}[1] = {column}_{b}[1]"
                for a, b in SIDES
                for column in (self.given, self.formal)
            ]
        )
        return f"{short} AND {begins}"

    @property
    def family_initial(self) -> str:
        """Steven Barnes and Steven B., or the initial taken for the given name."""
        short = any_of(*[f"length({self.family}_{side}) = 1" for side in "lr"])
        kept = f"({same(self.given)} AND {self.family}_l[1] = {self.family}_r[1] AND {short})"
        turned = [
            f"({self.given}_{a} = {self.family}_{b} AND {self.family}_{a}[1] = {self.given}_{b})"
            for a, b in SIDES
        ]
        return any_of(kept, *turned)

    @property
    def reordered(self) -> str:
        """Yu Jian Gao and Gao Yujian: equal once all letters are sorted."""
        return f"{same(self.letters)} AND length({self.letters}_l) >= 6"

    @property
    def shortened(self) -> str:
        inside = any_of(*[f"contains({self.given}_{a}, {self.given}_{b})" for a, b in SIDES])
        return f"(least(length({self.given}_l), length({self.given}_r)) >= 3 AND {inside})"

    @property
    def begin_alike(self) -> str:
        # two letters of pinyin say nothing where the characters themselves differ
        latin = any_of(f"{self.han}_l IS NULL", f"{self.han}_r IS NULL")
        return f"{self.given}_l[:2] = {self.given}_r[:2] AND {latin}"

    @property
    def lone_agrees(self) -> str:
        either = [
            f"{self.lone}_{a} = {column}_{b}"
            for a, b in SIDES
            for column in (self.lone, self.given, self.family, self.formal)
        ]
        # two Chinese characters are a full name or a given name alone
        whole = [f"{self.on}_whole_key_{a} = {self.given}_{b}" for a, b in SIDES]
        return any_of(*either, *whole)

    @property
    def lone_resembles(self) -> str:
        short = [
            f"({self.lone}_{a} IS NOT NULL "
            f"AND {self.formal}_{a} IN ({self.formal}_{b}, {self.family}_{b}))"
            for a, b in SIDES
        ]
        initial = [
            f"(length({self.lone}_{a}) = 1 AND {self.given}_{b}[1] = {self.lone}_{a})"
            for a, b in SIDES
        ]
        nearly = [
            f"jaro_winkler_similarity({self.lone}_{a}, {column}_{b}) >= 0.8795"
            for a, b in SIDES
            for column in (self.given, self.family)
        ]
        return any_of(*short, *initial, *nearly)
