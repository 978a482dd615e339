"""`oneid` as a user starts it: in a process of its own."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

COMMAND = (sys.executable, "-c", "from pipelines.cli import main; main()")


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: str
    err: str


Review = Callable[..., Ended]
"""`oneid review` with these arguments on a project, in this process; see the fixture `review`."""


def oneid(*arguments: str, cwd: Path | None = None) -> Ended:
    """Run `oneid` in a process of its own, as a user does."""
    environment = {name: value for name, value in os.environ.items() if name != "DAGSTER_HOME"}
    done = subprocess.run(
        [*COMMAND, *arguments],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=environment,
        check=False,
    )
    return Ended(done.returncode, done.stdout, done.stderr)


@dataclass(frozen=True)
class Made:
    """A published project, and what its run said."""

    root: Path
    run: Ended
