"""Stories as plain text for a terminal."""

from collections.abc import Iterator

from resolution.explain.arrivals import arrival_lines
from resolution.explain.decided import word_lines
from resolution.explain.entity import Change, EntityStory
from resolution.explain.meeting import RuleTold, in_words
from resolution.explain.pair import PairStory, brought_by, steps_of
from resolution.explain.published import Key, Pair, written
from resolution.explain.verdict import (
    as_probability,
    counted,
    entity_verdict,
    pair_verdict,
    prior_in_words,
)
from resolution.explain.waterfall import Waterfall, weight_of

MORE = 3
"""Pairs between two customers that are shown."""
LISTED = 20
"""Records, links or neighbours of a customer that are shown."""

Values = tuple[dict[str, str], dict[str, str]]


def pair_text(story: PairStory, values: bool = False) -> str:
    """The story of two source rows. `values`: with the standardised values of both."""
    lines = [pair_verdict(story)]
    lines += _titled("decided", word_lines(story.words))
    if story.evidence:
        lines += ["", f"{written(story.left.key)}  ~  {written(story.right.key)}"]
        if met := brought_by(story.rules):
            lines.append(f"  compared because they share: {', '.join(met)}")
        lines += evidence_lines(story.evidence, story.values if values else ({}, {}))
        lines += _status_lines(story)
    lines += _titled("the links between them", _path_lines(story))
    lines += _titled("what contradicts what in the two customers", _contradictions(story))
    if story.rules and not brought_by(story.rules):
        title = f"blocking: none of {counted(len(story.rules), 'rule')} brought them together"
        lines += _titled(title, _rule_lines(story.rules))
    lines += _titled("other pairs between the two customers", _between_lines(story))
    return "\n".join([*lines, *(f"note: {note}" for note in story.notes)])


def evidence_lines(evidence: Waterfall, values: Values = ({}, {})) -> Iterator[str]:
    """A line a step with the running total, then what said nothing."""
    total = evidence.prior
    yield "   weight  rarity   total"
    yield f"  {total:+7.1f}         {total:+7.1f}  any two records: {prior_in_words(total)}"
    for step in evidence.steps:
        total += step.weight
        rarity = f"{step.rarity:+7.1f}" if step.rarity else " " * 7
        told = f"{step.comparison}: {step.level}"
        yield f"  {step.level_weight:+7.1f} {rarity} {total:+7.1f}  {told}"
        left, right = (side.get(step.comparison) for side in values)
        if left and right:
            yield f"{' ' * 28}{left}  |  {right}"
    if evidence.unknown:
        yield f"  not compared, a side has no value: {', '.join(evidence.unknown)}"


def _status_lines(story: PairStory) -> Iterator[str]:
    assert story.evidence is not None
    told = f"{story.evidence.weight:+.1f}, probability {as_probability(story.evidence.probability)}"
    status = f": {story.published.status}" if story.published else ""
    yield f"  match weight {told}{status}"
    if story.thresholds:
        link, clerical = (weight_of(x) for x in (story.thresholds.link, story.thresholds.clerical))
        yield f"  linked from {link:+.1f}, shown to a steward from {clerical:+.1f}"
    if story.guard is not None:
        yield f"  a guard forbids it: {story.guard}"
    elif story.published and story.published.refused:
        yield f"  refused: {story.published.refused}"


def _path_lines(story: PairStory) -> Iterator[str]:
    """The links in order; a direct link needs no path."""
    if story.cause == "linked through others":
        for link, (here, there) in zip(story.path, steps_of(story), strict=True):
            yield _pair_line(link.pair, here, there)


def _pair_line(pair: Pair, here: Key | None = None, there: Key | None = None) -> str:
    told = ", ".join(pair.strongest()) or "nothing speaks for it"
    status = "" if pair.status == "link" else f"  {pair.status}"
    because = f": {pair.refused}" if pair.refused else ""
    ends = f"{written(here or pair.left)}  ~  {written(there or pair.right)}"
    return f"{pair.weight:+7.1f}  {ends}  ({told}){status}{because}"


def _contradictions(story: PairStory) -> Iterator[str]:
    for each in story.contradictions[:LISTED]:
        yield f"  {written(each.left)}  ~  {written(each.right)}  {each.reason}"


def _rule_lines(rules: tuple[RuleTold, ...]) -> Iterator[str]:
    width = max(len(rule.rule) for rule in rules)
    for rule in sorted(rules, key=lambda rule: rule.outcome == "missing"):
        names = ", ".join(map(in_words, rule.columns))
        told = {
            "missing": f"not known on both sides: {names}",
            "differs": f"not the same: {names}",
            "left out": "left out by training: hardly a match of its own",
            "too common": f"the same, as in {rule.records or 0:,} records, and nothing further is",
        }
        yield f"  {rule.rule:<{width}}  {told[rule.outcome]}"


def _between_lines(story: PairStory) -> Iterator[str]:
    yield from map(_pair_line, story.between[:MORE])
    if len(story.between) > MORE:
        yield f"         … and {len(story.between) - MORE:,} more"


def entity_text(story: EntityStory, values: bool = False) -> str:
    """The story of one customer. `values`: with the standardised values of its records."""
    lines = [entity_verdict(story)]
    lines += _titled("records", _record_lines(story, values))
    further = f", {counted(len(story.further), 'further link')} confirming" if story.further else ""
    lines += _titled(f"what holds them{further}", _cut(_holding_lines(story)))
    lines += _bridge_lines(story)
    lines += _titled("decisions on its rows", _cut(word_lines(story.words)))
    lines += _titled("kept out", _cut(_neighbour_lines(story)))
    lines += _titled("history", _cut(_change_lines(story)))
    return "\n".join(lines)


def _record_lines(story: EntityStory, values: bool) -> Iterator[str]:
    width = max(len(written(record.key)) for record in story.records)
    for record in story.records[:LISTED]:
        came = list(arrival_lines(story.arrivals.get(record.key, ())))
        since = f", since {came.pop()}" if len(came) == 1 else ""
        yield f"  {written(record.key):<{width}}  {record.how}{since}"
        for line, rows in zip(came, story.arrivals.get(record.key, ()), strict=False):
            yield f"  {' ' * width}    {rows.rows:,} since {line}"
        if values and record.values:
            told = [f"{name} {value}" for name, value in record.values.items()]
            yield f"  {' ' * width}  {'; '.join(told)}"
    if len(story.records) > LISTED:
        yield f"  … and {len(story.records) - LISTED:,} more"


def _holding_lines(story: EntityStory) -> Iterator[str]:
    for pair in story.holding:
        yield _pair_line(pair) + ("  decided" if story.is_decided(pair) else "")


def _bridge_lines(story: EntityStory) -> Iterator[str]:
    if story.weakest and story.bridge:
        left, right = story.bridge
        yield (
            f"  the weakest link, {story.weakest.weight:+.1f}, joins {left:,} and {right:,} "
            "of the records"
        )


def _neighbour_lines(story: EntityStory) -> Iterator[str]:
    for entity_id, found in story.strangers.items():
        more = f", and {len(found) - 1:,} weaker" if len(found) > 1 else ""
        yield f"{_pair_line(found[0].pair, found[0].own, found[0].other)}  of {entity_id}{more}"


def _change_lines(story: EntityStory) -> Iterator[str]:
    for change in story.changes:
        yield f"  {change.at:%Y-%m-%d %H:%M}  {change.release}  {_told(change, story.entity_id)}"


def _told(change: Change, entity_id: str) -> str:
    """The change from where the customer stands."""
    ours = change.entity_id == entity_id
    words = {
        "merged": "{other} merged into it" if ours else "merged into {other}",
        "split": "rows parted to {other}" if ours else "rows parted from {other} to it",
    }.get(change.kind, change.kind)
    other = change.other_entity_id if ours else change.entity_id
    return f"{words.format(other=other)}: {change.cause}"


def _cut(lines: Iterator[str]) -> Iterator[str]:
    """At most LISTED lines, and how many there are beyond."""
    beyond = 0
    for number, line in enumerate(lines):
        if number < LISTED:
            yield line
        else:
            beyond += 1
    if beyond:
        yield f"  … and {beyond:,} more"


def _titled(title: str, lines: Iterator[str]) -> Iterator[str]:
    """The lines under a title; nothing when there are none."""
    first = next(lines, None)
    if first is not None:
        yield ""
        yield title
        yield first
        yield from lines
