"""The data dictionary says what a release says of itself, and a release says it of everything."""

from pathlib import Path
from typing import Any

import warehouse
from warehouse.dictionary import SCHEMAS, render_dictionary

DICTIONARY = Path(warehouse.__file__).parents[1] / "docs/reference/data-dictionary.md"


def test_the_dictionary_in_docs_is_what_a_release_says(empty_candidate: Any) -> None:
    assert DICTIONARY.read_text(encoding="utf-8") == render_dictionary(empty_candidate), (
        "the comments have changed; write it anew: .venv/bin/python -m warehouse.dictionary"
    )


def test_every_table_and_column_has_a_comment(empty_candidate: Any) -> None:
    silent = empty_candidate.execute(
        "SELECT schema_name, table_name, NULL FROM duckdb_tables() WHERE comment IS NULL "
        "UNION ALL SELECT schema_name, table_name, column_name FROM duckdb_columns() "
        "WHERE comment IS NULL AND NOT internal"
    ).fetchall()
    assert silent == []


def test_every_schema_is_explained(empty_candidate: Any) -> None:
    schemas = empty_candidate.execute(
        "SELECT DISTINCT schema_name FROM duckdb_tables() ORDER BY ALL"
    ).fetchall()
    assert [name for (name,) in schemas] == sorted(SCHEMAS)


CONTRACT = {
    "golden.customers": "entity_id full_name given_name family_name name_latin date_of_birth "
    "gender email phone address_line city region postcode country loyalty_id marketing_consent "
    "record_count sources first_seen_at last_seen_at confidence updated_at",
    "golden.provenance": "entity_id attribute value source source_record_id rule alternatives",
    "golden.contact_points": "entity_id kind value is_primary first_seen_at last_seen_at sources",
    "identity.crosswalk": "source source_record_id entity_id matched_by match_probability",
    "identity.matches": "source_l source_record_id_l source_r source_record_id_r match_weight "
    "match_probability status why",
    "identity.events": "sequence at release kind entity_id other_entity_id cause",
    "quality.quarantine": "source file row_number reason raw",
    "facts.transactions": "transaction_id",
    "facts.web_events": "event_id",
    "facts.social_interactions": "interaction_id",
    "facts.feedback": "feedback_id",
    "marts.customer_360": "entity_id",
    "marts.rfm": "entity_id",
    "marts.lifecycle": "entity_id",
    "marts.satisfaction": "entity_id",
    "quality.results": "run",
    "quality.runs": "run",
}


def test_outsiders_find_the_columns_they_rely_on_in_their_order(empty_candidate: Any) -> None:
    for table, columns in CONTRACT.items():
        found = empty_candidate.execute(f"SELECT column_name FROM (DESCRIBE {table})").fetchall()
        expected = columns.split()
        assert [name for (name,) in found][: len(expected)] == expected, table
