"""/v1/webhooks: addresses that changes are sent to, and what they would not take."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Literal
from urllib.parse import urlsplit

from fastapi import APIRouter, Depends, Path, Response
from pydantic import BaseModel, ConfigDict, Field

from core.errors import QueryError
from serving.access import Caller, GroundOf, api_key
from serving.api.changes import Kind
from serving.feed import START, Cursor
from serving.ground import Ground
from serving.problems import ApiProblem, answered
from serving.roles import Role, Scope
from serving.store.webhooks import Delivery, Webhook

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"])
Asking = Annotated[Caller, Depends(api_key(Scope.WEBHOOKS, Role.ADMIN))]
Number = Annotated[int, Path(ge=1, le=2**31 - 1)]
_HOME = ("localhost", "127.0.0.1", "::1")


class NewWebhook(BaseModel):
    """Where to send what."""

    model_config = ConfigDict(extra="forbid")
    url: str = Field(
        max_length=2000,
        description="https, or http on this machine",
        examples=["https://crm.example.com/hooks/oneid"],
    )
    kinds: list[Kind] = Field(default=[], max_length=6, description="Only these; all without")
    cursor: str = Field(
        default="latest",
        max_length=4000,
        description="Where to begin: a cursor of the feed, latest, or start",
    )
    masked: bool = Field(default=False, description="Send personal data masked")


class WebhookTold(BaseModel):
    """A webhook."""

    id: int
    url: str
    kinds: list[str]
    masked: bool
    cursor: str = Field(description="How far batches were made")
    created_at: datetime
    secret: str | None = Field(
        default=None,
        description="What deliveries are signed with; told once, when the webhook is made",
    )


class WebhookList(BaseModel):
    """Every webhook."""

    webhooks: list[WebhookTold]


class DeadLetter(BaseModel):
    """A batch that was given up."""

    id: int
    after_cursor: str = Field(description="GET /v1/changes with it gives what was not taken")
    until_cursor: str
    attempts: int
    problem: str | None
    made_at: datetime


class DeadLetters(BaseModel):
    """The batches of a webhook that were given up."""

    dead_letters: list[DeadLetter]


@router.post(
    "",
    status_code=201,
    summary="Have changes sent",
    responses=answered(401, 403, 410, 422, 429, 503),
)
def post_webhook(caller: Asking, ground: GroundOf, asked: NewWebhook) -> WebhookTold:
    """Changes are sent as POST in the order of the feed, at most 100 at a time, each batch again
    until it is answered with 2xx, and after twelve tries put with the dead letters.

    OneID-Signature is `t=<seconds>,v1=<hex>`: HMAC-SHA256, by the secret, of `<t>.` and the body.
    A batch may come twice; OneID-Delivery tells."""
    _require_address(asked.url)
    cursor = _cursor(ground, asked.cursor)
    role = Role.VIEWER if asked.masked else caller.role
    made = ground.webhooks.add(asked.url, sorted(set(asked.kinds)), role, cursor, caller.who)
    return _told(made, made.secret)


@router.get("", summary="Which are there?", responses=answered(401, 403, 429, 503))
def get_webhooks(_caller: Asking, ground: GroundOf) -> WebhookList:
    """Every webhook, without its secret."""
    return WebhookList(webhooks=[_told(each) for each in ground.webhooks.all()])


@router.delete(
    "/{number}",
    status_code=204,
    summary="Send no more",
    responses=answered(401, 403, 404, 422, 429, 503),
)
def delete_webhook(caller: Asking, ground: GroundOf, number: Number) -> Response:
    """Nothing more is sent to it."""
    with _known():
        ground.webhooks.remove(number, caller.who)
    return Response(status_code=204)


@router.get(
    "/{number}/dead-letters",
    summary="What was given up?",
    responses=answered(401, 403, 404, 422, 429, 503),
)
def get_dead_letters(_caller: Asking, ground: GroundOf, number: Number) -> DeadLetters:
    """Batches that were not taken in twelve tries. Later ones are sent all the same."""
    with _known():
        ground.webhooks.find(number)
    letters = [_letter(each) for each in ground.webhooks.dead_letters(number)]
    return DeadLetters(dead_letters=letters)


@router.post(
    "/{number}/dead-letters/{letter}",
    status_code=202,
    summary="Send it again",
    responses=answered(401, 403, 404, 422, 429, 503),
)
def post_dead_letter(
    caller: Asking, ground: GroundOf, number: Number, letter: Number
) -> dict[Literal["state"], str]:
    """The batch is sent again, as if for the first time."""
    with _known():
        ground.webhooks.revive(number, letter, caller.who)
    return {"state": "pending"}


@contextmanager
def _known() -> Iterator[None]:
    """404 for a webhook, or a batch, that there is not."""
    try:
        yield
    except QueryError as error:
        raise ApiProblem(404, "not-found", str(error)) from None


def _require_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        is_usable = bool(parts.hostname) and (
            parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _HOME)
        )
    except ValueError:
        is_usable = False
    if not is_usable:
        detail = "url must be https://…, or http:// on this machine: changes hold personal data"
        raise ApiProblem(422, "unusable-request", detail)


def _cursor(ground: Ground, asked: str) -> str:
    if asked == "latest":
        return str(ground.feed.end())
    cursor = START if asked == "start" else Cursor.read(asked)
    ground.feed.read(cursor, 1, Role.VIEWER)  # or it is of a release that is not known
    return str(cursor)


def _told(webhook: Webhook, secret: str | None = None) -> WebhookTold:
    return WebhookTold(
        id=webhook.id,
        url=webhook.url,
        kinds=list(webhook.kinds),
        masked=not webhook.role.sees_personal,
        cursor=webhook.cursor,
        created_at=webhook.created_at,
        secret=secret,
    )


def _letter(delivery: Delivery) -> DeadLetter:
    return DeadLetter(
        id=delivery.id,
        after_cursor=delivery.after_cursor,
        until_cursor=delivery.until_cursor,
        attempts=delivery.attempts,
        problem=delivery.problem,
        made_at=delivery.made_at,
    )
