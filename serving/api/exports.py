"""/v1/exports: the tables of the current release, whole."""

import hashlib
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request, Response
from fastapi.responses import StreamingResponse

from serving.access import Caller, GroundOf, Reader, api_key
from serving.answers import ANSWER_HEADERS, answer, answer_headers, is_known
from serving.api.customers import Fields, split_fields
from serving.api.models import ExportTables
from serving.export import MEDIA_TYPES, Format, export_table, is_masked, require_table
from serving.problems import answered
from serving.releases import ReleaseReader, table_sql
from serving.roles import Scope

router = APIRouter(prefix="/v1", tags=["exports"])
Asking = Annotated[Caller, Depends(api_key(Scope.EXPORTS))]
_FILE = {"type": "string", "format": "binary"}


@router.get(
    "/exports",
    summary="Which tables are there?",
    response_model=ExportTables,
    responses=answered(304, 401, 403, 429, 503, headers=ANSWER_HEADERS),
)
def get_exports(request: Request, caller: Asking, reader: Reader) -> Response:
    """Every table of the current release with its columns, and which of them this key gets
    masked."""
    tables = [
        {
            "table": table,
            "rows": (reader.row(f"SELECT count(*) AS n FROM {table_sql(table)}") or {})["n"],
            "columns": [
                {"name": name, "type": kind, "masked": is_masked(name, caller.role)}
                for name, kind in columns.items()
            ],
        }
        for table, columns in reader.tables.items()
    ]
    return answer(request, {"tables": tables}, reader)


@router.get(
    "/exports/{table}",
    summary="A whole table",
    response_class=StreamingResponse,
    responses={
        200: {
            "description": "The table, as a file",
            "headers": ANSWER_HEADERS,
            "content": {kind: {"schema": _FILE} for kind in MEDIA_TYPES.values()},
        },
        **answered(304, 401, 403, 404, 422, 429, 503),
    },
)
def get_export(
    request: Request,
    caller: Asking,
    ground: GroundOf,
    reader: Reader,
    table: Annotated[
        str, Path(max_length=200, description="As schema.table", examples=["golden.customers"])
    ],
    form: Annotated[Format, Query(alias="format", description="What kind of file")] = "parquet",
    fields: Fields = None,
) -> Response:
    """The rows of a table of the current release, as a stream; one release from first to last row,
    whatever is published meanwhile."""
    names = split_fields(fields)
    require_table(reader, table)
    tag = _tag(reader, caller, table, form, names)
    headers = answer_headers(tag, reader.release.release)
    if is_known(request, tag):
        return Response(status_code=304, headers=headers)
    parts = export_table(reader, table, names, form, caller.role)
    if caller.role.sees_personal:
        detail = {"format": form, "fields": names or "all", "release": reader.release.release}
        ground.audit.record(caller.who, "exported", table, detail)
    headers["Content-Disposition"] = f'attachment; filename="{table}.{form}"'
    return StreamingResponse(parts, headers=headers, media_type=MEDIA_TYPES[form])


def _tag(
    reader: ReleaseReader, caller: Caller, table: str, form: Format, names: list[str] | None
) -> str:
    """A release never changes, so that its name and what was asked for tell the bytes."""
    asked = (reader.release.release, caller.role.sees_personal, table, form, names)
    return f'"{hashlib.sha256(repr(asked).encode()).hexdigest()[:32]}"'
