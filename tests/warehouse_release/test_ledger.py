"""The ledger only grows, knows every id for ever, and refuses what cannot be true."""

from datetime import UTC, datetime

import polars as pl
import pytest

from core.errors import ProjectError, QueryError
from core.ids import mint_entity_id
from core.project import Project
from warehouse import waiting
from warehouse.ledger import IdentityLedger, PublishedRelease

AT = datetime(2026, 3, 1, tzinfo=UTC)
A, B, C = (str(mint_entity_id(name)) for name in "abc")


def release(number: int) -> PublishedRelease:
    return PublishedRelease(f"r{number}", AT, f"golden-r{number}.duckdb", str(number), "input")


def rows(**entities: str | None) -> pl.DataFrame:
    """Source rows whose id is another; None where the row is gone."""
    return pl.DataFrame(
        {"source": "s", "source_record_id": list(entities), "entity_id": list(entities.values())},
        schema=dict.fromkeys(("source", "source_record_id", "entity_id"), pl.String),
    )


def events(*changes: tuple[str, str, str | None]) -> pl.DataFrame:
    schema = dict.fromkeys(("kind", "entity_id", "other_entity_id"), pl.String)
    return pl.DataFrame(changes, schema=schema, orient="row").with_columns(cause=pl.lit("test"))


@pytest.fixture
def ledger(project: Project) -> IdentityLedger:
    ledger = IdentityLedger(project)
    born = events(("created", A, None), ("created", B, None), ("created", C, None))
    ledger.append(release(1), rows(x=A, y=B, z=C), born)
    return ledger


def test_an_empty_ledger_answers(project: Project) -> None:
    ledger = IdentityLedger(project)
    assert ledger.issued().is_empty()
    assert ledger.current_assignments().columns == ["source", "source_record_id", "entity_id"]
    assert not ledger.file.exists()


def test_ids_are_numbered_in_order_of_issue(ledger: IdentityLedger) -> None:
    assert ledger.issued().rows() == [(A, 1), (B, 2), (C, 3)]


def test_rows_that_are_not_told_keep_their_id(ledger: IdentityLedger) -> None:
    ledger.append(release(2), rows(y=A), events(("merged", A, B)))
    assert ledger.current_assignments()["entity_id"].to_list() == [A, A, C]
    assert ledger._rows("SELECT count(*) FROM assignments WHERE release = 'r2'") == [(1,)]


def test_a_row_that_vanished_has_no_current_assignment(ledger: IdentityLedger) -> None:
    gone = events(("retired", B, None), ("retired", C, None))
    ledger.append(release(2), rows(y=None, z=None), gone)
    assert ledger.current_assignments().rows() == [("s", "x", A)]


def test_a_row_that_came_back_has_its_id_again(ledger: IdentityLedger) -> None:
    ledger.append(release(2), rows(y=None), events(("retired", B, None)))
    ledger.append(release(3), rows(y=A), events(("changed", A, None)))
    assert ledger.current_assignments().rows() == [("s", "x", A), ("s", "y", A), ("s", "z", C)]


def test_redirects_are_followed_to_the_living_id(ledger: IdentityLedger) -> None:
    ledger.append(release(2), rows(z=B), events(("merged", B, C)))
    ledger.append(release(3), rows(y=A, z=A), events(("merged", A, B)))
    assert (ledger.resolve(C), ledger.resolve(B), ledger.resolve(A)) == (A, A, A)
    assert ledger.redirects().rows() == sorted([(B, A), (C, A)])


def test_an_id_that_was_never_issued_cannot_be_resolved(ledger: IdentityLedger) -> None:
    with pytest.raises(QueryError, match="never issued"):
        ledger.resolve(str(mint_entity_id("nobody")))
    with pytest.raises(QueryError, match="is not an entity id"):
        ledger.resolve("42")


def test_appending_a_release_again_changes_nothing(ledger: IdentityLedger) -> None:
    before = ledger.history()
    ledger.append(release(1), rows(x=B), events(("created", A, None)))
    assert ledger.history().equals(before)
    assert len(ledger.releases()) == 1


def test_one_name_for_two_releases_is_refused(ledger: IdentityLedger) -> None:
    with pytest.raises(ProjectError, match="other bytes"):
        ledger.append(PublishedRelease("r1", AT, "f", "else", ""), rows(x=A), events())


@pytest.mark.parametrize(
    ("now", "changes", "problem"),
    [
        (rows(x=A), [("created", A, None)], "issued twice"),
        (rows(x=str(mint_entity_id("new"))), [], "never issued"),
        (rows(x=B), [("merged", A, B)], "merged away"),
        (rows(x=A), [("merged", A, B)], "rows keep an id that is merged away"),
        (pl.concat([rows(x=A), rows(x=B)]), [], "two ids"),
    ],
)
def test_a_contradiction_leaves_the_ledger_as_it_was(  # type: ignore[no-untyped-def]
    ledger: IdentityLedger, now, changes, problem: str
) -> None:
    before = ledger.history(), ledger.current_assignments()
    with pytest.raises(ProjectError, match=problem):
        ledger.append(release(2), now, events(*changes))
    assert ledger.history().equals(before[0])
    assert ledger.current_assignments().equals(before[1])
    assert len(ledger.releases()) == 1


def test_the_history_to_be_is_the_history_that_comes(ledger: IdentityLedger) -> None:
    change = events(("merged", A, B))
    before, foretold = ledger.history(), ledger.stamped(change, "r2", AT)
    ledger.append(release(2), rows(y=A), change)
    assert ledger.history().equals(pl.concat([before, foretold]))


def test_a_ledger_held_by_another_process_is_named(
    ledger: IdentityLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    import subprocess
    import sys

    monkeypatch.setattr(waiting, "PATIENCE", 0.2)
    code = (
        "import duckdb, sys; con = duckdb.connect(sys.argv[1]); print('held', flush=True); input()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(ledger.file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(ProjectError, match="another process"):
            ledger.issued()
        holder.communicate("\n")
