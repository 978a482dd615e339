"""The waterfall of a pair: a bar a comparison, each beginning where the one before ended."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from resolution.explain.picture.canvas import MARGIN, WIDTH, Canvas, fitted, signed
from resolution.explain.verdict import as_probability, prior_in_words
from resolution.explain.waterfall import Step, Waterfall, probability_of, weight_of
from resolution.model import Thresholds

ROW = 42
BAR = 18
LEFT, RIGHT = 364.0, 828.0
"""Where the axis begins and ends."""
FOOT = 66


@dataclass(frozen=True)
class Axis:
    """Match weights to places between LEFT and RIGHT."""

    low: float
    high: float

    def x(self, weight: float) -> float:
        """Where a match weight lies."""
        return LEFT + (weight - self.low) / (self.high - self.low) * (RIGHT - LEFT)

    def ticks(self) -> Iterator[float]:
        """Round match weights, at most nine."""
        step = next(x for x in (1, 2, 5, 10, 20, 50, 100, 1000) if (self.high - self.low) / x <= 8)
        tick = math.ceil(self.low / step) * step
        while tick <= self.high:
            yield tick
            tick += step


def draw_waterfall(
    canvas: Canvas, title: str, evidence: Waterfall, thresholds: Thresholds | None
) -> None:
    """A panel with the prior, a bar a step, the total, and where links and stewards begin."""
    rows = len(evidence.steps) + 2
    said_nothing = 22 if evidence.unknown else 0
    inside = canvas.panel(40 + 18 + rows * ROW + FOOT + said_nothing, title)
    top, bottom = inside + 18, inside + 18 + rows * ROW
    axis = _axis(evidence, thresholds)
    _draw_zones(canvas, axis, thresholds, top, bottom)
    _draw_axis(canvas, axis, top, bottom)
    _draw_rows(canvas, axis, evidence, top)
    if evidence.unknown:
        names = ", ".join(evidence.unknown)
        told = fitted(f"Not compared, a side has no value: {names}", WIDTH - 2 * MARGIN - 36, 12)
        canvas.text(MARGIN + 18, bottom + FOOT, told, "soft")


def _axis(evidence: Waterfall, thresholds: Thresholds | None) -> Axis:
    seen = [0.0, evidence.prior, evidence.weight]
    total = evidence.prior
    for step in evidence.steps:
        seen += [total, total + step.level_weight, total + step.weight]
        total += step.weight
    if thresholds:
        seen += [weight_of(thresholds.link), weight_of(thresholds.clerical)]
    room = (max(seen) - min(seen)) * 0.04 + 0.5
    return Axis(min(seen) - room, max(seen) + room)


def _draw_zones(
    canvas: Canvas, axis: Axis, thresholds: Thresholds | None, top: float, bottom: float
) -> None:
    """Where a steward is asked, and from where a pair is linked."""
    if thresholds is None:
        return
    clerical, link = (axis.x(weight_of(x)) for x in (thresholds.clerical, thresholds.link))
    canvas.rect((clerical, top, link - clerical, bottom - top), "var(--asked)")
    canvas.rect((link, top, RIGHT - link, bottom - top), "var(--linked)")
    canvas.text(link + 5, top - 6, f"linked from {signed(weight_of(thresholds.link))}", "faint")
    canvas.text(
        clerical - 5,
        top - 6,
        f"a steward is asked from {signed(weight_of(thresholds.clerical))}",
        "faint end",
    )
    for x, colour in ((clerical, "var(--steward)"), (link, "var(--for)")):
        canvas.line((x, top), (x, bottom), stroke=colour, stroke_width=1.2)


def _draw_axis(canvas: Canvas, axis: Axis, top: float, bottom: float) -> None:
    """Grid, match weights, and the probabilities they stand for."""
    canvas.line((LEFT, bottom), (RIGHT, bottom), stroke="var(--line)")
    for tick in axis.ticks():
        x = axis.x(tick)
        strong = "var(--faint)" if tick == 0 else "var(--line)"
        canvas.line((x, top), (x, bottom), stroke=strong, stroke_width=0.8)
        canvas.text(x, bottom + 16, signed(tick, 0) if tick else "0", "faint mid")
        canvas.text(x, bottom + 30, _share(tick), "faint mid")
    canvas.text(MARGIN + 18, bottom + 16, "match weight", "faint")
    canvas.text(MARGIN + 18, bottom + 30, "probability", "faint")


def _share(weight: float) -> str:
    share = probability_of(weight) * 100
    if share > 99.9:
        return ">99.9%"
    return f"{share:.0f}%" if 1 <= share <= 99 else f"{share:.1f}%" if share >= 0.1 else "<0.1%"


def _draw_rows(canvas: Canvas, axis: Axis, evidence: Waterfall, top: float) -> None:
    middle, total = top + ROW / 2, evidence.prior
    words = prior_in_words(evidence.prior)
    _draw_labels(canvas, middle, "before any evidence", words, evidence.prior)
    _draw_bar(canvas, axis, middle, (0.0, total), "var(--prior)")
    for step in evidence.steps:
        _draw_join(canvas, axis.x(total), middle)
        middle += ROW
        note = _rarity(step)
        _draw_labels(canvas, middle, step.comparison, step.level, step.weight, note)
        _draw_step(canvas, axis, middle, total, step)
        total += step.weight
    _draw_join(canvas, axis.x(total), middle)
    middle += ROW
    above = middle - ROW / 2
    canvas.line((MARGIN + 18, above), (WIDTH - MARGIN - 18, above), stroke="var(--line)")
    told = f"probability {as_probability(evidence.probability)}"
    _draw_labels(canvas, middle, "match weight", told, evidence.weight)
    _draw_bar(canvas, axis, middle, (0.0, evidence.weight), "var(--total)")


def _rarity(step: Step) -> str:
    if not step.rarity:
        return ""
    return f"{'a rare' if step.rarity > 0 else 'a common'} value {signed(step.rarity)}"


def _draw_labels(
    canvas: Canvas, middle: float, name: str, words: str, weight: float, note: str = ""
) -> None:
    x, room = MARGIN + 18, LEFT - MARGIN - 30
    canvas.text(x, middle - 3, fitted(name, room, 13), "b")
    canvas.text(x, middle + 13, fitted(words, room, 12), "soft")
    end = WIDTH - MARGIN - 18
    canvas.text(end, middle - 3 if note else middle + 5, signed(weight), "num end")
    if note:
        canvas.text(end, middle + 12, note, "faint end")


def _draw_step(canvas: Canvas, axis: Axis, middle: float, start: float, step: Step) -> None:
    """Solid: what counts. Light: added for a rare value. Dashed: taken off for a common one."""
    colour = "var(--for)" if step.weight >= 0 else "var(--against)"
    plain, end = start + step.level_weight, start + step.weight
    if step.rarity and step.level_weight * step.rarity > 0:
        _draw_bar(canvas, axis, middle, (plain, end), colour, opacity=0.5)
        _draw_bar(canvas, axis, middle, (start, plain), colour)
        return
    if step.rarity:
        _draw_bar(canvas, axis, middle, (end, plain), "none", stroke=colour, stroke_dasharray="3 2")
    _draw_bar(canvas, axis, middle, (start, end), colour)


def _draw_bar(
    canvas: Canvas,
    axis: Axis,
    middle: float,
    ends: tuple[float, float],
    fill: str,
    **more: object,
) -> None:
    left, right = sorted(axis.x(end) for end in ends)
    box = (left, middle - BAR / 2, max(right - left, 1.5), BAR)
    canvas.rect(box, fill, rx=2.5, **more)


def _draw_join(canvas: Canvas, x: float, middle: float) -> None:
    canvas.line(
        (x, middle + BAR / 2),
        (x, middle + ROW - BAR / 2),
        stroke="var(--faint)",
        stroke_dasharray="2 2",
    )
