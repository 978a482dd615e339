"""Rows that no source's contract accepts, each wrong in one way, planted among the good ones."""

from collections import Counter

import numpy as np

from sources.sample.contacts import issue_tokens
from sources.sample.dice import Dice
from sources.sample.rows import BAD, Rows, number_keys

_FUTURE, _PAST, _VAGUE = "2099-01-01T00:00:00Z", "1897-05-04T10:00:00Z", "yesterday afternoon"

FAULTS: dict[str, dict[str, tuple[str, str | None] | None]] = {
    "registration": {
        "missing_key": ("registration_id", None),
        "missing_time": ("registered_at", None),
        "time_in_future": ("registered_at", _FUTURE),
        "wrong_width": None,
        "broken_encoding": None,
        "time_unreadable": ("registered_at", _VAGUE),
        "time_before_1900": ("registered_at", _PAST),
        "category_outside_list": ("marketing_consent", "maybe"),
    },
    "transaction": {
        "missing_key": ("transaction_id", None),
        "quantity_not_above_zero": ("quantity", "0"),
        "amount_not_a_number": ("amount", "twelve"),
        "currency_unknown": ("currency", "XQZ"),
        "category_outside_list": ("status", "lost"),
        "wrong_width": None,
        "broken_encoding": None,
        "missing_time": ("ordered_at", None),
        "time_in_future": ("ordered_at", _FUTURE),
        "time_unreadable": ("ordered_at", _VAGUE),
        "time_before_1900": ("ordered_at", _PAST),
    },
    "web_behaviour": {
        "missing_anonymous_id": ("anonymous_id", None),
        "broken_json": None,
        "missing_key": ("event_id", None),
        "missing_event_type": ("event_type", None),
        "time_in_future": ("occurred_at", _FUTURE),
        "time_unreadable": ("occurred_at", _VAGUE),
    },
    "social": {
        "missing_platform": ("platform", None),
        "broken_json": None,
        "missing_key": ("interaction_id", None),
        "missing_account_id": ("account_id", None),
        "missing_interaction_type": ("interaction_type", None),
        "time_before_1900": ("occurred_at", _PAST),
    },
    "feedback": {
        "rating_out_of_range": ("rating", "9"),
        "category_outside_list": ("channel", "fax"),
        "missing_key": ("feedback_id", None),
        "missing_time": ("submitted_at", None),
        "missing_channel": ("channel", None),
        "nps_out_of_range": ("nps", "42"),
        "time_in_future": ("submitted_at", _FUTURE),
    },
}
"""Source -> reason -> the column it spoils and with what; None where the row's text is spoilt."""


def draw_bad_rows(dice: Dice, rows: Rows, block: int) -> tuple[Rows, Counter[str]]:
    """Bad rows to deliver among `rows`, with keys of their own, and how many of each reason.

    The first block has every reason at least once if that keeps them below one row in a hundred.
    """
    rate = dice.rates["bad_row"]
    reasons = list(FAULTS[rows.source])
    floor = min(len(reasons), len(rows) // 100) if block == 0 and rate > 0 else 0
    count = max(round(rate * len(rows)), floor)
    if not count:
        return rows.take(np.zeros(0, dtype=np.int64)), Counter()
    which = dice.random.integers(0, len(rows), count)
    bad = rows.take(which)
    bad.owner = np.full(count, BAD, dtype=np.int64)
    letter = rows.columns[rows.key][0][0]
    bad.columns[rows.key] = number_keys(letter, block, count, len(rows))
    bad.damage = bad.damages
    if rows.source == "web_behaviour":
        serial = block * 10**6 + 900_000 + np.arange(count)
        bad.columns["anonymous_id"] = issue_tokens("a_", serial, 20, np.ones(count, dtype=bool))
    planted: Counter[str] = Counter()
    for place in range(count):
        reason = reasons[(place + block) % len(reasons)]
        _spoil(bad, place, reason)
        planted[reason] += 1
    return bad, planted


def _spoil(bad: Rows, place: int, reason: str) -> None:
    fault = FAULTS[bad.source][reason]
    if fault is not None:
        column, value = fault
        bad.columns[column][place] = value
        return
    assert bad.damage is not None
    bad.damage[place] = reason


def damage_line(line: bytes, how: str, place: int) -> bytes:
    """The line of a CSV or JSON lines file, spoilt as asked; `place` varies the spoiling."""
    if how == "wrong_width":
        return line.rsplit(b",", 1)[0] if place % 2 else line + b",unasked"
    if how == "broken_encoding":
        # A system that writes Chinese in another encoding: no byte of these is valid UTF-8.
        return (line.decode() + "张伟").encode("gb18030")
    return line[: len(line) // 2]
