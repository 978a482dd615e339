"""The picture of two source rows: the verdict, the waterfall, and what lies between them."""

from collections.abc import Iterator

from resolution.explain.pair import PairStory, brought_by, steps_of
from resolution.explain.picture.canvas import (
    MARGIN,
    WIDTH,
    Canvas,
    fitted,
    header,
    signed,
    source_colours,
    text_width,
    wrapped,
)
from resolution.explain.picture.waterfall_chart import draw_waterfall
from resolution.explain.published import Key, Pair, written
from resolution.explain.verdict import pair_verdict

NODE, HIGH = 218.0, 46.0
ACROSS = 3
"""Records of a path in one row."""
GAP = (WIDTH - 2 * MARGIN - 36 - ACROSS * NODE) / (ACROSS - 1)
DROP = 52.0
RULE_WIDTH, RULE_HEIGHT, RULES_ACROSS = 298.0, 40.0, 3
OUTCOMES = {
    "differs": ("not the same", "var(--against)"),
    "missing": ("a side has no value", "var(--faint)"),
    "too common": ("the same, but too common", "var(--steward)"),
    "left out": ("left out by training", "var(--faint)"),
    "met": ("brought them together", "var(--for)"),
}


def pair_picture(story: PairStory) -> str:
    """An SVG of the story. It shows keys and words, never a record's values."""
    title = f"{written(story.left.key)}  ~  {written(story.right.key)}"
    canvas = Canvas(title)
    header(canvas, title, pair_verdict(story), _badge(story))
    _draw_between(canvas, story)
    if story.evidence:
        draw_waterfall(canvas, _title(story), story.evidence, story.thresholds)
    if story.rules and not story.together and not brought_by(story.rules):
        _draw_rules(canvas, story)
    return canvas.drawn()


def _badge(story: PairStory) -> tuple[str, str]:
    if story.together:
        return "TOGETHER", "var(--for)"
    if story.cause == "clerical":
        return "FOR A STEWARD", "var(--steward)"
    return "APART", "var(--against)"


def _title(story: PairStory) -> str:
    told = {
        "linked through others": "the two compared directly, step by step",
        "joined": "the two compared directly, step by step",
        "never compared": "had they been compared, step by step",
    }
    return told.get(story.cause, "evidence, step by step")


def _draw_between(canvas: Canvas, story: PairStory) -> None:
    """The path of links where there is one, else both customers and what stands between."""
    if story.together and story.path:
        direct = story.cause == "linked" and story.published is not None
        _draw_path(canvas, story, direct)
    elif not story.together:
        _draw_customers(canvas, story)


def _draw_path(canvas: Canvas, story: PairStory, direct: bool) -> None:
    ends = (story.left.matched_as, story.right.matched_as)
    assert ends[0] is not None
    assert ends[1] is not None
    if direct and story.published:
        stops: list[Key] = [ends[0], ends[1]]
        pairs = [story.published]
    else:
        walked = steps_of(story)
        stops = [walked[0][0], *(there for _, there in walked)]
        pairs = [link.pair for link in story.path]
    rows = (len(stops) + ACROSS - 1) // ACROSS
    title = "linked directly" if direct else "the links that lead from one to the other"
    top = canvas.panel(40 + rows * HIGH + (rows - 1) * DROP + 22, title)
    colours = source_colours([source for source, _ in stops])
    places = [_place(number, top) for number in range(len(stops))]
    if len(stops) < ACROSS:
        places[-1] = _place(ACROSS - 1, top)
    for pair, here, there in zip(pairs, places, places[1:], strict=False):
        _draw_link(canvas, pair, here, there)
    for key, place in zip(stops, places, strict=True):
        draw_node(canvas, key, place, colours[key[0]])


def _place(number: int, top: float) -> tuple[float, float]:
    """The upper left corner of a node; every second row runs backwards."""
    row, along = divmod(number, ACROSS)
    column = along if row % 2 == 0 else ACROSS - 1 - along
    return MARGIN + 18 + column * (NODE + GAP), top + row * (HIGH + DROP)


def draw_node(canvas: Canvas, key: Key, place: tuple[float, float], colour: str) -> None:
    """A record: its source and its key."""
    x, y = place
    canvas.rect((x, y, NODE, HIGH), "var(--page)", rx=9, stroke="var(--line)")
    canvas.rect((x, y + 8, 4, HIGH - 16), colour, rx=2)
    canvas.text(x + 16, y + 20, fitted(key[1], NODE - 28, 13), "b")
    canvas.text(x + 16, y + 36, fitted(key[0], NODE - 28, 12), "soft")


def _draw_link(
    canvas: Canvas, pair: Pair, here: tuple[float, float], there: tuple[float, float]
) -> None:
    thick = min(max(pair.weight / 8, 1.5), 5)
    if here[1] == there[1]:
        left, right = min(here[0], there[0]) + NODE, max(here[0], there[0])
        y, middle = here[1] + HIGH / 2, (left + right) / 2
        canvas.line((left, y), (right, y), stroke="var(--for)", stroke_width=f"{thick:.1f}")
        canvas.text(middle, y - 8, signed(pair.weight), "num mid")
        canvas.text(middle, y + 18, _reasons(pair, right - left - 8), "faint mid")
    else:
        x, top, bottom = here[0] + NODE / 2, here[1] + HIGH, there[1]
        canvas.line((x, top), (x, bottom), stroke="var(--for)", stroke_width=f"{thick:.1f}")
        canvas.text(x + 10, (top + bottom) / 2 - 2, signed(pair.weight), "num")
        canvas.text(x + 10, (top + bottom) / 2 + 13, _reasons(pair, NODE / 2), "faint")


def _reasons(pair: Pair, width: float) -> str:
    """As many of the strongest comparisons as there is room for, at least one."""
    names = pair.strongest(4)
    while len(names) > 1 and text_width(", ".join(names), 11) > width:
        names.pop()
    return fitted(", ".join(names), width, 11)


def _draw_customers(canvas: Canvas, story: PairStory) -> None:
    """Both customers side by side, what stands between the two records, and what contradicts."""
    pairs = _set_apart(story)
    notes = list(_notes(story))
    height = 40 + 26 + len(pairs) * (HIGH + 16) + len(notes) * 19 + 10
    top = canvas.panel(height, "two customers, and what stands between them")
    wide = NODE + 28
    lefts, rights = MARGIN + 18, WIDTH - MARGIN - 18 - wide
    deep = 26 + len(pairs) * (HIGH + 16)
    colours = source_colours([key[0] for left, right, *_ in pairs for key in (left, right)])
    for x, row in ((lefts, story.left), (rights, story.right)):
        canvas.rect((x, top - 6, wide, deep), "none", rx=11, stroke="var(--line)", stroke_width=1.4)
        canvas.text(x + 14, top + 13, row.entity_id, "faint b")
    y = top + 24
    for left, right, words, colour in pairs:
        draw_node(canvas, left, (lefts + 14, y), colours[left[0]])
        draw_node(canvas, right, (rights + 14, y), colours[right[0]])
        _draw_bar_between(canvas, (lefts + wide, rights), y + HIGH / 2, words, colour)
        y += HIGH + 16
    for note in notes:
        canvas.text(MARGIN + 18, y + 14, note, "soft")
        y += 19


def _draw_bar_between(
    canvas: Canvas, ends: tuple[float, float], y: float, words: str, colour: str
) -> None:
    left, right = ends
    middle = (left + right) / 2
    canvas.line(
        (left + 2, y), (right - 2, y), stroke=colour, stroke_width=1.8, stroke_dasharray="5 4"
    )
    lines = list(wrapped(words, right - left - 60, 12))[:2]
    width = max(len(line) for line in lines) * 6.6 + 24
    canvas.rect(
        (middle - width / 2, y - 5 - 8 * len(lines), width, 10 + 16 * len(lines)),
        "var(--panel)",
        rx=8,
        stroke=colour,
    )
    for number, line in enumerate(lines):
        base = y + 12 - 8 * len(lines) + 16 * number
        canvas.text(middle, base, line, "mid", style="font-size:12px")


Apart = tuple[Key, Key, str, str]


def _set_apart(story: PairStory) -> list[Apart]:
    """Rows of the panel: the two records, then up to three that contradict each other."""
    first = (
        story.left.matched_as or story.left.key,
        story.right.matched_as or story.right.key,
        *_between_words(story),
    )
    rest = [
        (each.left, each.right, f"contradict: {each.reason}", "var(--against)")
        for each in story.contradictions[:3]
    ]
    return [first, *rest]


def _between_words(story: PairStory) -> tuple[str, str]:
    red, amber = "var(--against)", "var(--steward)"
    if story.cause == "visitor":
        return "a visitor is recognised, not matched", "var(--faint)"
    if story.cause == "clerical":
        return "waits for a steward", amber
    if story.cause == "refused":
        return f"refused: {story.published.refused if story.published else ''}", red
    told = {
        "below clerical": "compared, too little agrees",
        "never compared": "never compared",
    }
    return told.get(story.cause, "not scored"), "var(--faint)"


def _notes(story: PairStory) -> Iterator[str]:
    """The strongest scored pairs between the two customers."""
    for pair in story.between[:3]:
        refused = f": {pair.refused}" if pair.refused else ""
        ends = f"{written(pair.left)} ~ {written(pair.right)}"
        yield fitted(
            f"also {signed(pair.weight)}  {ends}  {pair.status}{refused}",
            WIDTH - 2 * MARGIN - 40,
            12,
        )


def _draw_rules(canvas: Canvas, story: PairStory) -> None:
    """A tile a blocking rule: why it did not bring the two together."""
    rows = (len(story.rules) + RULES_ACROSS - 1) // RULES_ACROSS
    top = canvas.panel(40 + rows * (RULE_HEIGHT + 8) + 12, "blocking: what each rule found")
    order = sorted(story.rules, key=lambda rule: rule.outcome == "missing")
    for number, rule in enumerate(order):
        row, column = divmod(number, RULES_ACROSS)
        x = MARGIN + 18 + column * (RULE_WIDTH + 7)
        y = top + row * (RULE_HEIGHT + 8)
        words, colour = OUTCOMES[rule.outcome]
        canvas.rect((x, y, RULE_WIDTH, RULE_HEIGHT), "var(--page)", rx=8, stroke="var(--line)")
        canvas.circle(x + 16, y + RULE_HEIGHT / 2, 4.5, colour)
        canvas.text(x + 30, y + 17, fitted(rule.rule, RULE_WIDTH - 40, 12.5), "b")
        canvas.text(x + 30, y + 32, words, "faint")
