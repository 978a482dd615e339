"""What `oneid init` proposes to compare can be compared, every kind of it."""

from datetime import UTC, datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest

from core.project import Project
from pipelines.cli.draft_model import person_model, thing_model
from pipelines.cli.headings import vocabulary
from pipelines.cli.init import propose_specs
from resolution.comparisons.levels import LevelSet
from resolution.matching.full import compile_comparisons
from resolution.model import CustomerModel, extended, load_model
from resolution.records.making import build_records
from sources.ingest import ingest
from sources.landed import LandedStore, landed_path
from sources.spec import load_specs

NOW = datetime(2026, 7, 1, tzinfo=UTC)
GIVEN = ("Ann", "Bo", "Cy", "Dag", "Eva", "Finn", "Gus", "Hal", "Ida", "Jo")
FAMILY = ("Roe", "Lindt", "Moe", "Vries")
DEFAULTS = {"phone": "+44113497{0:04}", "email": "e{0}@x.org", "city": "Leeds", "pesel": "N{0}77"}
NUMBERED = {"identifier": "K{0}1234{0}", "phone": "+44113496{0:04}", "email": "k{0}@x.org"}


EXTRAS = tuple(vocabulary()["extras"])


def people(copies: int) -> pl.DataFrame:
    """Forty people, each with a value in a column for every extra, `copies` times."""
    columns: dict[str, list[str]] = {"id": [], "first_name": [], "last_name": []}
    for copy in range(copies):
        for n in range(40):
            columns["id"].append(f"{n}-{copy}")
            columns["first_name"].append(GIVEN[n % 10])
            columns["last_name"].append(FAMILY[n // 10])
            for name in EXTRAS:
                extra = vocabulary()["extras"][name]
                text = f"{GIVEN[n // 4]} {FAMILY[n % 4]}"
                written = str(20 + n) if extra.get("kind") == "number" else text
                form = NUMBERED.get(extra.get("kind", ""), written)
                columns.setdefault(name, []).append(form.format(n))
            for name, form in DEFAULTS.items():
                columns.setdefault(name, []).append(form.format(n))
    return pl.DataFrame(columns)


def test_every_extra_is_compared_and_blocked_by_columns_that_records_have(tmp_path: Path) -> None:
    folder = tmp_path / "landing" / "crm"
    folder.mkdir(parents=True)
    people(2).write_csv(folder / "a.csv")
    propose_specs(tmp_path)
    project = Project(tmp_path)
    model, specs = load_model(project), load_specs(project)
    assert set(EXTRAS) <= set(model.comparisons)
    ingest(project, specs, NOW)
    with LandedStore(landed_path(project), read_only=True) as store:
        records = build_records(store, specs, model)[0].records
    used = {column.removeprefix("list:") for rule in model.blocking.values() for column in rule}
    assert {column for column in used if column not in records.columns} == set()
    comparisons = [
        each for each in compile_comparisons(model, records.columns) if each.name in EXTRAS
    ]
    assert agreements(records, comparisons, "7-1") == dict.fromkeys(EXTRAS, True)
    assert agreements(records, comparisons, "20-1") == dict.fromkeys(EXTRAS, False)


def agreements(records: pl.DataFrame, comparisons: list[LevelSet], subject: str) -> dict[str, bool]:
    """Comparison -> whether some level of agreement holds between record 7-0 and the subject."""
    agree = [
        " OR ".join(
            f"coalesce({level.condition.sql()}, false)"
            for level in each.levels[:-1]
            if not level.conflict
        )
        for each in comparisons
    ]
    picked = zip("lr", ("7-0", subject), strict=True)
    left, right = (
        records.filter(pl.col("subject") == each).select(pl.all().name.suffix(f"_{side}"))
        for side, each in picked
    )
    with duckdb.connect() as connection:
        connection.register("pair", pl.concat([left, right], how="horizontal"))
        found = connection.execute(f"SELECT {', '.join(agree)} FROM pair").fetchall()[0]
    return dict(zip([each.name for each in comparisons], found, strict=True))


def test_default_attributes_alone_need_no_model() -> None:
    assert person_model(["full_name", "email", "city"]) is None


def test_model_of_people_holds_only_what_the_default_lacks() -> None:
    model = person_model(["full_name", "birth_place"])
    assert model is not None
    assert model["extends"] == "default"
    assert set(model["comparisons"]) == {"birth_place"}


@pytest.mark.parametrize(
    "attributes",
    [
        ["name", "phone", "email", "address_line", "city", "postcode", "country", "type"],
        ["title", "authors", "venue", "year", "doi"],
        ["name", "brand", "model", "price", "product_code", "website"],
        ["title"],
    ],
)
def test_model_of_things_is_whole(attributes: list[str]) -> None:
    model = CustomerModel(**thing_model(attributes))
    told = {name for item in model.standardise.values() for name in item.attributes.values()}
    assert told == set(attributes)
    assert {name for item in model.survivorship.values() for name in item.attributes} == told


def test_the_proposed_model_is_the_same_whatever_the_order_of_columns() -> None:
    one, two = person_model(["alias", "tax_id"]), person_model(["tax_id", "alias"])
    assert one == two
    assert extended({"guards": []}, one or {})["extends"] == "default"
