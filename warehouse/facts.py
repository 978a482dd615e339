"""What customers did: each event source's rows published in schema `facts`, with their customer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

import duckdb

from core.errors import ConfigError
from core.sql import literal, quoted
from sources.spec import OWN_SPECS, SourceSpec, load_spec

CONTRACT = {
    "transactions": "transaction",
    "web_events": "web_behaviour",
    "social_interactions": "social",
    "feedback": "feedback",
}
"""Tables that every release has, empty where a project has no such source, and the spec of the
repo whose fields they have at least: marts and outside tools may rely on them."""

TYPES = {"number": "DOUBLE", "integer": "BIGINT", "time": "TIMESTAMP", "date": "DATE"}
"""Field type -> column type; every other type is text."""

WIDER = {frozenset({"DOUBLE", "BIGINT"}): "DOUBLE", frozenset({"TIMESTAMP", "DATE"}): "TIMESTAMP"}
"""Two types of one column that can both be kept, and as what."""

ADDED = {
    "entity_id": ("VARCHAR", "The customer whose row this is; null while nobody is known"),
    "extra": ("JSON", "What was delivered beyond the fields of the spec, by heading"),
    "source_name": ("VARCHAR", "The source that delivered the row"),
}
"""Columns that every facts table has beyond the fields: name -> type, comment."""


@dataclass
class FactsTable:
    """One table of schema `facts`: the sources it publishes; its columns with type and comment."""

    name: str
    sources: list[SourceSpec] = field(default_factory=list)
    columns: dict[str, tuple[str, str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    @property
    def path(self) -> str:
        """The quoted name with its schema."""
        return quoted("facts", self.name)

    @property
    def comment(self) -> str:
        """What a row is, in the words of the specs."""
        grain = f"One row a row of {', '.join(spec.name for spec in self.sources)}, newest version."
        said = [f"{spec.description.rstrip('.')}." for spec in self.sources if spec.description]
        return " ".join([grain, *said])

    def take_columns(self, spec: SourceSpec) -> None:
        """Add the spec's fields; a field two sources share gets a type that holds both."""
        for name, field_spec in spec.fields.items():
            kind = TYPES.get(field_spec.type, "VARCHAR")
            comment = field_spec.description or f"{name} as delivered"
            known, said = self.columns.setdefault(name, (kind, comment))
            if known != kind:
                self.columns[name] = (self._type_for_both(name, known, kind), said)
            if name in ADDED:
                self.problems.append(
                    f"{spec.name}: fields.{name}: facts.{self.name} has a column of that name "
                    "of its own; rename the field and list this name under its aliases"
                )

    def _type_for_both(self, name: str, known: str, kind: str) -> str:
        both = WIDER.get(frozenset({known, kind}))
        if both is None:
            self.problems.append(
                f"fields.{name}: facts.{self.name} would hold it both as {known} and as {kind}; "
                "give it the same type everywhere, or publish to another facts table"
            )
        return both or known


def facts_tables(specs: Mapping[str, SourceSpec]) -> list[FactsTable]:
    """The facts tables of a project with these sources, in order of name.

    Sources that name the same table share it. Raises ConfigError listing fields that cannot be
    columns.
    """
    tables: dict[str, FactsTable] = {}
    for spec in specs.values():
        if spec.kind == "event" and spec.facts:
            table = tables.setdefault(spec.facts, FactsTable(spec.facts))
            table.sources.append(spec)
            table.take_columns(spec)
    for name, source in CONTRACT.items():
        own = _own_spec(source)
        table = tables.setdefault(name, FactsTable(name, [own]))
        table.take_columns(own)
    problems = [problem for table in tables.values() for problem in table.problems]
    if problems:
        raise ConfigError("sources", list(dict.fromkeys(problems)))
    return [tables[name] for name in sorted(tables)]


@cache
def _own_spec(source: str) -> SourceSpec:
    return load_spec(OWN_SPECS / f"{source}.yml")  # never changes while the product runs


def create_facts(con: duckdb.DuckDBPyConnection, specs: Mapping[str, SourceSpec]) -> None:
    """Create schema `facts` and its tables, empty, each column with a comment."""
    con.execute("CREATE SCHEMA IF NOT EXISTS facts")
    for table in facts_tables(specs):
        columns = table.columns | ADDED
        listed = ", ".join(f"{quoted(name)} {kind}" for name, (kind, _) in columns.items())
        con.execute(f"CREATE TABLE {table.path} ({listed})")
        con.execute(f"COMMENT ON TABLE {table.path} IS {literal(table.comment)}")
        for name, (_, comment) in columns.items():
            con.execute(f"COMMENT ON COLUMN {table.path}.{quoted(name)} IS {literal(comment)}")


def fill_facts(
    con: duckdb.DuckDBPyConnection, specs: Mapping[str, SourceSpec], touched_only: bool
) -> None:
    """Publish every current row of each event source, in order of time and key; with
    `touched_only` those that are new or gone, or whose customer is another.

    Needs the landed rows attached, the frames, and `work.visits`. Leaves `work.restated`: the
    customers with other rows than before.
    """
    con.execute(
        "CREATE OR REPLACE TABLE work.restated AS SELECT entity_id FROM work.touched_entities"
    )
    for table in facts_tables(specs):
        for spec in table.sources:
            if spec.name not in specs:
                continue
            named = {"source": spec.name}
            if touched_only:
                con.execute(_renewed_sql(table, spec), named)
                con.execute(_restated_sql(table, spec), named)
                con.execute(f"DELETE FROM {table.path} {_renewed_rows(spec)}", named)
            con.execute(_fill_sql(table, spec, touched_only), named)
            if touched_only:
                con.execute(_restated_sql(table, spec), named)


def _renewed_rows(spec: SourceSpec) -> str:
    key = f"{quoted(spec.key)}::VARCHAR"
    return f"WHERE source_name = $source AND {key} IN (FROM work.renewed)"


def _restated_sql(table: FactsTable, spec: SourceSpec) -> str:
    """Add to `work.restated` whose the renewed rows are."""
    return (
        f"INSERT INTO work.restated SELECT DISTINCT entity_id FROM {table.path} "
        f"{_renewed_rows(spec)} AND entity_id IS NOT NULL"
    )


def _renewed_sql(table: FactsTable, spec: SourceSpec) -> str:
    """`work.renewed`: keys of the source's rows that are published anew, or no longer."""
    key = f"{quoted(spec.key)}::VARCHAR"
    told = [
        f"SELECT source_record_id FROM work.{frame} WHERE source = $source"
        for frame in ("changed_rows", "members", "gone_members")
    ]
    if spec.recognise_by:
        told.append(
            f"SELECT {key} FROM (SELECT * FROM {table.path} WHERE source_name = $source) f "
            f"LEFT JOIN (FROM work.visits WHERE source = $source) v ON v.source_record_id = {key} "
            "WHERE f.entity_id IS DISTINCT FROM v.entity_id"
        )
    return f"CREATE OR REPLACE TABLE work.renewed AS {' UNION '.join(told)}"


def _fill_sql(table: FactsTable, spec: SourceSpec, touched_only: bool) -> str:
    fields = ", ".join(
        f"l.{quoted(name)}::{table.columns[name][0]} AS {quoted(name)}" for name in spec.fields
    )
    order = ", ".join(f"l.{quoted(name)}" for name in (spec.time, spec.key) if name)
    key = f"l.{quoted(spec.key)}::VARCHAR"
    chosen = f"WHERE {key} IN (FROM work.renewed)" if touched_only else ""
    return f"""
        INSERT INTO {table.path} BY NAME
        WITH known AS (
            SELECT source_record_id, entity_id
            FROM work.members JOIN work.entities USING (record_id)
            WHERE source = $source
            UNION ALL
            SELECT source_record_id, entity_id FROM work.visits WHERE source = $source
        )
        SELECT {fields}, known.entity_id, l.extra::JSON AS extra, $source AS source_name
        FROM {quoted("landed", "current", spec.name)} l
        LEFT JOIN known ON known.source_record_id = {key}
        {chosen} ORDER BY {order}"""
