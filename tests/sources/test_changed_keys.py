"""Which keys a delivery changed, and the rows of just those."""

from pathlib import Path

import polars as pl
import pytest
from people_project import FIELDS, deliver, empty_project, land, seen, spec

from core.errors import ProjectError
from core.project import Project
from sources.landed import LandedStore


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return empty_project(tmp_path)


def changed(project: Project, after: int) -> list[str]:
    keys: pl.Series = seen(project, lambda store: store.changed_keys("people", after))
    assert keys.dtype == pl.String
    return keys.to_list()


def last(project: Project) -> int:
    return int(seen(project, LandedStore.last_delivery))


def test_before_the_first_delivery_nothing_has_changed(project: Project) -> None:
    land(project)
    assert last(project) == 0
    assert changed(project, 0) == []


def test_keys_of_later_deliveries_have_changed_current_or_not(project: Project) -> None:
    deliver(project, "a.csv", "1,2025-02-01,Ann,new", "2,2025-02-01,Bob,new")
    land(project)
    before = last(project)
    assert changed(project, 0) == ["1", "2"]
    deliver(project, "b.csv", "2,2025-01-01,Rob,new", "3,,Cid,new", "4,,Dee,lost")
    deliver(project, "c.csv", "1,2025-02-01,Ann,new")
    land(project)
    assert changed(project, before) == ["2", "3"]  # 1 was known already, 4 is bad
    assert changed(project, last(project)) == []


def test_numbers_count_over_all_sources(project: Project) -> None:
    deliver(project, "a.csv", "1,,Ann,new")
    (project.landing / "people" / "b.pdf").write_bytes(b"%PDF")
    land(project)
    assert last(project) == 2


def test_rereading_changes_the_keys_whose_rows_it_changes(project: Project) -> None:
    head = "id,changed,name,state,town"
    rows = ("1,,Ann,new,Ulm", "2,,Bob,new,", "3,,Cid,lost,", "4,,Dee,new,")
    deliver(project, "a.csv", *rows, head=head)
    land(project, spec(fields=FIELDS | {"state": {}}))
    before = last(project)
    land(project, spec(fields=FIELDS | {"town": {}}))
    assert changed(project, before) == ["1", "3"]  # one gained a field, one became a bad row
    assert last(project) == before + 1
    deliver(project, "b.csv", "5,,Eve,new")
    land(project, spec(fields=FIELDS | {"town": {}}))
    assert changed(project, before + 1) == ["5"]


def test_rereading_the_same_changes_nothing(project: Project) -> None:
    deliver(project, "a.csv", "1,,Ann,new")
    land(project)
    before = last(project)
    assert land(project, spec(fields=FIELDS | {"town": {}})).files_new == 1
    assert changed(project, before) == []
    assert last(project) == before


def test_rows_of_some_keys_are_those_among_all(project: Project) -> None:
    deliver(project, "a.csv", "1,2025-02-01,Ann,new", "2,,Bob,new", "3,,Cid,new")
    deliver(project, "b.csv", "1,2025-01-01,Anna,new", "3,2025-01-01,Sid,new")
    land(project)
    keys = pl.Series(["3", "1", "nobody", "1", None], dtype=pl.String)
    for some, every in (("current_rows", "current"), ("versions_of", "versions")):
        got = seen(project, lambda store, name=some: getattr(store, name)("people", keys))
        everything = seen(project, lambda store, name=every: getattr(store, name)("people"))
        assert got.equals(everything.filter(pl.col("id").is_in(["1", "3"])))
    none = pl.Series([], dtype=pl.String)
    assert seen(project, lambda store: store.versions_of("people", none)).height == 0


def test_a_source_that_never_landed_is_named(project: Project) -> None:
    land(project)
    with pytest.raises(ProjectError, match="people"):
        seen(project, lambda store: store.changed_keys("shop", 0))
