"""The queue: what deserves a steward, the most valuable answer first."""

from collections.abc import Sequence
from typing import Annotated, Final

import polars as pl
from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, Field

from resolution.decisions import DecisionStore
from resolution.decisions.queue import Settled, still_open
from resolution.decisions.states import CONTRADICTORY, with_states
from serving.access import GroundOf, Reader
from serving.audited import note_look
from serving.console.clashes import clashes_of
from serving.console.page import PageRoute, Steward, Viewer, go_to, render
from serving.console.queue_view import (
    KINDS,
    SCRIPTS,
    Filters,
    PairKey,
    held_by_others,
    in_queue,
    next_pair,
    pair_key,
    queue_of,
    released_queue,
)
from serving.releases import ReleaseReader
from serving.store.claims import Claims

router = APIRouter(route_class=PageRoute, include_in_schema=False)
PAGE: Final = 25
_NAMES: Final = """
SELECT entity_id, name_latin FROM golden.customers
WHERE entity_id IN (SELECT unnest($ids)) AND name_latin IS DISTINCT FROM full_name"""


class Asked(Filters):
    """The page's address: filters, which page, and the batch that was just recorded."""

    page: int = Field(1, ge=1, le=100_000)
    batch: str = Field("", max_length=100)


class Shown(BaseModel):
    """The pairs that a page shows, each as PairKey.name."""

    queue: str = ""
    pair: list[str] = []


@router.get("/")
def queue_page(
    request: Request,
    user: Viewer,
    ground: GroundOf,
    reader: Reader,
    asked: Annotated[Asked, Query()],
) -> Response:
    """Pairs to decide, or the weakest links of customers; who holds what."""
    decisions = DecisionStore(ground.project).all()
    pairs = queue_of(reader, decisions, asked)
    start = (asked.page - 1) * PAGE
    shown = pairs.slice(start, PAGE).to_dicts()
    claims = Claims(ground.database).standing()
    seen = sorted({each[side] for each in shown for side in ("entity_id_l", "entity_id_r")})
    note_look(ground.audit, user, "console queue", seen, reader.release.release)
    return render(
        request,
        "queue.html",
        user,
        section="queue",
        pairs=[(x, pair_key(x), claims.get(pair_key(x).name)) for x in shown],
        latin={x["entity_id"]: x["name_latin"] for x in reader.rows(_NAMES, {"ids": seen})},
        total=pairs.height,
        counts=_counts(reader, decisions, with_states(decisions)),
        start=start,
        page=asked.page,
        pages=-(-pairs.height // PAGE),
        filters=asked,
        sources=_sources(reader),
        scripts=SCRIPTS,
        release=reader.release,
        batch=asked.batch,
    )


@router.get("/contradictions")
def contradictions_page(
    request: Request, user: Viewer, ground: GroundOf, reader: Reader, source: str = ""
) -> Response:
    """Decisions that cannot all be true, those first on which most hangs."""
    decisions = DecisionStore(ground.project).all()
    states = with_states(decisions)
    return render(
        request,
        "contradictions.html",
        user,
        section="queue",
        clashes=clashes_of(reader, states, source),
        counts=_counts(reader, decisions, states),
        sources=_sources(reader),
        source=source,
    )


@router.get("/queue/held")
def held(
    request: Request,
    user: Viewer,
    ground: GroundOf,
    reader: Reader,
    asked: Annotated[Shown, Query()],
) -> Response:
    """Who holds the pairs that a page shows just now, and which have been decided meanwhile."""
    keys = [PairKey.named(each) for each in asked.pair[:PAGE]]
    queue = released_queue(reader, asked.queue)
    known = pl.concat([queue.clear(), *(in_queue(queue, key) for key in keys)])
    still = still_open(reader.connection, known, DecisionStore(ground.project).all())
    names = {pair_key(row).name for row in still.to_dicts()}
    claims = Claims(ground.database).standing()
    told = [(key, claims.get(key.name), key.name in names) for key in keys]
    return render(request, "held.html", user, told=told)


@router.get("/next")
def first_free(
    user: Steward, ground: GroundOf, reader: Reader, asked: Annotated[Filters, Query()]
) -> Response:
    """Go to the first pair that nobody else holds."""
    pairs = queue_of(reader, DecisionStore(ground.project).all(), asked)
    found = next_pair(reader, held_by_others(ground, user.name), (pairs, asked))
    return go_to("/pair", **found.told, **asked.chosen) if found else go_to("/", **asked.chosen)


def _sources(reader: ReleaseReader) -> Sequence[str]:
    asked = "SELECT DISTINCT source FROM identity.crosswalk ORDER BY 1"
    return reader.once("sources", lambda: [each["source"] for each in reader.rows(asked)])


def _counts(reader: ReleaseReader, decisions: pl.DataFrame, states: pl.DataFrame) -> dict[str, int]:
    """What there is to do in each queue, and how many contradictions."""
    settled = Settled.by(reader.connection, decisions)
    counts = {queue: settled.open_of(released_queue(reader, queue)).height for queue in KINDS}
    return counts | {"contradictions": states.filter(pl.col("state") == CONTRADICTORY).height}
