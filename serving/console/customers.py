"""Search, and the page of a customer."""

from typing import Annotated, Final, Literal

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel

from resolution.explain import tell_entity
from resolution.explain.picture import entity_picture
from serving.access import GroundOf, Reader
from serving.audited import note_look
from serving.console.archive import archive_of
from serving.console.entity_view import view_entity
from serving.console.finding import SHOWN, find_customers
from serving.console.language import sayings
from serving.console.page import PageRoute, Viewer, go_to, render
from serving.problems import ApiProblem
from warehouse.entity_history import tell_history

router = APIRouter(route_class=PageRoute, include_in_schema=False)
FIRST: Final = 7
"""Customers that are shown while somebody types."""
STEPS: Final = 20
"""Releases of a customer's history that are shown."""
_BY_SCREEN: Final = "(prefers-color-scheme:dark)"


class Drawing(BaseModel):
    """In which language and look."""

    language: Literal["en", "zh"] = "en"
    look: Literal["auto", "light", "dark"] = "auto"


@router.get("/customers")
def search_page(
    request: Request, user: Viewer, ground: GroundOf, reader: Reader, q: str = ""
) -> Response:
    """Customers by name, phone, email or id; straight to the one, where there is only one."""
    found = find_customers(ground.project, reader, q, user.role)
    if found.total == 1:
        old = q.strip().upper() if found.by == "retired" else None
        return go_to(f"/customers/{found.customers[0]['entity_id']}", was=old)
    seen = [each["entity_id"] for each in found.customers]
    note_look(ground.audit, user, "console search", seen, reader.release.release)
    return render(
        request, "search.html", user, section="customers", asked=q, found=found, most=SHOWN
    )


@router.get("/customers/found")
def found_while_typing(
    request: Request, user: Viewer, ground: GroundOf, reader: Reader, q: str = ""
) -> Response:
    """The first few customers, for the list below the find box; nothing for a single letter."""
    asked = q.strip()
    enough = len(asked) > 1 or not asked.isascii()
    found = find_customers(ground.project, reader, asked if enough else "", user.role, FIRST)
    seen = [each["entity_id"] for each in found.customers]
    note_look(ground.audit, user, "console find", seen, reader.release.release)
    return render(request, "found.html", user, asked=asked if enough else "", found=found)


@router.get("/customers/{entity_id}")
def customer_page(
    request: Request,
    entity_id: str,
    user: Viewer,
    ground: GroundOf,
    reader: Reader,
) -> Response:
    """One customer; an id that was merged away leads to who it is now."""
    view = view_entity(reader, entity_id)
    if view is None:
        living = tell_history(ground.project, entity_id).living_entity_id
        if living is None or living == entity_id:
            raise ApiProblem(404, "not-found", "")
        return go_to(f"/customers/{living}", was=entity_id)
    note_look(ground.audit, user, "console customer", [entity_id], reader.release.release)
    steps = tell_history(ground.project, entity_id).chapters[0].steps
    return render(
        request,
        "customer.html",
        user,
        section="customers",
        view=view,
        steps=list(reversed(steps))[:STEPS],
        was=request.query_params.get("was", "")[:20],
        batch=request.query_params.get("batch", "")[:100],
    )


@router.get("/customers/{entity_id}/picture.svg")
def customer_picture(
    entity_id: str,
    user: Viewer,
    ground: GroundOf,
    reader: Reader,
    asked: Annotated[Drawing, Query()],
) -> Response:
    """How the records hang together; it shows keys and words, never values."""
    with archive_of(ground.project, reader) as archive:
        drawn = entity_picture(tell_entity(archive, entity_id), sayings(asked.language))
    if asked.look != "auto":  # what the reader chose goes before what the screen prefers
        drawn = drawn.replace(_BY_SCREEN, "all" if asked.look == "dark" else "not all")
    return Response(drawn, media_type="image/svg+xml", headers={"Cache-Control": "no-store"})
