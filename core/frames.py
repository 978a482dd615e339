"""The frames of a run or a release: what one stage hands the next, as Parquet files.

    <folder>/<frame>.parquet                written whole by every run
    <folder>/segments/<nnn>/<frame>.parquet for the frames in SEGMENTED: rows by record, added to
    <folder>/dropped.parquet                record_id of the records that are no more

A segment is never changed: the next run's folder holds the same files under the same names and
adds one of its own. A record that changes becomes another record, so that nothing else is needed
to take its rows away.
"""

import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

import polars as pl

from core.errors import ProjectError
from core.files import written_whole
from core.sql import literal

SEGMENTED = ("records", "members", "values", "bearers")
SEGMENTS, DROPPED = "segments", "dropped"


def segments_of(folder: Path) -> list[Path]:
    """The folder's segments, oldest first."""
    return sorted(path for path in (folder / SEGMENTS).glob("[0-9]*") if path.is_dir())


def frame_files(folder: Path, name: str) -> list[Path]:
    """The files that hold the rows of a frame.

    Raises ProjectError where there are none.
    """
    if name in SEGMENTED:
        files = [segment / f"{name}.parquet" for segment in segments_of(folder)]
    else:
        files = [folder / f"{name}.parquet"]
    if not files or not all(file.is_file() for file in files):
        raise ProjectError(f"the work folder lacks {name}; run the stages before this one")
    return files


def dropped_records(folder: Path) -> pl.Series:
    """record_id of the records that are no more, ascending."""
    file = folder / f"{DROPPED}.parquet"
    if not file.is_file():
        return pl.Series("record_id", [], dtype=pl.Int64)
    return pl.read_parquet(file).get_column("record_id")


def scan_frame(folder: Path, name: str, whole: bool = False) -> pl.LazyFrame:
    """The rows of a frame; `whole`: those of dropped records too.

    Raises ProjectError where the frame is missing.
    """
    files = frame_files(folder, name)
    rows = pl.concat([pl.scan_parquet(file) for file in files], how="diagonal_relaxed")
    if whole or name not in SEGMENTED:
        return rows
    dropped = dropped_records(folder)
    if not len(dropped):
        return rows
    return rows.join(dropped.to_frame().lazy(), on="record_id", how="anti", maintain_order="left")


def frame_sql(folder: Path, name: str, whole: bool = False) -> str:
    """The same as a query for DuckDB."""
    files = ", ".join(literal(str(file)) for file in frame_files(folder, name))
    rows = f"SELECT rows.* FROM read_parquet([{files}], union_by_name = true) AS rows"
    dropped = folder / f"{DROPPED}.parquet"
    if whole or name not in SEGMENTED or not dropped.is_file():
        return rows
    return f"{rows} ANTI JOIN read_parquet({literal(str(dropped))}) USING (record_id)"


def digest_files(folder: Path, names: Iterable[str]) -> dict[str, Path]:
    """Every file that decides the rows of these frames, by its place in the folder."""
    files = [file for name in names for file in frame_files(folder, name)]
    dropped = folder / f"{DROPPED}.parquet"
    files += [dropped] if dropped.is_file() else []
    return {file.relative_to(folder).as_posix(): file for file in files}


def begin_frames(folder: Path, base: Path | None) -> None:
    """Make the folder's frames those of `base`, the work of an earlier run; none without."""
    shutil.rmtree(folder / SEGMENTS, ignore_errors=True)
    (folder / f"{DROPPED}.parquet").unlink(missing_ok=True)
    if base is None:
        return
    for segment in segments_of(base):
        name_again(segment, folder / SEGMENTS / segment.name)
    if (base / f"{DROPPED}.parquet").is_file():
        name_again(base / f"{DROPPED}.parquet", folder / f"{DROPPED}.parquet")


def add_segment(
    folder: Path, frames: Mapping[str, pl.DataFrame], dropped: pl.Series | None = None
) -> Path:
    """Add a segment of new records, and take the records `dropped` away."""
    gone = dropped_records(folder)
    if dropped is not None and len(dropped):
        gone = pl.concat([gone, dropped.cast(pl.Int64).rename("record_id")]).unique().sort()
    number = 1 + max((int(segment.name) for segment in segments_of(folder)), default=-1)
    segment = folder / SEGMENTS / f"{number:03}"
    draft = segment.with_name(f".{segment.name}.draft")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    for name, frame in frames.items():
        frame.write_parquet(draft / f"{name}.parquet", compression="lz4")
    draft.replace(segment)
    if len(gone):
        with written_whole(folder / f"{DROPPED}.parquet") as file:
            gone.to_frame().write_parquet(file)
    return segment


def write_frame(folder: Path, name: str, frame: pl.DataFrame) -> None:
    """Write a frame whole."""
    with written_whole(folder / f"{name}.parquet") as draft:
        frame.write_parquet(draft, compression="lz4")


def name_again(path: Path, target: Path) -> None:
    """Give a file, or the files of a folder, a second name. They are replaced, never changed, so
    that this is as good as a copy and costs nothing."""
    if path.is_dir():
        target.mkdir(parents=True, exist_ok=True)
        for each in path.iterdir():
            name_again(each, target / each.name)
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    target.unlink(missing_ok=True)
    try:
        os.link(path, target)
    except OSError:  # a file system without links
        shutil.copyfile(path, target)


MOST_SEGMENTS = 16
"""Segments, beyond which all are written anew as one."""


def compact_frames(folder: Path) -> None:
    """Write the segments anew as one, once there are many: without the rows of dropped records."""
    old = segments_of(folder)
    if len(old) < MOST_SEGMENTS:
        return
    living = {name: scan_frame(folder, name).collect() for name in SEGMENTED}
    for segment in old:
        shutil.rmtree(segment)
    (folder / f"{DROPPED}.parquet").unlink(missing_ok=True)
    add_segment(folder, living)
