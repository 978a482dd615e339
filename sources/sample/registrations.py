"""Registrations: who registered, who did so twice, and newer versions after a change of life."""

from dataclasses import dataclass

import numpy as np

from sources.sample.cards import Cards, give, names_as_of, write_births, write_cards, write_home
from sources.sample.contacts import write_mails, write_phones
from sources.sample.dice import Dice, Flags, Texts, Whole, absent, present, where
from sources.sample.households import DAY, END, NEVER
from sources.sample.people import People
from sources.sample.rows import Rows, by_time, iso, number_keys, stack


@dataclass
class Registered:
    """What other sources copy from registrations: positions of `rows`, one position a customer."""

    rows: Rows
    first: Whole
    """The customer's first registration; -1 without."""
    newer: Whole
    """Its newer version; -1 without."""
    newer_at: Whole
    """When the newer version began; NEVER without."""

    def as_of(self, who: Whole, at: Whole) -> Whole:
        """The position of the version that held when `who` did something at `at`."""
        return np.where(at >= self.newer_at[who], self.newer[who], self.first[who])


def make_registrations(dice: Dice, people: People, block: int) -> Registered:
    """The block's registrations: firsts, duplicates by one person, and newer versions."""
    who = np.flatnonzero(people.registered_at < NEVER)
    who = who[by_time(people.registered_at[who])]
    at = people.registered_at[who]
    again = who[dice.happens("duplicate_registration", len(who))]
    again_at = dice.random.integers(people.registered_at[again], END)
    everyone = np.concatenate([who, again])
    begun = np.concatenate([at, again_at])
    rows = _fresh(dice, people, everyone, begun)
    rows.columns["registration_id"][by_time(begun)] = number_keys("R", block, len(rows))
    newer, newer_at = _newer_versions(dice, people, rows.take(np.arange(len(who))), who)
    held = newer_at < NEVER
    first = np.full(len(people.number), -1, dtype=np.int64)
    first[who] = np.arange(len(who))
    second = np.full(len(people.number), -1, dtype=np.int64)
    second[who[held]] = len(rows) + np.arange(int(held.sum()))
    changed = np.full(len(people.number), NEVER, dtype=np.int64)
    changed[who] = newer_at
    return Registered(stack([rows, newer]), first, second, changed)


def _fresh(dice: Dice, people: People, who: Whole, at: Whole) -> Rows:
    count = len(who)
    cards = write_cards(dice, people, who, at)
    columns = _name_columns(dice, people, who, cards)
    chinese = people.chinese[who]
    rates = dice.rates
    mail_share = np.where(chinese, rates["registers_email"] / 1.5, rates["registers_email"])
    phone_share = np.where(chinese, 0.97, rates["registers_phone"] * 0.85)
    columns["email"] = give(dice, cards.email, mail_share)
    columns["phone"] = where(
        absent(columns["email"]),
        cards.phone,
        give(dice, cards.phone, phone_share),
    )
    columns["date_of_birth"] = give(dice, write_births(dice, people, who), rates["registers_birth"])
    columns["gender"] = give(dice, _genders(dice, people, who), 0.8)
    home = dice.happens("registers_address", count)
    address = vars(cards.address)
    for name in ("line", "city", "region", "postcode"):
        columns["address_line" if name == "line" else name] = where(home, address[name], None)
    columns["country"] = where(home | dice.share(0.6, count), address["country"], None)
    employed = dice.happens("registers_company", count)
    columns["company"] = where(employed, people.company[who], None)
    columns["job_title"] = where(employed, people.job[who], None)
    columns["loyalty_id"] = people.loyalty[who]
    columns["wechat_unionid"] = people.unionid[who]
    columns["marketing_consent"] = dice.choose(
        ["granted", "denied", "unknown"], count, [0.55, 0.3, 0.15]
    )
    columns["channel"] = dice.choose(["web", "app", "store"], count, [0.5, 0.35, 0.15])
    columns["registered_at"] = iso(at, zone="", between=" ")
    columns["updated_at"] = np.full(count, None, dtype=object)
    columns["registration_id"] = np.full(count, None, dtype=object)
    ordered = {name: columns[name] for name in _FIELDS}
    return Rows("registration", "registration_id", "registered_at", ordered, at, people.number[who])


_FIELDS = (
    "registration_id", "registered_at", "updated_at", "full_name", "given_name", "family_name",
    "gender", "date_of_birth", "email", "phone", "address_line", "city", "region", "postcode",
    "country", "company", "job_title", "loyalty_id", "wechat_unionid", "marketing_consent",
    "channel",
)  # fmt: skip


def _name_columns(dice: Dice, people: People, who: Whole, cards: Cards) -> dict[str, Texts]:
    """A form asks for the whole name, for its parts, or for both; junk is typed in one piece."""
    form = dice.random.random(len(who))
    chinese = people.chinese[who]
    whole = np.where(chinese, form < 0.75, form < 0.35)
    parts = ~whole | (form < 0.15)
    whole |= absent(cards.names.family)
    return {
        "full_name": where(whole, cards.names.full, None),
        "given_name": where(parts, cards.names.given, None),
        "family_name": where(parts, cards.names.family, None),
    }


def _genders(dice: Dice, people: People, who: Whole) -> Texts:
    spelt = dice.between(0, 9, len(who))
    chinese = people.chinese[who] & ~people.abroad[who] & (spelt < 5)
    male = people.male[who]
    word = where(male, "male", "female")
    word = where(spelt > 6, where(male, "M", "F"), word)
    return where(chinese, where(male, "男", "女"), word)


def _newer_versions(dice: Dice, people: People, rows: Rows, who: Whole) -> tuple[Rows, Whole]:
    """The newer versions, one a customer who has one, and when each of `who` got it or NEVER."""
    events = (
        people.moved_at[who],
        people.phone_changed_at[who],
        people.email_changed_at[who],
        people.renamed_at[who],
    )
    otherwise = dice.happens("updates_otherwise", len(who))
    chance = np.where(otherwise, dice.random.integers(rows.at, END), NEVER)
    latest = np.max([np.where(event < NEVER, event, 0) for event in events], axis=0)
    told = dice.share(0.75, len(who)) & (latest > rows.at)  # others never tell the firm
    at = np.where(told, latest + dice.between(0, 30 * DAY, len(who)), chance)
    at = np.where(at > END, NEVER, at)
    held = np.flatnonzero(at < NEVER)
    newer = rows.take(held)
    newer.sent = at[held]
    newer.columns["updated_at"] = iso(at[held], zone="", between=" ")
    _write_changes(dice, people, newer, who[held], at[held])
    return newer, at


def _write_changes(dice: Dice, people: People, newer: Rows, who: Whole, at: Whole) -> None:
    """Type anew, in place, what has changed since the row's first version; the rest stays."""
    columns = newer.columns

    def since(changed_at: Whole, field: str) -> Flags:
        changed = (changed_at[who] > newer.at) & (changed_at[who] <= at)
        return np.asarray(changed & present(columns[field]))

    phone = write_phones(dice, people.phone[1][who], people.country[who])
    columns["phone"] = where(since(people.phone_changed_at, "phone"), phone, columns["phone"])
    mail = write_mails(dice, people.email[1][who])
    columns["email"] = where(since(people.email_changed_at, "email"), mail, columns["email"])
    latin = ~people.chinese[who] | people.abroad[who]
    home = vars(write_home(dice, people, who, at, latin))
    moved = since(people.moved_at, "address_line")
    for name in ("line", "city", "region", "postcode", "country"):
        field = "address_line" if name == "line" else name
        columns[field] = where(moved, home[name], columns[field])
    family = names_as_of(people, who, at)
    renamed = since(people.renamed_at, "family_name")
    columns["family_name"] = where(renamed, family.family, columns["family_name"])
    whole = since(people.renamed_at, "full_name")
    columns["full_name"] = where(
        whole, family.given + np.full(len(who), " ", dtype=object) + family.family,
        columns["full_name"],
    )  # fmt: skip
    consent = dice.choose(["granted", "denied"], len(who))
    columns["marketing_consent"] = where(
        dice.share(0.4, len(who)), consent, columns["marketing_consent"]
    )
