"""The speed report reads what the product prints, and tells both sides of every comparison."""

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from benchmarks import speed_project
from benchmarks.measuring import Cost
from benchmarks.speed import Sized, report, seconds_of
from benchmarks.speed_project import StageTimes, stage_seconds
from benchmarks.speed_resolve import DENSE, Half, compare, compiled_half, splink_half
from core.frames import frame_files
from core.project import Project
from resolution.matching.full import compile_comparisons
from resolution.model import load_model
from resolution.training.unlabelled import TrainedModel

LOG = """\
project /somewhere
landed        20,000 rows of 1 sources, 0 quarantined                      5.3 s
  gate        6 of 6 checks passed                                        37.1 s
scored_pairs  7,216 links of 11,042 pairs, model trained                 113.0 s

records 20,000 · entities 14,011 · merge rate 29.9% · checks passed 73 of 73
"""


def test_stages_and_their_gates_are_read_from_what_run_prints() -> None:
    assert stage_seconds(LOG) == {"landed": 5.3, "landed gate": 37.1, "scored_pairs": 113.0}


def half(seconds: float) -> dict[str, object]:
    steps = dict.fromkeys(("read", "encode", "block", "score", "cluster"), seconds)
    pairs = {"candidates": 4_000_000, "kept": 10, "megabytes": 100.0}
    return {"seconds": steps, "processor": steps, **pairs}


def test_ratios_growth_and_what_was_not_asked_are_told() -> None:
    seen = {"pairs": 10, "only_one_side": 0, "largest_difference": 0.0, "clusters_differ": 0}
    both = {"ours": half(1.0), "splink": half(8.0), "parity": seen}
    run = StageTimes({"landed": 2.0}, Cost(3.0, 50.0), True)
    small = Sized(1000, run, {"tight": both, "dense": both})
    large = Sized(
        10_000,
        None,
        {"tight": {"ours": half(20.0)}, "dense": {"ours": half(20.0)}},
        Cost(7.0, 80.0),
    )
    text = report([small, large])
    assert "**8.0**" in text
    assert "| all, tight | 2.00 (2.00) |" in text
    assert "- 10,000 tight: too many to ask Splink" in text
    assert "| landed | 2.0 | 2,000 |" in text
    assert "10,000 records landed and standardised, no more: 7 s, 80 MB" in text
    assert seconds_of(None, "read") is None


@pytest.mark.slow  # a project drafted and standardised, and Splink
def test_both_halves_keep_the_same_pairs_with_the_same_weights(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speed_project, "PART", 200)
    speed_project.make_speed_project(500, 1, tmp_path)
    for part in range(3):
        speed_project.standardise(str(tmp_path), part)
    files = frame_files(tmp_path / "var/work", "records")
    numbers = pl.scan_parquet(files).select("record_id").collect().to_series()
    assert numbers.to_list() == list(range(500))
    columns = pl.read_parquet_schema(files[0])
    comparisons = compile_comparisons(load_model(Project(tmp_path)), list(columns))
    trained = TrainedModel(comparisons, 1 / 500, 0.0)
    ours, theirs = (each(files, trained, DENSE) for each in (compiled_half, splink_half))
    found = compare(ours, theirs)
    assert found.pairs == ours[0].kept > 0
    assert found.only_one_side == found.clusters_differ == 0
    assert found.largest_difference < 1e-9
    assert ours[0].candidates == theirs[0].candidates


def test_a_difference_of_pairs_weights_or_clusters_is_seen() -> None:
    pairs = pl.DataFrame({"record_id_l": [0, 1], "record_id_r": [1, 2], "match_weight": [3.0, 4.0]})
    other = pairs.with_columns(match_weight=pl.Series([3.5, 4.0]))[:1]
    found = compare((Half(), pairs, np.array([0, 0, 0])), (Half(), other, np.array([7, 7, 9])))
    assert (found.pairs, found.only_one_side, found.largest_difference) == (1, 1, 0.5)
    assert found.clusters_differ == 3
