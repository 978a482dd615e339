"""The server of one project, put together: store, releases, API and console."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from fastapi import FastAPI

from core.project import Project
from serving import api, console
from serving.ground import Ground
from serving.problems import answer_problems, describe_problems
from serving.settings import ServingSettings
from serving.watch import Watch

_DESCRIPTION: Final = (
    "Who is who: customers by id or identifier, the crosswalk, every change in order, whole "
    "tables. Every answer comes from one published release, named in the header OneID-Release. "
    "Errors are problem+json (RFC 9457)."
)


def create_app(project: Project, settings: ServingSettings | None = None) -> FastAPI:
    """The application. Its store is opened now and closed when the server stops.

    Raises ProjectError or ConfigError where the store cannot be used.
    """
    ground = Ground(project, settings or ServingSettings())

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        ground.lookups.start()
        if ground.settings.deliver_webhooks:
            ground.outgoing.start()
        try:
            yield
        finally:
            ground.close()

    app = FastAPI(
        title="OneID",
        version="1",
        description=_DESCRIPTION,
        openapi_url="/v1/openapi.json",
        docs_url=None,  # it would load its scripts from elsewhere
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.ground = ground
    answer_problems(app)
    app.add_middleware(Watch, metrics=ground.metrics)
    for router in (*api.ROUTERS, *console.ROUTERS):
        app.include_router(router)
    describe_problems(app)
    return app
