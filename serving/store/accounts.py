"""Accounts of people: passwords hashed with Argon2, locked for a while after wrong ones."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from core.errors import QueryError
from serving.roles import Role
from serving.settings import ServingSettings
from serving.store.audit import record_in
from serving.store.database import ServingDatabase, utc_now
from serving.store.tables import ACCOUNTS, SESSIONS

SHORTEST_PASSWORD: Final = 12
_HASHER: Final = PasswordHasher()
_NOBODY: Final = _HASHER.hash("nobody")
"""Checked where there is no such account, so that the answer takes as long."""


@dataclass(frozen=True)
class Account:
    """A person who may sign in."""

    id: int
    name: str
    role: Role
    created_at: datetime
    disabled_at: datetime | None
    locked_until: datetime | None


class Accounts:
    """The accounts of one project. `by` is who does it, for the audit."""

    def __init__(self, database: ServingDatabase, settings: ServingSettings) -> None:
        self._database = database
        self._settings = settings

    def add(self, name: str, role: Role, password: str, by: str) -> None:
        """Make an account. Raises QueryError for a name in use, or a password too short."""
        cleaned = _usable_name(name)
        hashed = _hashed(password)
        with self._database.writing() as connection:
            if _found(connection, cleaned):
                raise QueryError(f"there is an account {cleaned} already; choose another name")
            row = {"name": cleaned, "role": role, "password_hash": hashed, "created_at": utc_now()}
            connection.execute(sa.insert(ACCOUNTS), row)
            record_in(connection, by, "account added", cleaned, {"role": role})

    def all(self) -> Sequence[Account]:
        """Every account, in order of name."""
        with self._database.reading() as connection:
            return [
                account_of(row)
                for row in connection.execute(sa.select(ACCOUNTS).order_by(ACCOUNTS.c.name))
            ]

    def disable(self, name: str, by: str) -> None:
        """Let an account sign in no more, and end its sessions. Raises QueryError for none."""
        with self._database.writing() as connection:
            account = _required(connection, name)
            _change(connection, account.id, disabled_at=utc_now())
            _end_sessions(connection, account.id)
            record_in(connection, by, "account disabled", account.name)

    def set_password(self, name: str, password: str, by: str) -> None:
        """Give an account another password, unlock it, and end its sessions.

        Raises QueryError for no such account, or a password too short.
        """
        hashed = _hashed(password)
        with self._database.writing() as connection:
            account = _required(connection, name)
            _change(connection, account.id, password_hash=hashed, failures=0, locked_until=None)
            _end_sessions(connection, account.id)
            record_in(connection, by, "password set", account.name)

    def verify(self, name: str, password: str) -> Account | None:
        """The account, if name and password are right and it may sign in; None otherwise.

        Every outcome is in the audit. Wrong passwords in a row lock the account for a while, in
        which the right one is no good either.
        """
        with self._database.reading() as connection:
            found = _found(connection, name.strip().lower())
        is_right = _is_right(found.password_hash if found else _NOBODY, password)
        if found is None:
            self._audit_failure("unknown", "no such account")
            return None
        with self._database.writing() as connection:
            row = _found(connection, found.name)
            assert row is not None  # accounts are never removed
            now = utc_now()
            is_open = row.disabled_at is None and not (row.locked_until and row.locked_until > now)
            if is_right and is_open:
                _change(connection, row.id, failures=0, locked_until=None)
                record_in(connection, f"account:{row.name}", "signed in")
                return account_of(row)
            if is_open:
                self._count_failure(connection, row)
            record_in(connection, f"account:{row.name}", "sign-in refused")
        return None

    def _count_failure(self, connection: sa.Connection, row: Any) -> None:
        failures = row.failures + 1
        locks = failures >= self._settings.wrong_passwords
        until = utc_now() + self._settings.lock_lasts if locks else None
        _change(connection, row.id, failures=0 if locks else failures, locked_until=until)

    def _audit_failure(self, name: str, why: str) -> None:
        with self._database.writing() as connection:
            record_in(connection, f"account:{name}", "sign-in refused", detail={"why": why})


def account_of(row: Any) -> Account:
    """The account in a row of its table."""
    role = Role(row.role)
    return Account(row.id, row.name, role, row.created_at, row.disabled_at, row.locked_until)


def _usable_name(name: str) -> str:
    cleaned = name.strip().lower()
    if not cleaned or len(cleaned) > 80 or not all(c.isalnum() or c in "._-@" for c in cleaned):
        raise QueryError(
            f"{name!r} is no name for an account; use letters, digits and . _ - @, at most 80"
        )
    return cleaned


def _hashed(password: str) -> str:
    if len(password) < SHORTEST_PASSWORD:
        raise QueryError(f"the password is too short; use {SHORTEST_PASSWORD} characters or more")
    return _HASHER.hash(password)


def _is_right(hashed: str, password: str) -> bool:
    try:
        return _HASHER.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def _found(connection: sa.Connection, name: str) -> Any:
    return connection.execute(sa.select(ACCOUNTS).where(ACCOUNTS.c.name == name)).first()


def _required(connection: sa.Connection, name: str) -> Any:
    found = _found(connection, name.strip().lower())
    if found is None:
        raise QueryError(f"there is no account {name!r}; see: oneid account list")
    return found


def _change(connection: sa.Connection, account_id: int, **values: object) -> None:
    connection.execute(sa.update(ACCOUNTS).where(ACCOUNTS.c.id == account_id).values(**values))


def _end_sessions(connection: sa.Connection, account_id: int) -> None:
    connection.execute(sa.delete(SESSIONS).where(SESSIONS.c.account_id == account_id))
