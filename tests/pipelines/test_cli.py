"""The other commands on a published project, and how errors are told."""

import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
from running import COMMAND, Made, oneid


def test_query_as_csv_has_a_row_a_customer(made: Made) -> None:
    ask = "SELECT entity_id FROM golden.customers ORDER BY 1"
    lines = oneid("query", ask, "--format", "csv", "--project", str(made.root)).out.splitlines()
    assert lines[0] == "entity_id"
    assert len(set(lines[1:])) == len(lines) - 1 > 50


def test_a_union_id_is_published_as_it_was_written(made: Made) -> None:
    ask = "SELECT wechat_unionid FROM golden.customers WHERE wechat_unionid IS NOT NULL"
    out = oneid("query", ask, "-f", "csv", "-p", str(made.root)).out
    published = set(out.split()[1:])
    files = (made.root / "landing").rglob("*")
    delivered = " ".join(file.read_text(errors="replace") for file in files if file.is_file())
    assert published and all(each in delivered for each in published)


def test_query_as_json_keeps_lists(made: Made) -> None:
    ask = "SELECT sources FROM golden.customers ORDER BY record_count DESC LIMIT 1"
    answer = json.loads(oneid("query", ask, "-f", "json", "-p", str(made.root)).out)
    assert "registration" in answer["sources"]


def test_query_as_csv_writes_lists_as_json(made: Made) -> None:
    ask = "SELECT ['a', 'b'] AS x"
    out = oneid("query", ask, "-f", "csv", "-p", str(made.root)).out
    assert out == 'x\n"[""a"", ""b""]"\n'


def test_query_table_counts_its_rows(made: Made) -> None:
    out = oneid("query", "SELECT 1 AS x UNION ALL SELECT 2", "-p", str(made.root)).out
    assert out.rstrip().endswith("2 rows")


def test_query_that_writes_is_an_error_in_words(made: Made) -> None:
    ended = oneid("query", "DROP TABLE golden.customers", "-p", str(made.root))
    assert (ended.code, "Traceback" in ended.err) == (1, False)
    assert ended.err.startswith("oneid: ")


def test_status_tells_release_runs_and_quarantine(made: Made) -> None:
    out = oneid("status", cwd=made.root).out
    release = json.loads((made.root / "var/releases/CURRENT.json").read_bytes())["release"]
    for words in (release, "published", "quarantine:", "required and missing"):
        assert words in out


def test_evaluate_agrees_with_the_run(made: Made) -> None:
    truth = made.root / "truth.parquet"
    out = oneid("evaluate", "--truth", str(truth), "--project", str(made.root)).out
    pairwise = next(line for line in out.splitlines() if line.startswith("pairwise"))
    for rate in pairwise.split()[1:]:
        assert rate in made.run.out


def test_why_tells_what_links_two_rows_of_one_customer(made: Made) -> None:
    ask = (
        "SELECT r.source_record_id AS r, t.source_record_id AS t FROM identity.crosswalk r "
        "JOIN identity.crosswalk t USING (entity_id) "
        "WHERE r.source = 'registration' AND t.source = 'transaction' ORDER BY ALL LIMIT 1"
    )
    row = json.loads(oneid("query", ask, "-f", "json", cwd=made.root).out)
    ended = oneid("why", f"registration/{row['r']}", f"transaction/{row['t']}", cwd=made.root)
    assert ended.code == 0, ended.err
    assert ended.out.startswith("together")
    assert "match weight" in ended.out


def test_why_of_an_unknown_row_is_an_error_in_words(made: Made) -> None:
    ended = oneid("why", "registration/nobody", "registration/none", cwd=made.root)
    assert (ended.code, "Traceback" in ended.err) == (1, False)
    assert "no record of the current release" in ended.err


def test_project_that_is_none_says_how_to_make_one(tmp_path: Path) -> None:
    ended = oneid("run", "--project", str(tmp_path))
    assert ended.code == 1
    assert "no folder landing/" in ended.err and "oneid sample" in ended.err
    assert not (tmp_path / "var").exists()


def test_spec_with_problems_lists_them_all(tmp_path: Path) -> None:
    (tmp_path / "landing" / "shop").mkdir(parents=True)
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "shop.yml").write_text("kind: person\nkeys: id\n", encoding="utf-8")
    ended = oneid("run", "--project", str(tmp_path))
    assert (ended.code, "Traceback" in ended.err) == (1, False)
    for setting in ("kind", "keys", "fields"):
        assert setting in ended.err


def test_project_in_use_says_by_whom(made: Made, tmp_path: Path) -> None:
    (tmp_path / "landing" / "registration").mkdir(parents=True)
    holding = (
        "import sys, time; from pathlib import Path; from core.project import Project, sole_run\n"
        "with sole_run(Project(Path(sys.argv[1]))): print(1, flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", holding, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert holder.stdout is not None
        holder.stdout.readline()
        ended = oneid("run", "--project", str(tmp_path))
    finally:
        holder.kill()
        holder.wait()
    assert (ended.code, f"process {holder.pid}" in ended.err) == (1, True)


def test_misspelt_command_is_an_error_and_no_refusal() -> None:
    assert oneid("runn").code == 1


def test_sample_does_not_overwrite_deliveries(made: Made) -> None:
    ended = oneid("sample", str(made.root))
    assert ended.code == 1
    assert "holds deliveries already" in ended.err


def test_help_teaches_with_examples() -> None:
    out = oneid("run", "--help").out
    assert "oneid run --project demo" in out


@pytest.mark.parametrize("module", ["dagster", "polars", "great_expectations", "splink", "duckdb"])
def test_help_imports_nothing_slow(module: str) -> None:
    asked = f"import sys; import pipelines.cli; sys.exit({module!r} in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0


def test_help_answers_at_once() -> None:
    begun = time.monotonic()
    subprocess.run([*COMMAND, "--help"], capture_output=True, check=True)
    assert time.monotonic() - begun < 5  # 0.2 s on an idle machine
