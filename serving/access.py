"""Who asks, and what they may: the dependencies that every path but the public ones has.

@router.get("/pages/x")
def page(user: Annotated[User, Depends(current_user(Role.STEWARD))]) -> …

@router.get("/v1/x")
def x(caller: Annotated[Caller, Depends(api_key(Scope.CUSTOMERS))], reader: Reader) -> …
"""

import hmac
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import Depends, Request, Security
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.concurrency import run_in_threadpool

from serving.ground import Ground
from serving.problems import ApiProblem
from serving.releases import ReleaseReader
from serving.roles import Role, Scope
from serving.store.keys import ApiKey

COOKIE: Final = "oneid_session"
CSRF_HEADER: Final = "X-CSRF-Token"
CSRF_FIELD: Final = "csrf_token"
_SAFE: Final = ("GET", "HEAD", "OPTIONS")
_BEARER: Final = HTTPBearer(
    scheme_name="ApiKey",
    bearerFormat="oneid_…",
    description="An API key, as `oneid key add` showed it once.",
    auto_error=False,
)


@dataclass(frozen=True)
class User:
    """A person who is signed in."""

    name: str
    role: Role
    csrf: str
    """To be sent back in the form field csrf_token, or the header X-CSRF-Token."""

    @property
    def who(self) -> str:
        """The name for the audit."""
        return f"account:{self.name}"


@dataclass(frozen=True)
class Caller:
    """A program that asks with its key."""

    name: str
    role: Role
    key_id: int

    @property
    def who(self) -> str:
        """The name for the audit."""
        return f"key:{self.name}"


async def ground_of(request: Request) -> Ground:
    """What the server stands on. Nothing waits here: as a plain function it would take a thread."""
    ground: Ground = request.app.state.ground
    return ground


def release_reader(request: Request) -> Iterator[ReleaseReader]:
    """The current release, held until the answer is complete. 503 before the first."""
    ground: Ground = request.app.state.ground
    with ground.releases.reading() as reader:
        yield reader


GroundOf = Annotated[Ground, Depends(ground_of)]
Reader = Annotated[ReleaseReader, Depends(release_reader)]


def current_user(role: Role) -> Callable[..., AsyncIterator[User]]:
    """A dependency: the signed-in person, who must have at least `role`.

    401 where nobody is signed in, 403 where the role is another, or where something is to be
    changed without the session's own token.
    """

    async def signed_in(request: Request, ground: GroundOf) -> AsyncIterator[User]:
        token = request.cookies.get(COOKIE)
        session = await run_in_threadpool(ground.sessions.find, token) if token else None
        if session is None:
            raise ApiProblem(401, "not-signed-in", "nobody is signed in; sign in at /sign-in")
        account = session.account
        # kept for the page that says what went wrong
        user = request.state.user = User(account.name, account.role, session.csrf)
        if request.method not in _SAFE:
            await _require_csrf(request, session.csrf)
        if not account.role.includes(role):
            raise ApiProblem(403, "not-allowed", f"this is for {role}s; you are {account.role}")
        yield user

    signed_in.least_role = role  # type: ignore[attr-defined]
    return signed_in


def api_key(scope: Scope, role: Role = Role.VIEWER) -> Callable[..., Awaitable[Caller]]:
    """A dependency: the program whose key has `scope`, and at least `role`.

    401 without a good key, 403 where it may not, 429 where it asks too often.
    """

    async def known(
        ground: GroundOf,
        given: Annotated[HTTPAuthorizationCredentials | None, Security(_BEARER)],
    ) -> Caller:
        key = await _key(ground, given.credentials) if given else None
        if key is None:
            detail = "send a key that is good: Authorization: Bearer oneid_…; see: oneid key add"
            raise ApiProblem(401, "no-key", detail, {"WWW-Authenticate": "Bearer"})
        if wait := ground.limits.take(key.id, key.per_minute):
            detail = f"this key may ask {key.per_minute} times a minute; wait, then ask again"
            raise ApiProblem(429, "too-often", detail, {"Retry-After": str(int(wait) + 1)})
        if scope not in key.scopes or not key.role.includes(role):
            may = f"this needs a key with scope {scope} and role {role} or more"
            raise ApiProblem(403, "not-allowed", may)
        return Caller(key.name, key.role, key.id)

    known.scope = scope  # type: ignore[attr-defined]
    known.least_role = role  # type: ignore[attr-defined]
    return known


async def _key(ground: Ground, secret: str) -> ApiKey | None:
    """The key that opens; a thread is taken only where the store has to be asked."""
    if ground.keys.remembers(secret):
        return ground.keys.find(secret)
    return await run_in_threadpool(ground.keys.find, secret)


async def _require_csrf(request: Request, expected: str) -> None:
    given = request.headers.get(CSRF_HEADER, "")
    kind = request.headers.get("content-type", "")
    if not given and kind.startswith(("application/x-www-form-urlencoded", "multipart/form-data")):
        given = str((await request.form()).get(CSRF_FIELD, ""))
    if not hmac.compare_digest(given.encode(), expected.encode()):
        detail = "the form was made for another session; load the page again and repeat"
        raise ApiProblem(403, "wrong-form", detail)
