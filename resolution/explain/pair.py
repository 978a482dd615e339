"""Why two source rows are one customer or two: what brought them together, or keeps them apart."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Literal

import polars as pl

from resolution.explain.archive import Archive
from resolution.explain.decided import Word
from resolution.explain.meeting import RuleTold, rules_told
from resolution.explain.paths import followed, path_between
from resolution.explain.published import (
    Key,
    Pair,
    Row,
    find_row,
    pairs_of,
    published_model,
    records_of,
)
from resolution.explain.values import values_of
from resolution.explain.waterfall import Waterfall, from_published, from_weighed
from resolution.explain.weighing import read_records, record_numbers, weigh_again
from resolution.kept import Kept
from resolution.model import Thresholds
from resolution.training.guards import TWICE
from resolution.training.thresholds import thresholds_of

LARGEST_CROSSED = 2_000
"""Pairs between two customers up to which all are weighed, to find what contradicts what."""

AGREES = 1e-6
"""How far a weight computed again may be from the published one; they differ by 0 in practice."""

Cause = Literal[
    "visitor",
    "same record",
    "linked",
    "linked through others",
    "joined",
    "refused",
    "clerical",
    "below clerical",
    "never compared",
    "not kept",
]
"""joined: one customer without a chain of links. not kept: the pair is not in the release, and
nothing was kept beside it that would tell why."""


@dataclass(frozen=True)
class Link:
    """A scored pair and its evidence."""

    pair: Pair
    evidence: Waterfall


@dataclass(frozen=True)
class Contradiction:
    """Two records that cannot be one customer."""

    left: Key
    right: Key
    reason: str


@dataclass(frozen=True)
class PairStory:
    """What there is to tell of two source rows."""

    left: Row
    right: Row
    cause: Cause
    published: Pair | None = None
    """The pair as the release has it; None where it was not scored at or above clerical review."""
    evidence: Waterfall | None = None
    """The two compared directly, whether the run compared them or not."""
    guard: str | None = None
    """Why a guard forbids the pair, whether the run came to ask it or not."""
    thresholds: Thresholds | None = None
    rules: tuple[RuleTold, ...] = ()
    """What each blocking rule found of the two."""
    path: tuple[Link, ...] = ()
    """The links from the left to the right record that the clustering followed."""
    contradictions: tuple[Contradiction, ...] = ()
    """Records of the two customers that contradict each other, where that kept them apart."""
    between: tuple[Pair, ...] = ()
    """Other scored pairs between the two customers, the strongest first; not those that are told
    as contradictions."""
    values: tuple[dict[str, str], dict[str, str]] = ({}, {})
    """Comparison -> standardised values of the left and the right record."""
    notes: tuple[str, ...] = ()
    words: tuple[Word, ...] = ()
    """The decisions that say whether the two are one customer, in order along their chain."""

    @property
    def together(self) -> bool:
        """Whether both belong to one customer."""
        return self.left.entity_id == self.right.entity_id


def tell_pair(archive: Archive, first: str, second: str, blocking: bool = True) -> PairStory:
    """The story of two source rows. Raises QueryError where one is not of the release.

    `blocking`: whether to tell what each rule found, also of a pair that the release has scored.
    """
    left, right = find_row(archive.release, first), find_row(archive.release, second)
    if left.matched_as is None or right.matched_as is None:
        return PairStory(left, right, "visitor")
    if left.matched_as == right.matched_as:
        return PairStory(left, right, "same record")
    ends = (left.matched_as, right.matched_as)
    story = _from_release(archive, PairStory(left, right, "not kept"), ends)
    if archive.kept is None:
        return story
    return _looked_at_again(archive, archive.kept, story, blocking or story.cause == "not kept")


def _from_release(archive: Archive, story: PairStory, ends: tuple[Key, Key]) -> PairStory:
    """What the release alone tells: the scored pair, the path, pairs between the customers."""
    prior, model = published_model(archive.release)
    lefts, rights = _members(archive, story)
    pairs = pairs_of(archive.release, sorted({*lefts, *rights}))
    direct = next((x for x in pairs if {x.left, x.right} == set(ends)), None)
    evidence = from_published(direct, prior, model) if direct else None
    story = replace(story, published=direct, evidence=evidence)
    if not story.together:
        across = [x for x in pairs if {x.left, x.right} & lefts and {x.left, x.right} & rights]
        between = tuple(x for x in across if x is not direct)
        return replace(story, cause=_cause_apart(story), between=between)
    links = [x for x in pairs if x.status == "link" and {x.left, x.right} <= lefts]
    path = path_between(followed(links), *ends)
    told = tuple(Link(x, from_published(x, prior, model)) for x in path)
    linked = direct is not None and direct.status == "link"
    cause: Cause = "linked" if linked else "linked through others" if path else "joined"
    return replace(story, cause=cause, path=told)


def _members(archive: Archive, story: PairStory) -> tuple[set[Key], set[Key]]:
    """The records of the left and of the right customer."""
    left, right = (
        set(records_of(archive.release, row.entity_id)) for row in (story.left, story.right)
    )
    return left, right


def _cause_apart(story: PairStory) -> Cause:
    if story.published is None:
        return "not kept"
    return "clerical" if story.published.status == "clerical" else "refused"


def _looked_at_again(archive: Archive, kept: Kept, story: PairStory, blocking: bool) -> PairStory:
    """Adds what was kept beside the release: exact evidence, blocking, guards, values."""
    assert story.left.matched_as is not None and story.right.matched_as is not None
    ends = (story.left.matched_as, story.right.matched_as)
    crossed = _to_cross(archive, kept, story)
    numbers = record_numbers(kept, sorted({*ends, *(key for pair in crossed for key in pair)}))
    here, there = (numbers[end] for end in ends)
    read = read_records(kept, list(numbers.values()))
    records = read.filter(pl.col("record_id").is_in([here, there]))
    rules = tuple(rules_told(kept, records)) if blocking else ()
    asked = [(here, there), *((numbers[a], numbers[b]) for a, b in crossed)]
    weighed = {
        frozenset((row["record_id_l"], row["record_id_r"])): row
        for row in weigh_again(archive.scratch, kept, asked, read).to_dicts()
    }
    direct = weighed[frozenset((here, there))]
    by_number = {row["record_id"]: values_of(kept.rules(), row) for row in records.to_dicts()}
    conflicts = [
        (a, b, weighed[frozenset((numbers[a], numbers[b]))]["conflict"]) for a, b in crossed
    ]
    contradictions = [Contradiction(a, b, reason) for a, b, reason in conflicts if reason]
    told = [{each.left, each.right} for each in contradictions]
    story = replace(
        story,
        guard=direct["conflict"],
        thresholds=thresholds_of(kept.rules(), kept.trained().chosen),
        rules=rules,
        contradictions=tuple(contradictions),
        between=tuple(x for x in story.between if {x.left, x.right} not in told),
        values=(by_number[here], by_number[there]),
    )
    story = _with_evidence(story, from_weighed(direct, kept.trained()))
    return replace(story, cause=_cause_unpublished(story)) if story.cause == "not kept" else story


def _to_cross(archive: Archive, kept: Kept, story: PairStory) -> list[tuple[Key, Key]]:
    """Pairs to look for contradictions in, where the clustering refused to join two customers."""
    guards = {TWICE, *(guard.reason for guard in kept.rules().guards)}
    scored = (story.published, *story.between) if story.published else story.between
    refused = [x for x in scored if x.refused is not None and x.refused not in guards]
    if story.together or not refused or (story.published and story.published not in refused):
        return []
    lefts, rights = _members(archive, story)
    ends = {story.left.matched_as, story.right.matched_as}
    pairs = [(a, b) for a, b in product(sorted(lefts), sorted(rights)) if {a, b} != ends]
    return pairs if len(pairs) <= LARGEST_CROSSED else []


def _with_evidence(story: PairStory, evidence: Waterfall) -> PairStory:
    """The exact evidence in place of the published one, as long as it is the same."""
    if story.published and abs(story.published.weight - evidence.weight) > AGREES:
        told = (
            f"computed again, the match weight is {evidence.weight:+.3f}: what was kept does not "
            "belong to this release; `oneid run --full` makes both anew"
        )
        return replace(story, notes=(*story.notes, told))
    return replace(story, evidence=evidence)


def _cause_unpublished(story: PairStory) -> Cause:
    met = any(rule.outcome == "met" for rule in story.rules)
    return "below clerical" if met and story.guard != TWICE else "never compared"


def steps_of(story: PairStory) -> list[tuple[Key, Key]]:
    """The ends of each link of the path, in the direction in which it is walked."""
    assert story.left.matched_as is not None
    here, steps = story.left.matched_as, []
    for link in story.path:
        there = link.pair.right if link.pair.left == here else link.pair.left
        steps.append((here, there))
        here = there
    return steps


def brought_by(rules: Sequence[RuleTold]) -> list[str]:
    """The blocking rules that brought the two together."""
    return [rule.rule for rule in rules if rule.outcome == "met"]
