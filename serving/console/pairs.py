"""A pair side by side, and what a steward says of it."""

from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response
from pydantic import BaseModel

from core.errors import DecisionError
from resolution.decisions import Decision, DecisionStore
from resolution.decisions.states import with_states
from resolution.explain.published import find_row
from resolution.learning.decided_pairs import WORDS
from serving.access import GroundOf, Reader, User
from serving.audited import note_look
from serving.console.page import PageRoute, Steward, Viewer, go_to, render
from serving.console.pair_view import view_pair
from serving.console.queue_view import (
    Filters,
    PairKey,
    held_by_others,
    in_queue,
    next_pair,
    queue_of,
    released_queue,
    row_of,
)
from serving.deciding import decide as record_decision
from serving.deciding import take_back
from serving.ground import Ground
from serving.problems import ApiProblem
from serving.releases import ReleaseReader
from serving.roles import Role
from serving.store.claims import Claims

router = APIRouter(route_class=PageRoute, include_in_schema=False)


class Asked(Filters):
    """The two rows, the filters of the queue they were opened from, and what was just decided."""

    left: str
    right: str
    done: int | None = None

    @property
    def key(self) -> PairKey:
        """The pair."""
        return PairKey(row_of(self.left), row_of(self.right))


class Decided(Asked):
    """What the form brings; verdict `skip` decides nothing, `release` gives the pair back."""

    verdict: str
    note: str = ""
    csrf_token: str = ""


class Undone(BaseModel):
    """Which decision is taken back, and where to go then."""

    decision: int
    back: str = "/"
    csrf_token: str = ""


@router.get("/pair")
def pair_page(
    request: Request,
    user: Viewer,
    ground: GroundOf,
    reader: Reader,
    asked: Annotated[Asked, Query()],
) -> Response:
    """The evidence on two rows, held for the steward who opens it."""
    view = view_pair(ground.project, reader, asked.key, user.role)
    claims = Claims(ground.database)
    is_steward = user.role.includes(Role.STEWARD)
    claim = claims.take(asked.key.name, user.name) if is_steward else None
    seen = sorted({view.story.left.entity_id, view.story.right.entity_id})
    note_look(ground.audit, user, "console pair", seen, reader.release.release)
    states = with_states(DecisionStore(ground.project).all()).to_dicts()
    rows = {(key.source, key.key) for key in (asked.key.left, asked.key.right)}
    ends = [
        each
        for each in states
        if {(each["source_l"], each["key_l"]), (each["source_r"], each["key_r"])} & rows
    ]
    return render(
        request,
        "pair.html",
        user,
        section="queue",
        view=view,
        asked=asked,
        key=asked.key,
        claim=claim,
        queued=not in_queue(released_queue(reader, asked.queue), asked.key).is_empty(),
        done=next((x for x in states if x["id"] == asked.done and not x["undone_at"]), None),
        decisions=list(reversed(ends)),
    )


@router.post("/decide")
def decide(
    user: Steward, ground: GroundOf, reader: Reader, form: Annotated[Decided, Form()]
) -> Response:
    """Record the verdict, then go to the next pair. 409 where another steward holds the pair."""
    number = None
    if form.verdict in WORDS:
        number = _record(user, ground, reader, form)
    elif form.verdict not in ("skip", "release"):
        raise DecisionError("decide", [f"the verdict is one of {', '.join(WORDS)}"], "nothing done")
    Claims(ground.database).release(form.key.name, user.name)
    if form.verdict == "release":
        return go_to("/", **form.chosen)
    after = queue_of(reader, DecisionStore(ground.project).all(), form)
    held = held_by_others(ground, user.name)
    following = next_pair(reader, held, (after, form), form.key)
    if following is None:
        return go_to("/", **form.chosen)
    done = str(number) if number else None
    return go_to("/pair", **following.told, **form.chosen, done=done)


@router.post("/undo")
def undo(user: Steward, ground: GroundOf, form: Annotated[Undone, Form()]) -> Response:
    """Take a decision back, and show its pair again."""
    take_back(ground, user, form.decision)
    for each in DecisionStore(ground.project).all().to_dicts():
        if each["id"] == form.decision and form.back == "pair":
            left, right = (f"{each[f'source_{x}']}/{each[f'key_{x}']}" for x in "lr")
            return go_to("/pair", left=left, right=right)
    return go_to("/contradictions" if form.back == "contradictions" else "/decisions")


def _record(user: User, ground: Ground, reader: ReleaseReader, form: Decided) -> int:
    claim = Claims(ground.database).take(form.key.name, user.name)
    if claim.holder != user.name:
        told = f"{claim.holder} has this pair open until {claim.until:%H:%M} UTC"
        raise ApiProblem(409, "held", told)
    for each in (form.key.left, form.key.right):
        find_row(reader.connection, str(each))  # or it raises
    said = Decision(form.verdict, form.key.left, form.key.right, user.name, form.note.strip())
    return record_decision(ground, user, said, reader.release.release)
