"""Webhooks and what is to be sent to them: an outbox of batches, each two places in the feed."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa

from core.errors import QueryError
from serving.roles import Role
from serving.store.audit import record_in
from serving.store.database import ServingDatabase, utc_now
from serving.store.tables import DELIVERIES, WEBHOOKS

TRIES: Final = 12
"""After so many a batch is a dead letter; with the pauses between them some nine hours later."""
_FIRST_PAUSE: Final = timedelta(seconds=5)
_LONGEST_PAUSE: Final = timedelta(hours=2)


class State(StrEnum):
    """What became of a batch."""

    PENDING = "pending"
    DELIVERED = "delivered"
    DEAD = "dead"


@dataclass(frozen=True)
class Webhook:
    """An address that changes are sent to."""

    id: int
    url: str
    secret: str
    """What its deliveries are signed with."""
    kinds: tuple[str, ...]
    """Of change; all where there is none."""
    role: Role
    """Of the key that made it: whether values are masked."""
    cursor: str
    """How far batches were made."""
    created_at: datetime


@dataclass(frozen=True)
class Delivery:
    """A batch of changes for a webhook: those after one place, until another."""

    id: int
    webhook_id: int
    after_cursor: str
    until_cursor: str
    state: State
    attempts: int
    next_at: datetime
    problem: str | None
    """Why the last attempt failed."""
    made_at: datetime


class Webhooks:
    """The webhooks of one project and their outbox. `by` is who does it, for the audit."""

    def __init__(self, database: ServingDatabase) -> None:
        self._database = database

    def add(self, url: str, kinds: Sequence[str], role: Role, cursor: str, by: str) -> Webhook:
        """Begin to send what happens after `cursor` to `url`; has the secret it is signed with."""
        row = {
            "url": url,
            "secret": f"whsec_{secrets.token_urlsafe(32)}",
            "kinds": ",".join(kinds),
            "role": role,
            "cursor": cursor,
            "created_at": utc_now(),
        }
        with self._database.writing() as connection:
            added = sa.insert(WEBHOOKS).values(row).returning(WEBHOOKS.c.id)
            number = int(connection.execute(added).scalar_one())
            record_in(connection, by, "webhook added", str(number), {"kinds": row["kinds"]})
        return self.find(number)

    def all(self) -> list[Webhook]:
        """Every webhook, oldest first."""
        with self._database.reading() as connection:
            return [_webhook(row) for row in connection.execute(_LIVING.order_by(WEBHOOKS.c.id))]

    def find(self, webhook_id: int) -> Webhook:
        """The webhook. Raises QueryError where there is none."""
        with self._database.reading() as connection:
            row = connection.execute(_LIVING.where(WEBHOOKS.c.id == webhook_id)).first()
        if row is None:
            raise QueryError(f"there is no webhook {webhook_id}; see: GET /v1/webhooks")
        return _webhook(row)

    def remove(self, webhook_id: int, by: str) -> None:
        """Send nothing more to it. Raises QueryError where there is none."""
        self.find(webhook_id)
        with self._database.writing() as connection:
            query = sa.update(WEBHOOKS).where(WEBHOOKS.c.id == webhook_id)
            connection.execute(query.values(removed_at=utc_now()))
            record_in(connection, by, "webhook removed", str(webhook_id))

    def enqueue(self, webhook: Webhook, until: str, is_empty: bool) -> bool:
        """Move a webhook on to the place `until`, with a batch to send unless `is_empty`.

        Both or neither; False where somebody else had moved it already.
        """
        now = utc_now()
        batch = {
            "webhook_id": webhook.id,
            "after_cursor": webhook.cursor,
            "until_cursor": until,
            "state": State.PENDING,
            "next_at": now,
            "made_at": now,
        }
        with self._database.writing() as connection:
            unmoved = (WEBHOOKS.c.id == webhook.id) & (WEBHOOKS.c.cursor == webhook.cursor)
            moved = connection.execute(sa.update(WEBHOOKS).where(unmoved).values(cursor=until))
            if moved.rowcount and not is_empty:
                connection.execute(sa.insert(DELIVERIES), batch)
            return bool(moved.rowcount)

    def first_pending(self, webhook_id: int) -> Delivery | None:
        """The batch that must be sent before any other of the webhook; it may not be due yet."""
        query = (
            sa.select(DELIVERIES)
            .where(DELIVERIES.c.webhook_id == webhook_id, DELIVERIES.c.state == State.PENDING)
            .order_by(DELIVERIES.c.id)
            .limit(1)
        )
        with self._database.reading() as connection:
            row = connection.execute(query).first()
        return _delivery(row) if row else None

    def settle(self, delivery: Delivery, problem: str | None) -> State:
        """Keep how an attempt ended: taken where there is no `problem`; what became of the batch.

        A failed one is tried again after a pause that doubles, and is a dead letter after TRIES.
        """
        attempts, now = delivery.attempts + 1, utc_now()
        pause = min(_FIRST_PAUSE * 2 ** (attempts - 1), _LONGEST_PAUSE)
        state = State.DELIVERED if problem is None else State.PENDING
        if problem is not None and attempts >= TRIES:
            state = State.DEAD
        values = {
            "state": state,
            "attempts": attempts,
            "problem": problem,
            "next_at": now + pause,
            "settled_at": None if state is State.PENDING else now,
        }
        with self._database.writing() as connection:
            query = sa.update(DELIVERIES).where(DELIVERIES.c.id == delivery.id)
            connection.execute(query.values(values))
        return state

    def dead_letters(self, webhook_id: int) -> list[Delivery]:
        """The batches of a webhook that were given up, oldest first."""
        query = (
            sa.select(DELIVERIES)
            .where(DELIVERIES.c.webhook_id == webhook_id, DELIVERIES.c.state == State.DEAD)
            .order_by(DELIVERIES.c.id)
        )
        with self._database.reading() as connection:
            return [_delivery(row) for row in connection.execute(query)]

    def revive(self, webhook_id: int, delivery_id: int, by: str) -> None:
        """Send a dead letter again, now. Raises QueryError where there is none such."""
        letter = (
            (DELIVERIES.c.id == delivery_id)
            & (DELIVERIES.c.webhook_id == webhook_id)
            & (DELIVERIES.c.state == State.DEAD)
        )
        again = {"state": State.PENDING, "attempts": 0, "next_at": utc_now(), "settled_at": None}
        with self._database.writing() as connection:
            if not connection.execute(sa.update(DELIVERIES).where(letter).values(again)).rowcount:
                raise QueryError(f"webhook {webhook_id} has no dead letter {delivery_id}")
            record_in(connection, by, "dead letter sent again", f"{webhook_id}/{delivery_id}")

    def counts(self) -> dict[State, int]:
        """How many batches there are in each state."""
        query = sa.select(DELIVERIES.c.state, sa.func.count()).group_by(DELIVERIES.c.state)
        with self._database.reading() as connection:
            found = {State(state): int(count) for state, count in connection.execute(query)}
        return {state: found.get(state, 0) for state in State}


_LIVING: Final = sa.select(WEBHOOKS).where(WEBHOOKS.c.removed_at.is_(None))


def _webhook(row: Any) -> Webhook:
    kinds = tuple(row.kinds.split(",")) if row.kinds else ()
    role = Role(row.role)
    return Webhook(row.id, row.url, row.secret, kinds, role, row.cursor, row.created_at)


def _delivery(row: Any) -> Delivery:
    return Delivery(
        row.id, row.webhook_id, row.after_cursor, row.until_cursor, State(row.state),
        row.attempts, row.next_at, row.problem, row.made_at,
    )  # fmt: skip
