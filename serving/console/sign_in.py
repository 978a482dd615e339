"""Signing in and out, and the reader's language and look."""

import hmac
import secrets
from typing import Annotated, Final

from fastapi import APIRouter, Form, Request, Response
from pydantic import BaseModel

from serving.access import COOKIE, CSRF_FIELD, GroundOf
from serving.console.language import LANGUAGE_COOKIE, LANGUAGES
from serving.console.page import (
    LOOK_COOKIE,
    LOOKS,
    PageRoute,
    Viewer,
    go_to,
    local_address,
    render,
)
from serving.ground import Ground

router = APIRouter(route_class=PageRoute, include_in_schema=False)
_FORM_COOKIE: Final = "oneid_form"
"""Holds what the sign-in form must bring along, so that no other site can sign anybody in."""
_YEAR: Final = 365 * 24 * 3600


class SignIn(BaseModel):
    """What the form brings."""

    name: str = ""
    password: str = ""
    csrf_token: str = ""
    back: str = "/"


class Preferences(BaseModel):
    """How a reader wants the pages."""

    language: str = ""
    look: str = ""
    back: str = "/"


@router.get("/sign-in")
def sign_in_form(request: Request, ground: GroundOf, back: str = "/") -> Response:
    """The form; who is signed in already goes on."""
    token = request.cookies.get(COOKIE)
    if token and ground.sessions.find(token):
        return go_to(local_address(back))
    return _form(request, ground, back)


@router.post("/sign-in")
def sign_in(request: Request, ground: GroundOf, form: Annotated[SignIn, Form()]) -> Response:
    """Begin a session, or say that name and password are wrong: never which of them."""
    expected = request.cookies.get(_FORM_COOKIE, "")
    if not expected or not hmac.compare_digest(expected.encode(), form.csrf_token.encode()):
        return _form(request, ground, form.back, "sign_in.stale", 403)
    account = ground.accounts.verify(form.name, form.password)
    if account is None:
        return _form(request, ground, form.back, "sign_in.wrong", 401)
    answer = go_to(local_address(form.back))
    secure = ground.settings.secure_cookies
    answer.set_cookie(
        COOKIE,
        ground.sessions.begin(account),
        max_age=int(ground.settings.session_lasts.total_seconds()),
        secure=secure,
        httponly=True,
        samesite="lax",
    )
    answer.delete_cookie(_FORM_COOKIE, secure=secure, httponly=True)
    return answer


@router.post("/sign-out")
def sign_out(request: Request, ground: GroundOf, user: Viewer) -> Response:
    """End the session."""
    ground.sessions.end(request.cookies[COOKIE])
    answer = go_to("/sign-in")
    answer.delete_cookie(COOKIE, secure=ground.settings.secure_cookies, httponly=True)
    return answer


@router.post("/preferences")
def preferences(form: Annotated[Preferences, Form()]) -> Response:
    """Remember language and look in the browser; they change nothing else, so anybody may."""
    answer = go_to(local_address(form.back))
    if form.language in LANGUAGES:
        answer.set_cookie(LANGUAGE_COOKIE, form.language, max_age=_YEAR, samesite="lax")
    if form.look in LOOKS:
        answer.set_cookie(LOOK_COOKIE, form.look, max_age=_YEAR, samesite="lax")
    return answer


def _form(
    request: Request, ground: Ground, back: str, problem: str | None = None, status: int = 200
) -> Response:
    token = secrets.token_urlsafe(24)
    answer = render(
        request,
        "sign_in.html",
        status=status,
        token=token,
        field=CSRF_FIELD,
        back=local_address(back),
        problem=problem,
    )
    secure = ground.settings.secure_cookies
    answer.set_cookie(_FORM_COOKIE, token, secure=secure, httponly=True, samesite="strict")
    return answer
