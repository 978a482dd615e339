"""Two source rows as a steward sees them: evidence, values as written, what each side brings."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import polars as pl

from core.project import Project
from resolution.explain import PairStory, tell_pair
from resolution.explain.waterfall import Step, Waterfall
from resolution.explain.weighing import record_numbers
from resolution.kept import Kept
from serving.console.archive import archive_of
from serving.console.marking import Piece, marked, pinyin
from serving.console.queue_view import PairKey
from serving.masking import masked
from serving.releases import ReleaseReader
from serving.roles import Role

ACROSS: Final = 100.0
"""Width of the waterfall."""
_SIDE: Final = """
SELECT c.entity_id, c.full_name, c.name_latin, c.record_count, c.sources, c.last_seen_at,
       c.confidence, m.orders, m.revenue, m.last_order_at
FROM golden.customers c LEFT JOIN marts.customer_360 m USING (entity_id) WHERE entity_id = ?"""


@dataclass(frozen=True)
class Line:
    """One comparison, or one attribute: both sides, and what it adds."""

    name: str
    left: Sequence[Piece]
    right: Sequence[Piece]
    level: str = ""
    weight: float = 0.0
    rarity: float = 0.0
    bar: tuple[float, float] = (0.0, 0.0)
    """Where the bar begins, and its width, of ACROSS."""
    readings: tuple[str | None, str | None] = (None, None)
    """Han in Latin letters."""


@dataclass(frozen=True)
class PairView:
    """Everything the page shows."""

    story: PairStory
    sides: tuple[Mapping[str, Any], Mapping[str, Any]]
    evidence: Sequence[Line]
    prior: float
    zero: float
    """Where the weight 0 lies, of ACROSS."""
    prior_bar: tuple[float, float]
    sum_bar: tuple[float, float]
    written: Sequence[Line]
    """Values as delivered, by attribute."""


def view_pair(project: Project, reader: ReleaseReader, pair: PairKey, role: Role) -> PairView:
    """The two rows, with personal data as `role` may see them. Raises QueryError for rows that
    are not of the release."""
    with archive_of(project, reader) as archive:
        try:
            story = tell_pair(archive, str(pair.left), str(pair.right), blocking=False)
            written = _written(archive.kept, story, role)
        except FileNotFoundError:  # the next release was published: what is kept is its own
            story = tell_pair(replace(archive, kept=None), str(pair.left), str(pair.right))
            written = []
    sides = [_side(reader, row.entity_id) for row in (story.left, story.right)]
    axis = _Axis.around(story.evidence)
    return PairView(
        story,
        (sides[0], sides[1]),
        _evidence(story, axis, role),
        story.evidence.prior if story.evidence else 0.0,
        axis.x(0.0),
        axis.bar(0.0, story.evidence.prior if story.evidence else 0.0),
        axis.bar(0.0, story.evidence.weight if story.evidence else 0.0),
        written,
    )


@dataclass(frozen=True)
class _Axis:
    low: float
    high: float

    @classmethod
    def around(cls, evidence: Waterfall | None) -> "_Axis":
        seen, total = [0.0, 1.0], 0.0
        if evidence:
            total = evidence.prior
            seen += [total, evidence.weight]
            for step in evidence.steps:
                total += step.weight
                seen.append(total)
        return cls(min(seen), max(seen))

    def x(self, weight: float) -> float:
        return (weight - self.low) / (self.high - self.low) * ACROSS

    def bar(self, start: float, end: float) -> tuple[float, float]:
        left, right = sorted((self.x(start), self.x(end)))
        return round(left, 2), round(max(right - left, 0.6), 2)


def _side(reader: ReleaseReader, entity_id: str) -> Mapping[str, Any]:
    return reader.row(_SIDE, [entity_id]) or {
        "entity_id": entity_id,
        "full_name": None,
        "name_latin": None,
    }


def _evidence(story: PairStory, axis: _Axis, role: Role) -> list[Line]:
    if story.evidence is None:
        return []
    lines, total = [], story.evidence.prior
    for step in story.evidence.steps:
        lines.append(_line(story, step, axis.bar(total, total + step.weight), role))
        total += step.weight
    return lines


def _line(story: PairStory, step: Step, bar: tuple[float, float], role: Role) -> Line:
    values = [_shown(step.comparison, side.get(step.comparison), role) for side in story.values]
    left, right = marked(*values)
    return Line(step.comparison, left, right, step.level, step.weight, step.rarity, bar)


def _shown(name: str, value: str | None, role: Role) -> str:
    return "" if value is None else str(masked(f"{name} value", value, role))


def _written(kept: Kept | None, story: PairStory, role: Role) -> list[Line]:
    """Attribute by attribute what was delivered, newest first; nothing where nothing was kept."""
    keys = (story.left.matched_as, story.right.matched_as)
    if kept is None or None in keys:
        return []
    numbers = record_numbers(kept, [key for key in keys if key])
    frame = (
        kept.scan("values")
        .filter(pl.col("record_id").is_in(list(numbers.values())), pl.col("written").is_not_null())
        .sort("observed_at", "written", descending=[True, False], nulls_last=True)
        .select("record_id", "attribute", "written")
        .collect()
    )
    told = [_by_attribute(frame, numbers[key]) for key in keys if key]
    lines = []
    for name in dict.fromkeys((*told[0], *told[1])):
        texts = [str(masked(name, side.get(name), role) or "") for side in told]
        left, right = marked(*texts)
        readings = [pinyin(x) if "name" in name and role.sees_personal else None for x in texts]
        lines.append(Line(name, left, right, readings=(readings[0], readings[1])))
    return lines


def _by_attribute(frame: pl.DataFrame, number: int) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for _, attribute, written in frame.filter(pl.col("record_id") == number).iter_rows():
        known = found.setdefault(attribute, [])
        if str(written) not in known:
            known.append(str(written))
    return {name: " · ".join(values[:3]) for name, values in sorted(found.items())}
