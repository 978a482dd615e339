"""How two records' standardised values are compared: ordered levels of agreement, in words and SQL.

The words of a level are shown to stewards, so they say what was seen, never how it was computed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Level:
    """One way in which two values may agree. The first level whose `condition` holds is taken."""

    words: str
    condition: str
    """SQL over the columns of the left (`_l`) and right (`_r`) record."""
    m: float
    """Expected share of this level among pairs of the same customer: the start of training, and
    what a level keeps that training never observes."""
    u: float
    """The same among pairs of two customers."""
    frequency_of: str | None = None
    """Column whose rarer values weigh more at this level."""
    borne_in: tuple[str, ...] = ()
    """Further columns in which a customer may bear the value of `frequency_of`."""
    shared_with: float | None = None
    """For evidence that points at one person: the number of other people a person is expected to
    share it with (a family's phone). Over N records it puts u at no less than this over N, so the
    same model holds for a thousand records and for a million."""
    conflict: bool = False
    """Whether a guard on this comparison treats the level as a contradiction."""


@dataclass(frozen=True)
class LevelSet:
    """A comparison's levels from most to least alike; the last one is "anything else"."""

    name: str
    of: str
    """The standardiser whose columns are compared."""
    unknown: str
    """SQL that holds when a side has nothing to compare: no evidence either way."""
    levels: tuple[Level, ...]

    @property
    def frequency_columns(self) -> dict[str, tuple[str, ...]]:
        """Columns whose term frequencies are needed, and where else their values are borne."""
        return {x.frequency_of: x.borne_in for x in self.levels if x.frequency_of}


ELSE = "ELSE"


def _either_null(column: str) -> str:
    return f"({column}_l IS NULL OR {column}_r IS NULL)"


def _same(column: str) -> str:
    return f"{column}_l = {column}_r"


def _alike(column: str, threshold: float) -> str:
    # thresholds are fractions no Jaro-Winkler value of short strings reaches exactly,
    # so that every implementation puts a pair on the same side
    return f"jaro_winkler_similarity({column}_l, {column}_r) >= {threshold}"


def _one_edit(column: str, edits: int = 1) -> str:
    return f"damerau_levenshtein({column}_l, {column}_r) <= {edits}"


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
            Level("same name in Chinese characters", _same(part.han), 0.25, 2e-5, part.han),
            Level("same sound, other characters", part.homophones, 0.005, 2e-5),
            Level("same full name", _same(part.full), 0.3, 2e-5, part.full),
            Level(
                "same family name, short form of the given name",
                f"{_same(part.family)} AND {_same(part.formal)}",
                0.03,
                1e-5,
                part.family,
            ),
            Level(
                "same family name, given name nearly the same",
                f"{_same(part.family)} AND ({_alike(part.given, 0.8795)} OR {part.shortened})",
                0.05,
                3e-5,
                part.family,
            ),
            Level(
                "same given name, family name nearly the same",
                f"{_same(part.given)} AND {_alike(part.family, 0.8795)}",
                0.04,
                5e-5,
                part.given,
            ),
            Level(
                "same family name, same initial",
                f"{_same(part.family)} AND {part.initial}",
                0.03,
                1e-4,
                part.family,
            ),
            Level("same given name, initial of the family name", part.family_initial, 0.005, 1e-4),
            Level("same letters in another order or cut elsewhere", part.reordered, 0.01, 1e-5),
            Level("names nearly the same", _alike(part.full, 0.9195), 0.03, 2e-4),
            Level(
                "the one name given is the same",
                part.lone_agrees,
                0.1,
                1e-3,
                part.lone,
                (part.given, part.family),
            ),
            Level("the one name given is nearly the same", part.lone_resembles, 0.02, 3e-3),
            Level("same given name, other family name", _same(part.given), 0.01, 3e-3, part.given),
            Level(
                "same family name, given names begin alike",
                f"{_same(part.family)} AND {part.given}_l[:2] = {part.given}_r[:2]",
                0.005,
                1e-3,
            ),
            Level(
                "same family name, other given name",
                _same(part.family),
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
        nameless = " OR ".join(
            f"({self.given}_{side} IS NULL AND {self.family}_{side} IS NULL)" for side in "lr"
        )
        loose = " OR ".join(f"coalesce({self.on}_self_chosen_{side}, false)" for side in "lr")
        shared = " OR ".join(
            f"coalesce({_same(column)}, false)"
            for column in (self.full, self.given, self.family, self.formal, self.letters)
        )
        shared = f"{shared} OR coalesce({self.lone_agrees}, false)"
        # two lone names may be two parts of one name, and so may a lone one and two Chinese
        # characters: only agreement says something
        lone = " OR ".join(
            f"({self.lone}_{a} IS NOT NULL AND ({self.lone}_{b} IS NOT NULL "
            f"OR {self.on}_whole_key_{b} IS NOT NULL))"
            for a, b in ("lr", "rl")
        )
        resembles = f"coalesce({self.lone_resembles}, false)"
        return (
            f"{nameless} OR (({loose}) AND NOT ({shared})) "
            f"OR (({lone}) AND NOT ({shared}) AND NOT {resembles})"
        )

    @property
    def homophones(self) -> str:
        return f"{_same(self.full)} AND {self.han}_l <> {self.han}_r"

    @property
    def generations(self) -> str:
        return f"{self.on}_suffix_l <> {self.on}_suffix_r AND {_same(self.full)}"

    @property
    def initial(self) -> str:
        return (
            f"(length({self.given}_l) = 1 OR length({self.given}_r) = 1) "
            f"AND ({self.given}_l[1] IN ({self.given}_r[1], {self.formal}_r[1]) "
            f"OR {self.given}_r[1] = {self.formal}_l[1])"
        )

    @property
    def family_initial(self) -> str:
        """Steven Barnes and Steven B., or the initial taken for the given name."""
        kept = (
            f"{_same(self.given)} AND {self.family}_l[1] = {self.family}_r[1] "
            f"AND (length({self.family}_l) = 1 OR length({self.family}_r) = 1)"
        )
        turned = " OR ".join(
            f"({self.given}_{a} = {self.family}_{b} AND {self.family}_{a}[1] = {self.given}_{b})"
            for a, b in ("lr", "rl")
        )
        return f"(({kept}) OR {turned})"

    @property
    def reordered(self) -> str:
        """Yu Jian Gao and Gao Yujian: equal once all letters are sorted."""
        return f"{_same(self.letters)} AND length({self.letters}_l) >= 6"

    @property
    def shortened(self) -> str:
        inside = " OR ".join(
            f"contains({self.given}_{a}, {self.given}_{b})" for a, b in ("lr", "rl")
        )
        return f"(least(length({self.given}_l), length({self.given}_r)) >= 3 AND ({inside}))"

    @property
    def lone_agrees(self) -> str:
        either = " OR ".join(
            f"{self.lone}_{a} = {column}_{b}"
            for a, b in ("lr", "rl")
            for column in (self.lone, self.given, self.family, self.formal)
        )
        # two Chinese characters are a full name or a given name alone
        whole = " OR ".join(f"{self.on}_whole_key_{a} = {self.given}_{b}" for a, b in ("lr", "rl"))
        return f"({either} OR {whole})"

    @property
    def lone_resembles(self) -> str:
        alike = " OR ".join(
            f"jaro_winkler_similarity({self.lone}_{a}, {column}_{b}) >= 0.8795"
            for a, b in ("lr", "rl")
            for column in (self.given, self.family)
        )
        initial = " OR ".join(
            f"(length({self.lone}_{a}) = 1 AND {self.given}_{b}[1] = {self.lone}_{a})"
            for a, b in ("lr", "rl")
        )
        short = " OR ".join(
            f"({self.lone}_{a} IS NOT NULL "
            f"AND {self.formal}_{a} IN ({self.formal}_{b}, {self.family}_{b}))"
            for a, b in ("lr", "rl")
        )
        return f"({short} OR {initial} OR {alike})"


def compare_dates(name: str, on: str, settings: Mapping[str, Any]) -> LevelSet:
    """Dates with day and month exchanged, one digit wrong, or only the year known."""
    date, other, digits = f"{on}_date", f"{on}_alternative", f"{on}_digits"
    exchanged = (
        f"{date}_l = {other}_r OR {other}_l = {date}_r OR (year({date}_l) = year({date}_r) "
        f"AND day({date}_l) = month({date}_r) AND month({date}_l) = day({date}_r))"
    )
    coarse = f"({on}_precision_l <> 'day' OR {on}_precision_r <> 'day')"
    return LevelSet(
        name,
        on,
        _either_null(date),
        (
            Level("same date", _same(date), 0.85, 5e-5, date),
            Level("day and month exchanged", exchanged, 0.02, 5e-5),
            Level("one digit differs", _one_edit(digits), 0.05, 7e-4),
            Level(
                "same year, the rest not given",
                f"{coarse} AND year({date}_l) = year({date}_r)",
                0.02,
                2e-4,
            ),
            Level("two digits differ", _one_edit(digits, 2), 0.02, 2e-2),
            Level("different dates", ELSE, 0.02, 0.98, conflict=True),
        ),
    )


def compare_categories(name: str, on: str, settings: Mapping[str, Any]) -> LevelSet:
    """Categories: the same or not."""
    return LevelSet(
        name,
        on,
        _either_null(f"{on}_key"),
        (
            Level(f"same {name}", _same(f"{on}_key"), 0.97, 0.5),
            Level(f"other {name}", ELSE, 0.03, 0.5),
        ),
    )


def compare_emails(name: str, on: str, settings: Mapping[str, Any]) -> LevelSet:
    """Email addresses: any shared, the same name at another provider, or a typing error apart.

    An email name that only repeats its owner's name is not evidence beside that name; nor are
    two that differ in their digits a slip of the pen.
    """
    first, own, digits = f"{on}_first", f"{on}_own", f"{on}_digits"
    inside = (
        f"least(length({own}_l), length({own}_r)) >= 6 AND "
        f"(contains({own}_l, {own}_r) OR contains({own}_r, {own}_l))"
    )
    slip = f"length({first}_l) >= 10 AND {_same(digits)} AND {_one_edit(first, 2)}"
    return LevelSet(
        name,
        on,
        _either_null(first),
        (
            Level("same email", f"list_has_any({on}_l, {on}_r)", 0.75, 1e-6, shared_with=0.05),
            Level(
                "same email name at another provider",
                f"{_same(own)} AND length({own}_l) >= 5",
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
        f"{first}_l IS NULL OR {first}_r IS NULL",
        (
            Level("same phone", f"list_has_any({on}_l, {on}_r)", 0.75, 1e-6, shared_with=0.2),
            Level("one digit of the phone differs", _one_edit(first), 0.03, 2e-6, shared_with=0.4),
            Level("different phones", ELSE, 0.22, 0.9999),
        ),
    )


def compare_addresses(name: str, on: str, settings: Mapping[str, Any]) -> LevelSet:
    """Addresses by their parts: house, street, postcode, town."""
    key, number, street = f"{on}_key", f"{on}_number", f"{on}_street_key"
    postcode, city = f"{on}_postcode", f"{on}_city_key"
    near = f"(coalesce({_same(postcode)}, false) OR coalesce({_same(city)}, false))"
    far = f"coalesce({postcode}_l <> {postcode}_r AND {city}_l <> {city}_r, false)"
    return LevelSet(
        name,
        on,
        f"{_either_null(key)} AND {_either_null(postcode)} AND {_either_null(city)}",
        (
            Level("same address", f"{_same(key)} AND {near}", 0.6, 2e-6, key, shared_with=1.5),
            Level(
                "same street and number, town not given or other",
                f"{_same(key)} AND NOT {far}",
                0.03,
                1e-5,
                key,
                shared_with=3,
            ),
            Level(
                "address nearly the same",
                f"{near} AND ({_alike(key, 0.9195)})",
                0.06,
                2e-5,
                shared_with=3,
            ),
            Level(
                "same house number and postcode",
                f"{_same(number)} AND {_same(postcode)}",
                0.02,
                1e-5,
            ),
            Level("same street", f"{near} AND {_same(street)}", 0.02, 1e-4),
            Level("same postcode", _same(postcode), 0.05, 2e-3, postcode),
            Level("same town", _same(city), 0.05, 1e-2, city),
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
        _either_null(on),
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
                f"length({first}_l) >= 6 AND {_one_edit(first)}",
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
        _either_null(key),
        (
            Level(f"same {name}", _same(key), 0.7, 1e-3, key),
            Level(f"{name} nearly the same", _alike(key, 0.9195), 0.12, 2e-3),
            Level(f"{name} similar", _alike(key, 0.7995), 0.1, 2e-2),
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
}
