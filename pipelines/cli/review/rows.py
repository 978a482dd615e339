"""Source rows and entities as a steward types them."""

import re
from typing import TYPE_CHECKING

from core.errors import QueryError

if TYPE_CHECKING:
    import duckdb

    from core.project import Project
    from resolution.decisions import RowKey


def row_key(typed: str) -> "RowKey":
    """The row written source:key or source/key; a key may hold both. Raises QueryError."""
    from resolution.decisions import RowKey

    source, *key = re.split("[:/]", typed.strip(), maxsplit=1)
    if not source or not key or not key[0]:
        raise QueryError(f"{typed!r} names no source row; write source:key, as social:S-55")
    return RowKey(source, key[0])


def matched_row(release: "duckdb.DuckDBPyConnection", typed: str) -> "RowKey":
    """The row, which must be of the release and matched. Raises QueryError where it is not."""
    from resolution.explain.published import find_row, written

    key = row_key(typed)
    if find_row(release, written(key)).matched_as is None:
        raise QueryError(
            f"{key} is a visitor, which is recognised and never matched; "
            "decide about the rows that it shares identifiers with"
        )
    return key


def living_entity(project: "Project", typed: str) -> str:
    """The id that `typed` goes by today. Raises QueryError for what was never issued."""
    from warehouse.ledger import IdentityLedger

    return IdentityLedger(project).resolve(typed)
