"""Ordered levels of agreement, in words and SQL: what every comparison is made of.

The words of a level are shown to stewards, so they say what was seen, never how it was computed.
"""

from dataclasses import dataclass


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


def any_of(*conditions: str) -> str:
    """Holds when one of the conditions does; false, never null, when none does.

    Not written with OR: Splink brings every OR into normal form each time it looks for plain
    equalities, which took longer than the comparisons themselves.
    """
    return f"coalesce(greatest({', '.join(conditions)}), false)"


def either_null(column: str) -> str:
    """Holds when a side has no value."""
    return any_of(f"{column}_l IS NULL", f"{column}_r IS NULL")


def same(column: str) -> str:
    """Holds when both sides have the same value; the plain equality Splink knows."""
    return f"{column}_l = {column}_r"


def alike(column: str, threshold: float) -> str:
    """Holds from a Jaro-Winkler similarity of `threshold` upwards."""
    # thresholds are fractions no Jaro-Winkler value of short strings reaches exactly,
    # so that every implementation puts a pair on the same side
    return f"jaro_winkler_similarity({column}_l, {column}_r) >= {threshold}"


def within_edits(column: str, edits: int = 1) -> str:
    """Holds within so many typing errors (Damerau-Levenshtein)."""
    return f"damerau_levenshtein({column}_l, {column}_r) <= {edits}"
