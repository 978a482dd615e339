"""Orders: signed in, as a guest or at a till; copied from the registration or typed afresh."""

from dataclasses import dataclass

import numpy as np

from sources.sample.cards import give, write_cards
from sources.sample.dice import Dice, Flags, Reals, Texts, Whole, absent, present, texts, where
from sources.sample.homes import write_addresses
from sources.sample.households import END, START
from sources.sample.people import LAPSED, ONE_OFF, REGULAR, VIP, People
from sources.sample.registrations import Registered
from sources.sample.rows import Rows, by_time, iso, number_keys
from sources.sample.words import catalogue

_MEAN_ORDERS = {ONE_OFF: 1.0, REGULAR: 4.0, LAPSED: 3.2, VIP: 13.0}
_RATES_TO_CNY = {"CN": 1.0, "US": 7.2, "GB": 9.2}
_CURRENCY = {"CN": "CNY", "US": "USD", "GB": "GBP"}


@dataclass
class Orders:
    """The block's orders and what feedback needs of them, one position an order."""

    rows: Rows
    who: Whole
    signed_in: Flags
    contentment: Reals


def make_transactions(dice: Dice, people: People, registered: Registered, block: int) -> Orders:
    """The block's orders in order of time."""
    who, at = _draw_orders(dice, people)
    order = by_time(at)
    who, at = who[order], at[order]
    count = len(who)
    known = (registered.first[who] >= 0) & (at >= people.registered_at[who])
    store = dice.happens("store_order", count)
    signed_in = known & ~store & ~dice.happens("guest_checkout", count)
    columns: dict[str, Texts] = {
        "transaction_id": number_keys("T", block, count),
        "ordered_at": iso(at),
        "registration_id": np.full(count, None, dtype=object),
        "loyalty_id": give(dice, where(known, people.loyalty[who], None), 0.8),
    }
    columns |= _type_buyers(dice, people, who, at, store)
    _copy_buyers(dice, columns, registered, (who, at, signed_in))
    card = where(dice.share(0.75, count), people.cards[0][who], people.cards[1][who])
    columns["payment_token"] = give(dice, card, 0.85)
    _send_gifts(dice, people, columns, who)
    _fill_baskets(dice, people, columns, who)
    columns["channel"] = where(store, "store", dice.choose(["web", "app"], count))
    contentment = np.clip(people.content[who] + dice.random.normal(0, 0.15, count), 0, 1)
    columns["status"] = _statuses(dice, contentment)
    ordered = {name: columns[name] for name in _FIELDS}
    rows = Rows("transaction", "transaction_id", "ordered_at", ordered, at, people.number[who])
    return Orders(rows, who, signed_in, contentment)


_FIELDS = (
    "transaction_id", "ordered_at", "registration_id", "loyalty_id", "buyer_name", "buyer_email",
    "buyer_phone", "payment_token", "ship_address_line", "ship_city", "ship_region",
    "ship_postcode", "ship_country", "product_id", "product_category", "quantity", "amount",
    "currency", "status", "channel",
)  # fmt: skip


def _draw_orders(dice: Dice, people: People) -> tuple[Whole, Whole]:
    """Who ordered when: single buyers, regulars, some who stopped half way, and the best."""
    mean = np.array([_MEAN_ORDERS[kind] for kind in range(4)])[people.custom]
    number = np.where(people.custom == ONE_OFF, 1, 1 + dice.random.poisson(mean - 1 + 1e-9))
    who = np.repeat(np.arange(len(number)), np.where(people.follower, 0, number))
    span = np.where(people.custom[who] == LAPSED, 0.45, 1.0)
    at = START + (dice.random.random(len(who)) * span * (END - START)).astype(np.int64)
    return who.astype(np.int64), at


def _type_buyers(
    dice: Dice, people: People, who: Whole, at: Whole, store: Flags
) -> dict[str, Texts]:
    """What guests type, and what a till asks: there only the phone, sometimes a name."""
    cards = write_cards(dice, people, who, at)
    till = store & dice.share(0.6, len(who))
    mail = give(dice, cards.email, np.where(people.chinese[who], 0.55, 0.92))
    phone = where(
        absent(mail),
        cards.phone,
        give(dice, cards.phone, np.where(people.chinese[who], 0.97, 0.65)),
    )
    address = {f"ship_{'address_line' if name == 'line' else name}": column
               for name, column in vars(cards.address).items()}  # fmt: skip
    return {
        "buyer_name": where(till, None, cards.names.full),
        "buyer_email": where(store, None, mail),
        "buyer_phone": where(store, cards.phone, phone),
    } | {name: where(store, None, column) for name, column in address.items()}


def _copy_buyers(
    dice: Dice, columns: dict[str, Texts], registered: Registered, of: tuple[Whole, Whole, Flags]
) -> None:
    """Put what the registration says in place of what was typed, for those signed in."""
    who, at, signed_in = of
    version = registered.as_of(who, at)
    source = registered.rows.columns
    name = texts(
        [
            full or _join(given, family)
            for full, given, family in zip(
                source["full_name"], source["given_name"], source["family_name"], strict=True
            )
        ]
    )
    copied = {"buyer_name": name, "buyer_email": source["email"], "buyer_phone": source["phone"]}
    columns["registration_id"] = where(signed_in, source["registration_id"][version], None)
    for field, values in copied.items():
        columns[field] = where(signed_in, values[version], columns[field])
    has_home = signed_in & (present(source["address_line"][version]))
    has_home &= dice.share(0.9, len(who))
    for field in ("address_line", "city", "region", "postcode", "country"):
        values = source[field][version]
        columns[f"ship_{field}"] = where(has_home, values, columns[f"ship_{field}"])


def _join(given: str | None, family: str | None) -> str | None:
    """The name in one piece, Han without a space and family name first."""
    if given and family:
        han = family[0] > "\u2fff" and not family[0] > "\uff00"
        return f"{family}{given}" if han else f"{given} {family}"
    return given or family


def _send_gifts(dice: Dice, people: People, columns: dict[str, Texts], who: Whole) -> None:
    count = len(who)
    gift = np.flatnonzero(dice.happens("gift", count) & (present(columns["ship_address_line"])))
    receiver = dice.random.integers(0, len(people.number), len(gift))
    homes = people.homes.take(people.home[receiver])
    abroad = ~people.chinese[receiver] | people.abroad[receiver]
    for name, column in vars(write_addresses(dice, homes, abroad)).items():
        columns["ship_address_line" if name == "line" else f"ship_{name}"][gift] = column


def _fill_baskets(dice: Dice, people: People, columns: dict[str, Texts], who: Whole) -> None:
    count = len(who)
    goods = catalogue()["categories"]
    category = dice.choose(list(goods), count)
    item = dice.between(1, 60, count)
    quantity = np.minimum(1 + dice.random.geometric(0.7, count) - 1, 12)
    base = np.array([goods[name]["price"] for name in category], dtype=np.float64)
    price = base * (0.3 + item / 40) * np.where(people.custom[who] == VIP, 1.6, 1.0)
    rate = np.array([_RATES_TO_CNY[code] for code in people.country[who]])
    spread = dice.random.lognormal(0, 0.15, count)
    amount = np.round(price * quantity * spread / rate, 2)
    columns["product_id"] = texts(
        [f"{name[:3].upper()}-{number:03d}" for name, number in zip(category, item, strict=True)]
    )
    columns["product_category"] = category
    columns["quantity"] = texts([str(number) for number in quantity.tolist()])
    columns["amount"] = texts([f"{number:.2f}" for number in amount.tolist()])
    columns["currency"] = texts([_CURRENCY[code] for code in people.country[who]])


def _statuses(dice: Dice, contentment: Reals) -> Texts:
    """The discontent send back twice as much as the content."""
    count = len(contentment)
    refunded = dice.share(dice.rates["refunded"] * (1.7 - contentment), count)
    cancelled = dice.happens("cancelled", count)
    return where(cancelled, "cancelled", where(refunded, "refunded", "paid"))
