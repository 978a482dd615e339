"""Who is erased is gone from every byte below var/, and nobody else is touched."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from publishing import asked, crosswalk, launch, opened, release_file
from resolving import Resolving, Shop

from core.errors import GateRefused, QueryError
from core.project import Project
from core.sql import quoted
from pipelines.cli.erase import erase
from pipelines.cli.run import run_project
from pipelines.cli.status import print_status
from resolution.decisions import Decision, DecisionStore, RowKey
from serving.customers import find_fate
from serving.feed import START, Feed
from serving.releases import Releases
from serving.roles import Role
from sources.erasures import waiting_erasures
from sources.landed import LandedStore, landed_path
from warehouse.entity_history import tell_history

KEY, EMAIL, OLD_EMAIL = "R-QUIXOTE-1", "zebedee@quixote-mills.org", "knight@lamancha-rides.org"
PHONE, ORDER = "+442079460958", "T-QUIXOTE-9"
TELLING = ("quixote", "zebedee", "lamancha", "7946095", "windmill lane", "rocinante")
"""What only this person's rows hold, in lower case."""


def deliver_person(resolving: Resolving, shop: Shop) -> None:
    """The shop with one person more: a registration that changes, an order, a bad row."""
    people = shop.rows["registration"]
    first = person(people, OLD_EMAIL, "2026-05-01 10:00:00")
    order = pl.DataFrame(
        {
            "transaction_id": [ORDER, "T-QUIXOTE-BAD"],
            "ordered_at": ["2026-05-03 10:00:00"] * 2,
            "registration_id": [KEY] * 2,
            "buyer_name": ["Zebedee Quixote"] * 2,
            "buyer_email": ["post@rocinante-stables.org"] * 2,
            "quantity": ["1", "many"],
            "amount": ["12.5"] * 2,
            "currency": ["GBP"] * 2,
        }
    )
    rows = {
        "registration": pl.concat([people, first], how="diagonal"),
        "transaction": pl.concat([shop.rows["transaction"], order], how="diagonal"),
    }
    resolving.deliver({**shop.rows, **rows})


def person(people: pl.DataFrame, email: str, updated: str) -> pl.DataFrame:
    """A version of the person's registration."""
    values = {
        "registration_id": KEY,
        "registered_at": "2026-05-01 10:00:00",
        "updated_at": updated,
        "full_name": "Zebedee Quixote",
        "email": email,
        "phone": PHONE,
        "address_line": "77 Windmill Lane",
        "city": "London",
        "country": "GB",
    }
    return pl.DataFrame({name: [value] for name, value in values.items() if name in people.columns})


@pytest.fixture(scope="module")
def published(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Resolving:
    """Two releases, in which the person's email changed; a decision about them, with a note."""
    resolving = Resolving(tmp_path_factory.mktemp("erasure") / "p")
    project = resolving.project
    deliver_person(resolving, shop)
    assert launch(project, "publish_release").success
    resolving.number += 1
    news = person(shop.rows["registration"], EMAIL, "2026-06-01 10:00:00")
    resolving.deliver({"registration": news})
    other = shop.rows["registration"].item(0, "registration_id")
    note = "Zebedee Quixote rang about it"
    row, another = RowKey("registration", KEY), RowKey("registration", other)
    DecisionStore(project).decide(Decision("non-match", row, another, "ann", note))
    assert launch(project, "publish_release").success
    Feed(project).read(START, 10_000, Role.ADMIN)
    held = {Path(name).parts[0] for name in found_below(project.var)}
    assert held == {"ledger", "releases", "state", "work", "current.duckdb"}
    return resolving


@pytest.fixture
def resolving(published: Resolving, tmp_path: Path) -> Resolving:
    """The same, to be changed."""
    shutil.copytree(published.project.root, tmp_path / "p", symlinks=True)
    copied = Resolving(tmp_path / "p")
    copied.number = published.number + 1
    return copied


def test_an_erased_person_is_in_no_byte_and_others_are_as_they_were(
    resolving: Resolving, shop: Shop
) -> None:
    project = resolving.project
    entity = crosswalk(release_file(project))["registration", KEY]
    assert entity is not None
    before = others(release_file(project), entity)
    erase(entity=entity, why="request 1", yes=True, project=project.root, who="ann")
    assert launch(project, "publish_release").success
    assert found_below(project.var) == {}
    assert others(release_file(project), entity) == before
    assert fate(project, entity) == "erased"
    assert tell_history(project, entity).living_entity_id is None
    told = [
        x for x in Feed(project).read(START, 10_000, Role.ADMIN).changes if x["kind"] == "erased"
    ]
    assert [(x["entity_id"], x["values"]) for x in told] == [(entity, [])]
    deliver_again(resolving, shop)
    assert found_below(project.var) == {}
    assert others(release_file(project), entity) == before


def deliver_again(resolving: Resolving, shop: Shop) -> None:
    """The same rows come again: they are quarantined without their values."""
    again = person(shop.rows["registration"], EMAIL, "2026-07-01 10:00:00")
    resolving.deliver({"registration": again})
    assert launch(resolving.project, "publish_release").success
    with LandedStore(landed_path(resolving.project), read_only=True) as store:
        rows = store.quarantine().filter(pl.col("reason") == "erased")
    assert rows.select("source", "raw").rows() == [("registration", None)]


def test_a_preview_counts_and_names_files_without_a_value_and_records_nothing(
    published: Resolving, capsys: pytest.CaptureFixture[str]
) -> None:
    project = published.project
    entity = crosswalk(release_file(project))["registration", KEY]
    erase(entity=entity, preview=True, project=project.root)
    told = capsys.readouterr().out
    assert "landed.duckdb: 3 versions" in told
    assert "landing/registration/000.csv: 1 rows" in told
    assert "landing/transaction/000.csv: 1 rows" in told
    assert not [value for value in TELLING if value in told.lower()]
    assert not waiting_erasures(project)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({}, "name one thing to erase"),
        ({"entity": "C-1", "row": "registration/1"}, "name one thing to erase"),
        ({"entity": "C-1"}, "is not an entity id"),
        ({"row": "nowhere/1"}, "with one of the sources"),
        ({"row": "registration/NOPE"}, "has never landed"),
        ({"row": f"registration/{KEY}", "yes": True}, "--why is empty"),
    ],
)
def test_what_cannot_be_asked_is_told(
    published: Resolving, options: dict[str, Any], problem: str
) -> None:
    with pytest.raises(QueryError, match=problem):
        erase(project=published.project.root, **options)
    assert not waiting_erasures(published.project)


def test_a_row_that_is_erased_leaves_its_customer_without_what_it_alone_said(
    resolving: Resolving,
) -> None:
    project = resolving.project
    file = release_file(project)
    entity = crosswalk(file)["transaction", ORDER]
    assert entity == crosswalk(file)["registration", KEY]
    before = others(file, str(entity))
    erase(row=f"transaction/{ORDER}", why="request 5", yes=True, project=project.root, who="ann")
    assert launch(project, "publish_release").success
    assert found_below(project.var, ["rocinante", ORDER.lower()]) == {}
    assert crosswalk(release_file(project))["registration", KEY] == entity
    assert others(release_file(project), str(entity)) == before
    [values] = [
        {each["attribute"]: (each["from"], each["to"]) for each in change["values"]}
        for change in Feed(project).read(START, 10_000, Role.ADMIN).changes
        if change["entity_id"] == entity and change["values"]
    ]
    assert values["email"] == (None, EMAIL)


STEPS = (
    "resolution.decisions.erasing.forget_rows",
    "warehouse.erasing.concerned_by",
    "warehouse.erasing.forget_in_ledger",
    "warehouse.erasing.drop_earlier_files",
    "assets.erasing._forget_frequencies",
    "sources.erased_rows.forget_keys",
    "assets.erasing.note_done",
)
"""What an erasure does, in order; each is where it breaks off once."""


@pytest.mark.slow
def test_one_that_breaks_off_anywhere_is_finished_by_the_next_run(
    resolving: Resolving, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = resolving.project
    entity = crosswalk(release_file(project))["registration", KEY]
    assert entity is not None
    before = others(release_file(project), entity)
    erase(row=f"registration/{KEY}", why="request 2", yes=True, project=project.root, who="ann")
    erase(entity=entity, why="request 3", yes=True, project=project.root, who="ann")
    for step in STEPS:
        with monkeypatch.context() as broken:
            broken.setattr(step, _break_off)
            assert not launch(project, "publish_release").success
        assert waiting_erasures(project)
        assert others(release_file(project), entity) == before
    assert launch(project, "publish_release").success
    assert not waiting_erasures(project)
    assert found_below(project.var) == {}
    assert others(release_file(project), entity) == before


def _break_off(*_: object) -> None:
    raise OSError("the machine stops")


def test_a_refused_release_leaves_the_old_one_and_the_request(
    resolving: Resolving, shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    project = resolving.project
    current = release_file(project)
    entity = crosswalk(current)["registration", KEY]
    erase(entity=entity, why="request 4", yes=True, project=project.root, who="ann")
    voices = shop.rows["feedback"]
    resolving.withdraw({"feedback": voices.get_column("feedback_id").to_list()})
    with pytest.raises(GateRefused, match="1 erasure waits"):
        run_project(project.root, full=False)
    assert release_file(project) == current
    assert [each.is_done for each in waiting_erasures(project)] == [False]
    assert "1 wait for a run" in told_by_status(project, capsys)
    resolving.number += 1
    resolving.deliver({"feedback": voices.with_columns(extra=pl.lit("again"))})
    run_project(project.root, full=False)
    assert found_below(project.var) == {}
    assert "wait for a run" not in told_by_status(project, capsys)


def told_by_status(project: Project, capsys: pytest.CaptureFixture[str]) -> str:
    capsys.readouterr()
    print_status(project.root)
    return capsys.readouterr().out


def fate(project: Project, entity: str) -> str:
    """What the server answers about the customer."""
    releases = Releases(project)
    with releases.reading() as reader:
        found = find_fate(reader, entity).fate
    releases.close()
    return found


def others(file: Path, entity: str) -> dict[str, list[object]]:
    """Everything a release says of all customers but one, but for times of runs."""
    tables = {
        "golden.customers": "* EXCLUDE (updated_at)",
        "golden.provenance": "*",
        "golden.contact_points": "*",
        "identity.crosswalk": "*",
        "marts.customer_360": "*",
    }
    return {
        table: asked(
            file, f"SELECT {columns} FROM {table} WHERE entity_id <> '{entity}' ORDER BY ALL"
        )
        for table, columns in tables.items()
    }


def found_below(folder: Path, values: Sequence[str] = TELLING) -> dict[str, set[str]]:
    """Which files hold which of these values, as bytes or as a table."""
    found = {}
    for path in sorted(x for x in folder.rglob("*") if x.is_file()):
        texts = [path.read_bytes().decode("latin-1"), *_tables(path)]
        held = {value for value in values for text in texts if value in text.lower()}
        if held:
            found[path.relative_to(folder).as_posix()] = held
    return found


def _tables(path: Path) -> Iterator[str]:
    """The file's tables as text, where it has any."""
    if path.suffix == ".parquet":
        yield pl.read_parquet(path).write_ndjson()
    if path.suffix == ".duckdb":
        with opened(path) as con:
            for schema, name in con.execute(
                "SELECT schema_name, table_name FROM duckdb_tables() WHERE NOT internal"
            ).fetchall():
                rows = con.execute(f"SELECT t::VARCHAR FROM {quoted(schema, name)} t").fetchall()
                yield "\n".join(str(row) for (row,) in rows)
    if path.suffix == ".wal":
        raise AssertionError(f"{path.name} was left")
