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
from sources.standing import settle_current
from sources.validate import ROW_NUMBER
from sources.versions import prepare

Row = tuple[str, int, str, str]
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
    content = [(key, datetime(2025, 1, day), name, state) for key, day, name, state in rows]
    frame = pl.DataFrame(content, schema=["id", "changed", "name", "state"], orient="row")
    nothing = pl.lit(None, pl.String).alias(EXTRA)
    return frame.with_columns(nothing, pl.int_range(1, pl.len() + 1).alias(ROW_NUMBER))
