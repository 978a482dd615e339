"""The benchmark of training trains for real."""

from pathlib import Path

import pytest

from benchmarks.speed_project import make_speed_project, standardise_files
from benchmarks.training import report, train_twice


@pytest.mark.slow
def test_the_same_records_train_the_same_model(tmp_path: Path) -> None:
    make_speed_project(2_000, 1, tmp_path / "p")
    standardise_files(tmp_path / "p")
    trained = train_twice(tmp_path / "p")
    assert trained.is_same and trained.candidates > 100
    assert "| trained again |" in report(2_000, trained)
