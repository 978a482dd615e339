"""Counts what makes a sample hard, for sample.json and for the tests."""

from collections import Counter

import numpy as np

from sources.sample.dice import present
from sources.sample.households import NEVER, PARENT, SIBLINGS
from sources.sample.people import People
from sources.sample.registrations import Registered
from sources.sample.rows import UNKNOWN, Rows
from sources.sample.transactions import Orders


def count_planted(
    people: People, registered: Registered, orders: Orders, sources: list[Rows]
) -> Counter[str]:
    """Number of customers, rows or visitors of one block that each difficulty concerns."""
    rows = {source.source: source for source in sources}
    return _of_people(people) + _of_rows(people, registered, orders, rows)


def _of_people(people: People) -> Counter[str]:
    households = people.households
    heads = households.place == 0
    counted: Counter[str] = Counter()
    for size in (2, 3, 4):
        counted[f"households_of_{size}"] = int((heads & (households.size == size)).sum())
    head = households.head
    member = ~heads
    counted["shared_phones"] = int((member & (people.phone[0] == people.phone[0][head])).sum())
    counted["shared_mailboxes"] = int((member & (people.email[0] == people.email[0][head])).sum())
    counted["shared_cards"] = int((member & (people.cards[0] == people.cards[0][head])).sum())
    counted["sons_named_after_father"] = int((people.names.suffix == "Jr").sum())
    counted["twins"] = int(
        (member & (people.born == people.born[head]) & (households.kind == SIBLINGS)).sum()
    )
    counted["parents_with_child"] = int((heads & (households.kind == PARENT)).sum())
    counted["chinese_names"] = int(people.chinese.sum())
    counted["chinese_abroad"] = int(people.abroad.sum())
    counted["moved"] = int((people.moved_at < NEVER).sum())
    counted["changed_phone"] = int((people.phone_changed_at < NEVER).sum())
    counted["changed_email"] = int((people.email_changed_at < NEVER).sum())
    counted["married_name"] = int((people.renamed_at < NEVER).sum())
    counted["followers_only"] = int(people.follower.sum())
    counted["never_registered"] = int((people.registered_at == NEVER).sum())
    return counted


def _of_rows(
    people: People, registered: Registered, orders: Orders, rows: dict[str, Rows]
) -> Counter[str]:
    counted: Counter[str] = Counter()
    firsts = int((registered.first >= 0).sum())
    versions = int((registered.newer >= 0).sum())
    counted["newer_registration_versions"] = versions
    counted["duplicate_registrations"] = len(registered.rows) - firsts - versions
    counted["orders_without_registration_id"] = int((~orders.signed_in).sum())
    web = rows["web_behaviour"]
    browser = web.columns["anonymous_id"].astype(str)
    _, first = np.unique(browser, return_index=True)
    signed = np.unique(browser[present(web.columns["registration_id"])])
    nobodys = web.owner[first] == UNKNOWN
    counted["visitors"] = len(first)
    counted["visitors_known"] = int((~nobodys).sum())
    counted["visitors_shared"] = int((nobodys & np.isin(browser[first], signed)).sum())
    social = rows["social"].columns
    shows = (present(social["email"])) | (present(social["phone"]))
    shows |= present(social["wechat_unionid"])
    accounts = social["account_id"].astype(str)
    counted["social_accounts"] = len(np.unique(accounts))
    counted["social_accounts_without_identifier"] = len(
        np.setdiff1d(np.unique(accounts), accounts[shows])
    )
    return counted
