"""Writes the sample's rows as five systems would deliver them, and the truth about them."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from sources.sample.dice import Dice, Flags, Whole
from sources.sample.faults import damage_line
from sources.sample.households import DAY, END
from sources.sample.rows import Rows

ENDINGS = {
    "registration": ".csv",
    "transaction": ".csv.gz",
    "web_behaviour": ".jsonl.gz",
    "social": ".jsonl",
    "feedback": ".parquet",
}
"""How each source delivers."""

_PERIODS = {"2024h2": "2025-01-01", "2025h1": "2025-07-01", "2025h2": "2026-01-01"}
_LAST_PERIOD = "2026h1"
_AGAIN = ("transaction", "2025h1", 0)
"""Source, period and block of the file that is delivered twice in part."""


def deliver(dice: Dice, rows: Rows, landing: Path, block: int) -> dict[str, int]:
    """Write one block's rows of one source, a file a half-year; file name -> rows in it.

    Most rows come in the file of the half-year they belong to, a few late; the first fifth of
    one file comes once more in a file of its own.
    """
    folder = landing / rows.source
    folder.mkdir(parents=True, exist_ok=True)
    late = dice.happens("delivered_late", len(rows)) * dice.between(7, 60, len(rows)) * DAY
    sent = np.minimum(rows.sent_at + late, END)
    written = {}
    for period, mask in _by_period(sent):
        which = np.flatnonzero(mask)
        if not len(which):
            continue
        part = rows.take(which[np.argsort(sent[which], kind="stable")])
        stem = f"{rows.source}-{period}-{block:04d}"
        written[_write(part, folder / stem)] = len(part)
        if (rows.source, period, block) == _AGAIN:
            good = np.flatnonzero(part.owner >= 0)
            again = part.take(good[: len(good) // 5])
            written[_write(again, folder / f"{stem}-again")] = len(again)
    return written


def _by_period(sent: Whole) -> Iterator[tuple[str, Flags]]:
    ends = [int(np.datetime64(end, "s").astype(np.int64)) for end in _PERIODS.values()]
    period = np.searchsorted(ends, sent, side="right")
    for place, name in enumerate([*_PERIODS, _LAST_PERIOD]):
        yield name, period == place


def _write(rows: Rows, stem: Path) -> str:
    ending = ENDINGS[rows.source]
    path = stem.with_name(stem.name + ending)
    frame = pl.DataFrame(
        {name: pl.Series(column.tolist(), dtype=pl.String) for name, column in rows.columns.items()}
    )
    if ending == ".parquet":
        # Row groups of a fixed size: the bytes must not depend on how Polars cut its work.
        pq.write_table(_typed(frame), path, compression="zstd", row_group_size=65_536)
        return f"{rows.source}/{path.name}"
    body = (frame.write_csv() if ".csv" in ending else frame.write_ndjson()).encode()
    body = _with_damage(body, rows, header=".csv" in ending)
    path.write_bytes(gzip.compress(body, 4, mtime=0) if ending.endswith(".gz") else body)
    return f"{rows.source}/{path.name}"


def _with_damage(body: bytes, rows: Rows, header: bool) -> bytes:
    damages = rows.damages
    hit = [place for place, damage in enumerate(damages) if damage is not None]
    if not hit:
        return body
    lines = body.split(b"\n")
    for place in hit:
        line = place + header
        lines[line] = damage_line(lines[line], damages[place], place)
    return b"\n".join(lines)


def _typed(frame: pl.DataFrame) -> pa.Table:
    """Feedback as a warehouse exports it: times and whole numbers, not text."""
    times = [
        pl.col(name).str.to_datetime(format="%Y-%m-%dT%H:%M:%SZ", time_unit="us", time_zone="UTC")
        for name in ("submitted_at", "resolved_at")
    ]
    figures = [pl.col(name).cast(pl.Int64) for name in ("rating", "nps")]
    return frame.with_columns(*times, *figures).to_arrow()


TRUTH = pa.schema(
    [("source", pa.string()), ("source_record_id", pa.string()), ("customer_id", pa.int64())]
)
"""The columns of truth.parquet: one row a record (or known visitor) and whose it is."""


def write_truth(writer: Any, rows: Rows) -> None:
    """Append to the truth whose these rows are, one row a key, in order of key."""
    known = np.flatnonzero(rows.owner >= 0)
    keys = rows.columns[rows.truth_key or rows.key][known]
    frame = pl.DataFrame(
        {
            "source": pl.Series([rows.source] * len(known), dtype=pl.String),
            "source_record_id": pl.Series(keys.tolist(), dtype=pl.String),
            "customer_id": pl.Series(rows.owner[known], dtype=pl.Int64),
        }
    )
    once = frame.unique(maintain_order=True).sort("source_record_id", maintain_order=True)
    writer.write_table(once.to_arrow().cast(TRUTH))


def write_account(path: Path, content: dict[str, Any]) -> None:
    """Write sample.json: what was asked for, what was planted, and why at these rates."""
    path.write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
