"""Whole jobs, gates and publication among them, as Dagster executes them in a process."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from core.project import Project
from pipelines.pipeline import define_pipeline
from warehouse.release import current_release

Row = tuple[str, str]


def launch(project: Project, job: str, **config: bool) -> dg.ExecuteInProcessResult:
    """One execution of the job. `config`: of the stage landed."""
    settings = {"ops": {"landed": {"config": config}}} if config else {}
    return (
        define_pipeline(project.root)
        .resolve_job_def(job)
        .execute_in_process(settings, instance=dg.DagsterInstance.ephemeral(), raise_on_error=False)
    )


def release_file(project: Project) -> Path:
    """The file of the current release."""
    release = current_release(project)
    assert release is not None
    return release.file


@contextmanager
def opened(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A release to ask."""
    with duckdb.connect(str(file), read_only=True) as con:
        yield con


def asked(file: Path, query: str) -> list[Any]:
    """The answer of a release."""
    with opened(file) as con:
        return con.execute(query).fetchall()


def crosswalk(file: Path) -> dict[Row, str | None]:
    """Row -> its entity."""
    rows = asked(file, "SELECT source, source_record_id, entity_id FROM identity.crosswalk")
    return {(source, key): entity for source, key, entity in rows}
