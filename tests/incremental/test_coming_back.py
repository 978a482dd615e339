"""Customers that a snapshot misses for a day have their ids again, as if nothing had happened."""

from collections.abc import Collection
from pathlib import Path

import polars as pl
from publishing import launch
from resolving import ROW, Resolving, Shop

from core.project import Project
from pipelines.cli.history import history_lines
from serving.customers import find_fate
from serving.releases import Releases
from warehouse.entity_history import tell_history
from warehouse.ledger import IdentityLedger

ALONE = ("registration", "R-ALONE")


def test_rows_that_come_back_have_their_ids_and_a_stranger_has_not(
    shop: Shop, tmp_path: Path
) -> None:
    """Every second customer is taken back and comes again; one key has become somebody else's."""
    resolving = Resolving(tmp_path / "p", shop.model)
    first, second = alone("Zebedee Quixote"), alone("Ottoline Marchbanks")
    people = pl.concat([shop.rows["registration"], first], how="diagonal")
    resolving.deliver({**shop.rows, "registration": people})
    resolving.resolve()
    before = resolving.entities()
    missed = {*sorted(set(before.values()))[::2], before[ALONE]}
    gone = {row: entity for row, entity in before.items() if entity in missed}
    resolving.withdraw(
        {source: [key for where, key in gone if where == source] for source, _ in gone}
    )
    resolving.resolve()
    assert not missed & set(resolving.entities().values())
    again = rows_of(shop, gone)
    people = pl.concat([again["registration"], second], how="diagonal")
    resolving.deliver(again | {"registration": people})
    resolving.resolve()
    after = resolving.entities()
    assert after[ALONE] not in before.values()
    del gone[ALONE]
    assert {row: after[row] for row in gone} == gone


def test_a_customer_missed_for_a_day_is_served_again(shop: Shop, tmp_path: Path) -> None:
    resolving = Resolving(tmp_path / "p", shop.model)
    project = resolving.project
    resolving.deliver(shop.rows)
    assert launch(project, "publish_release").success
    ledger = IdentityLedger(project)
    rows = ledger.current_assignments()
    entity, keys = next(
        (entity, found)
        for (entity,), found in sorted(rows.group_by("entity_id"))
        if 1 < found.height < 5
    )
    gone = rows_of(shop, keys.select(*ROW).rows())
    resolving.number += 1
    resolving.withdraw(
        {source: found.get_column(found.columns[0]).to_list() for source, found in gone.items()}
    )
    assert launch(project, "publish_release").success
    assert _fate(project, entity) == "retired"
    assert tell_history(project, entity).living_entity_id is None
    resolving.number += 1
    resolving.deliver(gone)
    assert launch(project, "publish_release").success
    assert _fate(project, entity) == "living"
    assert ledger.current_assignments().equals(rows)
    told = [x for x in ledger.history().iter_rows(named=True) if x["entity_id"] == entity]
    assert [x["kind"] for x in told] == ["created", "retired", "created"]
    assert told[-1]["cause"] == f"source correction: {keys.height} source rows came back"
    history = tell_history(project, entity)
    assert history.living_entity_id == entity
    assert f"{entity}, living" in list(history_lines(history))


def alone(name: str) -> pl.DataFrame:
    """A registration that nothing refers to, of a person of this name."""
    mail = f"{name.lower().replace(' ', '.')}@example.org"
    return pl.DataFrame(
        {
            "registration_id": [ALONE[1]],
            "registered_at": ["2026-06-01 12:00:00"],
            "full_name": [name],
            "email": [mail],
        }
    )


def rows_of(shop: Shop, keys: Collection[tuple[str, str]]) -> dict[str, pl.DataFrame]:
    """The shop's rows with these keys, by source."""
    found = {}
    for source in sorted({source for source, _ in keys}):
        rows = shop.rows[source]
        wanted = [key for where, key in keys if where == source]
        found[source] = rows.filter(pl.col(rows.columns[0]).is_in(wanted))
    return found


def _fate(project: Project, entity: str) -> str:
    """What the server answers about the customer."""
    releases = Releases(project)
    with releases.reading() as reader:
        fate = find_fate(reader, entity).fate
    releases.close()
    return fate
