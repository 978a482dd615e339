"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

ProjectOption = Annotated[
    Path,
    typer.Option(
        "--project", "-p", help="The project's folder.", show_default="the current folder"
    ),
]
HERE = Path()
