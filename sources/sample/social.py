"""Social interactions: accounts with a handle, a name that may be a nickname, few identifiers."""

from dataclasses import dataclass

import numpy as np

from sources.sample.cards import give, write_cards
from sources.sample.contacts import issue_tokens
from sources.sample.dice import Dice, Flags, Texts, Whole, absent, texts, where
from sources.sample.households import END, NEVER, START
from sources.sample.people import People
from sources.sample.rows import Rows, by_time, iso, number_keys
from sources.sample.words import catalogue

_PLATFORMS = {
    True: (["wechat", "weibo", "xiaohongshu", "douyin"], [0.6, 0.15, 0.15, 0.1]),
    False: (["facebook", "instagram", "x", "tiktok"], [0.45, 0.3, 0.1, 0.15]),
}


@dataclass
class _Accounts:
    """Accounts, one position an account; identifiers None where the account shows none."""

    who: Whole
    platform: Texts
    handle: Texts
    display_name: Texts
    unionid: Texts
    email: Texts
    phone: Texts
    city: Texts


def make_social(dice: Dice, people: People, block: int) -> Rows:
    """The block's social interactions in order of time."""
    accounts = _draw_accounts(dice, people)
    number = dice.random.geometric(0.38, len(accounts.who))
    account = np.repeat(np.arange(len(number)), number)
    turn = np.arange(len(account)) - (np.cumsum(number) - number)[account]
    count = len(account)
    at = dice.between(START, END, count)
    who = accounts.who[account]
    told = (turn == 0) | dice.share(0.35, count)
    ids = issue_tokens("", block * 10**6 + np.arange(len(number)), 14, np.ones(len(number), bool))
    home = people.chinese[who] & ~people.abroad[who]
    columns = {
        "interaction_id": texts([""] * count),
        "occurred_at": texts([""] * count),
        "platform": accounts.platform[account],
        "account_id": ids[account],
        "handle": accounts.handle[account],
        "display_name": accounts.display_name[account],
        "wechat_unionid": accounts.unionid[account],
        "email": where(told, accounts.email[account], None),
        "phone": where(told, accounts.phone[account], None),
        "city": accounts.city[account],
        "interaction_type": dice.choose(
            ["comment", "like", "message", "follow", "share"], count, [30, 30, 20, 12, 8]
        ),
        "text": _texts(dice, home),
        "language": where(home, "zh", "en"),
    }
    rows = Rows("social", "interaction_id", "occurred_at", columns, at, people.number[who]).take(
        by_time(at)
    )
    rows.columns["interaction_id"] = number_keys("S", block, count)
    rows.columns["occurred_at"] = iso(rows.at, zone="+00:00")
    silent = np.isin(rows.columns["interaction_type"].astype(str), ("like", "follow"))
    rows.columns["text"] = where(silent, None, rows.columns["text"])
    return rows


def _texts(dice: Dice, home: Flags) -> Texts:
    phrases = catalogue()["phrases"]
    count = len(home)
    return where(
        home,
        dice.choose(phrases["zh"]["social"], count),
        dice.choose(phrases["en"]["social"], count),
    )


def _draw_accounts(dice: Dice, people: People) -> _Accounts:
    customers = dice.happens("social_account", len(people.number)) & ~people.follower
    who = np.flatnonzero(customers | people.follower)
    count = len(who)
    home = people.chinese[who] & ~people.abroad[who]
    platform = where(
        home, *(dice.choose(names, count, shares) for names, shares in _PLATFORMS.values())
    )
    at = dice.between(START, END, count)
    cards = write_cards(dice, people, who, at)
    show = ~dice.happens("social_without_identifier", count) & ~people.follower[who]
    unionid = where(show & (platform == "wechat"), people.unionid[who], None)
    # A union id says nothing where no registration has it; then, or without one, a mailbox or a
    # phone is shown: the account came from a form or a chat.
    needs = show & (absent(unionid) | (people.registered_at[who] == NEVER))
    by_phone = dice.share(np.where(people.chinese[who], 0.7, 0.25), count)
    handle = _handles(dice, people, who)
    return _Accounts(
        who=who,
        platform=platform,
        handle=handle,
        display_name=_display_names(dice, cards.names.full, cards.names.given, handle),
        unionid=unionid,
        email=where(needs & ~by_phone, cards.email, None),
        phone=where(needs & by_phone, cards.phone, None),
        city=give(dice, cards.address.city, 0.5),
    )


def _handles(dice: Dice, people: People, who: Whole) -> Texts:
    count = len(who)
    words = catalogue()["screen_words"]
    number = dice.between(1, 9999, count)
    playful = dice.choose(words, count) + np.full(count, "_", dtype=object)
    playful = playful + dice.choose(words, count)
    named = texts(
        [
            f"{given}{family}".replace(" ", "").lower()
            for given, family in zip(people.names.given[who], people.names.family[who], strict=True)
        ]
    )
    base = where(dice.share(0.35, count), named, playful)
    return np.asarray(base + texts([str(figure) for figure in number.tolist()]))


def _display_names(dice: Dice, full: Texts, given: Texts, handle: Texts) -> Texts:
    count = len(full)
    screen = dice.choose(catalogue()["screen_words_han"] + catalogue()["screen_words"], count)
    first = where(absent(given), screen, given)
    kind = dice.random.random(count)
    return where(kind < 0.45, full, where(kind < 0.65, first, where(kind < 0.85, screen, handle)))
