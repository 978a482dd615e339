"""One steward's word on two source rows, before it is recorded."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from core.errors import DecisionError
from resolution.learning.decided_pairs import WORDS


class RowKey(NamedTuple):
    """A source row: it is there before and after every merge, split or training."""

    source: str
    key: str

    def __str__(self) -> str:
        return f"{self.source}/{self.key}"


@dataclass(frozen=True)
class Decision:
    """Who says what of which two rows."""

    verdict: str
    """match, non-match or unsure."""
    left: RowKey
    right: RowKey
    who: str
    note: str = ""
    batch: str | None = None
    """Names what was decided in one go."""
    at: datetime | None = None
    """When it was said, where that was not now; UTC where it has no zone."""

    @property
    def ends(self) -> tuple[RowKey, RowKey]:
        """Both rows, the lesser first: the same for either order."""
        return min(self.left, self.right), max(self.left, self.right)


@dataclass(frozen=True)
class Steward:
    """Who decides, when and why."""

    who: str
    at: datetime
    """UTC without a zone."""
    note: str = ""

    def batch(self, kind: str, about: str) -> str:
        """The name of what is decided in one go."""
        return f"{kind}-{about}-{self.at:%Y%m%dT%H%M%S%f}"


def require_usable(decisions: Sequence[Decision]) -> None:
    """Raise DecisionError listing every decision that says nothing that can be kept."""
    problems = [
        f"{each.left} and {each.right}: {problem}"
        for each in decisions
        for problem in problems_of(each)
    ]
    if problems:
        raise DecisionError("decisions", problems, outcome="nothing was recorded")


def problems_of(decision: Decision) -> Iterator[str]:
    """A sentence for each thing about it that cannot be kept."""
    if decision.verdict not in WORDS:
        yield f"verdict {decision.verdict!r}; allowed are {', '.join(WORDS)}"
    if not all((*decision.left, *decision.right)):
        yield "a row is named by a source and a key, and one of them is empty"
    elif tuple(decision.left) == tuple(decision.right):
        yield "both sides name the same row; name two"
    if not decision.who.strip():
        yield "nobody is named as having decided; say who"
