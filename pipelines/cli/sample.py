"""`oneid sample`: a realistic project to try with."""

from pathlib import Path

import typer


def write_sample(root: Path, customers: int, seed: int) -> None:
    """Write the sample project to `root` and say what can be done with it.

    Raises ProjectError where `root` already holds deliveries.
    """
    from sources.sample import make_sample

    make_sample(root, customers, seed, typer.echo)
    typer.echo(f"next: oneid run --project {root}")
