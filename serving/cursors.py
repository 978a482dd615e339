"""Places in a list or a feed, as texts that callers keep without looking into them."""

import base64
import binascii
import json
from typing import Any

from serving.problems import ApiProblem


def cursor_of(*parts: str | int | None) -> str:
    """The place as a text safe in an address."""
    told = json.dumps(parts, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(told).decode().rstrip("=")


def place_of(cursor: str, kinds: tuple[type | tuple[type, ...], ...]) -> list[Any]:
    """The parts of a cursor. Raises ApiProblem (422) where it is none of ours."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        parts = json.loads(base64.b64decode(padded.encode("ascii"), b"-_", validate=True))
    except (ValueError, binascii.Error, RecursionError):
        raise unknown_cursor() from None
    fits = isinstance(parts, list) and len(parts) == len(kinds)
    if not fits or not all(isinstance(x, k) for x, k in zip(parts, kinds, strict=True)):
        raise unknown_cursor()
    return list(parts)


def unknown_cursor() -> ApiProblem:
    """The answer to a cursor that was never given out."""
    detail = "the cursor is not one that was given out here; begin again without one"
    return ApiProblem(422, "unknown-cursor", detail)
