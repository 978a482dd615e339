"""Web behaviour: browsers nobody knows, some of which sign in later, and a few families share."""

from dataclasses import dataclass

import numpy as np

from sources.sample.contacts import issue_tokens
from sources.sample.dice import Dice, Flags, Texts, Whole, absent, texts, where
from sources.sample.households import DAY, END, NEVER, START
from sources.sample.people import People
from sources.sample.registrations import Registered
from sources.sample.rows import Rows, by_time, iso, number_keys
from sources.sample.words import catalogue


@dataclass
class _Visitors:
    """Browsers, one position a browser."""

    owner: Whole
    """Position of the customer; -1 for the unknown."""
    other: Whole
    """Position of the second customer of a family's browser; -1 without."""
    signs_in_at: Whole
    """Start of the session that signs in or leaves an e-mail; NEVER for the unknown."""
    leaves_email: Flags
    """Known by an e-mail alone."""


@dataclass
class _Sessions:
    """Visits, one position a visit."""

    visitor: Whole
    at: Whole
    events: Whole
    signed_in: Flags
    first: Flags
    """The visit in which the visitor becomes known."""


def make_web_events(dice: Dice, people: People, registered: Registered, block: int) -> Rows:
    """The block's web events in order of time."""
    visitors = _draw_visitors(dice, people)
    sessions = _draw_sessions(dice, visitors)
    session = np.repeat(np.arange(len(sessions.at)), sessions.events)
    opens = np.cumsum(sessions.events) - sessions.events
    turn = np.arange(len(session)) - opens[session]
    steps = dice.between(5, 110, len(session)) * (turn > 0)
    run = np.cumsum(steps)
    at = sessions.at[session] + run - run[opens[session]]
    at = np.minimum(at, END)
    visitor = sessions.visitor[session]
    count = len(session)
    columns = _clicks(dice, turn, count)
    _identify(dice, people, registered, (visitors, sessions, columns), (session, turn))
    every = np.ones(len(visitors.owner), dtype=bool)
    serial = block * 10**6 + np.arange(len(visitors.owner))
    columns["anonymous_id"] = issue_tokens("a_", serial, 20, every)[visitor]
    columns["device_id"] = issue_tokens("d_", serial, 12, dice.share(0.6, len(serial)))[visitor]
    columns["session_id"] = texts([f"s{block:04d}-{number:07d}" for number in session.tolist()])
    agents = dice.choose(catalogue()["agents"], len(serial))
    columns["user_agent"] = agents[visitor]
    columns["ip_address"] = _addresses(dice, len(serial))[visitor]
    owner = np.where(visitors.owner >= 0, people.number[visitors.owner], -1)
    owner = np.where(visitors.other >= 0, -1, owner)  # nobody's alone
    order = by_time(at)
    columns["event_id"] = texts([""] * count)
    columns["occurred_at"] = texts([""] * count)
    ordered = {name: columns[name] for name in _FIELDS}
    rows = Rows(
        "web_behaviour", "event_id", "occurred_at", ordered, at, owner[visitor], "anonymous_id"
    ).take(order)
    rows.columns["event_id"] = number_keys("E", block, count)
    rows.columns["occurred_at"] = iso(rows.at)
    return rows


_FIELDS = (
    "event_id", "occurred_at", "anonymous_id", "session_id", "device_id", "registration_id",
    "email", "event_type", "url", "product_id", "product_category", "campaign", "ip_address",
    "user_agent",
)  # fmt: skip


def _draw_visitors(dice: Dice, people: People) -> _Visitors:
    able = np.flatnonzero(people.registered_at < NEVER)
    first = able[dice.happens("visits", len(able))]
    second = first[dice.happens("second_browser", len(first))]
    owner = np.concatenate([first, second])
    count = len(owner)
    since = people.registered_at[owner]
    known_at = since + (dice.random.random(count) * (END - since)).astype(np.int64)
    other = _draw_family_devices(dice, people, owner)
    strangers = int(count * dice.rates["unknown_visitor"])
    nobody = np.full(strangers, -1, dtype=np.int64)
    return _Visitors(
        owner=np.concatenate([owner, nobody]),
        other=np.concatenate([other, nobody]),
        signs_in_at=np.concatenate([known_at, np.full(strangers, NEVER)]),
        leaves_email=np.concatenate(
            [dice.happens("email_only_visitor", count) & (other < 0), nobody > 0]
        ),
    )


def _draw_family_devices(dice: Dice, people: People, owner: Whole) -> Whole:
    """For each browser the second customer who signs in from it, or -1."""
    households = people.households
    neighbour = np.where(households.place[owner] > 0, households.head[owner], owner + 1)
    neighbour = np.minimum(neighbour, len(people.number) - 1)
    same = (households.number[neighbour] == households.number[owner]) & (neighbour != owner)
    registered = people.registered_at[neighbour] < NEVER
    shares = same & registered & dice.happens("family_device", len(owner))
    return np.where(shares, neighbour, -1)


def _draw_sessions(dice: Dice, visitors: _Visitors) -> _Sessions:
    count = len(visitors.owner)
    known = visitors.owner >= 0
    before = np.where(known, dice.random.geometric(0.6, count) - 1, 0)
    after = np.where(known, dice.random.geometric(0.55, count) - 1, 0)
    after = np.where(visitors.other >= 0, after + 2, after)
    alone = np.where(known, 0, dice.random.geometric(0.5, count))
    number = np.where(known, before + 1 + after, alone)
    visitor = np.repeat(np.arange(count), number)
    turn = np.arange(len(visitor)) - (np.cumsum(number) - number)[visitor]
    base = np.where(known, visitors.signs_in_at, 0)[visitor]
    draw = dice.random.random(len(visitor))
    earlier = base - (draw * np.minimum(30 * DAY, base - START)).astype(np.int64)
    later = base + (draw * (END - base)).astype(np.int64)
    anywhen = START + (draw * (END - START)).astype(np.int64)
    relative = turn - before[visitor]
    at = np.where(relative < 0, earlier, np.where(relative == 0, base, later))
    at = np.where(known[visitor], at, anywhen)
    again = (relative > 0) & (dice.share(0.75, len(visitor)) | (visitors.other[visitor] >= 0))
    return _Sessions(
        visitor=visitor,
        at=at,
        events=dice.random.geometric(0.42, len(visitor)) + (relative == 0) * known[visitor],
        signed_in=known[visitor] & (again | (relative == 0)),
        first=known[visitor] & (relative == 0),
    )


def _clicks(dice: Dice, turn: Whole, count: int) -> dict[str, Texts]:
    kinds = ["page_view", "product_view", "search", "add_to_cart", "checkout"]
    kind = dice.choose(kinds, count, [35, 35, 12, 12, 6])
    kind[turn == 0] = "page_view"
    goods = list(catalogue()["categories"])
    shown = (kind == "product_view") | (kind == "add_to_cart")
    category = dice.choose(goods, count)
    item = dice.between(1, 60, count)
    product = texts(
        [f"{name[:3].upper()}-{number:03d}" for name, number in zip(category, item, strict=True)]
    )
    page = dice.choose(catalogue()["pages"], count)
    path = where(shown, np.full(count, "/product/", dtype=object) + product, page)
    landed = (turn == 0) & dice.share(0.3, count)
    return {
        "event_type": kind,
        "url": np.full(count, "https://shop.example", dtype=object) + path,
        "product_id": where(shown, product, None),
        "product_category": where(shown, category, None),
        "campaign": where(landed, dice.choose(catalogue()["campaigns"], count), None),
    }


def _identify(
    dice: Dice,
    people: People,
    registered: Registered,
    traffic: tuple[_Visitors, _Sessions, dict[str, Texts]],
    event: tuple[Whole, Whole],
) -> None:
    """Fill in who is signed in, and the e-mails left, event by event."""
    visitors, sessions, columns = traffic
    session, turn = event
    visitor = sessions.visitor[session]
    by_mail = visitors.leaves_email[visitor]
    signed = sessions.signed_in[session] & ~by_mail & ((turn > 0) | ~sessions.first[session])
    second = dice.share(0.5, len(sessions.at))[session] & ~sessions.first[session]
    member = np.where(
        (visitors.other[visitor] >= 0) & second, visitors.other[visitor], visitors.owner[visitor]
    )
    late = people.registered_at[member] > sessions.at[session]  # the other has not registered yet
    member = np.where(late, visitors.owner[visitor], member)
    numbers = registered.rows.columns["registration_id"][registered.first[member]]
    columns["registration_id"] = where(signed, numbers, None)
    entered = sessions.first[session] & (turn == 1) & ~by_mail
    columns["event_type"] = where(entered, "sign_in", columns["event_type"])
    joined = sessions.first[session] & (turn == 1) & by_mail
    columns["event_type"] = where(joined, "newsletter", columns["event_type"])
    told = joined | (signed & dice.share(0.05, len(session)))
    version = registered.as_of(member, sessions.at[session])
    mail = registered.rows.columns["email"][version]
    backup = people.email[0][member]
    columns["email"] = where(told, where(by_mail & absent(mail), backup, mail), None)


def _addresses(dice: Dice, count: int) -> Texts:
    parts = dice.random.integers(1, 255, (count, 4)).tolist()
    return texts([f"{36 + a % 180}.{b}.{c}.{d}" for a, b, c, d in parts])
