"""The console's own script, style and icon: the only files it loads."""

from pathlib import Path
from typing import Final, Literal

from fastapi import APIRouter
from fastapi.responses import FileResponse

router = APIRouter(include_in_schema=False)
_FOLDER: Final = Path(__file__).parent / "static"


@router.get("/console/{name}")
def static_file(name: Literal["console.css", "console.js", "icon.svg"]) -> FileResponse:
    """One of the files; a browser asks each time whether it has changed."""
    return FileResponse(_FOLDER / name, headers={"Cache-Control": "no-cache"})
