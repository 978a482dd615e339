"""Run history outlives refused runs; questions read the release and can do nothing else."""

import duckdb
import pytest
from worked_project import AT, build_candidate

from core.errors import QueryError
from core.project import Project
from warehouse.history import (
    CheckResult,
    RunFigures,
    copy_into,
    history_file,
    record_results,
    record_run,
)
from warehouse.query import run_query
from warehouse.release import current_release, publish, recover, sign_audit


def result(check: str, passed: bool = True) -> CheckResult:
    return CheckResult("matching", check, "entities", "critical", passed, "412", "at most 200")


def refuse(project: Project) -> None:
    """A first run, refused."""
    record_results(project, "run 1", [result("largest_cluster", passed=False)], AT)
    record_run(project, RunFigures("run 1", "refused", started_at=AT, rows_in=10))


def release(project: Project) -> None:
    """A second run, published."""
    candidate = build_candidate(project, "r1", {"1": 0, "2": 0})
    record_results(project, "run 2", [result("largest_cluster")], AT)
    figures = RunFigures("run 2", "published", started_at=AT, release="r1", entities=1)
    with duckdb.connect(str(candidate)) as con:
        copy_into(project, con, figures)
        copy_into(project, con, figures)
    sign_audit(project, candidate, passed=True, failures=[], run="run 2")
    publish(project, candidate, "r1", AT)


@pytest.fixture
def refused(project: Project) -> Project:
    """A project whose only run was refused."""
    refuse(project)
    return project


@pytest.fixture
def released(refused: Project) -> Project:
    """The same project after a second run that published."""
    release(refused)
    return refused


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """As `released`; for tests that only ask."""
    project = Project(tmp_path_factory.mktemp("asked"))
    refuse(project)
    release(project)
    return project


def test_a_sentence_names_the_gate_and_the_bound() -> None:
    assert (
        result("largest_cluster").sentence()
        == "matching.largest_cluster: observed 412, allowed at most 200"
    )


def test_a_refused_run_can_be_asked_about_before_any_release(refused: Project) -> None:
    answer = run_query(refused, 'SELECT run, "check", passed FROM quality.results')
    assert answer.rows() == [("run 1", "largest_cluster", False)]


def test_a_check_said_again_counts_once(refused: Project) -> None:
    record_results(refused, "run 1", [result("largest_cluster")], AT)
    assert run_query(refused, "SELECT passed FROM quality.results").rows() == [(True,)]


def test_a_release_carries_the_history_up_to_its_own_run(asked: Project) -> None:
    current = current_release(asked)
    assert current is not None
    with duckdb.connect(str(current.file), read_only=True) as con:
        runs = con.execute("SELECT run, outcome, release, entities FROM quality.runs").fetchall()
        results = con.execute('SELECT run, "check" FROM quality.results').fetchall()
    assert runs == [("run 1", "refused", None, None), ("run 2", "published", "r1", 1)]
    assert results == [("run 1", "largest_cluster"), ("run 2", "largest_cluster")]


def test_history_that_was_lost_is_taken_from_the_release(released: Project) -> None:
    history_file(released).unlink()
    recover(released)
    recover(released)
    runs = run_query(released, "SELECT run, outcome FROM quality.runs ORDER BY run").rows()
    assert runs == [("run 1", "refused"), ("run 2", "published")]


def test_without_the_live_history_the_release_answers(released: Project) -> None:
    history_file(released).unlink()
    assert run_query(released, "SELECT count(*) FROM quality.runs").rows() == [(2,)]


def test_the_release_is_read_under_its_own_names(asked: Project) -> None:
    answer = run_query(asked, "FROM identity.crosswalk SELECT source_record_id ORDER BY 1")
    assert answer["source_record_id"].to_list() == ["1", "2"]


@pytest.mark.parametrize(
    "sql", ["DESCRIBE golden.customers", "SHOW ALL TABLES", "EXPLAIN SELECT 1"]
)
def test_looking_around_is_possible(asked: Project, sql: str) -> None:
    assert run_query(asked, sql).height > 0


def test_quarantine_is_the_newest_there_is(released: Project) -> None:
    with duckdb.connect(str(released.state / "landed.duckdb")) as con:
        con.execute(
            "CREATE TABLE quarantine AS SELECT 's' AS source, 'f' AS file, 1 AS row_number, "
            "'why' AS reason, 'raw' AS raw, NULL::TIMESTAMP AS delivered_at, 7 AS _delivery"
        )
    answer = run_query(released, "SELECT * FROM quality.quarantine")
    assert answer.columns == ["source", "file", "row_number", "reason", "raw", "delivered_at"]
    assert answer.height == 1


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM golden.customers",
        "CREATE TABLE t (i INT)",
        "ATTACH 'other.duckdb'",
        "COPY (SELECT 1) TO 'out.csv'",
        "SET threads = 1",
        "SELECT 1; SELECT 2",
        "SELECT * FROM read_text('/etc/hostname')",
        "SELECT * FROM '/etc/hostname'",
        "SELECT * FROM glob('/*')",
        "SELECT nonsense FROM golden.customers",
        "SELEC 1",
        "",
    ],
)
def test_a_question_can_only_read_the_release(asked: Project, sql: str) -> None:
    with pytest.raises(QueryError):
        run_query(asked, sql)


def test_a_table_that_is_not_there_is_answered_with_those_that_are(asked: Project) -> None:
    with pytest.raises(QueryError, match=r"golden\.customers"):
        run_query(asked, "SELECT * FROM golden.custmers")


def test_python_variables_are_no_tables(asked: Project) -> None:
    secret = duckdb.sql("SELECT 1 AS i").to_arrow_table()
    with pytest.raises(QueryError):
        run_query(asked, "SELECT * FROM secret")
    assert secret.num_rows == 1


def test_a_slow_answer_draws_no_progress_bar_into_the_output(asked: Project) -> None:
    shown = run_query(asked, "SELECT current_setting('enable_progress_bar')")
    assert shown.item() is False


def test_nothing_published_and_nothing_run_is_said(project: Project) -> None:
    with pytest.raises(QueryError, match="oneid run"):
        run_query(project, "SELECT 1")
