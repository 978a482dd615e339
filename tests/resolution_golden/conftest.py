"""Evidence written down by hand, as the stages before would have left it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import duckdb
import pytest

from warehouse.candidate import create_tables

FRAMES = """
CREATE TABLE work.records (
    record_id BIGINT, source VARCHAR, subject VARCHAR, rows BIGINT,
    first_seen_at TIMESTAMPTZ, last_seen_at TIMESTAMPTZ);
CREATE TABLE work.members (source VARCHAR, source_record_id VARCHAR, record_id BIGINT,
    "at" TIMESTAMPTZ);
CREATE TABLE work."values" (
    record_id BIGINT, observation BIGINT, attribute VARCHAR, value VARCHAR, written VARCHAR,
    source VARCHAR, source_record_id VARCHAR, first_seen_at TIMESTAMPTZ, observed_at TIMESTAMPTZ,
    rows BIGINT, verified BOOLEAN, reason VARCHAR);
CREATE TABLE work.entities (record_id BIGINT, cluster_id BIGINT, entity_id VARCHAR,
    matched_by VARCHAR, match_probability DOUBLE);
CREATE TABLE work.visitors (source VARCHAR, source_record_id VARCHAR, attribute VARCHAR,
    value VARCHAR, session VARCHAR, rows BIGINT, last_seen_at TIMESTAMPTZ);
CREATE VIEW work.all_members AS FROM work.members;
CREATE VIEW work.all_values AS FROM work."values";
CREATE VIEW work.all_entities AS FROM work.entities;
"""


@dataclass
class Evidence:
    """Frames on a connection, row by row."""

    con: duckdb.DuckDBPyConnection
    observations: int = 0
    records: dict[str, int] = field(default_factory=dict)

    def sees(
        self,
        entity: str,
        record: str,
        values: dict[str, str | None],
        on: str = "2026-01-01",
        **settings: object,
    ) -> None:
        """`record` ("source/key") of `entity` carried `values` on that day."""
        source, key = record.split("/")
        at = f"{on} 00:00:00+00"
        number = self._record(entity, record, at, settings.get("probability"))
        self.con.execute(
            "UPDATE work.records SET last_seen_at = greatest(last_seen_at, $at::TIMESTAMPTZ), "
            "first_seen_at = least(first_seen_at, $at::TIMESTAMPTZ) WHERE record_id = $number",
            {"at": at, "number": number},
        )
        self.observations += 1
        for attribute, value in values.items():
            self.con.execute(
                'INSERT INTO work."values" VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)',
                [number, self.observations, attribute, value, value, source, key, at, at,
                 settings.get("rows", 1), settings.get("verified", True)],
            )  # fmt: skip

    def _record(self, entity: str, record: str, at: str, probability: object) -> int:
        if record not in self.records:
            source, key = record.split("/")
            number = self.records[record] = len(self.records)
            self.con.execute(
                "INSERT INTO work.records VALUES (?, ?, ?, 1, ?, ?)", [number, source, key, at, at]
            )
            self.con.execute(
                "INSERT INTO work.members VALUES (?, ?, ?, ?)", [source, key, number, at]
            )
            self.con.execute(
                "INSERT INTO work.entities VALUES (?, ?, ?, 'email', ?)",
                [number, number, entity, probability],
            )
        return self.records[record]

    def shows(self, visitor: str, session: str | None, attribute: str, value: str) -> None:
        """The web visitor showed an identifier in a session."""
        self.con.execute(
            "INSERT INTO work.visitors VALUES ('web_behaviour', ?, ?, ?, ?, 1, now())",
            [visitor, attribute, value, session],
        )

    def customer(self, entity: str, *columns: str) -> tuple[object, ...]:
        """Columns of the golden customer."""
        listed = ", ".join(columns)
        rows = self.con.execute(
            f"SELECT {listed} FROM golden.customers WHERE entity_id = ?", [entity]
        ).fetchall()
        return tuple(rows[0])

    def provenance(self, entity: str, attribute: str) -> tuple[object, ...]:
        """value, source, source_record_id, rule, alternatives of a golden value."""
        rows = self.con.execute(
            "SELECT value, source, source_record_id, rule, alternatives FROM golden.provenance "
            "WHERE entity_id = ? AND attribute = ?",
            [entity, attribute],
        ).fetchall()
        return tuple(rows[0])


def _evidence() -> Evidence:
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'; ATTACH ':memory:' AS work")
    create_tables(con, {})
    con.execute(FRAMES)
    return Evidence(con)


@pytest.fixture
def new_evidence() -> Callable[[], Evidence]:
    """Makes empty frames beside empty published tables, as often as asked."""
    return _evidence


@pytest.fixture
def evidence() -> Iterator[Evidence]:
    made = _evidence()
    yield made
    made.con.close()
