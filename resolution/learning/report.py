"""What learning from decisions would change, for people (Markdown) and for programs (JSON)."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import polars as pl

from resolution.learning.effects import Judged, Regrouped

SHOWN = 15
"""Rows of a table in the Markdown; the JSON gives KEPT."""
KEPT = 1_000
MOVED = 0.1
"""Bits from which a level's change is shown."""


@dataclass(frozen=True)
class Taken:
    """What the report's decisions are."""

    file: str
    matches: int
    non_matches: int
    """Pairs learned from, those applied before included."""
    applied_before: int
    unsure: int
    notes: tuple[str, ...]
    """What of the file could not be used, and why."""


@dataclass(frozen=True)
class LessonReport:
    """Everything that `oneid learn` says."""

    taken: Taken
    cautions: tuple[str, ...]
    link: float
    clerical: float
    without: Judged
    """The model that learned from no decision, on all of them."""
    held_out: Judged
    """Models that learned from other decisions, on each."""
    levels: pl.DataFrame
    thresholds: pl.DataFrame
    links: pl.DataFrame
    """Grain: pair whose link would come or go."""
    customers: Regrouped

    def count(self, change: str) -> int:
        """Pairs that become links (new), or stop being links (gone)."""
        return self.links.filter(pl.col("change") == change).height


def as_json(report: LessonReport) -> dict[str, Any]:
    """The report for programs; of the pairs and customers the first KEPT of each kind."""
    shown = report.links.group_by("change", maintain_order=True).head(KEPT)
    return {
        "decisions": asdict(report.taken),
        "cautions": list(report.cautions),
        "thresholds": {"link": report.link, "clerical": report.clerical},
        "without_decisions": asdict(report.without),
        "held_out": asdict(report.held_out),
        "by_threshold": report.thresholds.to_dicts(),
        "levels": report.levels.to_dicts(),
        "new_links": report.count("new"),
        "links_gone": report.count("gone"),
        "pairs": shown.to_dicts(),
        "merged": report.customers.merged.height,
        "split": report.customers.split.height,
        "merged_customers": report.customers.merged.head(KEPT).to_dicts(),
        "split_customers": report.customers.split.head(KEPT).to_dicts(),
    }


def as_markdown(report: LessonReport) -> str:
    """The report for people."""
    return "\n".join(
        [
            "# What the decisions would change",
            "",
            *_taken_lines(report),
            "",
            *_judged_lines(report),
            "",
            "## Thresholds",
            "",
            f"Links from {report.link:g}, clerical review from {report.clerical:g}. Decisions that "
            "would be right, held out, at other link thresholds:",
            "",
            *_table(report.thresholds),
            "",
            *_change_lines(report),
            "",
            "## Levels",
            "",
            f"Those that move by {MOVED:g} bits of weight or more; matches and non-matches are the "
            "decided pairs seen at the level.",
            "",
            *_table(moved_levels(report.levels)),
            "",
        ]
    )


def moved_levels(levels: pl.DataFrame) -> pl.DataFrame:
    """The levels whose weight moves by MOVED bits or more, the most first."""
    change = pl.col("match_weight_after") - pl.col("match_weight_before")
    return (
        levels.with_columns(change=change)
        .filter(change.abs() >= MOVED)
        .sort(pl.col("change").abs(), descending=True, maintain_order=True)
        .drop("change")
    )


def _taken_lines(report: LessonReport) -> Iterator[str]:
    taken = report.taken
    before = f", {taken.applied_before:,} of them applied before" if taken.applied_before else ""
    yield (
        f"{taken.file}: {taken.matches:,} matches and {taken.non_matches:,} non-matches to learn "
        f"from{before}; {taken.unsure:,} unsure."
    )
    yield from (f"- {note}" for note in taken.notes)
    yield from (f"- **Mind:** {caution}" for caution in report.cautions)


def _judged_lines(report: LessonReport) -> Iterator[str]:
    total = report.taken.matches + report.taken.non_matches
    yield "## Decisions it gets right"
    yield ""
    yield "Each decision is judged by a model that learned from others, never from itself."
    yield ""
    yield "| model | right | matches missed | non-matches linked | bits of surprise a decision |"
    yield "|---|---|---|---|---|"
    for name, item in (
        ("without decisions", report.without),
        ("with them (held out)", report.held_out),
    ):
        share = f"{item.right / total:.1%}" if total else "none"
        yield (
            f"| {name} | {item.right:,} of {total:,} ({share}) | {item.missed:,} | "
            f"{item.wrong:,} | {item.surprise:.3f} |"
        )


def _change_lines(report: LessonReport) -> Iterator[str]:
    merged, split = report.customers.merged, report.customers.split
    yield "## Links and customers"
    yield ""
    yield (
        f"Against the current release, {report.count('new'):,} pairs would become links and "
        f"{report.count('gone'):,} would stop being links; {merged.height:,} customers would be "
        f"made of several, and {split.height:,} divided."
    )
    for title, change in (("Become links", "new"), ("Stop being links", "gone")):
        pairs = report.links.filter(pl.col("change") == change).drop("change")
        if len(pairs):
            yield from ("", f"{title}:", "", *_table(pairs))
    for title, frame in (("Would be one customer", merged), ("Would be divided", split)):
        if len(frame):
            yield from ("", f"{title}:", "", *_table(frame))


def _table(frame: pl.DataFrame) -> Iterator[str]:
    """The first rows as a Markdown table."""
    yield "| " + " | ".join(name.replace("_", " ") for name in frame.columns) + " |"
    yield "|" + "---|" * frame.width
    for row in frame.head(SHOWN).iter_rows():
        yield "| " + " | ".join(_cell(value) for value in row) + " |"
    if len(frame) > SHOWN:
        yield f"\n… and {len(frame) - SHOWN:,} more"


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.2f}" if abs(value) >= 0.1 or value == 0 else f"{value:.2g}"
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(map(str, value))
    return "" if value is None else str(value).replace("|", "/")
