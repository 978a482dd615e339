"""Marts built on a candidate that holds marts already: those of a copied release."""

from pathlib import Path
from typing import Any

import pytest

from warehouse.connection import open_candidate
from warehouse.mart_build import MARTS, build_marts
from warehouse.mart_settings import OWN_SETTINGS, MartSettings, load_settings

SETTINGS = load_settings(OWN_SETTINGS)


@pytest.fixture
def content(ask: Any) -> Any:
    """Every row of every mart, in order of its values."""

    def rows(built: Path) -> dict[str, list[tuple[Any, ...]]]:
        return {mart: ask(built, f"FROM marts.{mart} ORDER BY ALL") for mart in MARTS}

    return rows


@pytest.fixture
def built(shop: Any) -> Path:
    """Three customers, of whom two share a surname, and each has ordered and said something."""
    for number, name in enumerate(("Ann Wood", "Bob Wood", "Cid Moss")):
        entity = f"C-{number}"
        given, family = name.split()
        row = shop.knows(
            entity, "registration", registration_id=f"r{number}", registered_at="2025-01-01",
            full_name=name, given_name=given, family_name=family,
        )  # fmt: skip
        home = "leeds, 1 elm street" if number != 1 else "leeds, 9 oak street"
        shop.frames["values"].append(
            [row, row, "home_key", home, home, "registration", f"r{number}",
             "2025-01-01 00:00:00+00", "2025-01-01 00:00:00+00", 1, True, None]
        )  # fmt: skip
        shop.knows(entity, "transaction", transaction_id=f"t{number}", ordered_at="2026-01-01",
                   quantity=1, amount=10 + number, currency="USD", status="paid")  # fmt: skip
        shop.knows(entity, "feedback", feedback_id=f"f{number}", submitted_at="2026-01-02",
                   channel="survey", rating=number + 1)  # fmt: skip
    return Path(shop.build())


def built_again(
    shop: Any,
    built: Path,
    changes: tuple[str, ...],
    touched: str,
    settings: MartSettings = SETTINGS,
) -> Path:
    """The candidate changed by hand, and its marts built again with these entities as touched."""
    with open_candidate(built) as con:
        for change in changes:
            con.execute(change)
        con.execute(
            f"CREATE TABLE work.touched AS SELECT unnest({touched}::VARCHAR[]) AS entity_id"
        )
        build_marts(con, shop.specs, settings, touched="work.touched")
    return built


def built_whole(shop: Any, built: Path, settings: MartSettings = SETTINGS) -> Path:
    with open_candidate(built) as con:
        build_marts(con, shop.specs, settings)
    return built


def test_building_twice_gives_the_same_content(shop: Any, built: Path, content: Any) -> None:
    first = content(built)
    assert all(first[mart] for mart in MARTS if mart != "households")
    assert content(built_whole(shop, built)) == first
    assert content(built_again(shop, built, (), [])) == first


CHANGES = {
    "an order of a customer": (
        ("INSERT INTO facts.transactions BY NAME SELECT * REPLACE (50 AS amount, "
         "'t9' AS transaction_id, '2026-03-01'::TIMESTAMP AS ordered_at) "
         "FROM facts.transactions WHERE entity_id = 'C-2'",),
        ["C-2"],
    ),
    "a move that makes a household, of which one member is touched": (
        ("UPDATE golden.customers SET home_key = 'leeds, 1 elm street' WHERE entity_id = 'C-1'",),
        ["C-1"],
    ),
    "a customer who was merged into another": (
        ("DELETE FROM golden.customers WHERE entity_id = 'C-2'",
         "UPDATE facts.transactions SET entity_id = 'C-0' WHERE entity_id = 'C-2'",
         "UPDATE facts.feedback SET entity_id = 'C-0' WHERE entity_id = 'C-2'"),
        ["C-0", "C-2"],
    ),
    "a customer who is new": (
        ("INSERT INTO golden.customers SELECT * REPLACE ('C-3' AS entity_id) "
         "FROM golden.customers WHERE entity_id = 'C-2'",),
        ["C-3"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_touched_rows_renewed_are_all_rows_made_anew(
    shop: Any, built: Path, content: Any, what: str
) -> None:
    before = content(built)
    changes, touched = CHANGES[what]
    renewed = content(built_again(shop, built, changes, touched))
    assert renewed != before
    assert content(built_whole(shop, built)) == renewed


def test_rows_that_nobody_touched_are_left_alone(shop: Any, built: Path, ask: Any) -> None:
    mark = "UPDATE marts.customer_360 SET visits = 77"
    again = built_again(shop, built, (mark,), ["C-1"])
    assert ask(again, "SELECT visits FROM marts.customer_360 ORDER BY entity_id") == [
        (77,), (0,), (77,)
    ]  # fmt: skip


def test_other_cut_offs_renew_every_row(shop: Any, built: Path, ask: Any) -> None:
    rates = SETTINGS.currency.model_copy(update={"rates": {"USD": 2.0}})
    other = SETTINGS.model_copy(update={"currency": rates})
    again = built_again(shop, built, (), [], settings=other)
    revenue = ask(again, "SELECT revenue::INT FROM marts.customer_360 ORDER BY entity_id")
    assert revenue == [(20,), (22,), (24,)]
