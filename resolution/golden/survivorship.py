"""Which observed value survives: each entity's values ranked by the rules of customer.yml.

What competes is a distinct value of an entity, or for a group (a name, an address) a distinct
combination observed together. The rules are asked in order; the first at which the winner stands
alone is the one reported. Where every rule leaves a tie the values' own order decides, so that
the same evidence always gives the same golden record.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb

from core.errors import ConfigError
from core.sql import literal, quoted
from resolution.model import CustomerModel, Survivorship

LATIN = "name_latin"
"""The one attribute that may come from another observation than its group."""

ONLY_VALUE, VALUE_ORDER, LATIN_FORM = "only_value", "value_order", "latin_form"

RULES = {
    "most_recent": "-coalesce(epoch_us(max(observed_at)), -9223372036854775807)",
    "most_frequent": "-sum(rows)",
    "source_priority": "min(priority)",
    "longest": "-max(letters)",
    "most_complete": "-max(parts)",
    "verified_first": "CASE WHEN bool_or(verified) THEN 0 ELSE 1 END",
    "han_first": "CASE WHEN bool_or(han) THEN 0 ELSE 1 END",
}
"""Rule -> what it orders by, over the observations of one distinct value; the least wins.

most_recent: observed last. most_frequent: carried by most source rows. source_priority: seen in
the source named first in `source_priority`. longest: most characters. most_complete: most of the
group's attributes given; for a single attribute, longest. verified_first: passed its validator.
han_first: written in Han characters; asked first, named or not, for a name with its Latin form.
"""


@dataclass(frozen=True)
class Choice:
    """One entry of `survivorship`: attributes that are chosen together, and by which rules."""

    name: str
    attributes: tuple[str, ...]
    rules: tuple[str, ...]

    @property
    def ranked(self) -> str:
        """The table that `rank_values` leaves."""
        return quoted("work", f"ranked_{self.name}")

    @property
    def columns(self) -> str:
        """The attributes as a list of quoted columns."""
        return ", ".join(quoted(name) for name in self.attributes)


def choices_of(model: CustomerModel) -> list[Choice]:
    """The model's survivorship entries, in its order.

    Raises ConfigError for rules there are not, and for attributes that are chosen twice.
    """
    problems = []
    seen: dict[str, str] = {}
    for name, entry in model.survivorship.items():
        problems += [
            f"survivorship.{name}.rules: no rule {rule!r}; the rules are {', '.join(RULES)}"
            for rule in entry.rules
            if rule not in RULES
        ]
        for attribute in entry.attributes:
            if attribute in seen:
                problems.append(
                    f"survivorship.{name}: {attribute!r} is chosen by {seen[attribute]!r} already; "
                    "keep it in one of them"
                )
            seen[attribute] = name
    if problems:
        raise ConfigError("customer.yml", problems)
    return [
        Choice(name, entry.attributes, _with_script(entry))
        for name, entry in model.survivorship.items()
    ]


def _with_script(entry: Survivorship) -> tuple[str, ...]:
    """A name that is published with its Latin form beside it is published in Han where it can be:
    the Han form says which of many people a pinyin form is, never the other way round."""
    if LATIN in entry.attributes and "han_first" not in entry.rules:
        return ("han_first", *entry.rules)
    return entry.rules


def contacts_of(model: CustomerModel) -> dict[str, str]:
    """Attribute -> email or phone, for every way to reach a customer that the model knows."""
    return {
        item.attributes[item.kind]: item.kind
        for item in model.standardise.values()
        if item.kind in ("email", "phone") and item.kind in item.attributes
    }


def collect_evidence(con: duckdb.DuckDBPyConnection, model: CustomerModel) -> None:
    """Make `work.evidence`: one row a value of `work.values` that could be published.

    Columns: entity_id, record_id, observation, attribute, value, source, source_record_id,
    priority (0 = most trusted source), first_seen_at, observed_at, rows, verified.
    """
    chosen = {name for entry in model.survivorship.values() for name in entry.attributes}
    wanted = sorted(chosen | set(contacts_of(model)))
    con.execute(
        """
        CREATE OR REPLACE TABLE work.evidence AS
        SELECT e.entity_id, v.record_id, v.observation, v.attribute, v.value,
               v.source, v.source_record_id,
               coalesce(list_position($sources::VARCHAR[], v.source) - 1, len($sources))
                   AS priority,
               v.first_seen_at::TIMESTAMP AS first_seen_at, v.observed_at::TIMESTAMP AS observed_at,
               v.rows, coalesce(v.verified, false) AS verified
        FROM work."values" v
        JOIN work.entities e USING (record_id)
        WHERE v.value IS NOT NULL AND list_contains($attributes::VARCHAR[], v.attribute)
        """,
        {"sources": list(model.source_priority), "attributes": wanted},
    )


def rank_values(con: duckdb.DuckDBPyConnection, choice: Choice) -> None:
    """Make `choice.ranked`: one row an entity and distinct value (or combination), best first.

    Columns: entity_id, the attributes, source and source_record_id (the row credited with it),
    first_seen_at, observed_at, rows, `place` (1 = survives), `rule` (why it is placed before the
    next; only_value for a value without a rival).
    """
    con.execute(
        f"""
        CREATE OR REPLACE TABLE {choice.ranked} AS
        WITH observed AS ({_observed_sql(choice)}),
        rivals AS ({_rivals_sql(choice)})
        SELECT entity_id, {choice.columns}, witness.source, witness.source_record_id,
               first_seen_at, observed_at, rows,
               row_number() OVER in_order AS place, {_deciding_rule_sql(choice)} AS rule
        FROM rivals
        WINDOW in_order AS (PARTITION BY entity_id ORDER BY {_order_sql(choice)})
        """
    )


def _observed_sql(choice: Choice) -> str:
    """One row an observation: the attributes side by side, what the rules need to know of them."""
    if len(choice.attributes) == 1:
        attribute = choice.attributes[0]
        return f"""
            SELECT entity_id, value AS {quoted(attribute)}, source, source_record_id, priority,
                   first_seen_at, observed_at, rows, verified, length(value) AS letters,
                   length(value) AS parts, regexp_matches(value, '\\p{{Han}}') AS han
            FROM work.evidence WHERE attribute = {literal(attribute)}"""
    parts = [
        f"min(value) FILTER (attribute = {literal(name)}) AS {quoted(name)}"
        for name in choice.attributes
    ]
    wanted = ", ".join(literal(name) for name in choice.attributes)
    return f"""
        SELECT entity_id, {", ".join(parts)}, max(source) AS source,
               arg_max(source_record_id, (observed_at, source_record_id)) AS source_record_id,
               min(priority) AS priority, min(first_seen_at) AS first_seen_at,
               max(observed_at) AS observed_at, max(rows) AS rows, bool_and(verified) AS verified,
               sum(length(value)) AS letters, count(DISTINCT attribute) AS parts,
               bool_or(regexp_matches(value, '\\p{{Han}}')) AS han
        FROM work.evidence WHERE attribute IN ({wanted})
        GROUP BY entity_id, record_id, observation"""


def _rivals_sql(choice: Choice) -> str:
    """One row an entity and distinct combination: a key a rule, and the best row that carried it.

    The credited row is found among equals by trust, then by how recent it is.
    """
    keys = [f"({RULES[rule]})::BIGINT AS key_{place}" for place, rule in enumerate(choice.rules)]
    return f"""
        SELECT entity_id, {choice.columns}, {"".join(f"{key}, " for key in keys)}
               min(first_seen_at) AS first_seen_at, max(observed_at) AS observed_at,
               sum(rows)::BIGINT AS rows,
               arg_min({{'source': source, 'source_record_id': source_record_id}},
                       {{'priority': priority,
                         'age': -coalesce(epoch_us(observed_at), -9223372036854775807),
                         'source': source, 'row': source_record_id}}) AS witness
        FROM observed GROUP BY entity_id, {choice.columns}"""


def _order_sql(choice: Choice) -> str:
    keys = [f"key_{place}" for place in range(len(choice.rules))]
    return ", ".join([*keys, *(f"{quoted(name)} NULLS LAST" for name in choice.attributes)])


def _deciding_rule_sql(choice: Choice) -> str:
    """The first rule by which a value differs from the next: in a list ordered by the rules'
    keys, no other rival shares a longer run of keys with it than its neighbour does."""
    whens = [
        f"WHEN lead(key_{place}) OVER in_order <> key_{place} THEN {literal(rule)}"
        for place, rule in enumerate(choice.rules)
    ]
    return f"""
        CASE WHEN lead(rows) OVER in_order IS NULL THEN {literal(ONLY_VALUE)}
             {" ".join(whens)} ELSE {literal(VALUE_ORDER)} END"""


def credit_values(con: duckdb.DuckDBPyConnection, choices: Sequence[Choice]) -> None:
    """Fill golden.provenance from the ranked tables, in order of entity and attribute."""
    con.execute(
        """
        CREATE OR REPLACE TABLE work.credited (
            entity_id VARCHAR, attribute VARCHAR, value VARCHAR, source VARCHAR,
            source_record_id VARCHAR, rule VARCHAR, alternatives JSON)
        """
    )
    for choice in choices:
        for attribute in choice.attributes:
            con.execute(_credit_sql(choice, attribute), {"attribute": attribute})
    con.execute(
        "INSERT INTO golden.provenance BY NAME "
        "SELECT * FROM work.credited ORDER BY entity_id, attribute"
    )


def _credit_sql(choice: Choice, attribute: str) -> str:
    """One row an entity that publishes the attribute, the losing distinct values with it."""
    return f"""
        WITH rivals AS (
            SELECT *, {quoted(attribute)} AS value FROM {choice.ranked}
            WHERE {quoted(attribute)} IS NOT NULL
        ),
        winners AS ({_winners_sql(attribute)}),
        losers AS (
            SELECT r.entity_id, r.value, min(r.place) AS place,
                   arg_min(r.source, r.place) AS source,
                   arg_min(r.source_record_id, r.place) AS source_record_id,
                   max(r.observed_at) AS last_observed_at, sum(r.rows)::BIGINT AS rows
            FROM rivals r JOIN winners w USING (entity_id)
            WHERE r.value <> w.value GROUP BY r.entity_id, r.value
        ),
        alternatives AS (
            SELECT entity_id, to_json(list({{
                'value': value, 'source': source, 'source_record_id': source_record_id,
                'last_observed_at': last_observed_at, 'rows': rows}} ORDER BY place, value))
                AS listed
            FROM losers GROUP BY entity_id
        )
        INSERT INTO work.credited
        SELECT w.entity_id, $attribute, w.value, w.source, w.source_record_id, w.rule,
               coalesce(a.listed, '[]'::JSON)
        FROM winners w LEFT JOIN alternatives a USING (entity_id)"""


def _winners_sql(attribute: str) -> str:
    if attribute != LATIN:
        return "SELECT * FROM rivals WHERE place = 1"
    return f"""
        SELECT * REPLACE (CASE WHEN place = 1 THEN rule ELSE {literal(LATIN_FORM)} END AS rule)
        FROM rivals QUALIFY row_number() OVER (PARTITION BY entity_id ORDER BY place) = 1"""
