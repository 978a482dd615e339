"""`oneid run` in processes of its own, which have its libraries loaded before they begin."""

import multiprocessing
import os
import sys
import time
from multiprocessing.context import ForkServerProcess
from pathlib import Path

PRELOADED = [
    "dagster",
    "great_expectations",
    "pipelines.cli.run",
    "pipelines.pipeline",
    "resolution.scoring.linkage",
]


def ready() -> None:
    """Start the server that the processes come from, and wait for its libraries."""
    multiprocessing.get_context("forkserver").set_forkserver_preload(PRELOADED)
    assert ended(begin(["--help"], Path(os.devnull))) == 0


def begin(arguments: list[str], log: Path) -> ForkServerProcess:
    """A process that does what `oneid` does with these arguments, and says it to `log`."""
    context = multiprocessing.get_context("forkserver")
    process = context.Process(target=_oneid, args=(arguments, str(log)))
    process.start()
    return process


def ended(process: ForkServerProcess) -> int | None:
    """How the process ended."""
    process.join(300)
    return process.exitcode


def killed(process: ForkServerProcess, after: float) -> bool:
    """Whether the process was killed, after so many seconds; false if it had ended."""
    deadline = time.monotonic() + after
    process.join(max(deadline - time.monotonic(), 0))
    process.kill()
    process.join()
    return process.exitcode == -9


def _oneid(arguments: list[str], log: str) -> None:
    from pipelines.cli import main

    with Path(log).open("a", encoding="utf-8") as said:
        sys.stdout = sys.stderr = said
        sys.argv = ["oneid", *arguments]
        os.environ.pop("DAGSTER_HOME", None)
        main()
