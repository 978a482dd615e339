"""Candidate pairs: records that agree on a blocking rule's columns, no block left to explode."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import duckdb

LARGEST_BLOCK = 300
"""Records in one block from which it is refined: 300 make 45,000 pairs."""


@dataclass(frozen=True)
class RuleCount:
    """What one rule contributed."""

    rule: str
    pairs: int
    """Pairs that agree on the rule, found by other rules too or not."""
    largest_block: int
    refined_blocks: int
    """Blocks too large to compare whole; their records were compared where they also agree on
    a refining column."""
    left_out_blocks: int
    """Blocks too large even after refining; their pairs were not compared by this rule."""


def find_candidates(
    connection: duckdb.DuckDBPyConnection,
    rules: Mapping[str, Sequence[str]],
    refine_by: Sequence[str] = (),
    largest: int = LARGEST_BLOCK,
) -> list[RuleCount]:
    """Writes table `candidates` (record_id_l < record_id_r, distinct) from table `records`.

    A rule is a list of columns that must all be present and equal; `list:x` stands for any
    element of the list column x. A block of more than `largest` records is compared only where
    a column of `refine_by` agrees as well.
    """
    _write_keys(connection, rules)
    _refine(connection, [column for column in refine_by if column], largest)
    connection.execute(
        """
        CREATE OR REPLACE TEMP TABLE candidates AS
        SELECT DISTINCT l.record_id AS record_id_l, r.record_id AS record_id_r
        FROM blocking_keys AS l JOIN blocking_keys AS r USING (rule, key)
        WHERE l.record_id < r.record_id
        ORDER BY record_id_l, record_id_r
        """
    )
    return _count(connection, rules, largest)


def leave_out_own_pairs(connection: duckdb.DuckDBPyConnection, sources: Sequence[str]) -> None:
    """Takes pairs within one of `sources` out of table `candidates`: these hold nobody twice."""
    connection.execute(
        """
        DELETE FROM candidates USING records AS l, records AS r
        WHERE l.record_id = record_id_l AND r.record_id = record_id_r AND l.source = r.source
        AND list_contains($sources::VARCHAR[], l.source)
        """,
        {"sources": list(sources)},
    )


def _write_keys(connection: duckdb.DuckDBPyConnection, rules: Mapping[str, Sequence[str]]) -> None:
    parts = [_keys_sql(rule, columns) for rule, columns in rules.items()]
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE blocking_keys AS\n" + "\nUNION ALL\n".join(parts)
    )


def _keys_sql(rule: str, columns: Sequence[str]) -> str:
    """Rows (rule, key, record_id) of one rule; a list column gives one row an element."""
    exploded = [column.removeprefix("list:") for column in columns if column.startswith("list:")]
    selected = [f"unnest({quoted(column)}) AS {quoted(column)}" for column in exploded]
    plain = [column for column in columns if not column.startswith("list:")]
    selected += [quoted(column) for column in plain]
    present = " AND ".join(f"{quoted(column)} IS NOT NULL" for column in [*plain, *exploded])
    key = ", ".join(f"CAST({quoted(column)} AS VARCHAR)" for column in [*plain, *exploded])
    return (
        f"SELECT DISTINCT '{rule}' AS rule, hash({key}) AS key, record_id\n"
        f"FROM (SELECT record_id, {', '.join(selected)} FROM records)\nWHERE {present}"
    )


def _refine(connection: duckdb.DuckDBPyConnection, refine_by: Sequence[str], largest: int) -> None:
    """Replaces the keys of oversized blocks by those keys joined with each refining column."""
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE oversized_blocks AS
        SELECT rule, key, count(*) AS records FROM blocking_keys
        GROUP BY rule, key HAVING count(*) > {largest}
        """
    )
    refined = [
        f"""
        SELECT DISTINCT rule, hash(key, '{column}', value) AS key, record_id FROM (
            SELECT k.rule, k.key, k.record_id, {_values_sql(column)} AS value
            FROM blocking_keys AS k SEMI JOIN oversized_blocks USING (rule, key)
            JOIN records USING (record_id)
        ) WHERE value IS NOT NULL
        """
        for column in refine_by
    ]
    whole = "SELECT * FROM blocking_keys ANTI JOIN oversized_blocks USING (rule, key)"
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE refined_keys AS {" UNION ALL ".join([whole, *refined])};
        CREATE OR REPLACE TEMP TABLE left_out_blocks AS
        SELECT rule, key FROM refined_keys GROUP BY rule, key HAVING count(*) > {largest};
        CREATE OR REPLACE TEMP TABLE blocking_keys AS
        SELECT * FROM refined_keys ANTI JOIN left_out_blocks USING (rule, key)
        """
    )


def _values_sql(column: str) -> str:
    if column.startswith("list:"):
        return f"unnest({quoted(column.removeprefix('list:'))})"
    return f"CAST({quoted(column)} AS VARCHAR)"


def _count(
    connection: duckdb.DuckDBPyConnection, rules: Mapping[str, Sequence[str]], largest: int
) -> list[RuleCount]:
    rows = connection.execute(
        """
        WITH blocks AS (
            SELECT rule, key, count(*) AS records FROM blocking_keys GROUP BY rule, key
        )
        SELECT rule,
               CAST(sum(records * (records - 1) // 2) AS BIGINT) AS pairs,
               max(records) AS largest
        FROM blocks GROUP BY rule
        """
    ).fetchall()
    counts = {rule: (pairs, most) for rule, pairs, most in rows}
    refined = _block_counts(connection, "oversized_blocks")
    left_out = _block_counts(connection, "left_out_blocks")
    return [
        RuleCount(rule, *counts.get(rule, (0, 0)), refined.get(rule, 0), left_out.get(rule, 0))
        for rule in rules
    ]


def _block_counts(connection: duckdb.DuckDBPyConnection, table: str) -> dict[str, int]:
    rows = connection.execute(f"SELECT rule, count(*) FROM {table} GROUP BY rule").fetchall()
    return dict(rows)


def quoted(name: str) -> str:
    """`name` as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
