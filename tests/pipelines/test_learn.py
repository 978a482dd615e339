"""`oneid learn`: a report first, decisions kept only when asked, and runs that learn from them."""

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from running import Made, oneid

from assets.learning import apply, forget, propose, write_report
from core.errors import DecisionError
from core.project import Project
from resolution.learning.kept_decisions import decisions_file, kept_decisions
from warehouse.query import run_query

ENDS = ["source_l", "source_record_id_l", "source_r", "source_record_id_r"]


def judged_file(root: Path, target: Path, share: int = 2) -> Path:
    """Every `share`-th scored pair, judged by the sample's truth."""
    pairs = run_query(Project(root), f"SELECT {', '.join(ENDS)} FROM identity.matches ORDER BY ALL")
    truth = pl.read_parquet(root / "truth.parquet")
    judged = pairs.gather_every(share)
    for side in "lr":
        judged = judged.join(
            truth.rename({"customer_id": f"customer_{side}"}),
            left_on=[f"source_{side}", f"source_record_id_{side}"],
            right_on=["source", "source_record_id"],
        )
    word = pl.when(pl.col("customer_l") == pl.col("customer_r")).then(pl.lit("match"))
    judged.select(*ENDS, word.otherwise(pl.lit("non-match")).alias("decision")).write_csv(target)
    return target


@pytest.fixture(scope="module")
def decisions(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return judged_file(made.root, tmp_path_factory.mktemp("judged") / "decisions.csv")


def test_a_proposal_changes_nothing_until_it_is_applied(
    copied: Callable[[], Path], decisions: Path
) -> None:
    project = Project(copied())
    proposal = propose(project, decisions)
    report = proposal.report
    assert report.taken.matches + report.taken.non_matches > 50
    assert report.held_out.surprise < report.without.surprise + 0.02
    assert not decisions_file(project).exists()
    markdown, content = write_report(project, report)
    told = json.loads(content.read_text(encoding="utf-8"))
    assert told["decisions"]["matches"] == report.taken.matches
    assert told["new_links"] == report.links.filter(pl.col("change") == "new").height
    assert {"comparison", "m_before", "m_after", "u_after"} <= set(told["levels"][0])
    assert "## Decisions it gets right" in markdown.read_text(encoding="utf-8")

    apply(project, proposal)
    assert kept_decisions(project).height == proposal.decisions.height
    again = propose(project, decisions)
    assert again.report.taken.applied_before == proposal.decisions.height
    assert again.decisions.height == proposal.decisions.height
    assert forget(project) == proposal.decisions.height
    assert not decisions_file(project).exists()


def test_new_decisions_must_agree_with_those_applied(
    copied: Callable[[], Path], decisions: Path, tmp_path: Path
) -> None:
    project = Project(copied())
    all_of_them = pl.read_csv(decisions, infer_schema=False)
    match = all_of_them.filter(pl.col("decision") == "match").head(1)
    match.write_csv(tmp_path / "one.csv")
    apply(project, propose(project, tmp_path / "one.csv"))

    turned = match.with_columns(decision=pl.lit("non-match"))
    turned.write_csv(tmp_path / "turned.csv")
    assert propose(project, tmp_path / "turned.csv").report.taken.non_matches == 1

    left, right = (match.select(ENDS[:2]).row(0), match.select(ENDS[2:]).row(0))
    third = all_of_them.filter(pl.col("source_l") == left[0]).tail(1).select(ENDS[2:]).row(0)
    rows = [(*left, *third, "match"), (*third, *right, "non-match")]
    pl.DataFrame(rows, schema=[*ENDS, "decision"], orient="row").write_csv(tmp_path / "across.csv")
    with pytest.raises(DecisionError, match="a decision applied before"):
        propose(project, tmp_path / "across.csv")


def test_whole_customers_teach_as_well(made: Made, tmp_path: Path) -> None:
    known = pl.read_parquet(made.root / "truth.parquet").filter(pl.col("source") != "web_behaviour")
    known.head(400).write_csv(tmp_path / "customers.csv")
    report = propose(Project(made.root), tmp_path / "customers.csv").report
    assert report.taken.matches > 50
    assert any("known customers make" in note for note in report.taken.notes)


def test_the_command_reports_and_says_that_nothing_is_changed(made: Made, decisions: Path) -> None:
    ended = oneid("learn", str(decisions), "--project", str(made.root))
    assert ended.code == 0, ended.err
    assert "with the others (held out)" in ended.out
    assert "pairs would become links" in ended.out
    assert "nothing is changed yet" in ended.out
    assert not decisions_file(Project(made.root)).exists()


def test_a_bad_file_is_refused_by_its_rows_without_a_traceback(made: Made, tmp_path: Path) -> None:
    file = tmp_path / "bad.csv"
    file.write_text(f"{','.join(ENDS)},decision\nregistration,none,crm,1,yes\n", encoding="utf-8")
    ended = oneid("learn", str(file), "--project", str(made.root))
    assert ended.code == 1
    assert "row 2: decision 'yes'; allowed are match, non-match, unsure" in ended.err
    assert "Traceback" not in ended.err
    nothing = oneid("learn", "--project", str(made.root))
    assert nothing.code == 1
    assert "--forget" in nothing.err


@pytest.mark.slow  # one whole run of the pipeline, and one that finds nothing new
def test_the_next_run_learns_from_what_was_applied(
    copied: Callable[[], Path], decisions: Path
) -> None:
    root = copied()
    kept = oneid("learn", str(decisions), "--project", str(root), "--apply")
    assert kept.code == 0, kept.err
    run = oneid("run", "--project", str(root))
    assert run.code == 0, run.err
    assert "model trained with" in run.out
    assert "nothing new" in oneid("run", "--project", str(root)).out
    assert "decisions dropped" in oneid("learn", "--project", str(root), "--forget").out
