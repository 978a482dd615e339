"""The queue: what deserves a steward, the most valuable answer first."""

from typing import Annotated, Final

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from resolution.decisions import DecisionStore
from resolution.decisions.states import contradictions_told, with_states
from serving.access import GroundOf, Reader
from serving.audited import note_look
from serving.console.page import PageRoute, Steward, Viewer, go_to, render
from serving.console.queue_view import SCRIPTS, Filters, holder_of, pair_key, queue_of
from serving.store.claims import Claims

router = APIRouter(route_class=PageRoute, include_in_schema=False)
PAGE: Final = 25
CLASHES: Final = 3
_SUSPECTS: Final = """
SELECT entity_id, full_name, record_count, confidence FROM golden.customers
WHERE record_count > 1 AND confidence < 0.95
ORDER BY (1 - confidence) * ln(1 + record_count) DESC, entity_id LIMIT 8"""


class Asked(BaseModel):
    """The page's address: filters, and which page."""

    source: str = ""
    band: str = ""
    reason: str = ""
    script: str = ""
    page: int = Field(1, ge=1, le=100_000)

    def filters(self) -> Filters:
        """The filters alone."""
        return Filters(self.source, self.band, self.reason, self.script)


@router.get("/")
def queue_page(
    request: Request,
    user: Viewer,
    ground: GroundOf,
    reader: Reader,
    asked: Annotated[Asked, Query()],
) -> Response:
    """Pairs to decide, decisions that contradict each other, customers held by a thread."""
    filters = asked.filters()
    pairs = queue_of(ground, reader, filters)
    start = (asked.page - 1) * PAGE
    shown = pairs.slice(start, PAGE).to_dicts()
    claims = Claims(ground.database).standing()
    suspects = reader.rows(_SUSPECTS)
    states = with_states(DecisionStore(ground.project).all())
    sources = reader.rows("SELECT DISTINCT source FROM identity.crosswalk ORDER BY 1")
    told = {each[side] for each in shown for side in ("entity_id_l", "entity_id_r")}
    seen = sorted(told | {x["entity_id"] for x in suspects})
    note_look(ground.audit, user, "console queue", seen, reader.release.release)
    return render(
        request,
        "queue.html",
        user,
        section="queue",
        pairs=[(each, pair_key(each), holder_of(claims, each)) for each in shown],
        total=pairs.height,
        start=start,
        page=asked.page,
        pages=-(-pairs.height // PAGE),
        filters=filters,
        sources=[each["source"] for each in sources],
        scripts=SCRIPTS,
        suspects=suspects,
        clashes=list(contradictions_told(states))[:CLASHES],
        release=reader.release,
    )


@router.get("/next")
def first_free(
    user: Steward, ground: GroundOf, reader: Reader, asked: Annotated[Asked, Query()]
) -> Response:
    """Go to the first pair that nobody else holds."""
    claims = Claims(ground.database).standing()
    for row in queue_of(ground, reader, asked.filters()).iter_rows(named=True):
        if holder_of(claims, row) in ("", user.name):
            return go_to(f"{pair_key(row).address}&{asked.filters().query}".rstrip("&"))
    return go_to("/")
