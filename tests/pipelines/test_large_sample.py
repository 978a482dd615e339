"""Accuracy where namesakes and families are many: what a small sample cannot show."""

from pathlib import Path

import pytest
from running import oneid

from core.project import Project
from quality.evaluate import evaluate

pytestmark = pytest.mark.slow  # the sample of 20,000 customers, and one whole run over it


def test_namesakes_stay_apart_among_twenty_thousand_customers(tmp_path: Path) -> None:
    root = tmp_path / "big"
    sampled = oneid("sample", str(root), "--customers", "20000", "--seed", "11")
    assert sampled.code == 0, sampled.err
    run = oneid("run", "--project", str(root))
    assert run.code == 0, run.err
    found = evaluate(Project(root.resolve()), root / "truth.parquet")
    assert found.precision >= 0.98
    assert found.recall >= 0.95
