"""What may hold between two records: each condition reads as SQL and compiles to machine code.

A condition names columns of the records. `left` is a column of the one record and `right` of the
other; `either_way` asks with the records exchanged as well. What is not known (null) never holds.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Condition(ABC):
    """What every condition can do."""

    @abstractmethod
    def sql(self) -> str:
        """True where it holds; false or null where not. Over columns `<name>_l`, `<name>_r`."""

    def mirrored(self) -> "Condition":
        """The same condition with the two records exchanged."""
        return self

    def parts(self) -> "tuple[Condition, ...]":
        """The conditions it is made of; none for one that looks at columns itself."""
        return ()

    def columns(self) -> Iterator[str]:
        """Every column it looks at."""
        for part in self.parts():
            yield from part.columns()


@dataclass(frozen=True)
class _OfTwo(Condition):
    """A condition on a column of the one record and a column of the other."""

    left: str
    right: str

    def mirrored(self) -> "Condition":
        swapped = {**vars(self), "left": self.right, "right": self.left}
        return type(self)(**swapped)

    def columns(self) -> Iterator[str]:
        yield self.left
        yield self.right


@dataclass(frozen=True)
class Equal(_OfTwo):
    """The same value."""

    def sql(self) -> str:
        return f"{self.left}_l = {self.right}_r"


@dataclass(frozen=True)
class Alike(_OfTwo):
    """Jaro-Winkler similarity of at least `threshold`, over UTF-8 bytes as DuckDB has it.

    Thresholds are fractions that no similarity of short strings reaches exactly (0.8795), so
    every implementation puts a pair on the same side.
    """

    threshold: float

    def sql(self) -> str:
        return f"jaro_winkler_similarity({self.left}_l, {self.right}_r) >= {self.threshold}"


@dataclass(frozen=True)
class WithinEdits(_OfTwo):
    """At most so many typing errors: bytes added, lost, changed or exchanged (Damerau 1964)."""

    edits: int

    def sql(self) -> str:
        return f"damerau_levenshtein({self.left}_l, {self.right}_r) <= {self.edits}"


@dataclass(frozen=True)
class Contains(_OfTwo):
    """One of the two values stands somewhere in the other."""

    def sql(self) -> str:
        left, right = f"{self.left}_l", f"{self.right}_r"
        return f"coalesce(greatest(contains({left}, {right}), contains({right}, {left})), false)"


@dataclass(frozen=True)
class Known(_OfTwo):
    """Both records have a value."""

    def sql(self) -> str:
        return f"({self.left}_l IS NOT NULL AND {self.right}_r IS NOT NULL)"


@dataclass(frozen=True)
class _OfOneColumn(Condition):
    """A condition on one column, the same on both sides."""

    column: str

    def columns(self) -> Iterator[str]:
        yield self.column


@dataclass(frozen=True)
class Held(_OfOneColumn):
    """At least one of the records has a value."""

    def sql(self) -> str:
        return f"({self.column}_l IS NOT NULL OR {self.column}_r IS NOT NULL)"


@dataclass(frozen=True)
class Lengths(_OfOneColumn):
    """Both values have at least so many characters."""

    least: int

    def sql(self) -> str:
        sides = [f"length({self.column}_{side}) >= {self.least}" for side in "lr"]
        return f"({' AND '.join(sides)})"


@dataclass(frozen=True)
class Shares(_OfOneColumn):
    """Two list columns have an element in common."""

    def sql(self) -> str:
        return f"list_has_any({self.column}_l, {self.column}_r)"


@dataclass(frozen=True)
class Overlap(_OfOneColumn):
    """Two list columns share at least `least` elements, and `part` of `whole` of the shorter."""

    least: int
    part: int = 1
    whole: int = 1

    def sql(self) -> str:
        left, right = (f"list_distinct({self.column}_{side})" for side in "lr")
        shared = f"len(list_intersect({left}, {right}))"
        shorter = f"least(len({left}), len({right}))"
        # whole numbers only, so that every engine puts a pair on the same side
        return f"({shared} >= {self.least} AND {shared} * {self.whole} >= {shorter} * {self.part})"


@dataclass(frozen=True)
class Near(_OfOneColumn):
    """Two numbers (or dates, in days) no further apart than `within`, or `share` of the larger."""

    within: float = 0.0
    share: float = 0.0

    def sql(self) -> str:
        left, right = (f"CAST({self.column}_{side} AS DOUBLE)" for side in "lr")
        allowed = f"greatest({self.within!r}, {self.share!r} * greatest(abs({left}), abs({right})))"
        return f"abs({left} - {right}) <= {allowed}"


@dataclass(frozen=True)
class AllOf(Condition):
    """Every one of `conditions` holds."""

    conditions: tuple[Condition, ...]

    def sql(self) -> str:
        return "(" + " AND ".join(item.sql() for item in self.conditions) + ")"

    def mirrored(self) -> Condition:
        return AllOf(tuple(item.mirrored() for item in self.conditions))

    def parts(self) -> tuple[Condition, ...]:
        return self.conditions


@dataclass(frozen=True)
class AnyOf(Condition):
    """At least one of `conditions` holds."""

    conditions: tuple[Condition, ...]

    def sql(self) -> str:
        # not written with OR: Splink brings every OR into normal form each time it looks for
        # plain equalities, which took longer than the comparisons themselves
        return f"coalesce(greatest({', '.join(item.sql() for item in self.conditions)}), false)"

    def mirrored(self) -> Condition:
        return AnyOf(tuple(item.mirrored() for item in self.conditions))

    def parts(self) -> tuple[Condition, ...]:
        return self.conditions


@dataclass(frozen=True)
class Not(Condition):
    """`condition` does not hold, for whatever reason."""

    condition: Condition

    def sql(self) -> str:
        return f"NOT coalesce({self.condition.sql()}, false)"

    def mirrored(self) -> Condition:
        return Not(self.condition.mirrored())

    def parts(self) -> tuple[Condition, ...]:
        return (self.condition,)


@dataclass(frozen=True)
class Otherwise(Condition):
    """Always holds: the last level of a comparison."""

    def sql(self) -> str:
        return "ELSE"


@dataclass(frozen=True)
class Sql(Condition):
    """A condition in the words of a model's author. It is not compiled: Splink weighs it."""

    text: str

    def sql(self) -> str:
        return f"({self.text})"


def same(column: str) -> Equal:
    """Both records have the same value."""
    return Equal(column, column)


def alike(column: str, threshold: float) -> Alike:
    """The column's two values have a Jaro-Winkler similarity of at least `threshold`."""
    return Alike(column, column, threshold)


def within_edits(column: str, edits: int = 1) -> WithinEdits:
    """The column's two values are within so many typing errors."""
    return WithinEdits(column, column, edits)


def all_of(*conditions: Condition) -> AllOf:
    """Every one holds."""
    return AllOf(conditions)


def any_of(*conditions: Condition) -> AnyOf:
    """At least one holds."""
    return AnyOf(conditions)


def either_way(condition: Condition) -> AnyOf:
    """Holds for the two records in this order or in the other."""
    return AnyOf((condition, condition.mirrored()))


def known(column: str) -> Known:
    """Both records have a value in the column."""
    return Known(column, column)


def missing(column: str) -> Not:
    """At least one of the records has no value in the column."""
    return Not(known(column))


def differs(column: str) -> AllOf:
    """Both records have a value, and not the same."""
    return all_of(known(column), Not(same(column)))


KINDS: Mapping[str, type[Condition]] = {
    kind.__name__: kind
    for kind in (
        Equal,
        Alike,
        WithinEdits,
        Contains,
        Known,
        Held,
        Lengths,
        Shares,
        Overlap,
        Near,
        AllOf,
        AnyOf,
        Not,
        Otherwise,
        Sql,
    )
}


def condition_to_json(condition: Condition) -> dict[str, Any]:
    """The condition as JSON: its kind under `is`, and its fields."""
    content: dict[str, Any] = {"is": type(condition).__name__}
    for field in fields(condition):
        value = getattr(condition, field.name)
        if isinstance(value, Condition):
            value = condition_to_json(value)
        elif isinstance(value, tuple):
            value = [condition_to_json(item) for item in value]
        content[field.name] = value
    return content


def condition_from_json(content: Mapping[str, Any]) -> Condition:
    """The condition that `condition_to_json` wrote."""
    values = {name: _from_json(value) for name, value in content.items() if name != "is"}
    return KINDS[content["is"]](**values)


def _from_json(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(condition_from_json(item) for item in value)
    return condition_from_json(value) if isinstance(value, dict) else value
