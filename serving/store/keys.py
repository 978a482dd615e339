"""API keys of programs: shown once, hashed at rest, with a role, scopes, an end and a rate."""

import math
import secrets
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa

from core.errors import QueryError
from serving.roles import Role, Scope
from serving.store.audit import record_in
from serving.store.database import ServingDatabase, utc_now
from serving.store.sessions import hash_of
from serving.store.tables import KEYS

PREFIX: Final = "oneid_"
"""Every key begins so, so that scanners of leaked secrets know one."""
_REMEMBERED: Final = 2.0
"""Seconds for which a key is believed without asking the store: the longest that a key works on
after it was revoked."""


@dataclass(frozen=True)
class ApiKey:
    """A program's key, without its secret."""

    id: int
    name: str
    role: Role
    scopes: frozenset[Scope]
    per_minute: int
    """Requests allowed in a minute."""
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None

    def is_good(self, now: datetime) -> bool:
        """Whether it opens anything at `now`."""
        return self.revoked_at is None and (self.expires_at is None or self.expires_at > now)


class ApiKeys:
    """The keys of one project. `by` is who does it, for the audit."""

    def __init__(self, database: ServingDatabase) -> None:
        self._database = database
        self._known: dict[str, tuple[float, ApiKey | None]] = {}
        self._turn = threading.Lock()

    def issue(
        self,
        name: str,
        role: Role,
        scopes: Sequence[Scope],
        by: str,
        per_minute: int = 600,
        lasts: timedelta | None = None,
    ) -> str:
        """Make a key; its secret, which is told nowhere else. Raises QueryError for a name in use,
        or no scope."""
        cleaned = name.strip()
        if not cleaned or not scopes or per_minute < 1:
            raise QueryError(
                "a key needs a name, at least one scope and a rate of at least one a minute; "
                f"the scopes are {', '.join(Scope)}"
            )
        secret, now = PREFIX + secrets.token_urlsafe(32), utc_now()
        row = {
            "name": cleaned,
            "secret_hash": hash_of(secret),
            "role": role,
            "scopes": ",".join(sorted(set(scopes))),
            "per_minute": per_minute,
            "created_at": now,
            "expires_at": None if lasts is None else now + lasts,
        }
        with self._database.writing() as connection:
            if connection.execute(sa.select(KEYS.c.id).where(KEYS.c.name == cleaned)).first():
                raise QueryError(f"there is a key {cleaned!r} already; choose another name")
            connection.execute(sa.insert(KEYS), row)
            detail = {"role": role, "scopes": row["scopes"]}
            record_in(connection, by, "key issued", cleaned, detail)
        return secret

    def all(self) -> Sequence[ApiKey]:
        """Every key ever issued, in order of name."""
        with self._database.reading() as connection:
            rows = connection.execute(sa.select(KEYS).order_by(KEYS.c.name)).all()
        return [_key_of(row) for row in rows]

    def revoke(self, name: str, by: str) -> None:
        """Make a key open nothing any more. Raises QueryError where there is none."""
        with self._database.writing() as connection:
            query = sa.update(KEYS).where(KEYS.c.name == name, KEYS.c.revoked_at.is_(None))
            if not connection.execute(query.values(revoked_at=utc_now())).rowcount:
                raise QueryError(f"there is no key {name!r} to revoke; see: oneid key list")
            record_in(connection, by, "key revoked", name)
        with self._turn:
            self._known.clear()

    def remembers(self, secret: str) -> bool:
        """Whether `find` answers without asking the store."""
        asked_at, _ = self._known.get(hash_of(secret), (-math.inf, None))
        return time.monotonic() - asked_at <= _REMEMBERED

    def find(self, secret: str) -> ApiKey | None:
        """The key with this secret, if it opens anything now; None otherwise."""
        hashed, now = hash_of(secret), time.monotonic()
        with self._turn:
            asked_at, key = self._known.get(hashed, (now - _REMEMBERED - 1, None))
        if now - asked_at > _REMEMBERED:
            with self._database.reading() as connection:
                query = sa.select(KEYS).where(KEYS.c.secret_hash == hashed)
                row = connection.execute(query).first()
            key = _key_of(row) if row else None
            with self._turn:
                if key or len(self._known) < 10_000:  # guesses must not fill the memory
                    self._known[hashed] = (now, key)
        return key if key and key.is_good(utc_now()) else None


def _key_of(row: Any) -> ApiKey:
    scopes = frozenset(Scope(name) for name in row.scopes.split(","))
    return ApiKey(
        row.id, row.name, Role(row.role), scopes, row.per_minute, row.created_at,
        row.expires_at, row.revoked_at,
    )  # fmt: skip
