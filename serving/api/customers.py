"""/v1/customers: by id, by identifier, as a list."""

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from serving.access import Caller, GroundOf, Reader, api_key
from serving.answers import ANSWER_HEADERS, answer
from serving.api.models import Customer, CustomerPage
from serving.audited import note_look
from serving.customers import Identifiers, Page, find_fate, list_customers, read_customer
from serving.masking import masked_row
from serving.problems import ApiProblem, answered
from serving.releases import ReleaseReader
from serving.roles import Role, Scope

router = APIRouter(prefix="/v1", tags=["customers"])
Asking = Annotated[Caller, Depends(api_key(Scope.CUSTOMERS))]
EntityId = Annotated[
    str,
    Path(description="An entity id, also one that was merged away", examples=["C-001CWVNVDZR9V"]),
]
Fields = Annotated[
    str | None,
    Query(description="Columns to show, separated by commas; all without", max_length=2000),
]
_PARTS = ("contact_points", "provenance")


def identifiers(
    email: Annotated[str | None, Query(max_length=400, description="As anybody writes it")] = None,
    phone: Annotated[
        str | None,
        Query(max_length=100, description="As anybody writes it: 150 4134 3524, +86-150…, 0086…"),
    ] = None,
    phone_country: Annotated[
        str | None, Query(max_length=60, description="Where a number without country code is from")
    ] = None,
    loyalty_id: Annotated[str | None, Query(max_length=200)] = None,
    wechat_unionid: Annotated[str | None, Query(max_length=200)] = None,
    source: Annotated[
        str | None, Query(max_length=200, description="With source_record_id")
    ] = None,
    source_record_id: Annotated[str | None, Query(max_length=2000)] = None,
) -> Identifiers:
    """What the caller looks for. 422 for half of a source row."""
    if (source is None) != (source_record_id is None):
        detail = "a source row is named by both source and source_record_id; give both"
        raise ApiProblem(422, "unusable-request", detail)
    return Identifiers(
        email, phone, phone_country, loyalty_id, wechat_unionid, source, source_record_id
    )


def page(
    filter: Annotated[
        list[str] | None,
        Query(
            max_length=20,
            description="column:operator:value; operators eq, ne, lt, le, gt, ge, prefix, has "
            "(lists) and null (true or false). All must hold.",
            examples=[["city:eq:York", "record_count:ge:3"]],
        ),
    ] = None,
    sort: Annotated[
        str, Query(max_length=100, description="A column; a minus before it turns the order round")
    ] = "entity_id",
    after: Annotated[
        str | None, Query(max_length=4000, description="`next` of the page before")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
) -> Page:
    """Which part of the list is asked for."""
    return Page(tuple(filter or ()), sort, after, limit)


@router.get(
    "/customers",
    summary="List customers, or find them by an identifier",
    response_model=CustomerPage,
    responses=answered(304, 401, 403, 422, 429, 503, headers=ANSWER_HEADERS),
)
def get_customers(
    request: Request,
    caller: Asking,
    ground: GroundOf,
    reader: Reader,
    asked: Annotated[Identifiers, Depends(identifiers)],
    part: Annotated[Page, Depends(page)],
    fields: Fields = None,
) -> Response:
    """Customers that every given identifier points to and every filter lets through.

    An identifier is brought to one form by the rules that the pipeline uses, so that any spelling
    finds it. Who gets personal data masked can neither filter nor sort by them.
    """
    rows, following = list_customers(reader, caller.role, part, asked, split_fields(fields))
    seen = [row["entity_id"] for row in rows]
    note_look(ground.audit, caller, "/v1/customers", seen, reader.release.release)
    return answer(request, {"customers": rows, "next": following}, reader)


@router.get(
    "/customers/{entity_id}",
    summary="One customer",
    response_model=Customer,
    responses=answered(304, 308, 401, 403, 404, 410, 422, 429, 503, headers=ANSWER_HEADERS),
)
def get_customer(
    request: Request,
    caller: Asking,
    ground: GroundOf,
    reader: Reader,
    entity_id: EntityId,
    fields: Fields = None,
    include: Annotated[
        str | None,
        Query(max_length=100, description="contact_points, provenance, or both with a comma"),
    ] = None,
) -> Response:
    """The golden record. An id that was merged away answers 308 with the one that lives, a customer
    whose rows are all gone, or who was erased, 410."""
    parts = _parts(include)
    require_living(request, reader, entity_id)
    row = read_customer(reader, entity_id, caller.role, split_fields(fields))
    assert row is not None  # it lives in this release
    for part in parts:
        row[part] = _part(reader, part, entity_id, caller.role)
    note_look(ground.audit, caller, "/v1/customers/{id}", [entity_id], reader.release.release)
    return answer(request, row, reader)


def require_living(request: Request, reader: ReleaseReader, entity_id: str) -> None:
    """Raise ApiProblem where `entity_id` is nobody's today: 308 with who it is now, 404, 410."""
    found = find_fate(reader, entity_id)
    if found.fate == "merged":
        address = request.url.path.replace(f"/{entity_id}", f"/{found.entity_id}")
        query = f"?{request.url.query}" if request.url.query else ""
        raise ApiProblem(
            308,
            "moved",
            f"{entity_id} was merged; it goes by {found.entity_id} today",
            {"Location": address + query},
            entity_id=found.entity_id,
        )
    if found.fate == "unknown":
        raise ApiProblem(404, "not-found", "there is no customer with this id, and never was")
    if found.fate != "living":
        why = "was erased" if found.fate == "erased" else "has no source rows left"
        raise ApiProblem(410, found.fate, f"{entity_id} {why}; remove what was copied of it")


def split_fields(fields: str | None) -> list[str] | None:
    """The names in a list with commas; None for all."""
    return [name.strip() for name in fields.split(",") if name.strip()] if fields else None


def _parts(include: str | None) -> list[str]:
    parts = split_fields(include) or []
    if set(parts) - set(_PARTS):
        raise ApiProblem(422, "unusable-request", f"include takes {' and '.join(_PARTS)}")
    return parts


def _part(reader: ReleaseReader, part: str, entity_id: str, role: Role) -> list[dict[str, Any]]:
    order = "attribute" if part == "provenance" else "kind, NOT is_primary, value"
    sql = f"SELECT * EXCLUDE (entity_id) FROM golden.{part} WHERE entity_id = ? ORDER BY {order}"
    rows = reader.rows(sql, [entity_id])
    for row in rows:
        if "alternatives" in row:
            row["alternatives"] = json.loads(row["alternatives"])
    return [masked_row(row, role) for row in rows]
