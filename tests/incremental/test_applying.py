"""The job that a decision starts: the decision is in the release after it, and nothing else is."""

from pathlib import Path
from typing import Any

import pytest
from publishing import asked, crosswalk, launch, release_file

from core.project import Project
from resolution.decisions import Decision, DecisionStore, RowKey
from sources.landed import LandedStore, landed_path

UNTOUCHED = (
    "golden.customers",
    "golden.provenance",
    "golden.contact_points",
    "identity.crosswalk",
    "facts.transactions",
    "marts.customer_360",
)


@pytest.mark.slow
def test_a_decision_is_applied_to_its_customers_alone(project: Project) -> None:
    before = release_file(project)
    apart, together = two_apart(before), two_together(before)
    store = DecisionStore(project)
    store.decide(Decision("match", *apart, "ann"))
    store.decide(Decision("non-match", *together, "bob"))
    waiting = project.landing / "transaction" / "later.csv"
    waiting.write_text((project.landing / "transaction" / "000.csv").read_text("utf-8")[:-20])
    old = crosswalk(before)
    assert launch(project, "apply_decisions").success
    after = release_file(project)
    assert after != before
    new = crosswalk(after)
    assert new[apart[0]] == new[apart[1]]
    assert new[together[0]] != new[together[1]]
    decided = {old[row] for row in (*apart, *together)}
    # what parts from one of them is new, or was another's that it fits better now
    touched = decided | {new.get(row) for row in old if old[row] in decided}
    assert len(touched) <= 2 * len(decided)
    changed = "SELECT DISTINCT entity_id FROM golden.changes"
    assert {entity for (entity,) in asked(after, changed)} <= touched
    assert {old[row] for row in old if old[row] != new.get(row)} <= touched
    for table in UNTOUCHED:
        assert rows_of_others(after, table, touched) == rows_of_others(before, table, touched)
    assert {row for row in new if row[0] != "web_behaviour"} <= old.keys()
    with LandedStore(landed_path(project), read_only=True) as store:
        assert "later.csv" not in set(store.files().get_column("file"))
    assert launch(project, "publish_release").success
    with LandedStore(landed_path(project), read_only=True) as store:
        assert "later.csv" in set(store.files().get_column("file"))


def rows_of_others(file: Path, table: str, touched: set[str | None]) -> list[Any]:
    """The rows of entities that nothing was decided about."""
    ids = ", ".join(f"'{entity}'" for entity in sorted(filter(None, touched)))
    return asked(file, f"SELECT * FROM {table} WHERE entity_id NOT IN ({ids}) ORDER BY ALL")


def two_apart(file: Path) -> tuple[RowKey, RowKey]:
    """Registrations of two customers."""
    rows = asked(
        file,
        "SELECT min(source_record_id) FROM identity.crosswalk WHERE source = 'registration' "
        "GROUP BY entity_id ORDER BY 1",
    )
    return RowKey("registration", rows[0][0]), RowKey("registration", rows[-1][0])


def two_together(file: Path) -> tuple[RowKey, RowKey]:
    """Two orders of one record."""
    rows = asked(
        file,
        "SELECT min(source_record_id), max(source_record_id) FROM identity.crosswalk "
        "WHERE source = 'transaction' GROUP BY entity_id, matched_as HAVING count(*) > 1 "
        "ORDER BY entity_id",
    )
    first, last = rows[len(rows) // 2]
    return RowKey("transaction", first), RowKey("transaction", last)
