"""Restaurants in two guides: no persons, no code, a model of their own; to a release."""

import random
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from running import Made, oneid

pytestmark = pytest.mark.slow  # one whole run of the pipeline

BOTH, ALONE = 20, 10
FIRST = ("Blue", "Copper", "Golden", "Velvet", "Rusty", "Quiet", "Crooked", "Sunny")
SECOND = ("Anchor", "Lantern", "Pigeon", "Orchard", "Kettle", "Saddle", "Thistle", "Magpie")
STREETS = ("Mill", "Station", "Church", "Bridge", "Garden", "Market", "Castle", "Abbey", "Quarry")
TOWNS = ("Leeds", "York", "Durham")
CUISINES = ("Italian", "Fish", "Vegetarian", "Thai")

GUIDE = """
kind: profile
key: {key}
country: GB
fields:
  {key}: {{required: true}}
  {name}: {{}}
  street: {{}}
  town: {{}}
  telephone: {{}}
  {cuisine}: {{}}
identity:
  restaurant: {name}
  address_line: street
  city: town
  phone: telephone
  cuisine: {cuisine}
"""

MODEL = """
entity: restaurant
standardise:
  name: {kind: text, attributes: {text: restaurant}}
  phone: {kind: phone, attributes: {phone: phone, country: country}}
  address: {kind: address, attributes: {line: address_line, city: city}}
  cuisine: {kind: text, attributes: {text: cuisine}}
comparisons:
  name: {kind: text, of: name}
  phone: {kind: phone, of: phone}
  address: {kind: address, of: address}
blocking:
  name: [name_key]
  phone: ["list:phone"]
  address: [address_key, address_city_key]
thresholds: {link: 0.85, clerical: 0.3}
survivorship:
  restaurant: {attributes: restaurant, rules: [source_priority]}
  phone: {attributes: phone, rules: [verified_first, most_frequent]}
  address: {attributes: [address_line, city], rules: [most_complete]}
  cuisine: {attributes: cuisine, rules: [source_priority]}
source_priority: [eatwell, tablebook]
"""


def restaurants() -> Iterator[list[str]]:
    """Name, street, town, telephone and cuisine of as many restaurants as there are."""
    dice = random.Random(5)
    names = dice.sample([(one, other) for one in FIRST for other in SECOND], BOTH + 2 * ALONE)
    for place, (one, other) in enumerate(names):
        street = f"{3 + 7 * place} {STREETS[place % len(STREETS)]} Street"
        phone = f"0113 496 0{place * 13 % 1000:03}"
        yield [f"The {one} {other}", street, dice.choice(TOWNS), phone, dice.choice(CUISINES)]


def as_other_guide_writes(row: list[str], place: int) -> list[str]:
    """The same restaurant, written otherwise; one in four has moved its telephone."""
    name, street, town, phone, cuisine = row
    moved = f"+44 113 497 1{place:03}" if place % 4 == 0 else f"+44 {phone[1:]}"
    return [name.upper(), street.replace("Street", "St."), town.upper(), moved, cuisine.lower()]


def write_guide(root: Path, guide: str, headings: str, rows: list[list[str]]) -> None:
    folder = root / "landing" / guide
    folder.mkdir(parents=True)
    lines = [f"{guide}-{place}," + ",".join(row) for place, row in enumerate(rows)]
    (folder / "list.csv").write_text("\n".join([headings, *lines, ""]), encoding="utf-8")


@pytest.fixture(scope="module")
def guides(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Two guides that share the first BOTH restaurants, each with ALONE of its own; after a run."""
    root = tmp_path_factory.mktemp("guides")
    (root / "sources").mkdir()
    keys = {"key": "id", "name": "name", "cuisine": "kind_of_food"}
    (root / "sources/eatwell.yml").write_text(GUIDE.format(**keys), encoding="utf-8")
    keys = {"key": "number", "name": "title", "cuisine": "cuisine"}
    (root / "sources/tablebook.yml").write_text(GUIDE.format(**keys), encoding="utf-8")
    (root / "customer.yml").write_text(MODEL, encoding="utf-8")
    rows = list(restaurants())
    write_guide(root, "eatwell", "id,name,street,town,telephone,kind_of_food", rows[: BOTH + ALONE])
    others = [as_other_guide_writes(row, place) for place, row in enumerate(rows)]
    others = others[:BOTH] + others[BOTH + ALONE :]
    write_guide(root, "tablebook", "number,title,street,town,telephone,cuisine", others)
    return Made(root, oneid("run", "--project", str(root)))


def asked(guides: Made, query: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(guides.root / "var/current.duckdb"), read_only=True) as con:
        rows: list[tuple[object, ...]] = con.execute(query).fetchall()
    return rows


def test_a_project_of_restaurants_is_published_without_a_warning(guides: Made) -> None:
    assert guides.run.code == 0, guides.run.err
    assert "warning" not in guides.run.out


def test_restaurants_of_both_guides_are_merged_and_no_others(guides: Made) -> None:
    rows = asked(
        guides,
        "SELECT split_part(a.source_record_id, '-', 2), split_part(b.source_record_id, '-', 2) "
        "FROM identity.crosswalk a JOIN identity.crosswalk b USING (entity_id) "
        "WHERE a.source = 'eatwell' AND b.source = 'tablebook'",
    )
    assert all(one == other for one, other in rows)
    # sixty rows teach little: those that moved their telephone as well may be left in doubt
    assert BOTH * 3 // 4 <= len(rows) <= BOTH
    entities = asked(guides, "SELECT count(*) FROM golden.customers")
    assert entities == [(2 * (BOTH + ALONE) - len(rows),)]


def test_golden_table_holds_the_models_own_attributes(guides: Made) -> None:
    found = asked(
        guides,
        "SELECT restaurant, cuisine, phone, city, record_count FROM golden.customers "
        "JOIN identity.crosswalk USING (entity_id) WHERE source_record_id = 'eatwell-1'",
    )
    name, _, town, phone, cuisine = list(restaurants())[1]
    assert found == [(name, cuisine, "+44" + phone.replace(" ", "")[1:], town, 2)]


def test_own_attributes_have_their_provenance_and_comment(guides: Made) -> None:
    rules = asked(
        guides,
        "SELECT DISTINCT source, rule FROM golden.provenance "
        "JOIN golden.customers USING (entity_id) WHERE attribute = 'cuisine' AND record_count = 2",
    )
    assert rules == [("eatwell", "source_priority")]
    comment = asked(
        guides,
        "SELECT comment IS NOT NULL FROM duckdb_columns() "
        "WHERE schema_name = 'golden' AND column_name = 'cuisine'",
    )
    assert comment == [(True,)]
