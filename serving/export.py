"""Whole tables of one release as a stream: Parquet, CSV or JSON lines, masked as the role asks."""

import io
from collections.abc import Iterator, Sequence
from typing import Final, Literal

import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

from core.sql import quoted
from serving.answers import as_json
from serving.masking import is_personal, masked_sql
from serving.problems import ApiProblem
from serving.releases import ReleaseReader, table_sql
from serving.roles import Role

Format = Literal["parquet", "csv", "jsonl"]
MEDIA_TYPES: Final[dict[Format, str]] = {
    "parquet": "application/vnd.apache.parquet",
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/x-ndjson",
}
_ROWS: Final = 20_000
"""Rows that are in memory at a time."""


def is_masked(column: str, role: Role) -> bool:
    """Whether `role` gets this column masked."""
    return is_personal(column) and not role.sees_personal


def require_table(reader: ReleaseReader, table: str) -> dict[str, str]:
    """The table's columns and types. Raises ApiProblem (404) where the release has none such."""
    columns = reader.tables.get(table)
    if columns is None:
        detail = f"there is no such table in this release; there are {', '.join(reader.tables)}"
        raise ApiProblem(404, "not-found", detail)
    return columns


def export_table(
    reader: ReleaseReader,
    table: str,
    fields: Sequence[str] | None,
    form: Format,
    role: Role,
) -> Iterator[bytes]:
    """The rows of a table, in the order in which the release has them, as parts of one file.

    Raises ApiProblem, before the first part: 404 for no such table, 422 for no such column.
    """
    columns = require_table(reader, table)
    if unknown := sorted(set(fields or ()) - set(columns)):
        detail = f"{table} has no column {', '.join(unknown)}; it has {', '.join(columns)}"
        raise ApiProblem(422, "unknown-field", detail)
    names = list(dict.fromkeys(fields or columns))
    listed = ", ".join(_column(name, columns[name], form, role) for name in names)
    sql = f"SELECT {listed} FROM {table_sql(table)}"
    batches = reader.connection.sql(sql).to_arrow_reader(_ROWS)
    return _WRITERS[form](batches)


def _column(name: str, kind: str, form: Format, role: Role) -> str:
    if is_masked(name, role):
        return masked_sql(name, role)
    if form == "csv" and ("[" in kind or "(" in kind.removeprefix("DECIMAL(")):
        return f"to_json({quoted(name)})::VARCHAR AS {quoted(name)}"  # CSV has no lists
    return quoted(name)


class _Sink(io.RawIOBase):
    """A file that is taken away as it grows."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._position = 0

    def writable(self) -> bool:
        return True

    def write(self, part: object) -> int:
        data = bytes(memoryview(part))  # type: ignore[arg-type]
        self._parts.append(data)
        self._position += len(data)
        return len(data)

    def tell(self) -> int:
        return self._position

    def taken(self) -> bytes:
        """What was written since it was last taken."""
        parts, self._parts = self._parts, []
        return b"".join(parts)


def _as_parquet(batches: pa.RecordBatchReader) -> Iterator[bytes]:
    sink = _Sink()
    with pa.parquet.ParquetWriter(sink, batches.schema, compression="zstd") as writer:
        for batch in batches:
            writer.write_batch(batch)
            yield sink.taken()
    yield sink.taken()


def _as_csv(batches: pa.RecordBatchReader) -> Iterator[bytes]:
    sink = _Sink()
    with pa.csv.CSVWriter(sink, batches.schema) as writer:
        for batch in batches:
            writer.write_batch(batch)
            yield sink.taken()
    yield sink.taken()


def _as_jsonl(batches: pa.RecordBatchReader) -> Iterator[bytes]:
    for batch in batches:
        yield "".join(f"{as_json(row)}\n" for row in batch.to_pylist()).encode()


_WRITERS: Final = {"parquet": _as_parquet, "csv": _as_csv, "jsonl": _as_jsonl}
