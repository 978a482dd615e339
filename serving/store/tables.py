"""The tables of the server's own store."""

from typing import Final

import sqlalchemy as sa

METADATA: Final = sa.MetaData()

ACCOUNTS: Final = sa.Table(
    "serving_accounts",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("disabled_at", sa.DateTime),
    sa.Column("failures", sa.Integer, nullable=False, server_default="0"),
    sa.Column("locked_until", sa.DateTime),
    comment="One row a person who may sign in",
    sqlite_autoincrement=True,
)

SESSIONS: Final = sa.Table(
    "serving_sessions",
    METADATA,
    sa.Column("token_hash", sa.Text, primary_key=True),
    sa.Column("account_id", sa.ForeignKey(ACCOUNTS.c.id), nullable=False, index=True),
    sa.Column("csrf", sa.Text, nullable=False),
    sa.Column("began_at", sa.DateTime, nullable=False),
    sa.Column("seen_at", sa.DateTime, nullable=False),
    comment="One row a browser that is signed in",
)

KEYS: Final = sa.Table(
    "serving_keys",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("secret_hash", sa.Text, nullable=False, unique=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("scopes", sa.Text, nullable=False),
    sa.Column("per_minute", sa.Integer, nullable=False),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("expires_at", sa.DateTime),
    sa.Column("revoked_at", sa.DateTime),
    comment="One row an API key ever issued",
    sqlite_autoincrement=True,
)

AUDIT: Final = sa.Table(
    "serving_audit",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("at", sa.DateTime, nullable=False),
    sa.Column("who", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    comment="One row something that somebody did or looked at; rows are only added",
    sqlite_autoincrement=True,
)

WEBHOOKS: Final = sa.Table(
    "serving_webhooks",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("url", sa.Text, nullable=False),
    sa.Column("secret", sa.Text, nullable=False),
    sa.Column("kinds", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("cursor", sa.Text, nullable=False),
    sa.Column("created_at", sa.DateTime, nullable=False),
    sa.Column("removed_at", sa.DateTime),
    comment="One row an address that changes are sent to, and how far it was served",
    sqlite_autoincrement=True,
)

DELIVERIES: Final = sa.Table(
    "serving_deliveries",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("webhook_id", sa.ForeignKey(WEBHOOKS.c.id), nullable=False, index=True),
    sa.Column("after_cursor", sa.Text, nullable=False),
    sa.Column("until_cursor", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False, index=True),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("next_at", sa.DateTime, nullable=False),
    sa.Column("problem", sa.Text),
    sa.Column("made_at", sa.DateTime, nullable=False),
    sa.Column("settled_at", sa.DateTime),
    comment="One row a batch of changes for one webhook; holds cursors, no values",
    sqlite_autoincrement=True,
)

CLAIMS: Final = sa.Table(
    "serving_claims",
    METADATA,
    sa.Column("pair", sa.Text, primary_key=True),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("until", sa.DateTime, nullable=False),
    comment="One row a pair that a steward has before them",
)

_REFUSAL = "the audit is only added to"
_SQLITE = (
    "CREATE TRIGGER serving_audit_{0} BEFORE {0} ON serving_audit "
    "BEGIN SELECT RAISE(ABORT, '{1}'); END"
)
_POSTGRES_FUNCTION = (
    "CREATE OR REPLACE FUNCTION serving_audit_kept() RETURNS trigger LANGUAGE plpgsql AS "
    f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}'; END $$"
)
_POSTGRES = (
    "CREATE TRIGGER serving_audit_kept BEFORE UPDATE OR DELETE ON serving_audit "
    "FOR EACH ROW EXECUTE FUNCTION serving_audit_kept()"
)


def _after_create(sql: str, dialect: str) -> None:
    statement: sa.DDL = sa.DDL(sql)  # type: ignore[no-untyped-call]
    sa.event.listen(AUDIT, "after_create", statement.execute_if(dialect=dialect))


for _change in ("UPDATE", "DELETE"):
    _after_create(_SQLITE.format(_change, _REFUSAL), "sqlite")
_after_create(_POSTGRES_FUNCTION, "postgresql")
_after_create(_POSTGRES, "postgresql")
