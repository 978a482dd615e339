"""What every stage is given: the project it works on, held by one run at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import dagster as dg

from core.errors import OneIDError
from core.project import Project, open_project, sole_run

OWNERS = ["team:customer-data"]
STOPPED = "Stopped"
"""Kind of the failure of a stage that was interrupted."""
WRITER_POOL = "duckdb_writer"
"""One writer at a time, also when several runs are allowed."""

ONCE_MORE = dg.RetryPolicy(max_retries=1, delay=2)
"""For what passes by itself (a disk being cleared); errors of the user's are not retried."""

DAILY = dg.FreshnessPolicy.time_window(
    fail_window=timedelta(hours=36), warn_window=timedelta(hours=26)
)
"""Deliveries and releases are expected every day, a few hours of delay allowed."""


class ProjectResource(dg.ConfigurableResource):  # type: ignore[type-arg]
    """The project folder of a run. A run holds the project's lock from its start to its end."""

    root: str

    @contextmanager
    def yield_for_execution(self, context: dg.InitResourceContext) -> Iterator["ProjectResource"]:
        """Raises ProjectError when there is no such project, or another run holds it."""
        with sole_run(self.open()):
            yield self

    def open(self) -> Project:
        """The project. Raises ProjectError when the folder holds nothing to run on."""
        return open_project(Path(self.root))


@contextmanager
def stage_errors() -> Iterator[None]:
    """Turn what the user must act on, and an interruption, into a failure that is not retried."""
    try:
        yield
    except OneIDError as error:
        kind = {"kind": type(error).__name__}
        raise dg.Failure(str(error), metadata=kind, allow_retries=False) from error
    except (KeyboardInterrupt, dg.DagsterExecutionInterruptedError) as interruption:
        # Dagster would take Ctrl-C for one more failed attempt and start the stage again.
        kind = {"kind": STOPPED}
        raise dg.Failure("stopped by hand", metadata=kind, allow_retries=False) from interruption
