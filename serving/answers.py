"""Answers in JSON that say which release they are from and whether anything changed since."""

import hashlib
import json
import math
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from fastapi import Request, Response

from serving.releases import ReleaseReader

RELEASE_HEADER: Final = "OneID-Release"
ANSWER_HEADERS: Final[dict[str, Any]] = {
    RELEASE_HEADER: {
        "description": "The release that the answer comes from",
        "schema": {"type": "string"},
    },
    "ETag": {
        "description": "Send it back as If-None-Match; 304 says that nothing changed",
        "schema": {"type": "string"},
    },
}


def answer(request: Request, content: Any, reader: ReleaseReader) -> Response:
    """`content` as JSON, or 304 where the caller has exactly that already."""
    body = as_json(content).encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = answer_headers(tag, reader.release.release)
    if is_known(request, tag):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type="application/json")


def answer_headers(tag: str, release: str) -> dict[str, str]:
    """The headers of an answer from `release`; nobody else may keep it."""
    return {
        "ETag": tag,
        RELEASE_HEADER: release,
        "Cache-Control": "private, no-cache",
        "Vary": "Authorization",
    }


def is_known(request: Request, tag: str) -> bool:
    """Whether the caller says that it has the answer with this tag."""
    known = [each.strip().removeprefix("W/") for each in _if_none_match(request).split(",")]
    return tag in known or known == ["*"]


def as_json(content: Any) -> str:
    """`content` as JSON; times in UTC with a Z, what is no number as null."""
    return json.dumps(plain(content), ensure_ascii=False, separators=(",", ":"))


def plain(value: Any) -> Any:
    """`value` in what JSON knows; the same at every depth."""
    if isinstance(value, dict):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, float | Decimal):
        return float(value) if math.isfinite(value) else None
    if value is None or isinstance(value, bool | int | str):
        return value
    return _moment(value) if isinstance(value, date) else str(value)


def _moment(value: date) -> str:
    """A day, or a time in UTC; a datetime is a date, too."""
    if isinstance(value, datetime):
        return f"{value.replace(tzinfo=None).isoformat()}Z"
    return value.isoformat()


def _if_none_match(request: Request) -> str:
    return request.headers.get("if-none-match", "")
