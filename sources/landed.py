"""The store of everything delivered: rows with their versions, files, quarantine, drift."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb
import polars as pl

from core.errors import ProjectError
from core.project import Project
from core.sql import NO_PROGRESS_BAR, STORAGE, quoted
from sources import quarantine, snapshots, versions
from sources.spec import SourceSpec

_TABLES = """
CREATE SCHEMA IF NOT EXISTS versions;
CREATE SCHEMA IF NOT EXISTS current;
CREATE SCHEMA IF NOT EXISTS withdrawn;
CREATE TABLE IF NOT EXISTS files (
    delivery BIGINT, source VARCHAR, file VARCHAR, sha256 VARCHAR, reading VARCHAR, bytes BIGINT,
    rows BIGINT, landed BIGINT, repeated BIGINT, superseded BIGINT, quarantined BIGINT,
    delivered_at TIMESTAMP, reason VARCHAR);
ALTER TABLE files ADD COLUMN IF NOT EXISTS withdrawn BIGINT DEFAULT 0;
CREATE TABLE IF NOT EXISTS drift (
    source VARCHAR, file VARCHAR, kind VARCHAR, field VARCHAR, detail VARCHAR,
    delivered_at TIMESTAMP, _delivery BIGINT);
CREATE TABLE IF NOT EXISTS restated (
    source VARCHAR, _key VARCHAR, _delivery BIGINT, restated_at TIMESTAMP);
ALTER TABLE restated ADD COLUMN IF NOT EXISTS restated_at TIMESTAMP;
"""


@dataclass(frozen=True)
class FileRecord:
    """One delivered file and what became of its rows. `reason` says why it was refused whole;
    `withdrawn` counts the keys that were there before it and are no more."""

    delivery: int
    source: str
    file: str
    sha256: str
    reading: str
    bytes: int
    rows: int
    landed: int
    repeated: int
    superseded: int
    quarantined: int
    delivered_at: datetime
    reason: str | None = None
    withdrawn: int = 0


def landed_path(project: Project) -> Path:
    """Where the project keeps what has landed."""
    return project.state / "landed.duckdb"


class LandedStore:
    """Everything delivered to one project, in one DuckDB file.

    Tables: `versions.<source>` (every version of every row), views `current.<source>` (the newest
    a key) and `withdrawn.<source>` (keys that were taken back), `quarantine`, `files`, `drift`.
    Use it as a context manager. One writer at a time.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Open the store at `path`, making it unless `read_only`.

        Raises ProjectError where there is none to read.
        """
        if read_only and not path.is_file():
            raise ProjectError(f"nothing has landed yet ({path} is missing); run `oneid run` first")
        path.parent.mkdir(parents=True, exist_ok=True)
        self.connection = duckdb.connect(str(path), read_only=read_only, config=STORAGE)
        self.connection.execute("SET TimeZone = 'UTC'")
        self.connection.execute(NO_PROGRESS_BAR)
        if not read_only:
            self.connection.execute(_TABLES + quarantine.TABLE + snapshots.TABLES)
            versions.upgrade(self.connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free the file for others."""
        self.connection.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All that is written inside, or nothing of it."""
        self.connection.begin()
        try:
            yield
        except BaseException:
            self.connection.rollback()
            raise
        self.connection.commit()

    def sources(self) -> list[str]:
        """The sources that have ever landed, in order."""
        return versions.landed_sources(self.connection)

    def current(self, source: str) -> pl.DataFrame:
        """The newest version of each key that is not withdrawn, in order of key: the spec's fields
        typed (times UTC without zone), `extra` (JSON), `_file`, `_row_number`, `_sequence` (order
        of delivery)."""
        return self._current(source)

    def current_rows(self, source: str, keys: pl.Series) -> pl.DataFrame:
        """What `current` holds of the given keys (as text); others are not read."""
        with self._only(keys) as chosen:
            return self._current(source, chosen)

    def versions(self, source: str) -> pl.DataFrame:
        """All versions that no withdrawal took back, by key and from oldest to newest: the columns
        of `current`, `_key`, `_version_at`, `_delivery` and `_current`."""
        return self._versions(source)

    def versions_of(self, source: str, keys: pl.Series) -> pl.DataFrame:
        """What `versions` holds of the given keys (as text); others are not read."""
        with self._only(keys) as chosen:
            return self._versions(source, chosen)

    def last_delivery(self) -> int:
        """The highest number of a delivery, of a snapshot's end, or of a change of what earlier
        ones hold when they are read anew; 0 before the first."""
        found = self.connection.execute(
            "SELECT coalesce(max(delivery), 0) FROM (SELECT delivery FROM files UNION ALL "
            "SELECT delivery FROM snapshots UNION ALL SELECT _delivery FROM restated)"
        )
        return int(found.fetchall()[0][0])

    def changed_keys(self, source: str, after: int) -> pl.Series:
        """The source's keys (text, in order, each once) of which a delivery numbered above `after`
        brought a version, current or not, or a withdrawal, or of which an earlier delivery holds
        others since it was read anew. Rows that were known or bad count for nothing."""
        self._view_columns(source)
        keys = self._frame(
            f"SELECT _key FROM {versions.table(source)} WHERE _delivery > $after UNION "
            "SELECT _key FROM restated WHERE source = $source AND _delivery > $after ORDER BY _key",
            {"after": after, "source": source},
        )
        return keys["_key"].cast(pl.String)

    def quarantine(self) -> pl.DataFrame:
        """Every bad row, by source, file and number: source, file, row_number (from 1; null for a
        whole file), reason, raw, delivered_at."""
        return self._frame(
            "SELECT source, file, row_number, reason, raw, delivered_at FROM quarantine "
            "ORDER BY source, file, row_number NULLS FIRST, _delivery, reason"
        )

    def files(self) -> pl.DataFrame:
        """Every delivered file in order of delivery; see FileRecord for its columns."""
        return self._frame("SELECT * FROM files ORDER BY delivery")

    def drift(self) -> pl.DataFrame:
        """What was found to differ from the specs, file by file in order of delivery."""
        return self._frame(
            "SELECT source, file, kind, field, detail, delivered_at FROM drift "
            "ORDER BY _delivery, kind, field, detail"
        )

    def content_fingerprint(self) -> str:
        """A hash of all that later stages depend on: the current rows, the older versions that
        stand and the quarantine; whatever the order of delivery or the names of files."""
        parts = []
        for source in self.sources():
            parts.append(
                (
                    source,
                    self.connection.execute(
                        "SELECT count(*), bit_xor(_content_hash), count(*) FILTER (_current), "
                        "bit_xor(_content_hash) FILTER (_current) "
                        f"FROM {versions.table(source)} WHERE _stands"
                    ).fetchone(),
                )
            )
        parts.append(
            (
                "quarantine",
                self.connection.execute(
                    "SELECT count(*), bit_xor(md5_number(concat_ws(chr(31), source, _raw_hash, "
                    "_occurrence))) FROM quarantine"
                ).fetchone(),
            )
        )
        digest = self.connection.execute("SELECT sha256(?)", [repr(parts)]).fetchone()
        return str(digest[0]) if digest else ""

    def known_files(self, source: str) -> dict[str, tuple[int, str, datetime]]:
        """sha256 -> delivery, the reading it was read with, when it was first delivered."""
        found = self.connection.execute(
            "SELECT sha256, delivery, reading, delivered_at FROM files WHERE source = ?", [source]
        ).fetchall()
        return {sha: (delivery, reading, at) for sha, delivery, reading, at in found}

    def forget(self, spec: SourceSpec, delivery: int) -> list[str]:
        """Forget one delivery so that its file can be read anew; returns the keys it held."""
        self.connection.execute(
            f"CREATE OR REPLACE TEMP TABLE forgotten AS {_held_sql(spec)}", [delivery]
        )
        keys = self.connection.execute("SELECT DISTINCT _key FROM forgotten").fetchall()
        for place in (versions.table(spec.name), "quarantine", "drift"):
            self.connection.execute(f"DELETE FROM {place} WHERE _delivery = ?", [delivery])
        self.connection.execute("DELETE FROM files WHERE delivery = ?", [delivery])
        return [key for (key,) in keys]

    def record_restated(self, spec: SourceSpec, delivery: int, at: datetime) -> None:
        """Note the keys of which a delivery, read anew `at` a time, holds other rows than it did
        before it was forgotten, under a delivery number of their own."""
        held = _held_sql(spec)
        self.connection.execute(
            f"""
            INSERT INTO restated
            SELECT DISTINCT ?, _key, ?::BIGINT, ?::TIMESTAMP FROM (
                (FROM forgotten EXCEPT {held}) UNION ALL ({held} EXCEPT FROM forgotten))
            """,
            [spec.name, self.last_delivery() + 1, at, delivery, delivery],
        )

    def forget_refusal(self, delivery: int) -> None:
        """Forget that a file was read or refused, keeping the rows it landed."""
        self.connection.execute("DELETE FROM files WHERE delivery = ?", [delivery])
        self.connection.execute(
            "DELETE FROM quarantine WHERE _delivery = ? AND row_number IS NULL", [delivery]
        )

    def record_file(self, record: FileRecord) -> None:
        """Note a file as delivered."""
        values = list(vars(record).values())
        marks = ", ".join("?" for _ in values)
        self.connection.execute(f"INSERT INTO files VALUES ({marks})", values)

    def record_drift(self, record: FileRecord, found: Sequence[tuple[str, str, str]]) -> None:
        """Note what differed from the spec in a file: (kind, field, detail) each."""
        for each in found:
            self.connection.execute(
                "INSERT INTO drift VALUES (?, ?, ?, ?, ?, ?, ?)",
                [record.source, record.file, *each, record.delivered_at, record.delivery],
            )

    def _current(self, source: str, chosen: str = "") -> pl.DataFrame:
        return self._frame(
            f"SELECT {self._view_columns(source)} FROM {versions.table(source)} {chosen} "
            "WHERE _current ORDER BY _key"
        )

    def _versions(self, source: str, chosen: str = "") -> pl.DataFrame:
        return self._frame(
            f"SELECT {self._view_columns(source)}, _key, _version_at, _delivery, _current "
            f"FROM {versions.table(source)} {chosen} WHERE _stands "
            "ORDER BY _key, _current, _version_at NULLS FIRST, _sequence"
        )

    @contextmanager
    def _only(self, keys: pl.Series) -> Iterator[str]:
        """SQL that keeps the rows of these keys, as long as the block lasts."""
        wanted = keys.cast(pl.String).alias("_key").to_frame()
        self.connection.register("wanted_keys", wanted.to_arrow())
        try:
            yield "SEMI JOIN wanted_keys USING (_key)"
        finally:
            self.connection.unregister("wanted_keys")

    def _view_columns(self, source: str) -> str:
        found = self.connection.execute(
            "SELECT column_name FROM duckdb_columns() WHERE schema_name = 'current' "
            "AND table_name = ? ORDER BY column_index",
            [source],
        ).fetchall()
        if not found:
            raise ProjectError(
                f"no source {source!r} has landed; there are: {', '.join(self.sources()) or 'none'}"
            )
        return ", ".join(quoted(name) for (name,) in found)

    def _frame(self, sql: str, values: Mapping[str, object] | None = None) -> pl.DataFrame:
        frame: pl.DataFrame = self.connection.sql(sql, params=values).pl()
        return frame


def _held_sql(spec: SourceSpec) -> str:
    """What one delivery holds, as far as it can change what is current."""
    held = versions.table(spec.name)
    return f"SELECT _key, _content_hash, _version_at, _withdrawal FROM {held} WHERE _delivery = ?"
