"""golden.changes holds every value that differs from the release before, and nothing else."""

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.sql import STORAGE
from warehouse.candidate import create_tables
from warehouse.changes import DERIVED, changes_sql, compared_sql, fill_changes, value_columns

AT = datetime(2026, 3, 1, 5, 30, tzinfo=UTC)
ROWS = "SELECT entity_id, attribute, old_value, new_value FROM golden.changes ORDER BY ALL"
Values = dict[str, str | None]
Write = Callable[[str, dict[str, Values]], Path]


def write_release(file: Path, customers: dict[str, Values], order: int = 1) -> Path:
    """A release with these customers, each with its values."""
    file.unlink(missing_ok=True)
    with duckdb.connect(str(file), config=STORAGE) as con:
        create_tables(con, {})
        for entity in list(customers)[::order]:
            put(con, entity, customers[entity])
    return file


def put(con: Any, entity: str, values: Values) -> None:
    row = {"entity_id": entity, "record_count": 1, "sources": ["shop"], "confidence": 1} | values
    marks = ", ".join("?" * len(row))
    con.execute(
        f"INSERT INTO golden.customers ({', '.join(row)}) VALUES ({marks})", list(row.values())
    )


@pytest.fixture
def write(tmp_path: Path) -> Write:
    return lambda name, customers: write_release(tmp_path / f"{name}.duckdb", customers)


def changes(file: Path, base: Path | None, touched: str | None = None) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(file), config=STORAGE) as con:
        count = fill_changes(con, base, "r2", AT, touched)
        rows = con.execute(ROWS).fetchall()
    assert len(rows) == count
    return rows


def test_before_the_first_release_every_value_is_new(write: Write) -> None:
    new = write("new", {"C-A": {"city": "York", "date_of_birth": "1990-02-03"}, "C-B": {}})
    assert changes(new, None) == [
        ("C-A", "city", None, "York"),
        ("C-A", "date_of_birth", None, "1990-02-03"),
    ]


def test_a_value_that_changed_came_or_went_is_told_with_both_sides(write: Write) -> None:
    old = write("old", {"C-A": {"city": "York", "email": "a@b.cd", "phone": "+441"}})
    new = write("new", {"C-A": {"city": "Leeds", "email": "a@b.cd", "gender": "female"}})
    assert changes(new, old) == [
        ("C-A", "city", "York", "Leeds"),
        ("C-A", "gender", None, "female"),
        ("C-A", "phone", "+441", None),
    ]


def test_a_customer_that_ended_loses_every_value(write: Write) -> None:
    old = write("old", {"C-A": {"city": "York", "company": "Acme"}, "C-B": {"city": "Hull"}})
    new = write("new", {"C-B": {"city": "Hull"}})
    assert changes(new, old) == [("C-A", "city", "York", None), ("C-A", "company", "Acme", None)]


def test_counts_and_dates_of_evidence_are_no_values(write: Write) -> None:
    old = write("old", {"C-A": {"record_count": "1", "last_seen_at": "2026-01-01"}})
    new = write("new", {"C-A": {"record_count": "9", "last_seen_at": "2026-02-01"}})
    assert changes(new, old) == []
    with duckdb.connect(str(new)) as con:
        described = {name for name, *_ in con.execute("DESCRIBE golden.customers").fetchall()}
        assert set(DERIVED) < described
        assert set(value_columns(con, "golden.customers")) == described - {"entity_id", *DERIVED}


def test_attributes_of_the_model_come_and_go(write: Write) -> None:
    old, new = write("old", {"C-A": {}}), write("new", {"C-A": {}})
    for file, column in ((old, "isbn"), (new, "cuisine")):
        with duckdb.connect(str(file)) as con:
            con.execute(f"ALTER TABLE golden.customers ADD COLUMN {column} VARCHAR")
            con.execute(f"UPDATE golden.customers SET {column} = 'x'")
    assert changes(new, old) == [("C-A", "cuisine", None, "x"), ("C-A", "isbn", "x", None)]


def test_only_touched_customers_are_compared_and_both_sides_of_them(write: Write) -> None:
    old = write("old", {"C-A": {"city": "York"}, "C-B": {"city": "Hull"}, "C-C": {"city": "Ely"}})
    new = write("new", {"C-A": {"city": "Leeds"}, "C-B": {"city": "Bath"}})
    with duckdb.connect(str(new)) as con:
        con.execute("CREATE TABLE touched AS SELECT unnest(['C-A', 'C-C', 'C-Z']) AS entity_id")
    assert changes(new, old, "touched") == [
        ("C-A", "city", "York", "Leeds"),
        ("C-C", "city", "Ely", None),
    ]


def test_a_copied_candidate_forgets_the_changes_of_the_release_it_was_copied_from(
    write: Write, tmp_path: Path
) -> None:
    old = write("old", {"C-A": {"city": "York"}})
    changes(old, None)
    new = Path(shutil.copy(old, tmp_path / "new.duckdb"))
    assert changes(new, old) == []
    with duckdb.connect(str(new)) as con:
        attached = con.execute("SELECT count(*) FROM duckdb_databases() WHERE NOT internal")
        assert attached.fetchall() == [(1,)]


def test_a_base_that_is_attached_already_is_read_and_stays(write: Write) -> None:
    old, new = write("old", {"C-A": {"city": "York"}}), write("new", {})
    with duckdb.connect(str(new)) as con:
        con.execute(f"ATTACH '{old}' AS \"the base\" (READ_ONLY)")
        assert fill_changes(con, old, "r2", AT, None) == 1
        assert con.execute('SELECT count(*) FROM "the base".golden.customers').fetchall() == [(1,)]


def test_each_row_names_release_and_time(write: Write) -> None:
    new = write("new", {"C-A": {"city": "York"}})
    changes(new, None)
    with duckdb.connect(str(new)) as con:
        stamps = con.execute('SELECT DISTINCT release, "at" FROM golden.changes').fetchall()
    assert stamps == [("r2", datetime(2026, 3, 1, 5, 30))]


def test_equal_customers_in_another_order_are_told_in_the_same_order(tmp_path: Path) -> None:
    customers: dict[str, Values] = {f"C-{number}": {"city": str(number)} for number in range(50)}
    told = []
    for order in (1, -1):
        new = write_release(tmp_path / f"new{order}.duckdb", customers, order)
        with duckdb.connect(str(new)) as con:
            fill_changes(con, None, "r1", AT, None)
            told.append(con.execute("FROM golden.changes").fetchall())
    assert told[0] == told[1]


COLUMNS = ("city", "email", "name")
CUSTOMERS = st.dictionaries(
    st.sampled_from(["C-A", "C-B", "C-C", "C-D"]),
    st.dictionaries(st.sampled_from(COLUMNS), st.sampled_from(["x", "y", "李"])),
)


@given(before=CUSTOMERS, after=CUSTOMERS)
def test_old_values_with_the_changes_applied_are_the_new_values(
    before: dict[str, Values], after: dict[str, Values]
) -> None:
    with duckdb.connect() as con:
        for table, customers in (("new", after), ("old", before)):
            con.execute(f"CREATE TABLE {table} (entity_id TEXT, city TEXT, email TEXT, name TEXT)")
            for entity, row in customers.items():
                values = [entity, *(row.get(column) for column in COLUMNS)]
                con.execute(f"INSERT INTO {table} VALUES (?, ?, ?, ?)", values)
        con.execute(f"CREATE TABLE altered AS {compared_sql('new', COLUMNS, 'old', COLUMNS)}")
        told = con.execute(changes_sql(COLUMNS, "altered")).fetchall()
    state = {(entity, name): value for entity, row in before.items() for name, value in row.items()}
    for entity, attribute, old, new in told:
        assert state.pop((entity, attribute), None) == old != new
        if new is not None:
            state[entity, attribute] = new
    assert state == {
        (entity, name): value for entity, row in after.items() for name, value in row.items()
    }
