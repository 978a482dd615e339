"""Whatever the order and the files in which rows come, the same ones are current in the end."""

from datetime import datetime
from itertools import pairwise
from pathlib import Path

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st
from people_project import spec

from sources.arrivals import Arrival, insert_rows
from sources.headings import EXTRA
from sources.landed import LandedStore
from sources.snapshots import note_keys, settle_snapshot
from sources.standing import settle_current
from sources.validate import ROW_NUMBER
from sources.versions import prepare

Row = tuple[str, int | None, str, str]
SOURCE = spec(withdrawn_when={"state": ["old"]})

ROWS = st.lists(
    st.tuples(
        st.sampled_from("123"),
        st.integers(1, 6),
        st.sampled_from(["Ann", "Bob"]),
        st.sampled_from(["new", "new", "old"]),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda row: (row[0], row[1]),
)


def expected(rows: list[Row]) -> tuple[dict[str, str], int]:
    """By hand: the current name of each key, and how many versions stand."""
    current, standing = {}, 0
    for key in sorted({row[0] for row in rows}):
        alive: list[Row] = []
        for row in sorted(row for row in rows if row[0] == key):
            alive = [] if row[3] == "old" else [*alive, row]
        standing += len(alive)
        if alive:
            current[key] = alive[-1][2]
    return current, standing


@settings(max_examples=15, deadline=None)
@given(st.data(), ROWS)
def test_order_split_and_repeats_do_not_matter_where_times_decide(
    data: st.DataObject, rows: list[Row]
) -> None:
    repeated = data.draw(st.lists(st.sampled_from(rows), max_size=4))
    order = data.draw(st.permutations(rows + repeated))
    cuts = sorted(data.draw(st.lists(st.integers(0, len(order)), max_size=4)))
    parts = [order[start:end] for start, end in pairwise([0, *cuts, len(order)])]
    found, whole = landed(parts), landed([rows])
    assert found == whole
    assert found[:2] == expected(rows)


ANY_ROWS = st.lists(
    st.tuples(
        st.sampled_from("12"),
        st.sampled_from([None, 1, 2]),
        st.just("Ann"),
        st.sampled_from(["new", "old"]),
    ),
    min_size=2,
    max_size=10,
)


@settings(max_examples=15, deadline=None)
@given(ANY_ROWS, st.lists(st.integers(0, 10), max_size=2))
def test_into_which_files_rows_are_cut_never_matters(rows: list[Row], cuts: list[int]) -> None:
    edges = sorted({0, len(rows), *(min(cut, len(rows)) for cut in cuts)})
    parts = [rows[start:end] for start, end in pairwise(edges)]
    assert landed(parts) == landed([[row] for row in rows])


SNAPSHOTS = st.lists(
    st.lists(
        st.tuples(
            st.sampled_from("123"),
            st.sampled_from([None, 1, 2]),
            st.sampled_from(["Ann", "Bob"]),
            st.just("new"),
        ),
        min_size=1,
        max_size=3,
        unique_by=lambda row: row[0],
    ),
    min_size=1,
    max_size=5,
)


@settings(max_examples=15, deadline=None)
@given(SNAPSHOTS)
def test_what_is_current_is_what_the_newest_snapshot_holds(snapshots: list[list[Row]]) -> None:
    source = spec(delivery="snapshot")
    with LandedStore(Path(":memory:")) as store:
        connection = store.connection
        prepare(connection, source)
        for number, rows in enumerate(snapshots, 1):
            insert_rows(connection, Arrival(source, "file", 2 * number), typed(rows))
            settle_current(connection, source, 2 * number)
            note_keys(connection, source, typed(rows).select("id"))
            settle_snapshot(connection, source, 2 * number + 1, datetime(2026, 1, 1))
            current = store.current("people").select("id", "changed", "name", "state")
            assert current.equals(typed(rows).select(current.columns).sort("id"))


def landed(parts: list[list[Row]]) -> tuple[dict[str, str], int, str]:
    """Current names, number of standing versions and fingerprint once all parts have landed."""
    with LandedStore(Path(":memory:")) as store:
        connection = store.connection
        prepare(connection, SOURCE)
        for number, part in enumerate(parts, 1):
            if part:
                insert_rows(connection, Arrival(SOURCE, "file", number), typed(part))
                settle_current(connection, SOURCE, number)
        current = store.current("people").select("id", "name").iter_rows()
        return dict(current), store.versions("people").height, store.content_fingerprint()


def typed(rows: list[Row]) -> pl.DataFrame:
    """The rows as they are once they have been judged good."""
    content = [
        (key, datetime(2025, 1, day) if day else None, name, state)
        for key, day, name, state in rows
    ]
    schema = {"id": pl.String, "changed": pl.Datetime, "name": pl.String, "state": pl.String}
    frame = pl.DataFrame(content, schema=schema, orient="row")
    nothing = pl.lit(None, pl.String).alias(EXTRA)
    return frame.with_columns(nothing, pl.int_range(1, pl.len() + 1).alias(ROW_NUMBER))
