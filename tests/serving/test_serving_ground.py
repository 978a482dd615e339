"""Accounts, sessions, keys and the audit: who gets in, who does not, and what is left of it."""

import os
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from core.database import SETTING
from core.errors import ProjectError, QueryError
from core.project import Project
from serving.ground import Ground
from serving.limits import Limits
from serving.roles import Role, Scope
from serving.settings import ServingSettings
from serving.store.tables import AUDIT, KEYS, METADATA, SESSIONS

PASSWORD = "correct horse battery"


@pytest.fixture
def project(tmp_path: Path, database: str) -> Project:
    (tmp_path / "landing").mkdir()
    return Project(tmp_path)


def test_the_right_password_opens_and_the_wrong_one_does_not(ground: Ground) -> None:
    ground.accounts.add("Mei", Role.STEWARD, PASSWORD, "test")
    account = ground.accounts.verify("mei ", PASSWORD)
    assert account and account.role is Role.STEWARD
    assert ground.accounts.verify("mei", PASSWORD + "!") is None
    assert ground.accounts.verify("nobody", PASSWORD) is None


def test_wrong_passwords_in_a_row_lock_the_account_until_it_gets_another(ground: Ground) -> None:
    ground.accounts.add("mei", Role.STEWARD, PASSWORD, "test")
    for _ in range(ground.settings.wrong_passwords):
        assert ground.accounts.verify("mei", "a wrong password") is None
    assert ground.accounts.verify("mei", PASSWORD) is None
    ground.accounts.set_password("mei", "another long password", "test")
    assert ground.accounts.verify("mei", "another long password")


def test_an_account_is_not_taken_twice_nor_given_a_short_password(ground: Ground) -> None:
    ground.accounts.add("mei", Role.VIEWER, PASSWORD, "test")
    with pytest.raises(QueryError, match="already"):
        ground.accounts.add("MEI", Role.ADMIN, PASSWORD, "test")
    with pytest.raises(QueryError, match="too short"):
        ground.accounts.add("bo", Role.VIEWER, "short", "test")


def test_a_session_lasts_until_it_ends_or_its_account_is_disabled(ground: Ground) -> None:
    ground.accounts.add("mei", Role.STEWARD, PASSWORD, "test")
    account = ground.accounts.verify("mei", PASSWORD)
    assert account
    first, second = ground.sessions.begin(account), ground.sessions.begin(account)
    found = ground.sessions.find(first)
    assert found and found.account.name == "mei"
    ground.sessions.end(first)
    assert ground.sessions.find(first) is None
    assert ground.sessions.find(second)
    ground.accounts.disable("mei", "test")
    assert ground.sessions.find(second) is None
    assert ground.accounts.verify("mei", PASSWORD) is None


def test_a_session_that_was_idle_too_long_is_over(project: Project) -> None:
    ground = Ground(project, ServingSettings(session_idle=timedelta(seconds=-1)))
    ground.accounts.add("mei", Role.STEWARD, PASSWORD, "test")
    account = ground.accounts.verify("mei", PASSWORD)
    assert account
    assert ground.sessions.find(ground.sessions.begin(account)) is None


def test_a_key_opens_until_it_is_revoked_or_expires(ground: Ground) -> None:
    secret = ground.keys.issue("crm", Role.ANALYST, [Scope.CUSTOMERS], "test")
    found = ground.keys.find(secret)
    assert found and found.scopes == {Scope.CUSTOMERS}
    assert ground.keys.find(secret[:-1]) is None
    ground.keys.revoke("crm", "test")
    assert ground.keys.find(secret) is None
    old = ground.keys.issue("old", Role.VIEWER, [Scope.CUSTOMERS], "test", lasts=timedelta(0))
    assert ground.keys.find(old) is None


def test_neither_secrets_nor_passwords_are_kept(ground: Ground) -> None:
    ground.accounts.add("mei", Role.STEWARD, PASSWORD, "test")
    account = ground.accounts.verify("mei", PASSWORD)
    assert account
    secret = ground.keys.issue("crm", Role.ANALYST, [Scope.CUSTOMERS], "test")
    token = ground.sessions.begin(account)
    with ground.database.reading() as connection:
        tables = METADATA.sorted_tables
        kept = str([connection.execute(sa.select(table)).all() for table in tables])
    assert "mei" in kept and "crm" in kept
    for text in (PASSWORD, secret, token):
        assert text not in kept
    with ground.database.reading() as connection:
        assert connection.execute(sa.select(KEYS.c.secret_hash)).scalar_one() != secret
        assert connection.execute(sa.select(SESSIONS.c.token_hash)).scalar_one() != token


def test_the_audit_tells_what_was_done_and_cannot_be_changed(ground: Ground) -> None:
    ground.accounts.add("mei", Role.STEWARD, PASSWORD, "ops")
    ground.accounts.verify("mei", "a wrong password")
    ground.audit.record("account:mei", "looked at", "C-1", {"fields": ["email"]})
    told = [(row.who, row.action, row.subject) for row in ground.audit.newest()]
    assert told == [
        ("account:mei", "looked at", "C-1"),
        ("account:mei", "sign-in refused", ""),
        ("ops", "account added", "mei"),
    ]
    for change in (sa.update(AUDIT).values(who="x"), sa.delete(AUDIT)):
        with pytest.raises(ProjectError, match="only added"), ground.database.writing() as con:
            con.execute(change)


def test_a_bucket_fills_as_time_passes() -> None:
    now = 0.0
    limits = Limits(lambda: now)
    assert [limits.take(1, 2) for _ in range(3)] == [0.0, 0.0, 30.0]
    assert limits.take(2, 2) == 0.0
    now = 30.0
    assert limits.take(1, 2) == 0.0
    assert limits.take(1, 2) > 0


def test_a_store_that_cannot_be_read_is_told_in_words(project: Project, database: str) -> None:
    project.ledger.mkdir(parents=True)
    if database == "sqlite":
        (project.ledger / "serving.sqlite").write_bytes(b"no database at all, but bytes" * 99)
    else:
        os.environ[SETTING] += "_that_is_not_there"
    with pytest.raises(ProjectError, match="accounts, keys and the audit cannot be read"):
        Ground(project, ServingSettings())
