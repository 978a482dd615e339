"""Frames of a run: segments are added to and never changed, and dropped records are not seen."""

from pathlib import Path

import duckdb
import polars as pl
import pytest

from core.errors import ProjectError
from core.files import sha256_of
from core.frames import (
    MOST_SEGMENTS,
    SEGMENTED,
    add_segment,
    begin_frames,
    compact_frames,
    digest_files,
    dropped_records,
    frame_sql,
    scan_frame,
    segments_of,
    write_frame,
)


def rows(*numbers: int, **more: str) -> dict[str, pl.DataFrame]:
    """Every segmented frame with these records."""
    frame = pl.DataFrame({"record_id": numbers}, schema={"record_id": pl.Int64})
    return dict.fromkeys(SEGMENTED, frame.with_columns(pl.lit(v).alias(k) for k, v in more.items()))


def numbers_in(folder: Path, name: str = "records", whole: bool = False) -> list[int]:
    """The record_id that both readers find, in order."""
    scanned = scan_frame(folder, name, whole).select("record_id").collect().to_series().to_list()
    with duckdb.connect() as con:
        asked = con.execute(f"SELECT record_id FROM ({frame_sql(folder, name, whole)})").fetchall()
    assert sorted(scanned) == sorted(number for (number,) in asked)
    return scanned


def test_segments_read_as_one_frame_without_dropped_records(tmp_path: Path) -> None:
    add_segment(tmp_path, rows(0, 1, 2))
    add_segment(tmp_path, rows(3), dropped=pl.Series([1]))
    add_segment(tmp_path, rows(4), dropped=pl.Series([3]))
    for name in SEGMENTED:
        assert numbers_in(tmp_path, name) == [0, 2, 4]
        assert numbers_in(tmp_path, name, whole=True) == [0, 1, 2, 3, 4]
    assert dropped_records(tmp_path).to_list() == [1, 3]


def test_a_column_that_came_later_is_empty_before(tmp_path: Path) -> None:
    add_segment(tmp_path, rows(0))
    add_segment(tmp_path, rows(1, phone="+1"))
    found = scan_frame(tmp_path, "records").collect()
    assert found.rows() == [(0, None), (1, "+1")]


def test_a_run_begins_with_what_the_last_one_had_and_leaves_it_alone(tmp_path: Path) -> None:
    base, work = tmp_path / "base", tmp_path / "work"
    add_segment(base, rows(0, 1))
    add_segment(base, rows(2), dropped=pl.Series([0]))
    before = {file: sha256_of(file) for file in base.rglob("*.parquet")}
    add_segment(work, rows(7))  # what a run that was killed left
    begin_frames(work, base)
    add_segment(work, rows(3), dropped=pl.Series([1]))
    assert numbers_in(work) == [2, 3]
    assert numbers_in(base) == [1, 2]
    assert {file: sha256_of(file) for file in base.rglob("*.parquet")} == before


def test_a_run_without_a_base_begins_with_nothing(tmp_path: Path) -> None:
    add_segment(tmp_path, rows(0), dropped=pl.Series([5]))
    begin_frames(tmp_path, None)
    assert (segments_of(tmp_path), dropped_records(tmp_path).to_list()) == ([], [])


def test_a_segment_that_was_not_finished_does_not_count(tmp_path: Path) -> None:
    add_segment(tmp_path, rows(0))
    draft = tmp_path / "segments" / ".001.draft"
    draft.mkdir()
    (draft / "records.parquet").write_bytes(b"half")
    assert numbers_in(tmp_path) == [0]
    assert add_segment(tmp_path, rows(1)).name == "001"
    assert numbers_in(tmp_path) == [0, 1]


def test_many_segments_are_written_anew_as_one_with_the_same_rows(tmp_path: Path) -> None:
    base, work = tmp_path / "base", tmp_path / "work"
    for number in range(MOST_SEGMENTS):
        add_segment(base, rows(number), dropped=pl.Series([number - 1] if number % 3 == 0 else []))
    begin_frames(work, base)
    living = numbers_in(work)
    compact_frames(work)
    assert len(segments_of(work)) == 1
    assert numbers_in(work) == numbers_in(work, whole=True) == living
    assert len(segments_of(base)) == MOST_SEGMENTS
    assert numbers_in(base) == living


@pytest.mark.parametrize("name", ["records", "pairs"])
def test_a_frame_that_is_missing_is_named(tmp_path: Path, name: str) -> None:
    for ask in (scan_frame, frame_sql):
        with pytest.raises(ProjectError, match=f"lacks {name}; run the stages before"):
            ask(tmp_path, name)


def test_every_file_that_decides_a_frames_rows_is_digested(tmp_path: Path) -> None:
    add_segment(tmp_path, rows(0))
    add_segment(tmp_path, rows(1), dropped=pl.Series([0]))
    write_frame(tmp_path, "events", pl.DataFrame({"kind": ["created"]}))
    assert sorted(digest_files(tmp_path, ("members", "events"))) == [
        "dropped.parquet",
        "events.parquet",
        "segments/000/members.parquet",
        "segments/001/members.parquet",
    ]
