"""Feedback: surveys after orders, and calls, complaints and mails nobody asked for."""

import numpy as np

from sources.sample.cards import give, write_cards
from sources.sample.dice import Dice, Flags, Reals, Texts, Whole, texts, where
from sources.sample.households import DAY, END, NEVER, START
from sources.sample.people import People
from sources.sample.registrations import Registered
from sources.sample.rows import Rows, by_time, iso, number_keys, stack
from sources.sample.transactions import Orders
from sources.sample.words import catalogue


def make_feedback(
    dice: Dice, people: People, registered: Registered, orders: Orders, block: int
) -> Rows:
    """The block's feedback in order of time."""
    asked = _surveys(dice, people, orders, registered)
    rows = stack([asked, _unprompted(dice, people, registered)])
    rows = rows.take(by_time(rows.at))
    rows.columns["feedback_id"] = number_keys("F", block, len(rows))
    rows.columns["submitted_at"] = iso(rows.at)
    return rows


def _surveys(dice: Dice, people: People, orders: Orders, registered: Registered) -> Rows:
    """Answers after orders: they name the order, or the registration, or only a person."""
    answered = np.flatnonzero(dice.happens("survey_after_order", len(orders.who)))
    at = (
        orders.rows.at[answered]
        + DAY
        + (dice.random.exponential(5, len(answered)) * DAY).astype(np.int64)
    )
    answered, at = answered[at <= END], at[at <= END]
    count = len(answered)
    who = orders.who[answered]
    link = dice.random.random(count)
    signed = orders.signed_in[answered]
    names_order = link < 0.75
    names_registration = signed & (link > 0.4) & (link < 0.9)
    order = where(names_order, orders.rows.columns["transaction_id"][answered], None)
    numbers = registered.rows.columns["registration_id"][registered.first[who]]
    feeling = orders.contentment[answered]
    feeling = np.where(
        orders.rows.columns["status"][answered] == "refunded", feeling * 0.5, feeling
    )
    channel = dice.choose(["survey", "review"], count, [0.7, 0.3])
    only_person = ~names_order & ~names_registration
    columns = {"channel": channel, "registration_id": where(names_registration, numbers, None)}
    columns["transaction_id"] = order
    return _answer(dice, people, (who, at), columns, (feeling, only_person))


def _unprompted(dice: Dice, people: People, registered: Registered) -> Rows:
    who = np.flatnonzero(dice.happens("unprompted_feedback", len(people.number)))
    who = who[~people.follower[who]]
    count = len(who)
    at = dice.between(START, END, count)
    known = (people.registered_at[who] <= at) & (people.registered_at[who] < NEVER)
    known &= dice.share(0.35, count)
    numbers = registered.rows.columns["registration_id"][registered.first[who]]
    columns = {
        "channel": dice.choose(["call", "complaint", "email", "chat"], count, [4, 3, 2, 1]),
        "registration_id": where(known, numbers, None),
        "transaction_id": np.full(count, None, dtype=object),
    }
    feeling = np.clip(people.content[who] - 0.25, 0, 1)
    return _answer(dice, people, (who, at), columns, (feeling, ~known))


def _answer(
    dice: Dice,
    people: People,
    of: tuple[Whole, Whole],
    columns: dict[str, Texts],
    told: tuple[Reals, Flags],
) -> Rows:
    who, at = of
    feeling, only_person = told
    count = len(who)
    cards = write_cards(dice, people, who, at)
    says_name = only_person | dice.share(0.2, count)
    by_phone = dice.share(np.where(people.chinese[who], 0.75, 0.4), count)
    rating = np.clip(np.round(1 + 4 * feeling + dice.random.normal(0, 0.6, count)), 1, 5)
    nps = np.clip(np.round(10 * feeling + dice.random.normal(0, 1.3, count)), 0, 10)
    survey = columns["channel"] == "survey"
    columns |= {
        "contact_name": where(says_name, cards.names.full, None),
        "contact_email": where(says_name & ~by_phone, cards.email, None),
        "contact_phone": where(says_name & by_phone, cards.phone, None),
        "rating": where(survey | dice.share(0.7, count), _figures(rating), None),
        "nps": where(survey & dice.share(0.8, count), _figures(nps), None),
        "category": dice.choose(catalogue()["feedback_categories"], count),
        "text": give(dice, _words(dice, people, who, rating), 0.7),
    }
    _resolve(dice, columns, at, survey)
    columns |= {"feedback_id": texts([""] * count), "submitted_at": texts([""] * count)}
    ordered = {name: columns[name] for name in _FIELDS}
    return Rows("feedback", "feedback_id", "submitted_at", ordered, at, people.number[who])


_FIELDS = (
    "feedback_id", "submitted_at", "channel", "registration_id", "transaction_id", "contact_name",
    "contact_email", "contact_phone", "rating", "nps", "category", "text", "status", "resolved_at",
)  # fmt: skip


def _figures(numbers: Reals) -> Texts:
    return texts([str(int(number)) for number in numbers.tolist()])


def _words(dice: Dice, people: People, who: Whole, rating: Reals) -> Texts:
    count = len(who)
    home = people.chinese[who] & ~people.abroad[who]
    column = np.full(count, None, dtype=object)
    for tone, mask in (("good", rating >= 4), ("middling", rating == 3), ("bad", rating <= 2)):
        for language, spoken in (("zh", home), ("en", ~home)):
            here = mask & spoken
            phrases = catalogue()["phrases"][language][tone]
            column[here] = dice.choose(phrases, int(here.sum()))
    return column


def _resolve(dice: Dice, columns: dict[str, Texts], at: Whole, survey: Flags) -> None:
    """Surveys need no answer; the rest is closed within days, later ones are still open."""
    done = at + (dice.random.exponential(4, len(at)) * DAY).astype(np.int64)
    open_still = ~survey & (done > END)
    columns["status"] = where(survey, "closed", where(open_still, "open", "resolved"))
    columns["resolved_at"] = where(survey | open_still, None, iso(np.minimum(done, END)))
