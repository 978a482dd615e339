"""Anonymous visitors recognised: whose browser, whose visit, whose event, by what they showed.

Nothing here is a probability. An identifier that exactly one customer has recognises a visitor;
one that several have, or nobody, recognises nobody. A browser where one customer was seen is that
customer's for all its events, past ones included. One where several were seen is a shared device:
each event goes by its own identifier, else by its visit's only known person, else to nobody.
"""

from collections.abc import Mapping

import duckdb

from core.sql import literal, quoted
from sources.spec import SourceSpec

SHARED_DEVICE_OWNER = 0.8
"""Share of a shared browser's recognised visits from which the crosswalk says whose it is."""


def recognise_visitors(con: duckdb.DuckDBPyConnection, specs: Mapping[str, SourceSpec]) -> None:
    """Make `work.recognised_visitors` and `work.visits` from the frames and the landed rows.

    `recognised_visitors`, one row a visitor that is one customer's: source, source_record_id (the
    visitor's key), entity_id, matched_by (identifiers that told), share (of recognised visits).
    `visits`, one row an event of a visitor that somebody is known for: source, source_record_id
    (the event's key), entity_id. Sources without rows or without `recognise_by` add nothing.
    """
    visitor_specs = {name: spec for name, spec in specs.items() if spec.recognise_by}
    _list_known_identifiers(con, specs, visitor_specs)
    _list_people_of_visitors(con)
    _choose_owners(con, visitor_specs)
    con.execute(
        "CREATE OR REPLACE TABLE work.visits "
        "(source VARCHAR, source_record_id VARCHAR, entity_id VARCHAR)"
    )
    for spec in visitor_specs.values():
        con.execute(_visits_sql(spec))


def _list_known_identifiers(
    con: duckdb.DuckDBPyConnection,
    specs: Mapping[str, SourceSpec],
    visitor_specs: Mapping[str, SourceSpec],
) -> None:
    """`work.known`: identifier -> the one entity that has it, by attribute and folded value.

    Where the identifier is the key of a profile, that profile alone says whose it is: who signs
    in with a registration id is that registration, whoever else wrote the id down.
    """
    attributes = sorted({name for spec in visitor_specs.values() for name in spec.recognise_by})
    held = [
        f"SELECT attribute, {_folded('value')} AS folded, entity_id, 1 AS hand "
        "FROM work.all_values JOIN work.all_entities USING (record_id) "
        "WHERE value IS NOT NULL AND list_contains($attributes::VARCHAR[], attribute)"
    ]
    for spec in specs.values():
        held += [
            f"SELECT {literal(name)}, {_folded('source_record_id')}, entity_id, 0 "
            "FROM work.all_members JOIN work.all_entities USING (record_id) "
            f"WHERE source = {literal(spec.name)}"
            for name in attributes
            if spec.kind == "profile" and spec.identity.get(name) == (spec.key,)
        ]
    con.execute(
        f"""
        CREATE OR REPLACE TABLE work.known AS
        WITH held AS (FROM ({" UNION ALL ".join(held)}) WHERE EXISTS (FROM work.visitors)),
        best AS (SELECT * FROM held
                 QUALIFY hand = min(hand) OVER (PARTITION BY attribute, folded))
        SELECT attribute, folded, min(entity_id) AS entity_id FROM best
        GROUP BY attribute, folded HAVING count(DISTINCT entity_id) = 1
        """,
        {"attributes": attributes},
    )


def _folded(column: str) -> str:
    """Written forms of one identifier that differ in case or outer spaces alone are the same."""
    return f"lower(trim({column}))"


def _list_people_of_visitors(con: duckdb.DuckDBPyConnection) -> None:
    """`work.people`: one row a visitor, visit, identifier and the entity it points to."""
    con.execute(
        f"""
        CREATE OR REPLACE TABLE work.people AS
        SELECT DISTINCT v.source, v.source_record_id AS visitor, coalesce(v.session, '') AS visit,
               v.attribute, {_folded("v.value")} AS folded, k.entity_id
        FROM work.visitors v
        JOIN work.known k ON k.attribute = v.attribute AND k.folded = {_folded("v.value")}
        """
    )
    con.execute(
        """
        CREATE OR REPLACE TABLE work.visit_people AS
        SELECT source, visitor, visit, min(entity_id) AS entity_id,
               count(DISTINCT entity_id) = 1 AS alone
        FROM work.people GROUP BY source, visitor, visit
        """
    )


def _choose_owners(con: duckdb.DuckDBPyConnection, visitor_specs: Mapping[str, SourceSpec]) -> None:
    """`work.recognised_visitors`: see `recognise_visitors`; a visit with two people is nobody's."""
    ranks = {
        name: place
        for spec in visitor_specs.values()
        for place, name in enumerate(spec.recognise_by)
    }
    con.execute(
        """
        CREATE OR REPLACE TABLE work.recognised_visitors AS
        WITH visits AS (
            SELECT source, visitor, count(*) AS recognised FROM work.visit_people GROUP BY ALL
        ),
        shares AS (
            SELECT p.source, p.visitor, p.entity_id,
                   count(*) FILTER (p.alone) / any_value(v.recognised) AS share
            FROM work.visit_people p JOIN visits v USING (source, visitor)
            WHERE p.alone GROUP BY p.source, p.visitor, p.entity_id
        ),
        told AS (
            SELECT source, visitor, entity_id,
                   list(DISTINCT attribute ORDER BY list_position($ranked::VARCHAR[], attribute))
                       AS attributes
            FROM work.people GROUP BY ALL
        )
        SELECT s.source, s.visitor AS source_record_id, s.entity_id,
               array_to_string(t.attributes, ', ') AS matched_by, s.share
        FROM shares s JOIN told t USING (source, visitor, entity_id)
        WHERE s.share >= $owner
        ORDER BY s.source, s.visitor
        """,
        {
            "ranked": sorted(ranks, key=lambda name: (ranks[name], name)),
            "owner": SHARED_DEVICE_OWNER,
        },
    )


def _visits_sql(spec: SourceSpec) -> str:
    """The source's events with the entity each belongs to, those of nobody left out."""
    visitor = " || ':' || ".join(f"{quoted(name)}::VARCHAR" for name in spec.subject)
    visit = f"coalesce({quoted(spec.session)}::VARCHAR, '')" if spec.session else "''"
    own = [
        f"{_identifier_sql(spec, name)} AS own_{place}"
        for place, name in enumerate(spec.recognise_by)
    ]
    joins = [
        f"LEFT JOIN own i{place} ON i{place}.visitor = e.visitor "
        f"AND i{place}.attribute = {literal(name)} AND i{place}.folded = e.own_{place}"
        for place, name in enumerate(spec.recognise_by)
    ]
    by_identifier = [f"i{place}.entity_id" for place, _ in enumerate(spec.recognise_by)]
    source = literal(spec.name)
    return f"""
        INSERT INTO work.visits
        WITH events AS (
            SELECT {quoted(spec.key)}::VARCHAR AS source_record_id, {visitor} AS visitor,
                   {visit} AS visit, {", ".join(own)}
            FROM {quoted("landed", "current", spec.name)}
        ),
        own AS (SELECT DISTINCT visitor, attribute, folded, entity_id
                FROM work.people WHERE source = {source}),
        sole AS (SELECT visitor, min(entity_id) AS entity_id
                 FROM own GROUP BY visitor HAVING count(DISTINCT entity_id) = 1),
        sessions AS (SELECT visitor, visit, entity_id
                     FROM work.visit_people WHERE source = {source} AND alone AND visit <> '')
        SELECT {source}, e.source_record_id,
               coalesce(sole.entity_id, {", ".join(by_identifier)}, sessions.entity_id) AS person
        FROM events e
        LEFT JOIN sole ON sole.visitor = e.visitor
        {" ".join(joins)}
        LEFT JOIN sessions ON sessions.visitor = e.visitor AND sessions.visit = e.visit
        WHERE person IS NOT NULL"""


def _identifier_sql(spec: SourceSpec, attribute: str) -> str:
    fields = ", ".join(f"trim({quoted(name)}::VARCHAR)" for name in spec.identity[attribute])
    return _folded(f"concat_ws(' ', {fields})")
