"""Takes values that only erased records bore out of what a model keeps of how common values are.

They are set aside, with those that others may bear too, when the records go, and taken out once it
is known who is left.
"""

import shutil
from pathlib import Path

import polars as pl

from core.files import written_whole
from core.frames import scan_frame
from resolution.kept import Kept


def set_aside(kept: Kept, rows: pl.DataFrame, folder: Path) -> None:
    """Write the counted values of the records that hold one of `rows` (source, source_record_id)
    to `folder`, a file a column, beside those set aside before."""
    frames, counted = kept.folder, kept.frequencies()
    held = scan_frame(frames, "members", whole=True).join(
        rows.lazy(), on=["source", "source_record_id"], how="semi"
    )
    records = scan_frame(frames, "records", whole=True).join(held, on="record_id", how="semi")
    for column in sorted(counted.keys() & set(records.collect_schema().names())):
        values = records.select(column).drop_nulls().collect()
        file = folder / f"{column}.parquet"
        before = [pl.read_parquet(file)] if file.is_file() else []
        with written_whole(file) as draft:
            pl.concat([*before, values]).unique().sort(column).write_parquet(draft)


def take_out(model: Kept, records: pl.LazyFrame, folder: Path) -> None:
    """Take what was set aside in `folder` out of the model's frequencies, but for what one of
    `records` bears."""
    for column, file in model.frequencies().items():
        aside = folder / f"{column}.parquet"
        if not aside.is_file():
            continue
        borne = records.select(column).drop_nulls().unique()
        gone = pl.scan_parquet(aside).join(borne, on=column, how="anti")
        kept = pl.scan_parquet(file).join(gone, on=column, how="anti", maintain_order="left")
        frame = kept.collect()
        with written_whole(file) as draft:
            frame.write_parquet(draft)


def forget_aside(folder: Path) -> None:
    """Remove what was set aside."""
    shutil.rmtree(folder, ignore_errors=True)
