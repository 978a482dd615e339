"""Ordered levels of agreement, each with its condition: what every comparison is made of.

The words of a level are shown to stewards, so they say what was seen, never how it was computed.
"""

from dataclasses import dataclass

from resolution.comparisons.conditions import Condition

UNKNOWN = -1
"""The level number of a comparison with nothing to compare; levels count down to 0."""


@dataclass(frozen=True)
class Level:
    """One way in which two values may agree. The first level whose `condition` holds is taken."""

    words: str
    condition: Condition
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
    agrees: bool = False
    """Whether the level is full agreement, as the first one always is: it excuses a contradiction
    elsewhere."""
    as_often_as: str | None = None
    """For a contradiction that relatives show: the words of the level that one customer's slips
    and changes bring about as often. Where it is seen far more often, relatives are seen."""


@dataclass(frozen=True)
class LevelSet:
    """A comparison's levels from most to least alike; the last one is "anything else"."""

    name: str
    of: str
    """The standardiser whose columns are compared."""
    unknown: Condition
    """Holds when a side has nothing to compare: no evidence either way."""
    levels: tuple[Level, ...]

    @property
    def agreeing(self) -> list[int]:
        """Places of the levels that are full agreement."""
        return [place for place, level in enumerate(self.levels) if level.agrees or not place]

    def conflicts(self, of_relatives: bool = False) -> list[int]:
        """Places of the levels that are contradictions; of those alone that relatives show."""
        return [
            place
            for place, level in enumerate(self.levels)
            if level.conflict and (level.as_often_as is not None or not of_relatives)
        ]

    @property
    def frequency_columns(self) -> dict[str, tuple[str, ...]]:
        """Columns whose term frequencies are needed, and where else their values are borne."""
        return {x.frequency_of: x.borne_in for x in self.levels if x.frequency_of}


def level_number(levels: LevelSet, place: int) -> int:
    """Splink's number of the level at `place`: the last one is 0."""
    return len(levels.levels) - 1 - place
