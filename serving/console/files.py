"""The console's own scripts, style and icon, and htmx as it came: the only files it loads."""

from pathlib import Path
from typing import Final, Literal

from fastapi import APIRouter
from fastapi.responses import FileResponse

router = APIRouter(include_in_schema=False)
_FOLDER: Final = Path(__file__).parent / "static"
HTMX: Final = "htmx-2.0.11.min.js"
Name = Literal["console.css", "console.js", "icon.svg", "htmx-2.0.11.min.js"]


@router.get("/console/{name}")
def static_file(name: Name) -> FileResponse:
    """One of the files. A browser asks each time whether it has changed, but for htmx, which has
    its version in its name."""
    if name == HTMX:
        kept = {"Cache-Control": "public, max-age=31536000, immutable"}
        return FileResponse(_FOLDER / "vendor" / name, headers=kept)
    return FileResponse(_FOLDER / name, headers={"Cache-Control": "no-cache"})
