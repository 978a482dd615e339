"""Writing a DuckDB file anew: what was deleted stays in its free blocks until they are used."""

from pathlib import Path

import duckdb

from core.files import written_whole
from core.sql import NO_PROGRESS_BAR, STORAGE, literal


def rewrite_database(file: Path) -> None:
    """Put a copy of what the file's tables and views hold now in its place, in one step.

    Nobody may be writing to it meanwhile.
    """
    if not file.is_file():
        return
    with duckdb.connect(str(file), config=STORAGE) as con:
        con.execute("CHECKPOINT")  # no log is left that belongs to the file replaced
    version = literal(str(STORAGE["storage_compatibility_version"]))
    with written_whole(file) as draft, duckdb.connect(config=STORAGE) as con:
        con.execute(NO_PROGRESS_BAR)
        con.execute(f"ATTACH {literal(str(file))} AS held (READ_ONLY)")
        con.execute(f"ATTACH {literal(str(draft))} AS anew (STORAGE_VERSION {version})")
        con.execute("COPY FROM DATABASE held TO anew")
        con.execute("DETACH anew; DETACH held")
