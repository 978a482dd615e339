"""What every page shares: templates, the reader's language and look, and errors as pages."""

from collections.abc import Callable, Coroutine
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, Final
from urllib.parse import quote, urlencode

from fastapi import Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from core.errors import OneIDError, ProjectError
from serving.access import User, current_user
from serving.console.causes import cause_told
from serving.console.language import LANGUAGES, language_of, phrase_book, retelling, translator
from serving.console.marking import pinyin
from serving.masking import masked
from serving.problems import ApiProblem
from serving.releases import NothingPublished
from serving.roles import Role

LOOK_COOKIE: Final = "oneid_look"
LOOKS: Final = ("auto", "light", "dark")
_UNKNOWN: Final = ("no record of the current release", "was never issued")
Viewer = Annotated[User, Depends(current_user(Role.VIEWER))]
Steward = Annotated[User, Depends(current_user(Role.STEWARD))]
Answer = Callable[[Request], Coroutine[Any, Any, Response]]


def _day(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d}" if at else "–"


def _minute(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else "–"


def _count(number: float | None) -> str:
    return "–" if number is None else f"{number:,.0f}"


def _signed(weight: float) -> str:
    written = f"{weight:+.1f}".replace("-", "\N{MINUS SIGN}")
    return "0.0" if written[1:] == "0.0" else written


_TEMPLATES: Final = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.filters.update(
    day=_day, minute=_minute, count=_count, signed=_signed, query=lambda x: quote(str(x), safe="")
)


def render(
    request: Request, template: str, user: User | None = None, status: int = 200, **told: Any
) -> HTMLResponse:
    """A page for `user`, in the reader's language; nobody may keep a copy."""
    language = language_of(request)
    look = request.cookies.get(LOOK_COOKIE, "auto")
    role = user.role if user else Role.VIEWER
    t, said = translator(language), phrase_book(language)
    page = _TEMPLATES.get_template(template).render(
        t=t,
        said=said,
        retold=retelling(language),
        cause=lambda words: cause_told(words, t, said),
        language=language,
        languages=LANGUAGES,
        look=look if look in LOOKS else "auto",
        here=address_of(request),
        user=user,
        may_decide=role.includes(Role.STEWARD),
        seen=lambda column, value: masked(column, value, role),
        reading=lambda column, value: _reading(column, value) if role.sees_personal else None,
        **({"section": ""} | told),
    )
    return HTMLResponse(page, status, {"Cache-Control": "no-store"})


def _reading(column: str, value: object) -> str | None:
    """A name's Latin letters, where it is written in Han."""
    return pinyin(value) if "name" in column and isinstance(value, str) else None


def address_of(request: Request) -> str:
    """Where the reader is: path and query, to come back to."""
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def local_address(text: str) -> str:
    """`text` where it leads to a page of this server, else the first page."""
    is_local = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable()
    return text if is_local and "\\" not in text else "/"


def go_to(path: str, **query: str | None) -> RedirectResponse:
    """Send the browser to a page, to be fetched anew."""
    told = urlencode({name: value for name, value in query.items() if value})
    return RedirectResponse(f"{path}?{told}" if told else path, 303, {"Cache-Control": "no-store"})


class PageRoute(APIRoute):
    """A path whose errors are pages that say what to do next; who is not signed in may sign in."""

    def get_route_handler(self) -> Answer:
        """The handler, its errors turned into pages."""
        answer = super().get_route_handler()

        async def as_page(request: Request) -> Response:
            try:
                return await answer(request)
            except (ApiProblem, RequestValidationError, OneIDError) as error:
                return _told(request, error)

        return as_page


def _told(request: Request, error: Exception) -> Response:
    """What went wrong, as a page; the way to sign in for who has not."""
    if isinstance(error, ApiProblem):
        if error.status == 401:
            return go_to("/sign-in", back=address_of(request) if request.method == "GET" else None)
        return _error_page(request, error.status, error.kind, error.detail)
    if isinstance(error, RequestValidationError):
        return _error_page(request, 422, "unusable-request", "")
    told = str(error)
    if isinstance(error, ProjectError):
        is_first = isinstance(error, NothingPublished)
        return _error_page(request, 503, "nothing-published" if is_first else "unavailable", told)
    if any(words in told for words in _UNKNOWN):
        return _error_page(request, 404, "not-found", "")
    return _error_page(request, 400, "refused", told)


def _error_page(request: Request, status: int, kind: str, detail: str) -> HTMLResponse:
    known = ("nothing-published", "not-found", "not-allowed", "wrong-form", "held", "unavailable")
    key = kind if kind in known else "refused"
    user: User | None = getattr(request.state, "user", None)
    return render(request, "error.html", user, status, kind=key, detail=detail)
