"""What a delivery costs is told as a part of the full run's stages."""

from pathlib import Path

import pytest

from benchmarks.incremental import Measured, measure, report

FULL = Measured(
    1000,
    {
        "landed": 9.0,
        "scored_pairs": 80.0,
        "entities": 4.0,
        "golden": 30.0,
        "published": 6.0,
        "marts": 2.0,
        "marts gate": 5.0,
    },
    140.0,
    900.0,
)
DELIVERY = Measured(
    10,
    {
        "landed": 1.0,
        "scored_pairs": 2.0,
        "entities": 1.0,
        "golden": 2.0,
        "published": 1.0,
        "marts": 1.0,
        "marts gate": 5.0,
    },
    15.0,
    None,
)


def test_resolve_golden_and_publish_are_held_against_the_full_run() -> None:
    rows = {
        line.split("|")[1].strip(): line
        for line in report([FULL, DELIVERY]).splitlines()
        if line.startswith("|")
    }
    assert "**120.0** | **6.0**" in rows["**resolve, golden, publish**"]
    assert "**1/20**" in rows["of the full run's"]
    assert "5.0 | 5.0" in rows["gates"]


@pytest.mark.slow
def test_it_measures_real_runs(tmp_path: Path) -> None:
    full, delivery = measure(600, [30], tmp_path / "p")
    assert full.records == 600
    assert 0 < delivery.judged < delivery.seconds
