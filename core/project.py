"""A project folder: where deliveries land, where specs lie, where a run writes."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.errors import ProjectError


@dataclass(frozen=True)
class Project:
    """The paths of one project. Nothing is created by asking for a path."""

    root: Path

    @property
    def specs(self) -> Path:
        """The project's own source specs, if it has any."""
        return self.root / "sources"

    @property
    def customer_model(self) -> Path:
        """The project's own matching model, if it has one."""
        return self.root / "customer.yml"

    @property
    def landing(self) -> Path:
        """One folder a source, files as delivered."""
        return self.root / "landing"

    @property
    def var(self) -> Path:
        """Everything a run writes."""
        return self.root / "var"

    @property
    def state(self) -> Path:
        """What is kept between runs: landed rows, the trained model, run history."""
        return self.var / "state"

    @property
    def work(self) -> Path:
        """What one run hands from stage to stage; the next run writes it anew."""
        return self.var / "work"

    @property
    def candidate(self) -> Path:
        """The release to be, until it is audited and published."""
        return self.work / "candidate.duckdb"

    @property
    def releases(self) -> Path:
        """Published releases and the pointer to the current one."""
        return self.var / "releases"

    @property
    def current_pointer(self) -> Path:
        """Names the current release: {"release", "file", "sha256", "published_at"}."""
        return self.releases / "CURRENT.json"

    @property
    def current_link(self) -> Path:
        """A link to the current release's file, for tools that want one path."""
        return self.var / "current.duckdb"

    @property
    def ledger(self) -> Path:
        """The identity ledger: the one folder below `var` that cannot be made again."""
        return self.var / "ledger"


def open_project(root: Path) -> Project:
    """The project at `root`.

    Raises ProjectError where there is no such folder, or it holds nothing to run on.
    """
    project = Project(root.resolve())
    if not project.root.is_dir():
        raise ProjectError(
            f"{root} is not a folder; name an existing project with --project, "
            f"or make one to try with: oneid sample {root}"
        )
    if not project.landing.is_dir():
        raise ProjectError(
            f"{root} has no folder landing/, where the sources' files lie (landing/<source>/…); "
            f"make a sample to try with: oneid sample {root}"
        )
    return project


@contextmanager
def sole_run(project: Project) -> Iterator[None]:
    """Hold the project's run lock: one run at a time, freed by the system if the run dies.

    Raises ProjectError when another run holds it.
    """
    project.state.mkdir(parents=True, exist_ok=True)
    with (project.state / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise ProjectError(
                f"another run is at work on {project.root} (process {holder}); "
                "wait for it to end, or stop it, and run again"
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield
