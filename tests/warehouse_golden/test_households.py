"""Who belongs to whose household, on a few customers each."""

from itertools import count, pairwise
from string import ascii_lowercase
from typing import Any

import polars as pl
import pytest

from resolution.standardise.names import standardise_names
from warehouse.mart_settings import OWN_SETTINGS

NUMBERS = count()
ELM, OAK = "leeds, 1 elm street", "leeds, 9 oak street"


@pytest.fixture
def lives(shop: Any) -> Any:
    """Adds a customer, of age in the order of calls: a name as written, a home_key, phones."""

    def add(entity: str, name: str, home: str | None = None, *phones: str) -> None:
        written = pl.DataFrame({"full": [name], "given": [None], "family": [None]})
        read = standardise_names(written.cast(pl.String)).row(0, named=True)
        row = shop.knows(
            entity, "registration", registration_id=entity, registered_at="2025-01-01",
            full_name=read["full"], given_name=read["given"], family_name=read["family"],
        )  # fmt: skip
        found = [("name_latin", read["latin"]), ("home_key", home)]
        found += [("phone", number) for number in phones]
        for attribute, value in found:
            if value:
                observation = next(NUMBERS) + 1000 if attribute == "phone" else row
                at = "2025-01-01 00:00:00+00"
                shop.frames["values"].append(
                    [row, observation, attribute, value, value, "registration", entity, at, at, 1,
                     True, None]
                )  # fmt: skip
        events = shop.frames["events"]
        events.append([len(events) + 1, at, "r", "created", entity, None, "first"])

    return add


@pytest.fixture
def households(shop: Any, ask: Any) -> Any:
    """Builds, and gives each household's members, oldest first, by its id."""

    def built() -> dict[str, list[str]]:
        found: dict[str, list[str]] = {}
        for household, entity in ask(
            shop.build(), "SELECT household_id, entity_id FROM marts.households"
        ):
            found.setdefault(household, []).append(entity)
        return found

    return built


def test_an_address_and_a_surname_make_a_household(lives: Any, households: Any) -> None:
    lives("C-2", "Ann Wood", ELM)
    lives("C-1", "Bob Wood", ELM)
    lives("C-3", "Cid Moss", ELM)
    lives("C-4", "Dan Wood", OAK)
    assert households() == {"H-2": ["C-2", "C-1"]}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("张伟", "Zhang Na"),
        ("张伟", "ZHANG, Na"),
        ("張偉", "David 张"),
        ("欧阳娜", "Ouyang Xiu"),
        ("单雄", "Shan Na"),
        ("吕布", "Lü Na"),
        ("Lyu Bu", "吕娜"),
        ("José García", "Ana GARCIA"),
        ("Ann O'Brien", "Bob OBrien"),
    ],
)
def test_surnames_meet_in_any_script(lives: Any, households: Any, one: str, other: str) -> None:
    lives("C-1", one, ELM)
    lives("C-2", other, ELM)
    assert households() == {"H-1": ["C-1", "C-2"]}


def test_a_phone_joins_a_couple_of_two_surnames(lives: Any, households: Any, ask: Any) -> None:
    lives("C-1", "Ann Wood", ELM, "+1")
    lives("C-2", "Bob Wood", ELM)
    lives("C-3", "Cid Moss", None, "+1")
    assert households() == {"H-1": ["C-1", "C-2", "C-3"]}


def test_what_is_shared_is_said_of_each_member(lives: Any, shop: Any, ask: Any) -> None:
    lives("C-1", "Ann Wood", ELM, "+1")
    lives("C-2", "Bob Wood", ELM)
    lives("C-3", "Cid Moss", None, "+1")
    rows = ask(shop.build(), "SELECT entity_id, shares, members FROM marts.households")
    assert rows == [("C-1", "both", 3), ("C-2", "address_and_surname", 3), ("C-3", "phone", 3)]


def test_a_number_given_to_somebody_else_joins_nobody(lives: Any, households: Any) -> None:
    lives("C-1", "Ann Wood", ELM, "+1")
    lives("C-2", "Cid Moss", OAK, "+1")
    assert households() == {}


def test_homes_are_not_joined_by_a_phone(lives: Any, households: Any) -> None:
    lives("C-1", "Ann Wood", ELM, "+1")
    lives("C-2", "Bob Wood", ELM)
    lives("C-3", "Cid Wood", OAK, "+1")
    lives("C-4", "Dan Wood", OAK)
    assert households() == {"H-1": ["C-1", "C-2"], "H-3": ["C-3", "C-4"]}


def test_a_chain_of_phones_joins_no_strangers(lives: Any, households: Any) -> None:
    people = [f"C-{place}" for place in (4, 1, 5, 2, 6, 3, 7)]
    calls = {person: [f"+{left}{right}" for left, right in pairwise(people)
                      if person in (left, right)] for person in people}  # fmt: skip
    for person in sorted(people):
        lives(person, f"Ann Wood{ascii_lowercase[int(person[-1])]}", None, *calls[person])
    found = households()
    assert found
    for members in found.values():
        assert any(
            all(set(calls[hub]) & set(calls[other]) for other in members) for hub in members
        ), members


def test_the_household_keeps_its_id_when_it_grows(lives: Any, households: Any, shop: Any) -> None:
    lives("C-9", "Ann Wood", ELM)
    lives("C-5", "Bob Wood", ELM)
    before = households()
    lives("C-1", "Cid Wood", ELM)
    assert households() == {"H-9": ["C-9", "C-5", "C-1"]}
    assert before.keys() == {"H-9"}


def test_a_dormitory_or_a_hotline_makes_no_household(lives: Any, households: Any) -> None:
    for number in range(10):
        lives(f"C-A{number}", f"Ann Moss{ascii_lowercase[number]}", ELM)
    lives("C-B1", "Bob Wood", ELM)
    lives("C-B2", "Cid Wood", ELM)
    for number in range(6):
        lives(f"C-D{number}", f"Dan Hill{ascii_lowercase[number]}", None, "+1")
    assert households() == {}


def test_a_family_of_the_largest_size_is_one(lives: Any, households: Any) -> None:
    for number in range(10):
        lives(f"C-{number}", f"Ann{ascii_lowercase[number]} Wood", ELM, *["+1"] * (number == 0))
    lives("C-X", "Bob Moss", None, "+1")
    assert households() == {"H-0": [f"C-{number}" for number in range(10)]}


def test_the_bounds_are_settings(lives: Any, households: Any, shop: Any) -> None:
    text = OWN_SETTINGS.read_text(encoding="utf-8")
    text = text.replace("members_maximum: 10", "members_maximum: 2")
    (shop.project.root / "marts.yml").write_text(text, encoding="utf-8")
    for number in range(3):
        lives(f"C-A{number}", f"Ann{ascii_lowercase[number]} Wood", ELM)
    for number in range(2):
        lives(f"C-B{number}", f"Bob{ascii_lowercase[number]} Wood", OAK)
    assert households() == {"H-B0": ["C-B0", "C-B1"]}


def test_settings_from_before_there_were_households_still_hold(
    lives: Any, households: Any, shop: Any
) -> None:
    text = OWN_SETTINGS.read_text(encoding="utf-8")
    (shop.project.root / "marts.yml").write_text(
        text[: text.index("households:")], encoding="utf-8"
    )
    lives("C-1", "Ann Wood", ELM)
    lives("C-2", "Bob Wood", ELM)
    assert households() == {"H-1": ["C-1", "C-2"]}


def test_what_has_no_persons_name_is_in_no_household(shop: Any, households: Any) -> None:
    for entity in ("C-1", "C-2"):
        shop.knows(entity, "registration", registration_id=entity, registered_at="2025-01-01",
                   phone="+1")  # fmt: skip
    assert households() == {}


def test_customer_360_says_the_household(lives: Any, shop: Any, ask: Any) -> None:
    lives("C-1", "Ann Wood", ELM)
    lives("C-2", "Bob Wood", ELM)
    lives("C-3", "Cid Moss", ELM)
    rows = ask(
        shop.build(), "SELECT entity_id, household_id, household_members FROM marts.customer_360"
    )
    assert rows == [("C-1", "H-1", 2), ("C-2", "H-1", 2), ("C-3", None, 1)]
