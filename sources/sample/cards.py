"""A contact card: what one person typed into one form at one moment, errors included."""

from dataclasses import dataclass

import numpy as np

from sources.sample import slips
from sources.sample.contacts import write_mails, write_phones
from sources.sample.dice import Dice, Flags, Reals, Texts, Whole, present, texts, where
from sources.sample.homes import WrittenAddresses, write_addresses
from sources.sample.names import HAN, LATIN, TRADITIONAL, Names, WrittenNames, write_names
from sources.sample.people import People, as_of, birth_texts
from sources.sample.words import catalogue


@dataclass
class Cards:
    """Cards, one position a card."""

    names: WrittenNames
    email: Texts
    phone: Texts
    address: WrittenAddresses


def write_cards(dice: Dice, people: People, who: Whole, at: Whole) -> Cards:
    """A card for each position of `who`, true as of the times `at` but for slips of typing."""
    names = names_as_of(people, who, at)
    script = choose_scripts(dice, people, who)
    email = as_of(people.email, people.email_changed_at, who, at)
    other = people.second_email[who]
    use_other = present(other) & dice.share(0.25, len(who))
    phone = as_of(people.phone, people.phone_changed_at, who, at)
    latin = (script == LATIN) & dice.share(0.5, len(who))
    return Cards(
        names=write_names(dice, names, script),
        email=write_mails(dice, where(use_other, other, email)),
        phone=write_phones(dice, phone, people.country[who]),
        address=write_home(dice, people, who, at, latin),
    )


def names_as_of(people: People, who: Whole, at: Whole) -> Names:
    """The names these people bore at these times."""
    renamed = at >= people.renamed_at[who]
    before, after = vars(people.names), vars(people.names_later)
    return Names(**{part: where(renamed, after[part][who], before[part][who]) for part in before})


def choose_scripts(dice: Dice, people: People, who: Whole) -> Whole:
    """How each of them writes the name this time: HAN, TRADITIONAL or LATIN."""
    count = len(who)
    pinyin = dice.happens("writes_pinyin", count) | people.abroad[who]
    traditional = dice.happens("writes_traditional", count)
    latin = ~people.chinese[who] | pinyin
    return np.where(latin, LATIN, np.where(traditional, TRADITIONAL, HAN)).astype(np.int64)


def write_home(dice: Dice, people: People, who: Whole, at: Whole, latin: Flags) -> WrittenAddresses:
    """The addresses at which these people lived at these times, as typed."""
    moved = at >= people.moved_at[who]
    home = np.where(moved, people.home_later[who], people.home[who])
    return write_addresses(dice, people.homes.take(home), latin)


def write_births(dice: Dice, people: People, who: Whole) -> Texts:
    """The dates of birth as typed: several forms, some slips; none is left out."""
    dates = birth_texts(people.born[who])
    dice.spoil(dates, "birth_swapped", lambda text, _: _swap_day_and_month(text))
    dice.spoil(dates, "birth_digit", slips.wrong_digit)
    country = people.country[who]
    style = dice.between(0, 9, len(who))
    written = texts(
        [_birth(date, code, form) for date, code, form in zip(dates, country, style, strict=True)]
    )
    junk = catalogue()["junk"]["births"]
    dice.spoil(written, "birth_junk", lambda _, draw: str(junk[int(draw[0] * len(junk))]))
    return written


def _swap_day_and_month(date: str) -> str:
    year, month, day = date.split("-")
    return f"{year}-{day}-{month}" if int(day) <= 12 else date


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _birth(date: str, country: str, form: int) -> str:
    year, month, day = date.split("-")
    if form < 5:
        return date
    if country == "CN":
        forms = (
            f"{year}/{month}/{day}",
            f"{year}年{int(month)}月{int(day)}日",
            f"{year}{month}{day}",
        )
        return forms[form % 3]
    if form == 9 and 1 <= int(month) <= 12:
        return f"{int(day)} {_MONTHS[int(month) - 1]} {year}"
    return f"{month}/{day}/{year}" if country == "US" else f"{day}/{month}/{year}"


def give(dice: Dice, column: Texts, share: float | Reals) -> Texts:
    """The column with each value kept with probability `share`, else None."""
    return where(dice.share(share, len(column)), column, None)
