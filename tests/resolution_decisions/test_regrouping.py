"""Splits and merges by hand are batches of decisions that say just that."""

import duckdb
import pytest
from saying import NOON, row

from core.errors import QueryError
from resolution.decisions import Decision, Steward
from resolution.decisions.regrouping import merge_decisions, split_decisions

ANN = Steward("ann", NOON, "two people")


def pairs(decisions: list[Decision]) -> set[frozenset[str]]:
    return {frozenset((str(each.left), str(each.right))) for each in decisions}


def across(left: str, right: str) -> set[frozenset[str]]:
    """Every pair between two lists of rows."""
    return {frozenset((a, b)) for a in left.split() for b in right.split()}


def test_a_split_parts_what_goes_from_what_stays(release: duckdb.DuckDBPyConnection) -> None:
    made = split_decisions(release, "C-ANN", [row("till/1")], ANN)
    assert pairs(made) == across("till/1", "crm/1 shop/1")  # shop/2 is the same record as shop/1
    assert {(each.verdict, each.who, each.note) for each in made} == {
        ("non-match", "ann", "two people")
    }
    [batch] = {each.batch for each in made}
    assert batch is not None
    assert batch.startswith("split-C-ANN-2026")


def test_a_whole_record_goes_by_one_of_its_rows(release: duckdb.DuckDBPyConnection) -> None:
    made = split_decisions(release, "C-ANN", [row("shop/2"), row("shop/1")], ANN)
    assert pairs(made) == across("shop/1", "crm/1 till/1")


def test_a_divided_record_is_named_row_by_row(release: duckdb.DuckDBPyConnection) -> None:
    made = split_decisions(release, "C-ANN", [row("shop/2"), row("till/1")], ANN)
    assert pairs(made) == across("shop/2 till/1", "crm/1 shop/1")


@pytest.mark.parametrize(
    ("entity", "rows", "told"),
    [
        ("C-ANN", ["crm/2", "till/1"], "not of C-ANN: crm/2;"),
        ("C-ANN", ["web/v1"], "not of C-ANN: web/v1;"),
        ("C-EVE", ["crm/3"], "one at least must stay"),
        ("C-NIL", ["crm/3"], "C-NIL is no entity of the current release"),
    ],
)
def test_a_split_that_cannot_be_is_refused(
    release: duckdb.DuckDBPyConnection, entity: str, rows: list[str], told: str
) -> None:
    with pytest.raises(QueryError, match=told):
        split_decisions(release, entity, [row(each) for each in rows], ANN)


def test_a_merge_says_that_all_records_of_both_are_one(
    release: duckdb.DuckDBPyConnection,
) -> None:
    made = merge_decisions(release, "C-ANN", "C-BOB", ANN)
    assert pairs(made) == across("crm/1", "shop/1 till/1 crm/2 shop/3")
    assert {each.verdict for each in made} == {"match"}
    assert len({each.batch for each in made}) == 1
    with pytest.raises(QueryError, match="both are C-ANN"):
        merge_decisions(release, "C-ANN", "C-ANN", ANN)
