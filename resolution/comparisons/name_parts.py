"""What is asked of two names: the conditions that the levels of a name are made of."""

from dataclasses import dataclass

from resolution.comparisons.conditions import (
    Alike,
    Condition,
    Contains,
    Equal,
    Held,
    Known,
    Lengths,
    Not,
    Shares,
    alike,
    all_of,
    any_of,
    differs,
    either_way,
    known,
    missing,
    same,
    within_edits,
)


@dataclass(frozen=True)
class NameParts:
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
    def each_word(self) -> str:
        """Every telling word, as a list."""
        return f"{self.on}_each_word"

    @property
    def letters(self) -> str:
        return f"{self.on}_letters"

    @property
    def lone(self) -> str:
        """The only name known; which part of the full name it is cannot be told."""
        return f"{self.on}_lone_key"

    @property
    def whole(self) -> str:
        """Two Chinese characters, which are a full name or a given name alone."""
        return f"{self.on}_whole_key"

    @property
    def initial_of_given(self) -> str:
        return f"{self.on}_given_initial"

    @property
    def initial_of_family(self) -> str:
        return f"{self.on}_family_initial"

    @property
    def unknown(self) -> Condition:
        columns = (self.full, self.given, self.family, self.formal, self.letters)
        shared = any_of(*[same(column) for column in columns], self.lone_agrees)
        # two lone names may be two parts of one name, and so may a lone one and two Chinese
        # characters: only agreement says something
        parts = any_of(known(self.lone), either_way(Known(self.lone, self.whole)))
        return any_of(
            missing(f"{self.on}_any_key"),
            all_of(Held(f"{self.on}_self_chosen"), Not(shared)),
            all_of(parts, Not(shared), Not(self.lone_resembles)),
        )

    @property
    def homophones(self) -> Condition:
        return all_of(same(self.full), differs(self.han))

    @property
    def foreign(self) -> Condition:
        """Faisal Siddiqui and فيصل صديقي, which has no vowels."""
        return all_of(Held(f"{self.on}_foreign"), same(f"{self.on}_bones"))

    @property
    def generations(self) -> Condition:
        return all_of(differs(f"{self.on}_suffix"), same(self.full))

    @property
    def initial(self) -> Condition:
        begins = any_of(
            same(self.initial_of_given),
            either_way(Equal(self.initial_of_given, f"{self.on}_formal_initial")),
        )
        return all_of(Held(f"{self.on}_given_bare"), begins)

    @property
    def family_initial(self) -> Condition:
        """Steven Barnes and Steven B., or the initial taken for the given name."""
        kept = all_of(
            same(self.given), same(self.initial_of_family), Held(f"{self.on}_family_bare")
        )
        turned = all_of(
            Equal(self.given, self.family), Equal(self.initial_of_family, f"{self.on}_given_bare")
        )
        return any_of(kept, either_way(turned))

    @property
    def reordered(self) -> Condition:
        """Yu Jian Gao and Gao Yujian: equal once all letters are sorted."""
        return all_of(same(self.letters), Lengths(self.letters, 6))

    @property
    def shortened(self) -> Condition:
        return all_of(Lengths(self.given, 3), Contains(self.given, self.given))

    @property
    def short_form(self) -> Condition:
        return any_of(same(self.formal), Shares(f"{self.on}_each_form"))

    @property
    def given_alike(self) -> Condition:
        return any_of(
            alike(self.given, 0.8795),
            alike(self.formal, 0.8795),
            self.short_form,
            all_of(Lengths(self.given, 5), within_edits(self.given)),
            all_of(Lengths(f"{self.on}_given_sound", 4), same(f"{self.on}_given_sound")),
        )

    @property
    def family_alike(self) -> Condition:
        return any_of(
            alike(self.family, 0.8795),
            same(f"{self.on}_phonetic"),
            all_of(Lengths(self.family, 4), within_edits(self.family)),
            all_of(Lengths(self.family, 8), within_edits(self.family, 2)),
        )

    @property
    def nearly(self) -> Condition:
        # a family name both have makes any two full names alike
        apart = all_of(Not(same(self.family)), Not(same(self.given)))
        # two letters of pinyin make another name
        slips = all_of(
            known(f"{self.on}_phonetic"), Lengths(self.full, 10), within_edits(self.full, 2)
        )
        return any_of(
            all_of(any_of(alike(self.full, 0.9195), slips), apart),
            all_of(self.given_alike, self.family_alike),
        )

    @property
    def begin_alike(self) -> Condition:
        # two letters of pinyin say nothing where the characters themselves differ
        return all_of(same(f"{self.on}_given_start"), missing(self.han))

    @property
    def lone_agrees(self) -> Condition:
        alone = [
            either_way(Equal(self.lone, column))
            for column in (self.given, self.family, self.formal)
        ]
        # most records have neither, and are not asked further
        whole = all_of(Held(self.whole), either_way(Equal(self.whole, self.given)))
        return any_of(all_of(Held(self.lone), any_of(same(self.lone), *alone)), whole)

    @property
    def lone_resembles(self) -> Condition:
        short = any_of(
            all_of(Known(self.lone, self.formal), same(self.formal)),
            all_of(Known(self.lone, self.family), Equal(self.formal, self.family)),
        )
        initials = (
            Equal(f"{self.on}_lone_bare", self.initial_of_given),
            Equal(f"{self.on}_lone_initial", f"{self.on}_given_bare"),
        )
        nearly = [Alike(self.lone, column, 0.8795) for column in (self.given, self.family)]
        either = any_of(*[either_way(item) for item in (short, *initials, *nearly)])
        return all_of(Held(self.lone), either)
