"""Sessions of browsers that are signed in; only a hash of their token is kept."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import sqlalchemy as sa

from serving.settings import ServingSettings
from serving.store.accounts import Account, account_of
from serving.store.audit import record_in
from serving.store.database import ServingDatabase, utc_now
from serving.store.tables import ACCOUNTS, SESSIONS

_NOTED_EVERY: Final = timedelta(minutes=1)
"""How exactly it is known when a session was last used; spares a write a request."""


@dataclass(frozen=True)
class Session:
    """A browser that is signed in."""

    account: Account
    csrf: str
    """Must come back with everything that changes something."""


class Sessions:
    """The sessions of one project."""

    def __init__(self, database: ServingDatabase, settings: ServingSettings) -> None:
        self._database = database
        self._settings = settings

    def begin(self, account: Account) -> str:
        """Begin a session; its token, which is told nowhere else."""
        token, now = secrets.token_urlsafe(32), utc_now()
        row = {
            "token_hash": hash_of(token),
            "account_id": account.id,
            "csrf": secrets.token_urlsafe(32),
            "began_at": now,
            "seen_at": now,
        }
        with self._database.writing() as connection:
            connection.execute(sa.insert(SESSIONS), row)
        return token

    def find(self, token: str) -> Session | None:
        """The session of `token`; None where it is unknown or has ended."""
        now = utc_now()
        query = (
            sa.select(ACCOUNTS, SESSIONS.c.csrf, SESSIONS.c.seen_at)
            .join_from(SESSIONS, ACCOUNTS)
            .where(
                SESSIONS.c.token_hash == hash_of(token),
                SESSIONS.c.began_at > now - self._settings.session_lasts,
                SESSIONS.c.seen_at > now - self._settings.session_idle,
                ACCOUNTS.c.disabled_at.is_(None),
            )
        )
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        if row is None:
            return None
        if now - row.seen_at > _NOTED_EVERY:
            seen = sa.update(SESSIONS).where(SESSIONS.c.token_hash == hash_of(token))
            with self._database.writing() as connection:
                connection.execute(seen.values(seen_at=now))
        return Session(account_of(row), row.csrf)

    def end(self, token: str) -> None:
        """End a session, if there is one; those long over are removed, too."""
        session = self.find(token)
        with self._database.writing() as connection:
            long_over = SESSIONS.c.began_at < utc_now() - self._settings.session_lasts
            connection.execute(
                sa.delete(SESSIONS).where(
                    sa.or_(SESSIONS.c.token_hash == hash_of(token), long_over)
                )
            )
            if session:
                record_in(connection, f"account:{session.account.name}", "signed out")


def hash_of(secret: str) -> str:
    """What is kept of a random secret: of so many bits a plain hash tells nothing."""
    return hashlib.sha256(secret.encode()).hexdigest()
