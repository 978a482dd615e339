"""The report says what was measured, and what failed, without telling where it was run."""

import socket
from pathlib import Path

import polars as pl

from benchmarks.accuracy import Outcome, accuracy_table, cost_table, report
from benchmarks.measuring import Cost
from benchmarks.product import ProductResult
from benchmarks.report import write_report
from benchmarks.sets import TruthSet
from quality.evaluate import score_assignment


def outcome() -> Outcome:
    records = pl.DataFrame({"record_id": ["a", "b"], "source": ["s", "s"], "name": ["x", "y"]})
    truth = pl.DataFrame({"record_id": ["a", "b"], "entity_id": ["1", "1"]})
    rows = pl.DataFrame({"source": ["s", "s"], "truth": ["1", "1"], "entity_id": ["C", "C"]})
    product = ProductResult(score_assignment(rows, []), Cost(1.26, 321.0), "the default")
    return Outcome(TruthSet("febrl3", records, truth), product, "failed: no | luck")


def test_a_row_holds_figures_failures_and_the_published_figure() -> None:
    row = accuracy_table([outcome()]).splitlines()[-1]
    assert row.startswith("| febrl3 | 2 | 1 | 1.0000 | 1.0000 | **1.0000** | 1.0000 | failed: no /")
    assert row.endswith("| 0.996 |")


def test_rows_are_as_wide_as_the_headings() -> None:
    for text in (accuracy_table([outcome()]), cost_table([outcome()])):
        assert len({line.count("|") for line in text.splitlines()}) == 1, text


def test_a_report_has_machine_facts_but_no_host_and_no_path(tmp_path: Path) -> None:
    text = write_report("accuracy", report([outcome()]), tmp_path).read_text(encoding="utf-8")
    assert "logical cores" in text
    assert "splink 5" in text
    assert socket.gethostname() not in text
    assert str(Path.cwd()) not in text
