"""Deciding all pairs of one pattern in one go: shown first, recorded when it is said again."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final

import polars as pl
from fastapi import APIRouter, Form, Query, Request, Response

from core.errors import DecisionError, ProjectError
from resolution.decisions import Decision, DecisionStore
from resolution.decisions import Steward as Decider
from resolution.learning.decided_pairs import WORDS
from serving.access import GroundOf, Reader, User
from serving.audited import note_look
from serving.console.alike import (
    LARGEST,
    Alike,
    alike,
    decisions_on,
    outcome_of,
    without_contradictions,
)
from serving.console.page import PageRoute, Steward, go_to, render
from serving.console.pair_view import view_pair
from serving.console.queue_view import Filters, PairKey, held_by_others, pair_key, row_of
from serving.console.regroup import SHOWN, PreviewDecisions
from serving.ground import Ground
from serving.releases import ReleaseReader

router = APIRouter(route_class=PageRoute, include_in_schema=False)
SAMPLES: Final = 4
"""Pairs that are shown side by side."""
TRIED: Final = 200
"""Decisions up to which the next run is tried out before they are recorded."""


class Asked(Filters):
    """A pair of the pattern, and the filters of the queue it was opened from."""

    left: str
    right: str

    @property
    def key(self) -> PairKey:
        """The pair."""
        return PairKey(row_of(self.left), row_of(self.right))


class Said(Asked):
    """What the form brings: step `preview` shows, `record` records what `mark` was shown of."""

    verdict: str
    step: str = "preview"
    mark: str = ""
    note: str = ""
    csrf_token: str = ""


@router.get("/batch")
def batch_page(
    request: Request,
    user: Steward,
    ground: GroundOf,
    reader: Reader,
    asked: Annotated[Asked, Query()],
) -> Response:
    """How many open pairs are like this one, and some of them side by side."""
    known = DecisionStore(ground.project).all()
    held = held_by_others(ground, user.name)
    found = alike(reader, known, (asked.queue, asked.key), held)
    return _page(request, (user, ground, reader), asked, found)


@router.post("/batch")
def batch(
    request: Request,
    user: Steward,
    ground: GroundOf,
    reader: Reader,
    form: Annotated[Said, Form()],
) -> Response:
    """What the verdict on all of them would change; or, where that was shown, record it."""
    if form.verdict not in WORDS:
        raise DecisionError("batch", [f"the verdict is one of {', '.join(WORDS)}"], "nothing done")
    store = DecisionStore(ground.project)
    known = store.all()
    held = held_by_others(ground, user.name)
    found = alike(reader, known, (form.queue, form.key), held)
    by = Decider(user.name, datetime.now(UTC).replace(tzinfo=None), form.note.strip())
    said, refused = without_contradictions(known, decisions_on(found, form.verdict, by))
    if form.step == "record" and form.mark == found.mark and said:
        told = {"verdict": form.verdict, "of": len(said), "release": reader.release.release}
        ground.audit.record(user.who, "decides together", said[0].batch or "", told)
        return go_to("/", **form.chosen, batch=store.decide_batch(said))
    names = {PairKey(each.left, each.right).name for each in said}
    kept = [pair_key(row).name in names for row in found.pairs.iter_rows(named=True)]
    shown = {
        "verdict": form.verdict,
        "count": len(said),
        "refused": refused,
        "outcome": outcome_of(found.pairs.filter(pl.Series(kept, dtype=pl.Boolean)), form.verdict),
        "moved_on": form.step == "record",
        "note": form.note,
    } | _tried(request, ground, said)
    return _page(request, (user, ground, reader), form, found, shown)


def _tried(request: Request, ground: Ground, said: list[Decision]) -> dict[str, Any]:
    """What the next run would change; None where that cannot be tried out just now."""
    preview: PreviewDecisions | None = getattr(request.app.state, "preview", None)
    if preview is None or not said or len(said) > TRIED:
        return {"changes": None, "untried": ""}
    try:
        return {"changes": preview(ground.project, said).as_json(), "untried": ""}
    except ProjectError as error:  # a run is at work, say: what the release says must do
        return {"changes": None, "untried": str(error)}


def _page(
    request: Request,
    at: tuple[User, Ground, ReleaseReader],
    asked: Asked,
    found: Alike,
    shown: dict[str, Any] | None = None,
) -> Response:
    user, ground, reader = at
    step = max(found.pairs.height // SAMPLES, 1)
    rows = found.pairs.gather_every(step).head(SAMPLES).to_dicts()
    samples = [view_pair(ground.project, reader, pair_key(row), user.role) for row in rows]
    changes = (shown or {}).get("changes") or {"values": [], "downstream": []}
    told = [row[side] for row in rows for side in ("entity_id_l", "entity_id_r")]
    seen = sorted({*told, *(each["entity_id"] for each in changes["values"])})
    note_look(ground.audit, user, "console batch", seen, reader.release.release)
    return render(
        request,
        "batch.html",
        user,
        section="queue",
        asked=asked,
        found=found,
        samples=samples,
        largest=LARGEST,
        tried=TRIED,
        shown=shown,
        actions={each["entity_id"]: each for each in changes["downstream"]},
        most=SHOWN,
    )
