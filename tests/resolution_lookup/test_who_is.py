"""A row of a release, asked about, finds its own pairs with the weights that the run gave them."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import polars as pl
import pytest
from resolved_twice import Resolved

from resolution.lookup.answers import Answer
from resolution.lookup.who import Lookup
from resolution.training.thresholds import thresholds_of


def rows_alone(resolved: Resolved, source: str) -> list[dict[str, Any]]:
    """Rows that make a record by themselves, with its record_id."""
    members = resolved.kept.scan("members").filter(pl.col("source") == source).collect()
    alone = members.filter(pl.len().over("record_id") == 1)
    rows = resolved.written(source).join(alone, left_on="key", right_on="source_record_id")
    return rows.filter(pl.len().over("key") == 1).sort("record_id").to_dicts()


def asked(lookup: Lookup, row: dict[str, Any]) -> dict[str, Any]:
    return {name: row.get(name) for name in lookup.attributes}


def test_a_row_finds_its_pairs_with_their_weights(resolved: Resolved) -> None:
    kept, lookup = resolved.kept, resolved.lookup
    ends = ("record_id_l", "record_id_r")
    pairs = kept.scan("pairs").select(*ends, "match_weight", "linkable").collect()
    both = pl.concat(
        [
            pairs,
            pairs.select(ends[1], ends[0], "match_weight", "linkable").rename(
                dict(zip(reversed(ends), ends, strict=True))
            ),
        ]
    )
    run: dict[int, dict[int, tuple[float, bool]]] = {}
    for one, other, weight, linkable in both.iter_rows():
        run.setdefault(one, {})[other] = (weight, linkable)
    link = thresholds_of(kept.rules(), kept.trained().chosen).link
    compared = refused = 0
    for source in resolved.scored():
        for row in rows_alone(resolved, source):
            own = row["record_id"]
            found = {
                pair.record_id: pair
                for pair in lookup.pairs(asked(lookup, row), source)
                if pair.record_id != own
            }
            assert found.keys() == run.get(own, {}).keys()
            for other, (weight, linkable) in run.get(own, {}).items():
                pair = found[other]
                assert pair.match_weight == pytest.approx(weight, abs=1e-9)
                strong = 1 / (1 + 2**-pair.match_weight) >= link
                assert (strong and pair.conflict is None) == linkable
                compared, refused = compared + 1, refused + (pair.conflict is not None)
    assert compared > 100 and refused > 5


def test_a_row_is_found_to_be_its_own_customer(resolved: Resolved) -> None:
    kept, lookup = resolved.kept, resolved.lookup
    entities = dict(kept.scan("entities").select("record_id", "entity_id").collect().iter_rows())
    for row in rows_alone(resolved, "registration"):
        answer = lookup.who_is(asked(lookup, row), "registration")
        assert answer.candidates[0].entity_id == entities[row["record_id"]]
        assert answer.candidates[0].status == "link"


def test_why_adds_up_to_the_weight(resolved: Resolved) -> None:
    lookup, prior = resolved.lookup, resolved.kept.trained().prior
    from math import log2

    for row in rows_alone(resolved, "transaction")[:20]:
        for candidate in lookup.who_is(asked(lookup, row), most=3).candidates:
            told = sum(reason.weight + reason.tf for reason in candidate.why)
            assert candidate.match_weight == pytest.approx(told + log2(prior / (1 - prior)))


def test_a_corrected_value_is_found_and_what_it_was_is_evidence_still(resolved: Resolved) -> None:
    rows = resolved.written("registration").filter(pl.len().over("key") == 2)
    versions = rows.filter(pl.col("phone").is_not_null().all().over("key")).to_dicts()
    assert len(versions) > 10
    for row in versions:
        best = resolved.lookup.who_is(asked(resolved.lookup, row), "registration").candidates[0]
        why = {reason.comparison: reason.level for reason in best.why}
        assert why["phone"] == "same phone" and best.status == "link"


@pytest.mark.parametrize(
    "written", [{}, {"full_name": "  "}, {"email": "nobody@nowhere.example"}, {"shoe_size": "44"}]
)
def test_who_says_nothing_or_is_unknown_is_nobody(
    resolved: Resolved, written: dict[str, str]
) -> None:
    assert resolved.lookup.who_is(written) == Answer("nobody", ())


def test_a_very_long_value_is_answered_too(resolved: Resolved) -> None:
    assert resolved.lookup.who_is({"full_name": "Ann " * 500}).verdict in ("nobody", "unclear")


def test_many_threads_get_the_answers_that_one_gets(resolved: Resolved) -> None:
    lookup = resolved.lookup
    rows = [asked(lookup, row) for row in rows_alone(resolved, "registration")]
    alone = [lookup.who_is(row) for row in rows]
    with ThreadPoolExecutor(24) as pool:  # more than there are slots
        together = list(pool.map(lookup.who_is, rows * 3))
    assert together == alone * 3
