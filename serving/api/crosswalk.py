"""/v1/crosswalk and a customer's records: from source rows to customers and back."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from serving.access import Reader
from serving.answers import ANSWER_HEADERS, answer
from serving.api.customers import Asking, EntityId, require_living
from serving.api.models import RowKeys, SourceRow, SourceRows
from serving.cursors import cursor_of, place_of
from serving.problems import ApiProblem, answered

router = APIRouter(prefix="/v1", tags=["crosswalk"])
_SHOWN = "source, source_record_id, entity_id, matched_by, match_probability"


@router.get(
    "/crosswalk",
    summary="Whose is this source row?",
    response_model=SourceRow,
    responses=answered(304, 401, 403, 404, 422, 429, 503, headers=ANSWER_HEADERS),
)
def get_crosswalk(
    request: Request,
    _caller: Asking,
    reader: Reader,
    source: Annotated[str, Query(max_length=200, examples=["registration"])],
    source_record_id: Annotated[str, Query(max_length=2000, examples=["R0000-002935"])],
) -> Response:
    """The customer that a row of a source belongs to."""
    sql = f"SELECT {_SHOWN} FROM identity.crosswalk WHERE source = ? AND source_record_id = ?"
    row = reader.row(sql, [source, source_record_id])
    if row is None:
        raise ApiProblem(404, "not-found", "no customer has this source row; see GET /v1/exports")
    return answer(request, row, reader)


@router.post(
    "/crosswalk",
    summary="Whose are these source rows?",
    response_model=SourceRows,
    responses=answered(401, 403, 422, 429, 503),
)
def post_crosswalk(request: Request, _caller: Asking, reader: Reader, asked: RowKeys) -> Response:
    """Up to 1,000 rows at once, answered in the order asked; entity_id is null for nobody's."""
    wanted = [(each.source, each.source_record_id) for each in asked.records]
    sql = f"""
        WITH asked AS (
            SELECT unnest($sources) AS source, unnest($keys) AS source_record_id
        )
        SELECT {_SHOWN} FROM identity.crosswalk SEMI JOIN asked USING (source, source_record_id)"""
    values = {"sources": [source for source, _ in wanted], "keys": [key for _, key in wanted]}
    rows = {(row["source"], row["source_record_id"]): row for row in reader.rows(sql, values)}
    nobody = {"entity_id": None, "matched_by": None, "match_probability": None}
    found = [
        rows.get((source, key), {"source": source, "source_record_id": key} | nobody)
        for source, key in wanted
    ]
    return answer(request, {"records": found, "next": None}, reader)


@router.get(
    "/customers/{entity_id}/records",
    summary="Which source rows are this customer's?",
    response_model=SourceRows,
    responses=answered(304, 308, 401, 403, 404, 410, 422, 429, 503, headers=ANSWER_HEADERS),
)
def get_records(
    request: Request,
    _caller: Asking,
    reader: Reader,
    entity_id: EntityId,
    after: Annotated[
        str | None, Query(max_length=4000, description="`next` of the page before")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 1000,
) -> Response:
    """The rows, in order of source and key."""
    require_living(request, reader, entity_id)
    place = place_of(after, (str, str)) if after is not None else ["", ""]
    sql = (
        f"SELECT {_SHOWN} FROM identity.crosswalk WHERE entity_id = ? "
        "AND (source, source_record_id) > (?, ?) ORDER BY source, source_record_id LIMIT ?"
    )
    rows = reader.rows(sql, [entity_id, *place, limit + 1])
    more = len(rows) > limit
    rows = rows[:limit]
    last = cursor_of(rows[-1]["source"], rows[-1]["source_record_id"]) if more else None
    return answer(request, {"records": rows, "next": last}, reader)
