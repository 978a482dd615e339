"""`oneid sample`: a realistic project to try with."""

import shutil
from pathlib import Path

import typer

from core.errors import ProjectError

PARTS = ("sample.json", "truth.parquet", "landing")
"""Moved into place in this order: a project has its landing/ only when all of it is there."""


def write_sample(root: Path, customers: int, seed: int) -> None:
    """Write the sample project to `root` and say what can be done with it.

    Raises ProjectError where `root` already has deliveries. A sample that is stopped half way
    leaves nothing that a run would take for a project.
    """
    from sources.sample import make_sample

    landing = root / "landing"
    if landing.exists() and any(landing.iterdir()):
        raise ProjectError(
            f"{landing} holds deliveries already; name another folder, or remove it first"
        )
    draft = root / ".sample-draft"
    shutil.rmtree(draft, ignore_errors=True)
    try:
        make_sample(draft, customers, seed, typer.echo)
        if landing.exists():
            landing.rmdir()
        for part in PARTS:
            (draft / part).replace(root / part)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    typer.echo(f"next: oneid run --project {root}")
