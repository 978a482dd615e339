"""What a preview shows is what the next run does, and looking changes nothing."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from publishing import asked, crosswalk, launch, opened, release_file

from assets.preview import preview_decisions
from core.project import Project
from resolution.decisions import Decision, DecisionStore, RowKey, Steward
from resolution.decisions.regrouping import merge_decisions, split_decisions
from warehouse.candidate_diff import COUNTED, SEGMENTS, ReleaseChanges

ANN = Steward("ann", datetime(2026, 7, 1, 12))


@pytest.mark.slow
def test_what_is_shown_is_what_comes(project: Project) -> None:
    """A match, a non-match within one record, a split, a merge; and all of it undone."""
    first = release_file(project)
    entities = sorted(set(filter(None, crosswalk(first).values())))
    people = "SELECT min(source_record_id) FROM identity.crosswalk WHERE source = 'registration' "
    one, *_, other = asked(first, people + "GROUP BY entity_id ORDER BY 1")
    ends = RowKey("registration", one[0]), RowKey("registration", other[0])
    assert_foretold(project, [Decision("match", *ends, "ann")])
    orders = (
        "SELECT min(source_record_id), max(source_record_id) FROM identity.crosswalk WHERE "
        "source = 'transaction' GROUP BY entity_id, matched_as HAVING count(*) > 1 ORDER BY 1"
    )
    [early, late] = (RowKey("transaction", key) for key in asked(first, orders)[0])
    assert_foretold(project, [Decision("non-match", early, late, "bob")])
    with opened(release_file(project)) as release:
        [(largest, row)] = release.execute(
            "SELECT entity_id, min(source_record_id) FROM identity.crosswalk "
            "WHERE source = 'social' GROUP BY entity_id ORDER BY count(*) DESC, 1 LIMIT 1"
        ).fetchall()
        split = split_decisions(release, largest, [RowKey("social", row)], ANN)
        merge = merge_decisions(release, *[x for x in entities if x != largest][:2], ANN)
    assert_foretold(project, split)
    assert_foretold(project, merge)
    standing = DecisionStore(project).all().get_column("id").to_list()
    assert_foretold(project, [], standing)
    last = crosswalk(release_file(project))
    assert grouped(last) == grouped(crosswalk(first))


def grouped(entities: dict[tuple[str, str], str | None]) -> set[frozenset[tuple[str, str]]]:
    return {
        frozenset(row for row in entities if entities[row] == each) for each in entities.values()
    }


def assert_foretold(
    project: Project, decisions: Sequence[Decision], undone: Sequence[int] = ()
) -> None:
    """Look, decide, run, and hold the releases against what was seen."""
    before, untouched = release_file(project), digests(project)
    seen = preview_decisions(project, decisions, undone).changes
    assert not seen.changes_nothing
    assert digests(project) == untouched
    store = DecisionStore(project)
    store.decide_all(decisions)
    for number in undone:
        store.undo(number, "eve")
    assert launch(project, "apply_decisions").success
    after = release_file(project)
    old, new = crosswalk(before), crosswalk(after)
    assert {(a, b): (c, d) for a, b, c, d in seen.rows.iter_rows()} == {
        row: (old.get(row), new.get(row))
        for row in old.keys() | new.keys()
        if old.get(row) != new.get(row)
    }
    changes = "SELECT entity_id, attribute, old_value, new_value FROM golden.changes"
    assert sorted(seen.values.rows(), key=repr) == sorted(asked(after, changes), key=repr)
    assert_counted(seen, before, after)
    assert_figures(seen, before, after)


def digests(project: Project) -> dict[str, str]:
    """Every file below var/, by its content."""
    return {
        path.relative_to(project.var).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in project.var.rglob("*")
        if path.is_file()
    }


def assert_counted(seen: ReleaseChanges, before: Path, after: Path) -> None:
    """Orders, feedback, visits: how many of each entity."""
    told = {(what, entity): (a, b) for what, entity, a, b in seen.moved.iter_rows()}
    found = {}
    for what, table in COUNTED:
        query = f"SELECT entity_id, count(*) FROM {table} WHERE entity_id NOT NULL GROUP BY 1"
        old, new = (dict(asked(file, query)) for file in (before, after))
        for entity in old.keys() | new.keys():
            counts = old.get(entity, 0), new.get(entity, 0)
            if counts[0] != counts[1]:
                found[what, entity] = counts
    assert told == found


def assert_figures(seen: ReleaseChanges, before: Path, after: Path) -> None:
    """Figures and segments of the customers that a row moves from or to."""
    moved = set(seen.entities.get_column("entity_id"))
    old, new = (figures(file) for file in (before, after))
    told = {(entity, figure): (a, b) for entity, figure, a, b in seen.segments.iter_rows()}
    assert told == {
        place: (old.get(place), new.get(place))
        for place in old.keys() | new.keys()
        if place[0] in moved and old.get(place) != new.get(place)
    }


def figures(file: Path) -> dict[tuple[str, str], Any]:
    """(entity, figure) -> what customer_360 says beside golden values, and each segment; as
    text."""
    columns = asked(
        file,
        "SELECT 'customer_360', column_name, column_name FROM duckdb_columns() "
        "WHERE table_name = 'customer_360' AND column_name NOT IN (SELECT column_name "
        "FROM duckdb_columns() WHERE schema_name = 'golden' AND table_name = 'customers')",
    )
    columns += [(mart, name, f"{mart}_{name}") for mart, name in SEGMENTS]
    return {
        (entity, figure): value
        for mart, name, figure in columns
        for entity, value in asked(file, f"SELECT entity_id, {name}::VARCHAR FROM marts.{mart}")
    }
