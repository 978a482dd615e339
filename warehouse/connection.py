"""The candidate release as a DuckDB connection: made anew, or opened again by a later stage."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import duckdb

from core.errors import ProjectError
from core.files import written_whole
from core.frames import frame_sql
from core.sql import NO_PROGRESS_BAR, STORAGE, literal, quoted

BY_RECORD: Mapping[str, str] = {
    "records": "record_id, source, first_seen_at, last_seen_at",
    "members": "*",
    "values": "* EXCLUDE (written, reason)",
    "entities": "*",
}
"""The frames with rows by record, and the columns of theirs that a release is made of: reading a
million records costs as much as the columns that are read."""

FRAMES = (
    "visitors",
    "told_pairs",
    "events",
    "changed_rows",
    "touched_records",
    "touched_entities",
)
"""What the stages before left in the project's work folder, beside the frames by record."""


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
def continue_candidate(target: Path, release: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The same, but the new candidate begins as a copy of the file `release`."""
    with written_whole(target) as draft:
        shutil.copyfile(release, draft)
        draft.chmod(0o644)
        with _connected(draft) as con:
            yield con
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


def attach_frames(con: duckdb.DuckDBPyConnection, folder: Path, touched_only: bool) -> None:
    """Make each frame in `folder` readable as `work.<frame>`.

    `work.all_<frame>` has the rows of all records for the frames in BY_RECORD; with `touched_only`
    `work.<frame>` has those of the touched records alone, and `work.gone_members` those of the
    records that are no more. Raises ProjectError naming the first frame that is missing.
    """
    for name in FRAMES:
        _make(con, "TABLE" if name.startswith("touched") else "VIEW", name, frame_sql(folder, name))
    whole = frame_sql(folder, "members", whole=True)
    gone = "(FROM work.touched_records WHERE gone)"
    _make(con, "TABLE", "gone_members", f"FROM ({whole}) SEMI JOIN {gone} USING (record_id)")
    for name, columns in BY_RECORD.items():
        rows = f"SELECT {columns} FROM ({frame_sql(folder, name)})"
        _make(con, "VIEW", f"all_{name}", rows)
        if touched_only:
            asked = "(FROM work.touched_records WHERE NOT gone)"
            _make(con, "TABLE", name, f"FROM ({rows}) SEMI JOIN {asked} USING (record_id)")
        else:
            _make(con, "VIEW", name, rows)


def _make(con: duckdb.DuckDBPyConnection, kind: str, name: str, rows: str) -> None:
    con.execute(f"CREATE OR REPLACE {kind} {quoted('work', name)} AS {rows}")


def attach_landed(con: duckdb.DuckDBPyConnection, file: Path) -> None:
    """Make the landed rows readable as `landed.current.<source>`.

    Raises ProjectError where nothing has landed.
    """
    if not file.is_file():
        raise ProjectError(f"{file.name} is not there yet: the stage `landed` makes it; run that")
    con.execute(f"ATTACH {literal(str(file))} AS landed (READ_ONLY)")
