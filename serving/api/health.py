"""Whether the server lives, whether it can answer, and its figures: paths without a key."""

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse, Response
from pydantic import BaseModel, Field

from serving.access import GroundOf
from serving.problems import answered

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """How the server is."""

    status: str = Field(examples=["ok"])
    release: str | None = Field(
        default=None, description="The current release", examples=["20261122T131048Z-c0daaeff"]
    )


@router.get("/healthz", summary="Is the process alive?")
def healthz() -> Health:
    """Answers as long as the process does."""
    return Health(status="ok")


@router.get("/readyz", summary="Can it answer?", responses=answered(503))
def readyz(ground: GroundOf) -> Health:
    """Ready when there is a release that can be read and a store that can be asked."""
    with ground.database.reading(), ground.releases.reading() as reader:
        return Health(status="ready", release=reader.release.release)


@router.get(
    "/metrics",
    summary="Figures for Prometheus",
    response_class=PlainTextResponse,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
)
def metrics(ground: GroundOf) -> Response:
    """Requests, their durations, the current release; no personal data."""
    release = ground.releases.current()
    if release is not None:
        ground.metrics.published_at.set(release.published_at.timestamp())
    for state, count in ground.webhooks.counts().items():
        ground.metrics.deliveries.labels(state).set(count)
    ground.metrics.open_releases.set(len(ground.releases.open_files()))
    return Response(ground.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")
