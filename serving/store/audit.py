"""The audit: who did what, and who looked at whose personal data. Rows are only added."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from serving.store.database import ServingDatabase, utc_now
from serving.store.tables import AUDIT


@dataclass(frozen=True)
class AuditRow:
    """One thing that somebody did."""

    id: int
    at: datetime
    """UTC, without a zone."""
    who: str
    """`account:<name>`, `key:<name>` or `command line`."""
    action: str
    subject: str
    """Ids only: never a personal value."""
    detail: Mapping[str, Any]


class Audit:
    """The audit of one project."""

    def __init__(self, database: ServingDatabase) -> None:
        self._database = database

    def record(
        self, who: str, action: str, subject: str = "", detail: Mapping[str, Any] | None = None
    ) -> None:
        """Add a row; it is on the disk when this returns. Ids, counts and names of columns only."""
        with self._database.writing() as connection:
            record_in(connection, who, action, subject, detail)

    def newest(self, count: int = 100, before: int | None = None) -> Sequence[AuditRow]:
        """The newest rows, newest first; `before`: older than the row of that id."""
        query = sa.select(AUDIT).order_by(AUDIT.c.id.desc()).limit(count)
        if before is not None:
            query = query.where(AUDIT.c.id < before)
        with self._database.reading() as connection:
            return [
                AuditRow(row.id, row.at, row.who, row.action, row.subject, json.loads(row.detail))
                for row in connection.execute(query)
            ]


def record_in(
    connection: sa.Connection,
    who: str,
    action: str,
    subject: str = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Add a row to the audit with what else the transaction does, or not at all."""
    told = json.dumps(dict(detail or {}), sort_keys=True, ensure_ascii=False)
    row = {"at": utc_now(), "who": who, "action": action, "subject": subject, "detail": told}
    connection.execute(sa.insert(AUDIT), row)
