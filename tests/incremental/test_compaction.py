"""After many runs the frames and the index are written anew as one; nobody can tell."""

from pathlib import Path

import polars as pl
import pytest
from resolving import Resolving, Shop, at_once

from benchmarks.batches import landed_rows
from core import frames
from core.frames import dropped_records, scan_frame, segments_of
from resolution.engine.key_index import read_segment, segments_in
from resolution.kept import INDEX

REGISTRATION = "registration"


def test_after_compaction_dropped_records_are_nowhere(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "MOST_SEGMENTS", 3)
    assert_compaction_is_not_seen(shop, tmp_path, 3)


@pytest.mark.slow
def test_after_more_than_sixteen_runs_dropped_records_are_nowhere(
    shop: Shop, tmp_path: Path
) -> None:
    assert_compaction_is_not_seen(shop, tmp_path, 9)


def assert_compaction_is_not_seen(shop: Shop, root: Path, runs: int) -> None:
    """Run by run one registration is corrected, one is withdrawn, and those of the run before
    come back."""
    resolving = Resolving(root / "p", shop.model)
    resolving.deliver(shop.rows)
    resolving.resolve()
    people = shop.rows[REGISTRATION].unique("registration_id", keep="last", maintain_order=True)
    most = 0
    for run in range(runs):
        gone, changed = people.slice(2 * run, 1), people.slice(2 * run + 1, 1)
        back = people.slice(max(2 * run - 2, 0), 1 if run else 0)
        corrected = changed.with_columns(
            given_name=pl.lit("Corrected"), updated_at=pl.lit("2026-06-30 12:00:00")
        )
        resolving.deliver({REGISTRATION: pl.concat([corrected, back])})
        resolving.resolve()
        resolving.withdraw({REGISTRATION: gone.get_column("registration_id").to_list()})
        resolving.resolve()
        most = max(most, len(segments_of(resolving.project.work)))
        assert_index_names_the_living(resolving)
    assert most <= frames.MOST_SEGMENTS
    rows = landed_rows(resolving.project)
    assert resolving.partition() == at_once(rows, root / "whole", shop.model).partition()


def assert_index_names_the_living(resolving: Resolving) -> None:
    """Every record that has a blocking key is one of the frames, or known to be gone."""
    work = resolving.project.work
    living = scan_frame(work, "records").select("record_id").collect().to_series()
    known = pl.concat([living, dropped_records(work)])
    for segment in segments_in(work / INDEX):
        for _, records in read_segment(segment):
            assert set(records.tolist()) <= set(known.to_list())
