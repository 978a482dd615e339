"""Splitting and merging customers by hand: shown first, recorded when it is said again."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Final, Protocol

from fastapi import APIRouter, Form, Request, Response
from pydantic import BaseModel

from core.errors import QueryError
from core.project import Project
from resolution.decisions import Decision
from resolution.decisions import Steward as Decider
from resolution.decisions.regrouping import merge_decisions, split_decisions
from serving.access import GroundOf, Reader, User
from serving.audited import note_look
from serving.console.page import PageRoute, Steward, go_to, render
from serving.console.queue_view import row_of
from serving.deciding import regroup, take_back_batch
from serving.ground import Ground
from serving.problems import ApiProblem
from serving.releases import ReleaseReader
from warehouse.ledger import IdentityLedger

router = APIRouter(route_class=PageRoute, include_in_schema=False)
SHOWN: Final = 40
"""Changed values that are shown."""


class Previewed(Protocol):
    """What decisions would change."""

    def as_json(self) -> dict[str, Any]:
        """As plain values: entities, rows, values, moved, segments, downstream, pending_…"""


PreviewDecisions = Callable[[Project, Sequence[Decision]], Previewed]
"""The next run, tried out: given to the server by whoever starts it, as it takes the stages."""


class Split(BaseModel):
    """The rows to take out; step `preview` shows, `record` records."""

    rows: list[str] = []
    step: str = "preview"
    note: str = ""
    csrf_token: str = ""


class Merge(BaseModel):
    """The customer to merge with."""

    other: str = ""
    step: str = "preview"
    note: str = ""
    csrf_token: str = ""


class Batch(BaseModel):
    """A batch to take back."""

    batch: str
    csrf_token: str = ""


@router.post("/customers/{entity_id}/split")
def split(
    request: Request,
    entity_id: str,
    user: Steward,
    ground: GroundOf,
    reader: Reader,
    form: Annotated[Split, Form()],
) -> Response:
    """What taking rows out would change, or the batch of non-matches that does it."""
    if not form.rows:
        raise QueryError("no row was chosen; mark those that are somebody else")
    by = _decider(user, form.note)
    rows = [row_of(each) for each in form.rows]
    decisions = split_decisions(reader.connection, entity_id, rows, by)
    if form.step == "record":
        batch = regroup(ground, user, entity_id, decisions)
        return go_to(f"/customers/{entity_id}", batch=batch)
    fields = [("rows", each) for each in form.rows]
    return _preview(request, user, ground, reader, (entity_id, "split", decisions, fields))


@router.post("/customers/{entity_id}/merge")
def merge(
    request: Request,
    entity_id: str,
    user: Steward,
    ground: GroundOf,
    reader: Reader,
    form: Annotated[Merge, Form()],
) -> Response:
    """What merging would change, or the batch of matches that does it."""
    other = IdentityLedger(ground.project).resolve(form.other.strip().upper())
    decisions = merge_decisions(reader.connection, entity_id, other, _decider(user, form.note))
    if form.step == "record":
        batch = regroup(ground, user, entity_id, decisions)
        return go_to(f"/customers/{entity_id}", batch=batch)
    fields = [("other", other)]
    return _preview(request, user, ground, reader, (entity_id, "merge", decisions, fields))


@router.post("/undo-batch")
def undo_batch(user: Steward, ground: GroundOf, form: Annotated[Batch, Form()]) -> Response:
    """Take back what still stands of a batch."""
    take_back_batch(ground, user, form.batch)
    return go_to("/decisions")


def _decider(user: User, note: str) -> Decider:
    return Decider(user.name, datetime.now(UTC).replace(tzinfo=None), note.strip())


def _preview(
    request: Request,
    user: User,
    ground: Ground,
    reader: ReleaseReader,
    asked: tuple[str, str, Sequence[Decision], Sequence[tuple[str, str]]],
) -> Response:
    entity_id, kind, decisions, fields = asked
    preview: PreviewDecisions | None = getattr(request.app.state, "preview", None)
    if preview is None:
        raise ApiProblem(503, "unavailable", "this server was started without previews")
    changes = preview(ground.project, decisions).as_json()
    seen = sorted({entity_id, *(each["entity_id"] for each in changes["values"])})
    note_look(ground.audit, user, f"console {kind}", seen, reader.release.release)
    return render(
        request,
        "regroup.html",
        user,
        section="customers",
        entity_id=entity_id,
        kind=kind,
        fields=fields,
        count=len(decisions),
        changes=changes,
        actions={each["entity_id"]: each for each in changes["downstream"]},
        most=SHOWN,
    )
