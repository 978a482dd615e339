"""/v1/resolve: who is this?"""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Response
from pydantic import BaseModel, ConfigDict, Field, JsonValue
from starlette.concurrency import run_in_threadpool

from resolution.lookup.answers import Answer, Candidate
from resolution.lookup.who import Lookup
from serving.access import Caller, GroundOf, api_key
from serving.answers import RELEASE_HEADER
from serving.lookups import LoadedLookup
from serving.problems import ApiProblem, answered
from serving.roles import Scope

router = APIRouter(prefix="/v1", tags=["resolve"])
Asking = Annotated[Caller, Depends(api_key(Scope.RESOLVE))]
_HEADERS: dict[str, Any] = {
    RELEASE_HEADER: {
        "description": "The release that the answer comes from",
        "schema": {"type": "string"},
    }
}
Value = Annotated[str, Field(max_length=300)] | None
_EXAMPLE: dict[str, JsonValue] = {
    "records": [{"full_name": "Li Zhiyi", "phone": "150 4134 3524", "country": "CN"}]
}


class Asked(BaseModel):
    """Records to say who they are."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": [_EXAMPLE]})
    records: list[dict[str, Value]] = Field(
        min_length=1,
        max_length=1000,
        description="Canonical attribute (full_name, given_name, family_name, email, phone, "
        "date_of_birth, address_line, city, postcode, country, loyalty_id …) to value as anybody "
        "writes it",
    )
    source: str | None = Field(
        default=None,
        max_length=200,
        description="The source that the records would come from, where its country, its guards "
        "and its made-up names shall hold",
    )
    most: int = Field(default=5, ge=1, le=20, description="Candidates a record, at most")


class ReasonTold(BaseModel):
    """One comparison's part in a match weight."""

    comparison: str = Field(examples=["phone"])
    level: str = Field(examples=["same phone"])
    weight: float = Field(description="Bits that the level adds")
    tf: float = Field(description="Bits that the rarity of the shared value adds")


class CandidateTold(BaseModel):
    """A customer that the record may be of."""

    entity_id: str = Field(examples=["C-001CWVNVDZR9V"])
    match_weight: float = Field(description="log2 of the odds, by the pipeline's own model")
    match_probability: float
    status: str = Field(
        description="link: would be joined; clerical: a steward would be asked; refused: a record "
        "of the customer contradicts"
    )
    refused: str | None = Field(description="What contradicts")
    source: str = Field(description="Of the customer's record that is most alike")
    records: int = Field(description="Records of the customer")
    why: list[ReasonTold]


class AnswerTold(BaseModel):
    """Who one record is."""

    verdict: str = Field(
        description="one: one customer would be joined; several: more than one would; unclear: a "
        "steward would be asked; nobody: none comes near, or all that do are refused"
    )
    candidates: list[CandidateTold] = Field(description="From the likeliest on")


class Answers(BaseModel):
    """Who the records are, in the order asked."""

    answers: list[AnswerTold]


@router.post(
    "/resolve",
    summary="Who is this?",
    response_model=Answers,
    responses=answered(401, 403, 422, 429, 503, headers=_HEADERS),
)
async def post_resolve(asked: Asked, _caller: Asking, ground: GroundOf) -> Response:
    """Customers that each record may be of, by the model, the weights and the thresholds of the
    release: what a run would do with the record. Nothing is kept of what is asked, and no value of
    a customer is told."""
    loaded = ground.lookups.current()
    _require_known(asked, loaded)
    if len(asked.records) == 1:  # quicker than a thread would be found
        body = _answers(asked, loaded.lookup)
    else:
        body = await run_in_threadpool(_answers, asked, loaded.lookup)
    headers = {RELEASE_HEADER: loaded.release, "Cache-Control": "no-store"}
    return Response(body, headers=headers, media_type="application/json")


def _answers(asked: Asked, lookup: Lookup) -> str:
    answers = [_told(lookup.who_is(each, asked.source, asked.most)) for each in asked.records]
    return json.dumps({"answers": answers}, ensure_ascii=False, separators=(",", ":"))


def _require_known(asked: Asked, loaded: LoadedLookup) -> None:
    """Raise ApiProblem 422 for an attribute or source that there is not."""
    known = loaded.lookup.attributes
    if any(not known.issuperset(record) for record in asked.records):
        detail = (
            f"a record names an attribute that is not read; there are {', '.join(sorted(known))}"
        )
        raise ApiProblem(422, "unusable-request", detail)
    sources = loaded.lookup.sources
    if asked.source is not None and asked.source not in sources:
        detail = f"no records come from such a source; there are {', '.join(sources)}"
        raise ApiProblem(422, "unusable-request", detail)


def _told(answer: Answer) -> dict[str, Any]:
    candidates = [_candidate(each) for each in answer.candidates]
    return {"verdict": answer.verdict, "candidates": candidates}


def _candidate(candidate: Candidate) -> dict[str, Any]:
    why = [vars(reason) for reason in candidate.why]
    return {**vars(candidate), "why": why}
