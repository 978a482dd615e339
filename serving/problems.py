"""Errors as problem+json (RFC 9457): what was wrong, in words, and nothing that was not asked for.

Values that a caller sent are not repeated: they may be personal data.
"""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from core.errors import ConfigError, DecisionError, OneIDError, ProjectError, QueryError
from serving.releases import NothingPublished

MEDIA_TYPE = "application/problem+json"
_LOG = logging.getLogger("oneid.serving")
Answers = dict[int | str, dict[str, Any]]


class FieldProblem(BaseModel):
    """One part of a request that cannot be used."""

    where: str = Field(description="Which part", examples=["query.limit"])
    problem: str = Field(description="What is wrong with it")


class Problem(BaseModel):
    """What went wrong, after RFC 9457."""

    type: str = Field(description="Names the kind of problem", examples=["/problems/not-found"])
    title: str = Field(description="The kind of problem in words", examples=["Not Found"])
    status: int = Field(description="The HTTP status", examples=[404])
    detail: str = Field(description="What was wrong, and what to do next")
    errors: list[FieldProblem] | None = Field(
        default=None, description="The parts of the request that cannot be used"
    )
    entity_id: str | None = Field(
        default=None, description="For a customer that moved: the id that it goes by today"
    )


class ApiProblem(Exception):  # noqa: N818 - an answer, not a mistake
    """An answer that is a problem. `more` is added to it."""

    def __init__(
        self,
        status: int,
        kind: str,
        detail: str,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(detail)
        self.status, self.kind, self.detail = status, kind, detail
        self.headers, self.more = dict(headers or {}), more

    def response(self) -> Response:
        """The answer."""
        return problem_response(self.status, self.kind, self.detail, self.headers, **self.more)


def problem_response(
    status: int, kind: str, detail: str, headers: Mapping[str, str] | None = None, **more: Any
) -> Response:
    """An answer that is a problem."""
    title = HTTPStatus(status).phrase
    problem = Problem(type=f"/problems/{kind}", title=title, status=status, detail=detail, **more)
    return JSONResponse(
        problem.model_dump(exclude_none=True),
        status,
        {"Cache-Control": "no-store", **(headers or {})},
        MEDIA_TYPE,
    )


def answered(*statuses: int, headers: dict[str, Any] | None = None) -> Answers:
    """What a path may answer beside what it is for, as OpenAPI has it; `headers`: those of 200."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    told: Answers = {200: {"headers": headers}} if headers else {}
    for status in sorted(statuses):
        told[status] = {"description": HTTPStatus(status).phrase}
        if status != HTTPStatus.NOT_MODIFIED:
            told[status]["content"] = content
        if status == HTTPStatus.PERMANENT_REDIRECT:
            location = {"description": "Who it is now", "schema": {"type": "string"}}
            told[status]["headers"] = {"Location": location}
    return told


def describe_problems(app: FastAPI) -> None:
    """Put the shape of a problem into the description of `app`, which answers refer to."""
    describe = app.openapi

    def described() -> dict[str, Any]:
        told = describe()
        shapes = told.setdefault("components", {}).setdefault("schemas", {})
        if "Problem" not in shapes:
            whole = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
            shapes |= whole.pop("$defs") | {"Problem": whole}
        return told

    app.openapi = described  # type: ignore[method-assign]


def answer_problems(app: FastAPI) -> None:
    """Make every error of `app` a problem+json."""

    @app.exception_handler(ApiProblem)
    def _(_request: Request, problem: ApiProblem) -> Response:
        return problem.response()

    @app.exception_handler(HTTPException)
    def _(_request: Request, error: HTTPException) -> Response:
        kind = HTTPStatus(error.status_code).phrase.lower().replace(" ", "-")
        headers = dict(error.headers or {})
        return problem_response(error.status_code, kind, str(error.detail), headers)

    @app.exception_handler(RequestValidationError)
    def _(_request: Request, error: RequestValidationError) -> Response:
        found = [
            FieldProblem(where=".".join(map(str, each["loc"])), problem=str(each["msg"]))
            for each in error.errors()
        ]
        detail = "some parts of the request cannot be used; `errors` says which and why"
        return problem_response(422, "unusable-request", detail, errors=found)

    @app.exception_handler(OneIDError)
    def _(_request: Request, error: OneIDError) -> Response:
        return problem_response(_status_of(error), _kind_of(error), str(error))

    @app.exception_handler(Exception)
    def _(request: Request, error: Exception) -> Response:
        route = getattr(request.scope.get("route"), "path", "a path unknown")
        _LOG.error("%s %s failed: %s", request.method, route, type(error).__name__)
        detail = "the server failed to answer; its log says at which path, try again later"
        return problem_response(500, "server-error", detail)


def _status_of(error: OneIDError) -> int:
    if isinstance(error, QueryError | DecisionError | ConfigError):
        return 400
    return 503 if isinstance(error, ProjectError) else 500


def _kind_of(error: OneIDError) -> str:
    if isinstance(error, NothingPublished):
        return "nothing-published"
    return "unavailable" if isinstance(error, ProjectError) else "unusable-request"
