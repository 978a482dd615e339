"""The customers of one block: households, names, dwellings, contacts, habits, changes of life."""

from dataclasses import dataclass

import numpy as np

from sources.sample.contacts import Mailboxes, issue_loyalty, issue_phones, issue_tokens
from sources.sample.dice import Dice, Flags, Reals, Texts, Whole, absent, texts, where
from sources.sample.homes import Homes, draw_homes
from sources.sample.households import (
    COUPLE,
    DAY,
    END,
    FAMILY,
    MATES,
    NEVER,
    SIBLINGS,
    START,
    Households,
    children,
    draw_births,
    draw_households,
    draw_sexes,
)
from sources.sample.names import Names, draw_names
from sources.sample.words import catalogue

BLOCK = 20_000
"""Customers drawn together; bounds memory, and is part of what makes a sample reproducible."""

ONE_OFF, REGULAR, LAPSED, VIP = range(4)


@dataclass(frozen=True)
class BlockPlan:
    """Which customers a block holds, out of how many blocks."""

    block: int
    blocks: int
    customers: int
    chinese_share: float

    @property
    def first(self) -> int:
        """Number of the block's first customer."""
        return self.block * BLOCK


@dataclass
class People:
    """The customers of a block, one position a customer; pairs hold (before, after) a change."""

    number: Whole
    households: Households
    chinese: Flags
    abroad: Flags
    country: Texts
    male: Flags
    born: Whole
    """Days of Unix time."""
    names: Names
    names_later: Names
    renamed_at: Whole
    homes: Homes
    home: Whole
    """Position in `homes`."""
    home_later: Whole
    moved_at: Whole
    phone: tuple[Texts, Texts]
    phone_changed_at: Whole
    email: tuple[Texts, Texts]
    email_changed_at: Whole
    second_email: Texts
    loyalty: Texts
    unionid: Texts
    cards: tuple[Texts, Texts]
    company: Texts
    job: Texts
    registered_at: Whole
    """NEVER for those who do not register."""
    follower: Flags
    """Known from social media alone."""
    custom: Whole
    """ONE_OFF, REGULAR, LAPSED or VIP."""
    content: Reals
    """How content the customer tends to be, from 0 to 1."""


def draw_people(dice: Dice, plan: BlockPlan) -> People:
    """The customers of the block, with everything about them that is true."""
    count = plan.customers
    households = draw_households(dice, count)
    head = households.head
    chinese = dice.share(plan.chinese_share, count)[head]
    abroad = dice.happens("lives_abroad", count)[head] & chinese
    english_country = dice.choose(["US", "GB"], count, [0.6, 0.4])
    country = where(chinese & ~abroad, "CN", english_country)[head]
    male = draw_sexes(dice, households)
    born = draw_births(dice, households)
    names, later, renamed_at = _draw_family_names(dice, households, chinese, male, born)
    homes, home, home_later, moved_at = _draw_dwellings(dice, households, country)
    serial = plan.first + np.arange(count, dtype=np.int64)
    phone, phone_at = _draw_phones(dice, households, country, serial)
    boxes = Mailboxes(plan.block, plan.blocks)
    mails, second, mail_at = _draw_mails(dice, households, boxes, (names, country, born))
    registered, follower = _draw_standing(dice, count)
    return People(
        number=serial,
        households=households,
        chinese=chinese,
        abroad=abroad,
        country=country,
        male=male,
        born=born,
        names=names,
        names_later=later,
        renamed_at=renamed_at,
        homes=homes,
        home=home,
        home_later=home_later,
        moved_at=moved_at,
        phone=phone,
        phone_changed_at=phone_at,
        email=mails,
        email_changed_at=mail_at,
        second_email=second,
        loyalty=issue_loyalty(serial, dice.happens("has_loyalty", count) & (registered < NEVER)),
        unionid=issue_tokens("o6_", serial, 25, dice.happens("has_unionid", count) & chinese),
        cards=_draw_cards(dice, households, serial),
        company=dice.choose(catalogue()["companies"], count),
        job=dice.choose(catalogue()["jobs"], count),
        registered_at=registered,
        follower=follower,
        custom=dice.pick([0.45, 0.30, 0.18, 0.07], count),
        content=dice.random.beta(5, 2, count),
    )


def _draw_family_names(
    dice: Dice, households: Households, chinese: Flags, male: Flags, born: Whole
) -> tuple[Names, Names, Whole]:
    count = len(male)
    names = draw_names(dice, chinese, male)
    child = children(households)
    sibling = (households.kind == SIBLINGS) & (households.place == 1)
    wife = np.isin(households.kind, (COUPLE, FAMILY)) & (households.place == 1) & ~male & ~chinese
    takes = wife & dice.happens("wife_takes_name", count)
    names.inherit_family(child | sibling | takes, households.head)
    _name_sons_after_fathers(
        dice, households, names, child & male & ~chinese & male[households.head]
    )
    _part_namesakes(dice, households, names, (chinese, male))
    age = (END // DAY - born) / 365.25
    marries = ~chinese & ~male & ~takes & ~child & (age > 22) & (age < 45)
    marries &= dice.happens("married_name", count)
    later = Names(**{name: column.copy() for name, column in vars(names).items()})
    later.family[marries] = draw_names(dice, chinese, male).family[marries]
    return names, later, np.where(marries, dice.between(START, END, count), NEVER)


def _name_sons_after_fathers(dice: Dice, households: Households, names: Names, sons: Flags) -> None:
    named = np.flatnonzero(sons & dice.happens("son_named_after_father", len(sons)))
    fathers = households.head[named]
    names.given[named] = names.given[fathers]
    names.suffix[named], names.suffix[fathers] = "Jr", "Sr"


def _part_namesakes(
    dice: Dice, households: Households, names: Names, kinds: tuple[Flags, Flags]
) -> None:
    """Give brothers and sisters who were drawn with one name another: parents would have."""
    other = draw_names(dice, *kinds)
    seen: set[tuple[int, str, str]] = set()
    for place in np.flatnonzero((households.size > 1) & absent(names.suffix)):
        key = (int(households.number[place]), names.family[place], names.given[place])
        if key in seen:
            for column in ("given", "given_han", "given_traditional"):
                getattr(names, column)[place] = getattr(other, column)[place]
        seen.add(key)


def _draw_dwellings(
    dice: Dice, households: Households, country: Texts
) -> tuple[Homes, Whole, Whole, Whole]:
    count = len(country)
    homes = draw_homes(dice, np.concatenate([country, country]))
    head = households.head
    moves = dice.happens("moved", count)
    # Children and housemates move alone, couples together.
    alone = children(households) | (households.kind == MATES)
    mover = np.where(alone, np.arange(count), head)
    moved_at = np.where(moves[mover], dice.between(START, END, count)[mover], NEVER)
    return homes, head, (count + mover).astype(np.int64), moved_at


def _draw_phones(
    dice: Dice, households: Households, country: Texts, serial: Whole
) -> tuple[tuple[Texts, Texts], Whole]:
    count = len(country)
    before = issue_phones(country, serial * 2)
    changes = dice.happens("changed_phone", count)
    after = where(changes, issue_phones(country, serial * 2 + 1), before)
    changed_at = np.where(changes, dice.between(START, END, count), NEVER)
    shared = (households.place > 0) & dice.happens("shares_phone", count)
    shared &= households.kind != MATES
    head = households.head[shared]
    before[shared], after[shared] = before[head], after[head]
    changed_at[shared] = changed_at[head]
    return (before, after), changed_at


def _draw_mails(
    dice: Dice, households: Households, boxes: Mailboxes, of: tuple[Names, Texts, Whole]
) -> tuple[tuple[Texts, Texts], Texts, Whole]:
    names, country, born = of
    count = len(country)
    year = born // 365 + 1970

    def opened(mask: Flags) -> Texts:
        column = np.full(count, None, dtype=object)
        column[mask] = boxes.open(
            dice, names.family[mask], names.given[mask], country[mask], year[mask]
        )
        return column

    before = opened(np.ones(count, dtype=bool))
    changes = dice.happens("changed_email", count)
    after = where(changes, opened(changes), before)
    second = opened(dice.happens("second_email", count))
    changed_at = np.where(changes, dice.between(START, END, count), NEVER)
    shared = (households.place > 0) & (households.kind != MATES)
    shared &= dice.happens("shares_email", count)
    head = households.head[shared]
    before[shared], after[shared], second[shared] = before[head], after[head], None
    changed_at[shared] = changed_at[head]
    return (before, after), second, changed_at


def _draw_cards(dice: Dice, households: Households, serial: Whole) -> tuple[Texts, Texts]:
    count = len(serial)
    every = np.ones(count, dtype=bool)
    first = issue_tokens("tok_", serial * 2, 16, every)
    second = issue_tokens("tok_", serial * 2 + 1, 16, dice.happens("second_card", count))
    couple = np.isin(households.kind, (COUPLE, FAMILY)) & (households.place == 1)
    shared = couple & dice.happens("shares_card", count)
    first[shared] = first[households.head[shared]]
    return first, where(absent(second), first, second)


def _draw_standing(dice: Dice, count: int) -> tuple[Whole, Flags]:
    kind = dice.random.random(count)
    registers = kind < dice.rates["registered"]
    follower = kind >= 1 - dice.rates["follower_only"]
    # Most were customers before the two years began or came early in them.
    at = START + (dice.random.beta(0.35, 2.2, count) * (END - START)).astype(np.int64)
    return np.where(registers, at, NEVER), follower


def as_of(column: tuple[Texts, Texts], changed_at: Whole, who: Whole, at: Whole) -> Texts:
    """For each writing by `who` at `at`, the value that was true then."""
    return where(at >= changed_at[who], column[1][who], column[0][who])


def birth_texts(born: Whole) -> Texts:
    """The dates of birth as YYYY-MM-DD."""
    return texts(np.datetime_as_string(born.astype("datetime64[D]")).tolist())
