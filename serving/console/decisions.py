"""What was decided: a steward's own history, everybody's, and how far they agree."""

from typing import Annotated, Any, Final

import polars as pl
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from resolution.decisions import DecisionStore
from resolution.decisions.agreement import agreement_of
from resolution.decisions.states import BINDS, STATES, with_states
from serving.access import GroundOf
from serving.console.page import PageRoute, Viewer, render
from serving.store.database import utc_now

router = APIRouter(route_class=PageRoute, include_in_schema=False)
PAGE: Final = 40


class Asked(BaseModel):
    """Whose decisions, in which state, which page."""

    whose: str = "mine"
    state: str = ""
    page: int = Field(1, ge=1, le=100_000)


@router.get("/decisions")
def decisions_page(
    request: Request, user: Viewer, ground: GroundOf, asked: Annotated[Asked, Query()]
) -> Response:
    """Decisions newest first; with a state, everybody's in that state."""
    decisions = DecisionStore(ground.project).all()
    states = with_states(decisions)
    own = states.filter(pl.col("who") == user.name)
    everybody = asked.whose == "all" or asked.state in STATES
    shown = states if everybody else own
    if asked.state in STATES:
        shown = shown.filter(pl.col("state") == asked.state)
    start = (asked.page - 1) * PAGE
    return render(
        request,
        "decisions.html",
        user,
        section="decisions",
        list=shown.reverse().slice(start, PAGE).to_dicts(),
        total=shown.height,
        start=start,
        asked=asked,
        everybody=everybody,
        states=STATES,
        figures=_figures(own),
        agreement=agreement_of(decisions, user.name),
    )


def _figures(own: pl.DataFrame) -> dict[str, Any]:
    return {
        "made": own.height,
        "today": own.filter(pl.col("at").dt.date() == utc_now().date()).height,
        "standing": own.filter(pl.col("state") == BINDS).height,
    }
