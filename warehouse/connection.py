"""The candidate release as a DuckDB connection: made anew, or opened again by a later stage."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from core.errors import ProjectError
from core.files import written_whole
from core.project import frame_files
from core.sql import NO_PROGRESS_BAR, STORAGE, literal, quoted

FRAMES = ("records", "members", "values", "visitors", "pairs", "entities", "events")
"""What the stages before left in the project's work folder, one Parquet file each."""


@contextmanager
def create_candidate(target: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to a new, empty candidate that takes `target`'s place when the block succeeds.

    The catalogue `work` is at hand for what is needed on the way; it lives in memory alone.
    """
    with written_whole(target) as draft:
        with _connected(draft) as con:
            yield con
        # A log left by a stage that was killed belongs to the file that is replaced.
        target.with_name(f"{target.name}.wal").unlink(missing_ok=True)


@contextmanager
def open_candidate(target: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-write connection to the candidate that an earlier stage made; see `create_candidate`.

    Raises ProjectError where there is none.
    """
    if not target.is_file():
        raise ProjectError(f"{target.name} is not there yet: the stage `golden` makes it; run that")
    with _connected(target) as con:
        yield con


@contextmanager
def _connected(file: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    con = duckdb.connect(str(file), config=STORAGE)
    try:
        con.execute(NO_PROGRESS_BAR)
        con.execute("SET TimeZone = 'UTC'")  # times are published as UTC without a zone
        con.execute("ATTACH ':memory:' AS work")
        yield con
        con.execute("CHECKPOINT")
    finally:
        con.close()


def attach_frames(con: duckdb.DuckDBPyConnection, folder: Path) -> None:
    """Make each frame in `folder` readable as `work.<frame>`.

    Raises ProjectError naming every frame that is missing.
    """
    for name, path in frame_files(folder, FRAMES).items():
        file = literal(str(path))
        con.execute(
            f"CREATE OR REPLACE VIEW {quoted('work', name)} AS SELECT * FROM read_parquet({file})"
        )


def attach_landed(con: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Make the landed rows readable as `landed.current.<source>`.

    Raises ProjectError where nothing has landed.
    """
    if not file.is_file():
        raise ProjectError(f"{file.name} is not there yet: the stage `landed` makes it; run that")
    con.execute(f"ATTACH {literal(str(file))} AS landed (READ_ONLY)")
