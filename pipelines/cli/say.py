"""One line to whoever watches, who may have left."""

import os
import sys

import typer


def say(line: str) -> None:
    """Print `line`. A reader that has gone (`oneid run | head`) must not stop a run half way."""
    try:
        typer.echo(line)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
