"""The standardisers' benchmark: same values for a seed, and an honest count of what differs."""

import polars as pl

from benchmarks.standardise import LIBRARIES, MAKERS, Measured, measure, results_table
from benchmarks.written_values import distinct_rows
from resolution.standardise import KINDS


def test_values_are_distinct_and_the_same_for_a_seed() -> None:
    for make in MAKERS.values():
        rows = distinct_rows(make, 200, seed=3)
        assert len(set(rows)) == 200
        assert rows == distinct_rows(make, 200, seed=3)


def test_every_kind_with_many_values_is_measured() -> None:
    few = {"gender", "number", "token"}
    assert {name.partition(",")[0] for name in MAKERS} == KINDS.keys() - few


def test_emails_and_phones_of_the_benchmark_are_the_librarys() -> None:
    for kind in ("email", "phone"):
        found = measure(kind, MAKERS[kind], 500, LIBRARIES[kind])
        assert (found.values, found.differing) == (500, 0)


def test_what_differs_is_counted() -> None:
    library = LIBRARIES["email"]
    wrong = type(library)("upper", lambda row: (row[0] or "").upper(), "email")
    assert (measure("email", MAKERS["email"], 200, wrong).differing or 0) > 150


def test_a_kind_without_a_library_has_no_ratio() -> None:
    text = results_table(
        [Measured("date", 10, 1000.0), Measured("email", 10, 300.0, "x", 100.0, 0)]
    )
    assert "| date | 10 | 1,000 | 1000.0 |  |  |  |  |" in text
    assert "| email | 10 | 300 | 3333.3 | x | 100 | 3.0 | 0 |" in text


def test_frames_are_empty_when_nothing_is_written() -> None:
    for kind in KINDS.values():
        nothing = pl.DataFrame(schema=dict.fromkeys(kind.roles, pl.String))
        assert kind.standardise(nothing).columns == list(kind.schema)
