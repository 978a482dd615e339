"""The picture of one customer: its records and links, what holds them, and what was kept out."""

from resolution.explain.entity import ALONE, EntityStory, Held, Neighbour
from resolution.explain.picture.canvas import (
    MARGIN,
    WIDTH,
    Canvas,
    fitted,
    header,
    signed,
    source_colours,
)
from resolution.explain.picture.layout import places_of
from resolution.explain.published import Key, written
from resolution.explain.verdict import Say, counted, entity_verdict, in_english

SHOWN = 36
"""Records, and links, that are drawn."""
STRANGERS = 4
"""Other customers that are drawn."""
NEIGHBOURS = 8
"""Other customers that are listed."""
LIST = 540.0
"""Where the list of records begins."""
LINE = 24.0
DOT = 11.0

Place = tuple[float, float]
Node = Key | str
"""A record, or another customer."""


def entity_picture(story: EntityStory, say: Say = in_english) -> str:
    """An SVG of the story, in the words of `say`. It shows keys and words, never a record's
    values."""
    canvas = Canvas(story.entity_id, say)
    told = entity_verdict(story, say).removeprefix(f"{story.entity_id}: ")
    matched = sum(not record.visitor for record in story.records)
    header(canvas, story.entity_id, told, (counted(matched, "record", say).upper(), "var(--total)"))
    records = _chosen(story)
    colours = source_colours([record.key[0] for record in story.records])
    least = 300 if len(records) > 1 or story.neighbours else 100
    height = 40 + max(len(records) * LINE + (24 if len(story.records) > SHOWN else 0), least) + 16
    top = canvas.panel(height, say("records, and the links between them"))
    numbers = {record.key: number for number, record in enumerate(records, start=1)}
    _draw_list(canvas, story, records, top, colours)
    _draw_graph(canvas, story, (top, height - 72), numbers, colours)
    if story.holding:
        _draw_holding(canvas, story, numbers)
    if story.neighbours:
        _draw_kept_out(canvas, story)
    return canvas.drawn()


def _chosen(story: EntityStory) -> list[Held]:
    """The records that are drawn: all, or as many as there is room for, from the strongest link
    on along the strongest that leads further, so that the graph hangs together."""
    if len(story.records) <= SHOWN:
        return list(story.records)
    reached: set[Key] = {story.holding[0].left} if story.holding else set()
    while len(reached) < min(SHOWN, len(story.holding) + 1):
        step = next(x for x in story.holding if len({x.left, x.right} & reached) == 1)
        reached |= {step.left, step.right}
    return [x for x in story.records if x.key in reached and not x.visitor]


def _draw_list(
    canvas: Canvas,
    story: EntityStory,
    records: list[Held],
    top: float,
    colours: dict[str, str],
) -> None:
    for number, record in enumerate(records, start=1):
        y = top + (number - 1) * LINE + 14
        _draw_dot(canvas, (LIST + 12, y - 4), number, colours[record.key[0]], record.visitor)
        canvas.text(LIST + 32, y, fitted(written(record.key), 232, 12.5), style="font-size:12.5px")
        canvas.text(WIDTH - MARGIN - 18, y, fitted(_how(record, canvas.say), 150, 11), "faint end")
    if len(story.records) > len(records):
        more = canvas.say("… and {count} more", count=f"{len(story.records) - len(records):,}")
        canvas.text(LIST + 32, top + len(records) * LINE + 14, more, "soft")


def _how(record: Held, say: Say) -> str:
    """What holds a record, in words."""
    rows = say("visitor") if record.visitor else counted(record.rows, "row", say)
    if record.matched_by == ALONE:
        return f"{rows}, {say(ALONE)}"
    rules = ", ".join(say(rule) for rule in record.matched_by.split(", "))
    return say("{rows}, by {rules}", rows=rows, rules=rules)


def _draw_dot(canvas: Canvas, place: Place, number: int, colour: str, hollow: bool = False) -> None:
    x, y = place
    if hollow:
        canvas.circle(x, y, DOT - 1, "var(--panel)", stroke=colour, stroke_width=2)
    else:
        canvas.circle(x, y, DOT, colour, stroke="var(--panel)", stroke_width=2)
    ink = colour if hollow else "var(--page)"
    canvas.text(x, y + 3.8, str(number), "mid b", style=f"fill:{ink};font-size:10.5px")


def _draw_graph(
    canvas: Canvas,
    story: EntityStory,
    span: tuple[float, float],
    numbers: dict[Key, int],
    colours: dict[str, str],
) -> None:
    """Records as dots; what holds them thick, what confirms it thin, what was refused dashed."""
    shown = [x.key for x in story.records if x.key in numbers and not x.visitor]
    outward = _strangers(story, set(shown))
    nodes: list[Node] = [*shown, *outward]
    inward = [x for x in story.holding if {x.left, x.right} <= set(shown)]
    edges: list[tuple[Node, Node]] = [(x.left, x.right) for x in inward]
    edges += [(each.own, entity) for entity, each in outward.items()]
    room = (LIST - MARGIN - 130, span[1] - 40)
    places = {
        node: (MARGIN + 50 + x, span[0] + 24 + y)
        for node, (x, y) in places_of(nodes, edges, room).items()
    }
    for pair in story.further:
        if pair.left in places and pair.right in places:
            ends = places[pair.left], places[pair.right]
            canvas.line(*ends, stroke="var(--line)", stroke_width=1)
    for entity, each in outward.items():
        _draw_stranger(canvas, places[each.own], places[entity], each)
    for pair in inward:
        thick = f"{min(max(pair.weight / 10, 1.4), 5):.1f}"
        weak = pair is story.weakest and len(story.holding) > 1
        colour = "var(--steward)" if weak else "var(--for)"
        canvas.line(places[pair.left], places[pair.right], stroke=colour, stroke_width=thick)
    for key in shown:
        _draw_dot(canvas, places[key], numbers[key], colours[key[0]])


def _strangers(story: EntityStory, shown: set[Key]) -> dict[str, Neighbour]:
    """Other customers, each with the strongest pair that might have joined it."""
    found = {entity: pairs[0] for entity, pairs in story.strangers.items()}
    near = [(entity, each) for entity, each in found.items() if each.own in shown]
    return dict(near[:STRANGERS])


def _draw_stranger(canvas: Canvas, here: Place, there: Place, each: Neighbour) -> None:
    colour = "var(--against)" if each.pair.status == "refused" else "var(--steward)"
    canvas.line(here, there, stroke=colour, stroke_width=1.4, stroke_dasharray="4 4")
    canvas.circle(*there, 7, "var(--panel)", stroke=colour, stroke_width=1.6)
    label = there[1] + (20 if there[1] >= here[1] else -12)
    canvas.text(there[0], label, each.entity_id, "faint mid")


def _draw_holding(canvas: Canvas, story: EntityStory, numbers: dict[Key, int]) -> None:
    """A bar a link, the strongest first; the weakest is where the customer would come apart."""
    holding = story.holding
    shown = [*holding[: SHOWN - 1], holding[-1]] if len(holding) > SHOWN else list(holding)
    title = canvas.say("what holds them together, strongest first")
    if len(holding) > len(shown):
        title += canvas.say(" ({what} not shown)", what=f"{len(holding) - len(shown):,}")
    top = canvas.panel(40 + len(shown) * LINE + 10, title)
    longest = max(abs(pair.weight) for pair in shown) or 1.0
    start, room = 372.0, 220.0
    for number, pair in enumerate(shown):
        y = top + number * LINE + 12
        ends = f"{_named(pair.left, numbers)}  ~  {_named(pair.right, numbers)}"
        canvas.text(MARGIN + 18, y, fitted(ends, start - MARGIN - 30, 12), style="font-size:12px")
        last = pair is story.weakest and len(holding) > 1
        colour = "var(--steward)" if last else "var(--for)"
        width = max(abs(pair.weight) / longest * room, 2)
        canvas.rect((start, y - 10, width, 13), colour, rx=2.5)
        canvas.text(start + width + 8, y, signed(pair.weight), "num", style="font-size:12px")
        told = ", ".join(canvas.say(name) for name in pair.strongest(3))
        if story.is_decided(pair):
            told = canvas.say("decided by a steward")
        elif last:
            told = canvas.say("the weakest: {comparisons}", comparisons=told)
        canvas.text(WIDTH - MARGIN - 18, y, fitted(told, 290, 12), "soft end")


def _named(key: Key, numbers: dict[Key, int]) -> str:
    number = f"{numbers[key]} " if key in numbers else ""
    return f"{number}{key[1]}"


def _draw_kept_out(canvas: Canvas, story: EntityStory) -> None:
    """A row another customer: the strongest pair with it, and why it was not followed."""
    shown = list(story.strangers.values())[:NEIGHBOURS]
    title = canvas.say("kept out")
    if len(story.strangers) > len(shown):
        further = counted(len(story.strangers) - len(shown), "further customer", canvas.say)
        title += canvas.say(" ({what} not shown)", what=further)
    top = canvas.panel(40 + len(shown) * LINE + 10, title)
    for number, found in enumerate(shown):
        y, each = top + number * LINE + 12, found[0]
        refused = each.pair.status == "refused"
        colour = "var(--against)" if refused else "var(--steward)"
        canvas.circle(MARGIN + 23, y - 4, 4.5, colour)
        ends = f"{written(each.own)}  ~  {written(each.other)}"
        canvas.text(MARGIN + 38, y, fitted(ends, 400, 12), style="font-size:12px")
        canvas.text(LIST - 40, y, signed(each.pair.weight), "num end", style="font-size:12px")
        reason = canvas.say(each.pair.refused or "waits for a steward")
        canvas.text(LIST - 24, y, fitted(reason, 270, 12), "soft")
        weaker = canvas.say("  +{count} weaker", count=f"{len(found) - 1:,}")
        more = weaker if len(found) > 1 else ""
        canvas.text(WIDTH - MARGIN - 18, y, f"{each.entity_id}{more}", "faint end")
