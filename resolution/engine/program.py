"""Levels compiled into tests: each asks one thing of a pair and says which test comes next."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from resolution.comparisons.conditions import (
    Alike,
    AllOf,
    AnyOf,
    Condition,
    Contains,
    Equal,
    Held,
    Known,
    Lengths,
    Near,
    Not,
    Otherwise,
    Overlap,
    Shares,
    WithinEdits,
)
from resolution.comparisons.levels import UNKNOWN, Level, LevelSet, level_number

EQUAL, BOTH, EITHER, ALIKE, EDITS, CONTAINS, SHARES, OVERLAP, NEAR = range(9)
"""What a test asks; see resolution.engine.kernel."""

COST: Mapping[type[Condition], int] = {
    Known: 0,
    Held: 0,
    Lengths: 0,
    Equal: 1,
    Near: 1,
    Shares: 2,
    Overlap: 4,
    Contains: 6,
    WithinEdits: 8,
    Alike: 8,
}
"""Rough cost of asking, so that what is cheap and tells as much is asked first."""


class NotCompiledError(Exception):
    """A comparison holds a condition the compiler does not know; says which."""


@dataclass
class Layout:
    """Which columns a program looks at, in which array and place each is found."""

    values: dict[str, int] = field(default_factory=dict)
    """Columns held as 64-bit hashes."""
    flags: dict[tuple[str, int], int] = field(default_factory=dict)
    """(column, least number of characters; 0 for any value) -> its bit."""
    texts: dict[str, int] = field(default_factory=dict)
    lists: dict[str, int] = field(default_factory=dict)
    numbers: dict[str, int] = field(default_factory=dict)
    rarities: dict[str, int] = field(default_factory=dict)
    """Columns whose term frequencies adjust a weight."""

    def columns(self) -> list[str]:
        """Every column, each once, in order."""
        named = [*self.values, *(name for name, _ in self.flags), *self.texts]
        return sorted({*named, *self.lists, *self.numbers, *self.rarities})


class Program(NamedTuple):
    """Tests of all comparisons in one run of arrays, and what each level weighs.

    A target of 0 or more is a test; a target t below ends at level number -2 - t.
    """

    entry: np.ndarray
    """int64, comparison: the target it begins at."""
    tests: np.ndarray
    """int64, test x 8: what is asked, of which two places, the targets if it holds and if not,
    and three whole-number settings."""
    settings: np.ndarray
    """float64, test x 2."""
    weight: np.ndarray
    """Comparison x (level number + 1): log2 of m over u; 0 for unknown."""
    rarity: np.ndarray
    """Comparison x (level number + 1): place of its frequencies, -1 for none."""
    base: np.ndarray
    """log2 of the u that frequencies are set against."""
    floor: np.ndarray
    """log2 of the least frequency that counts; -inf for none."""
    prior: float
    """log2 of the odds that two records drawn at random are one customer."""


def compile_levels(comparisons: Sequence[LevelSet], prior: float) -> tuple[Program, Layout]:
    """The comparisons as a program, and the layout of the columns it reads.

    `prior`: probability that two records drawn at random are one customer. Raises NotCompiledError.
    """
    tests = _Tests()
    entry = [tests.comparison(item) for item in comparisons]
    widest = max((len(item.levels) for item in comparisons), default=0) + 1
    shape = (len(comparisons), widest)
    weight, base = np.zeros(shape), np.zeros(shape)
    floor, rarity = np.full(shape, -np.inf), np.full(shape, -1, np.int64)
    for row, item in enumerate(comparisons):
        for place, level in enumerate(item.levels):
            column = level_number(item, place) + 1
            weight[row, column] = math.log2(level.m / level.u)
            if level.frequency_of and not isinstance(level.condition, Otherwise):
                rarities = tests.layout.rarities
                rarity[row, column] = rarities.setdefault(level.frequency_of, len(rarities))
                base[row, column] = math.log2(adjusted_from(level, item))
                floor[row, column] = math.log2(level.u) if level.shared_with else -np.inf
    program = Program(
        np.array(entry, np.int64),
        *tests.arrays(),
        weight,
        rarity,
        base,
        floor,
        math.log2(prior / (1 - prior)),
    )
    return program, tests.layout


def adjusted_from(level: Level, item: LevelSet) -> float:
    """The u that the level's frequencies are set against: that of the comparison's plain
    equality on the column where it has one, its own otherwise."""
    if level.shared_with is None and level.frequency_of:
        plain = Equal(level.frequency_of, level.frequency_of)
        for other in item.levels:
            if other.condition == plain:
                return other.u
    return level.u


class _Tests:
    """Tests as they are written, last one first: each is told where to go on."""

    def __init__(self) -> None:
        self.layout = Layout()
        self._entries: set[int] = set()
        self._rows: list[tuple[tuple[int, ...], tuple[float, float]]] = []

    def comparison(self, item: LevelSet) -> int:
        """The target at which the comparison begins."""
        ahead = _end(UNKNOWN)
        for place in reversed(range(len(item.levels))):
            condition = item.levels[place].condition
            ahead = self._write(condition, _end(level_number(item, place)), ahead)
        entry = self._write(item.unknown, _end(UNKNOWN), ahead)
        self._entries.add(entry)
        return entry

    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """`tests` and `settings` of a Program."""
        self._shorten()
        tests = np.array([row for row, _ in self._rows], np.int64).reshape(-1, 8)
        return tests, np.array([x for _, x in self._rows], np.float64).reshape(-1, 2)

    def _write(self, condition: Condition, yes: int, no: int) -> int:
        if isinstance(condition, Otherwise):
            return yes
        if isinstance(condition, Not):
            return self._write(condition.condition, no, yes)
        if isinstance(condition, AllOf):
            for part in sorted(condition.conditions, key=_cost, reverse=True):
                yes = self._write(part, yes, no)
            return yes
        if isinstance(condition, AnyOf):
            for part in sorted(condition.conditions, key=_cost, reverse=True):
                no = self._write(part, yes, no)
            return no
        asked, settings = self._asked(condition)
        row = ((*asked[:3], yes, no, *asked[3:]), settings)
        if row in self._rows:
            return self._rows.index(row)
        self._rows.append(row)
        return len(self._rows) - 1

    def _shorten(self) -> None:
        """Sends each way past tests whose outcome is known on it: a name that is not the same
        at one level is not the same at the next. Tests only ever lead to earlier rows."""
        facts: dict[int, dict[_Question, bool]] = {}
        for at in reversed(range(len(self._rows))):
            (op, a, b, yes, no, *kinds), settings = self._rows[at]
            question = ((op, a, b, *kinds), settings)
            known = {} if at in self._entries else facts.get(at, {})
            ways = []
            for target, outcome in ((yes, True), (no, False)):
                here = {**known, question: outcome}
                ways.append(self._past(target, here))
                _keep_common(facts, ways[-1], here)
            self._rows[at] = ((op, a, b, *ways, *kinds), settings)

    def _past(self, target: int, known: "Mapping[_Question, bool]") -> int:
        while target >= 0:
            (op, a, b, yes, no, *kinds), settings = self._rows[target]
            outcome = known.get(((op, a, b, *kinds), settings))
            if outcome is None:
                break
            target = yes if outcome else no
        return target

    def _asked(self, condition: Condition) -> tuple[tuple[int, ...], tuple[float, float]]:
        """What to ask, of which two places, three whole-number settings; and two others."""
        values, texts, lists = self.layout.values, self.layout.texts, self.layout.lists
        numbers, none = self.layout.numbers, (0.0, 0.0)
        match condition:
            case Equal(left, right):
                asked = (EQUAL, _place(values, left), _place(values, right))
            case Known(left, right):
                asked = (BOTH, self._flag(left), self._flag(right))
            case Lengths(column, least):
                asked = (BOTH, self._flag(column, least), self._flag(column, least))
            case Held(column):
                asked = (EITHER, self._flag(column), 0)
            case Contains(left, right):
                asked = (CONTAINS, _place(texts, left), _place(texts, right))
            case Alike(left, right, threshold):
                places = _place(texts, left), _place(texts, right)
                return (ALIKE, *places, 0, 0, 0), (threshold, 0.0)
            case WithinEdits(left, right, edits):
                return (EDITS, _place(texts, left), _place(texts, right), edits, 0, 0), none
            case Shares(column):
                return (SHARES, _place(lists, column), 0, 1, 0, 1), none
            case Overlap(column, least, part, whole):
                return (OVERLAP, _place(lists, column), 0, least, part, whole), none
            case Near(column, within, share):
                return (NEAR, _place(numbers, column), 0, 0, 0, 0), (within, share)
            case _:
                raise NotCompiledError(condition.sql())
        return (*asked, 0, 0, 0), none

    def _flag(self, column: str, least: int = 0) -> int:
        flags = self.layout.flags
        return flags.setdefault((column, least), len(flags))


_Question = tuple[tuple[int, ...], tuple[float, float]]
"""What a test asks, wherever it leads."""


def _keep_common(
    facts: dict[int, dict[_Question, bool]], target: int, here: dict[_Question, bool]
) -> None:
    """What is known at `target` is what is known on every way to it."""
    if target in facts:
        facts[target] = {x: y for x, y in facts[target].items() if here.get(x) is y}
    else:
        facts[target] = here


def _end(level: int) -> int:
    return -2 - level


def _place(places: dict[str, int], column: str) -> int:
    return places.setdefault(column, len(places))


def _cost(condition: Condition) -> int:
    if type(condition) in COST:
        return COST[type(condition)]
    return sum(_cost(part) for part in condition.parts()) + 1
