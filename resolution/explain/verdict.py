"""The verdict on a story in one sentence, and figures as people read them."""

from collections.abc import Callable

from resolution.explain.decided import in_short
from resolution.explain.entity import EntityStory
from resolution.explain.pair import PairStory
from resolution.explain.published import Row, written
from resolution.explain.waterfall import probability_of
from resolution.learning.decided_pairs import NON_MATCH

Say = Callable[..., str]
"""From English words, and values for their places, to what is written."""


def pair_verdict(story: PairStory) -> str:
    """Together or apart, and what decided it."""
    if story.cause == "visitor":
        return _of_visitors(story)
    if story.words:
        return _decided(story)
    if story.together:
        return f"together in {story.left.entity_id}: {_what_joins(story)}"
    return f"apart: {_what_parts(story)}"


def _decided(story: PairStory) -> str:
    """What people decided comes before all evidence."""
    verdict = "apart" if any(word.verdict == NON_MATCH for word in story.words) else "together"
    here = f" in {story.left.entity_id}" if story.together else ""
    told = f"{'together' if story.together else 'apart'}{here}"
    if all(word.applied for word in story.words):
        return f"{told}: decided, {in_short(story.words)}"
    return f"{told}; {verdict} from the next run on: decided, {in_short(story.words)}"


def _what_joins(story: PairStory) -> str:
    if story.left.key == story.right.key:
        return "it is one and the same row"
    if story.cause == "same record":
        return "both rows carry the same identity values"
    if story.cause == "linked":
        return "linked directly"
    if story.cause == "linked through others":
        weakest = min(link.pair.weight for link in story.path)
        return f"through {counted(len(story.path), 'link')}, the weakest {weakest:+.1f}"
    return "by the evidence of all their records, without a chain of links"


def _what_parts(story: PairStory) -> str:
    reason = story.published.refused if story.published else None
    if story.cause == "refused":
        return (reason or "the link was not followed") + _had_it_not_been(story)
    if story.cause == "clerical":
        return reason or "until a steward decides, because the evidence is not enough to link them"
    if story.cause == "below clerical":
        return f"compared, and too little agrees{_probability(story)}"
    if story.cause == "never compared" and story.published is None:
        return f"{_why_never(story)}{_had_they_been(story)}"
    return (
        "not among the scored pairs of the release, and nothing was kept that says why; "
        "`oneid run --full` makes a release that can be explained"
    )


def _why_never(story: PairStory) -> str:
    if story.guard is not None and any(rule.outcome == "met" for rule in story.rules):
        return f"never compared, {story.guard}"
    if any(rule.outcome == "too common" for rule in story.rules):
        return "never compared, what they share is too common"
    return "never compared, they agree on no blocking rule"


def _had_they_been(story: PairStory) -> str:
    """What the comparison would have said; the reader's next question."""
    status = would_be(story)
    if status is None:
        return ""
    if story.guard is not None:
        return f"; compared now, a guard forbids it: {story.guard}"
    told = {
        "link": "; compared now, they would be linked",
        "clerical": "; compared now, a steward would be asked",
    }
    return told.get(status, f"; compared now, too little agrees{_probability(story)}")


def _had_it_not_been(story: PairStory) -> str:
    linked = would_be(story) == "link"
    return ", though the evidence alone would link them" if linked and story.guard else ""


def would_be(story: PairStory) -> str | None:
    """What the evidence alone makes of the pair: link, clerical or nothing; None if unknown."""
    if story.evidence is None or story.thresholds is None:
        return None
    if story.evidence.probability >= story.thresholds.link:
        return "link"
    return "clerical" if story.evidence.probability >= story.thresholds.clerical else "nothing"


def _probability(story: PairStory) -> str:
    if story.evidence is None or story.thresholds is None:
        return ""
    asked = f"a steward is asked from {story.thresholds.clerical:g}"
    return f" (probability {as_probability(story.evidence.probability)}; {asked})"


def _of_visitors(story: PairStory) -> str:
    def told(row: Row) -> str:
        return f"{written(row.key)} is a visitor recognised by {row.matched_by} as {row.entity_id}"

    rows = [told(row) for row in (story.left, story.right) if row.matched_as is None]
    return f"{'together' if story.together else 'apart'}: {'; '.join(rows)}"


def in_english(words: str, /, **values: object) -> str:
    """`words` with the values in their places."""
    return words.format(**values)


def entity_verdict(story: EntityStory, say: Say = in_english) -> str:
    """What the customer is made of, and how firmly; the words as `say` has them."""
    records = [record for record in story.records if not record.visitor]
    rows = counted(sum(record.rows for record in records), "source row", say)
    made = say("{records} of {rows}", records=counted(len(records), "record", say), rows=rows)
    visitors = len(story.records) - len(records)
    if visitors:
        made = say("{made} and {visitors}", made=made, visitors=counted(visitors, "visitor", say))
    told = f"{story.entity_id}: {made}"
    if story.holding:
        held = counted(len(story.holding), "link", say)
        told = say("{made}, held by {links}", made=told, links=held)
        if story.weakest:
            told += say(", the weakest {weight}", weight=f"{story.weakest.weight:+.1f}")
    if story.words:
        told += say("; decided about: {words}", words=in_short(story.words))
    return told


def counted(number: int, thing: str, say: Say = in_english) -> str:
    """`1 link`, `2 links`."""
    return say(f"{{count}} {thing}{'' if number == 1 else 's'}", count=f"{number:,}")


def as_probability(probability: float) -> str:
    """Four decimals; what would be rounded to 0 or 1 is said to be under or over."""
    if probability > 0.99995:
        return "over 0.9999"
    return "under 0.0001" if 0 < probability < 0.00005 else f"{probability:.4f}"


def prior_in_words(prior: float) -> str:
    """How often two records drawn at random are one customer's. `prior`: a match weight."""
    return f"1 in {round(1 / probability_of(prior)):,} random pairs is one customer"
