"""/v1/changes: the change feed, with a wait for what is not there yet."""

import asyncio
import time
from typing import Annotated, Literal

from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.concurrency import run_in_threadpool

from serving.access import Caller, GroundOf, api_key
from serving.answers import as_json
from serving.api.models import ChangePage
from serving.audited import note_look
from serving.feed import START, Cursor, Feed, Step
from serving.ground import Ground
from serving.problems import answered
from serving.roles import Scope

router = APIRouter(prefix="/v1", tags=["changes"])
Asking = Annotated[Caller, Depends(api_key(Scope.CHANGES))]
Kind = Literal["created", "changed", "merged", "split", "retired", "erased"]


@router.get(
    "/changes",
    summary="What changed since?",
    response_model=ChangePage,
    responses=answered(401, 403, 410, 422, 429, 503),
)
async def get_changes(
    request: Request,
    caller: Asking,
    ground: GroundOf,
    cursor: Annotated[
        str | None,
        Query(
            max_length=4000,
            description="Where the last answer ended; without one from the very beginning, "
            "`latest` for what happens from now on",
        ),
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    wait: Annotated[
        float, Query(ge=0, le=300, description="Seconds to wait where nothing has changed yet")
    ] = 0,
    kinds: Annotated[
        list[Kind] | None, Query(max_length=6, description="Only these; all without")
    ] = None,
) -> Response:
    """Every change of every customer in the order in which it was published, each exactly once.

    Deal with the changes, keep `cursor`, ask again with it: a crash in between repeats changes and
    never loses one. A merge comes before changed values of the customer that lives on.
    """
    feed, threads = ground.feed, ground.feed_threads
    until = time.monotonic() + min(wait, ground.settings.longest_wait)
    place = await run_sync(_place, feed, cursor, limiter=threads)
    while True:
        mark = feed.mark()
        step = await run_sync(feed.read, place, limit, caller.role, kinds, limiter=threads)
        if step.changes or not await _is_news(request, ground, mark, until):
            break
        place = step.cursor
    seen = list(dict.fromkeys(each["entity_id"] for each in step.changes if each["values"]))
    await run_in_threadpool(note_look, ground.audit, caller, "/v1/changes", seen, "")
    return Response(
        as_json(_page(step)), headers={"Cache-Control": "no-store"}, media_type="application/json"
    )


async def _is_news(request: Request, ground: Ground, mark: tuple[int, ...], until: float) -> bool:
    """Wait, without a thread, until there may be news; False where time is up or nobody waits."""
    while (left := until - time.monotonic()) > 0:
        if ground.feed.mark() != mark:
            return True
        if await request.is_disconnected():
            return False
        await asyncio.sleep(min(ground.settings.watch_every, left))
    return False


def _place(feed: Feed, cursor: str | None) -> Cursor:
    if cursor == "latest":
        return feed.end()
    return START if cursor is None else Cursor.read(cursor)


def _page(step: Step) -> dict[str, object]:
    return {"changes": step.changes, "cursor": str(step.cursor), "more": step.more}
