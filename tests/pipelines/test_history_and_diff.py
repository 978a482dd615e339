"""The past by command line: two real releases, the file of the first one gone."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from running import Made, oneid

from core.project import Project
from core.sql import STORAGE
from warehouse.as_of import rebuild
from warehouse.moments import find_release
from warehouse.release import open_current

NEWER = (
    "registration_id,registered_at,updated_at,given_name,family_name,email,city,country\n"
    "{key},{registered},2026-06-30 10:00:00,{given},{family},moved@example.org,Leeds,GB\n"
    "R9000-1,2026-06-03 00:00:13,,Zadie,Quux,zadie.quux@example.org,York,GB\n"
)


@dataclass(frozen=True)
class Past:
    """A project with a past."""

    root: Path
    first: str
    """Its first release, whose file is gone."""
    customers: int
    """How many that one had."""
    moved: str
    """The customer whose email changed since."""


@pytest.fixture(scope="module")
def past(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Past:
    """The sample after a second delivery that renames a mailbox and brings a customer."""
    root = tmp_path_factory.mktemp("past") / "sample"
    shutil.copytree(made.root, root, symlinks=True)
    first = json.loads((root / "var/releases/CURRENT.json").read_bytes())["release"]
    customers = ask(root, "SELECT count(*) AS n FROM golden.customers")[0]["n"]
    moving = ask(
        root,
        "SELECT p.source_record_id AS key, c.given_name AS given, c.family_name AS family, "
        "c.entity_id FROM golden.provenance p JOIN golden.customers c USING (entity_id) "
        "WHERE attribute = 'email' AND source = 'registration' AND given_name IS NOT NULL "
        "AND family_name IS NOT NULL ORDER BY c.record_count DESC, 1 LIMIT 1",
    )[0]
    delivery = NEWER.format(registered="2026-01-01 00:00:00", **moving)
    (root / "landing/registration/later.csv").write_text(delivery, encoding="utf-8")
    (root / "retention.yml").write_text("newest: 1\n", encoding="utf-8")
    ended = oneid("run", "--project", str(root))
    assert ended.code == 0, ended.err
    assert not (root / f"var/releases/golden-{first}.duckdb").exists()
    return Past(root, first, customers, moving["entity_id"])


def ask(root: Path, sql: str, *options: str) -> list[dict[str, str]]:
    ended = oneid("query", sql, "-f", "json", "-p", str(root), *options)
    assert ended.code == 0, ended.err
    return [json.loads(line) for line in ended.out.splitlines()]


def test_the_past_is_asked_in_sql_and_what_it_lacks_is_said(past: Past) -> None:
    sql = "SELECT count(*) AS n FROM golden.customers"
    ended = oneid("query", sql, "-f", "csv", "--as-of", "previous", "-p", str(past.root))
    assert ended.out == f"n\n{past.customers}\n"
    assert past.first in ended.err and "no longer kept" in ended.err
    now = oneid("query", sql, "-f", "csv", "--as-of", "last", "-p", str(past.root))
    assert "no longer kept" not in now.err
    assert int(now.out.split()[1]) > past.customers


def test_the_logs_say_of_a_release_what_its_file_says(past: Past) -> None:
    project = Project(past.root)
    said = {
        "golden.customers": "* EXCLUDE (first_seen_at, last_seen_at, confidence, updated_at, "
        "home_key) FROM golden.customers",
        "identity.crosswalk": "source, source_record_id, entity_id FROM identity.crosswalk "
        "WHERE matched_as IS NOT NULL",  # recognised browsers are in no log
        "identity.events": "* FROM identity.events",
    }
    with open_current(project) as release, duckdb.connect(config=STORAGE) as rebuilt:
        rebuild(rebuilt, project, find_release(project, "last"))
        for table, columns in said.items():
            expected = release.execute(f"SELECT {columns} ORDER BY ALL").fetchall()
            found = rebuilt.execute(f"SELECT * FROM {table} ORDER BY ALL").fetchall()
            assert found == expected, table
            assert found


def test_the_history_of_a_customer_tells_the_value_that_changed(past: Past) -> None:
    out = oneid("history", past.moved, "-p", str(past.root)).out
    assert out.startswith(f"{past.moved}, living\n")
    assert past.first in out
    assert "created (" in out
    assert "-> moved@example.org" in out
    told = json.loads(oneid("history", past.moved, "--json", "-p", str(past.root)).out)
    last = told["chapters"][-1]["steps"][-1]
    change = next(each for each in last["values"] if each["attribute"] == "email")
    assert change["new_value"] == "moved@example.org"
    assert f"{change['old_value']} -> moved@example.org" in out


def test_the_history_of_a_source_row_says_whose_it_was(past: Past) -> None:
    out = oneid("history", "registration/R9000-1", cwd=past.root).out
    lines = out.splitlines()
    assert lines[0] == "source row registration/R9000-1"
    assert lines[1].split()[-1] in lines[3]
    assert "full_name: none -> Zadie Quux" in out


def test_the_history_tells_decisions_on_rows_of_the_customer(past: Past) -> None:
    row = "registration:R9000-1"
    first = (
        "SELECT min(source_record_id) AS k FROM identity.crosswalk WHERE source = 'registration'"
    )
    other = ask(past.root, first)[0]["k"]
    decided = oneid(
        "review", "decide", row, f"registration:{other}", "unsure", "--note", "cannot tell",
        "--as", "ann", "-p", str(past.root),
    )  # fmt: skip
    assert decided.code == 0, decided.err
    mine = "SELECT entity_id AS id FROM identity.crosswalk WHERE source_record_id = 'R9000-1'"
    for asked in (row, ask(past.root, mine)[0]["id"]):
        out = oneid("history", asked, "-p", str(past.root)).out
        assert "decisions on its source rows" in out
        assert "ann" in out and "cannot tell" in out
    told = json.loads(oneid("history", row, "--json", "-p", str(past.root)).out)
    assert [each["verdict"] for each in told["decisions"]] == ["unsure"]


def test_the_diff_counts_and_shows_examples_when_asked(past: Past) -> None:
    plain = oneid("diff", past.first, "-p", str(past.root))
    assert plain.code == 0, plain.err
    assert "moved@example.org" not in plain.out
    with_rows = oneid("diff", "previous", "last", "--rows", "3", "-p", str(past.root)).out
    assert "-> moved@example.org" in with_rows
    told = json.loads(oneid("diff", past.first, "last", "--json", cwd=past.root).out)
    assert told["from"] | {"published_at": None} == {
        "release": past.first,
        "number": 1,
        "published_at": None,
        "file_kept": False,
    }
    assert told["customers"]["after"] > told["customers"]["before"] == past.customers
    assert told["events"]["created"] >= 1
    assert told["values"]["email"]["changed"] >= 1


def test_status_says_which_files_are_kept(past: Past) -> None:
    assert "1 of 2 releases are kept (newest 1)" in oneid("status", cwd=past.root).out


@pytest.mark.parametrize(
    "command",
    [("history", "C-NOBODY"), ("diff", "last", "previous"), ("query", "SELECT 1", "--as-of", "x")],
)
def test_what_is_not_there_is_said_in_words(past: Past, command: tuple[str, ...]) -> None:
    ended = oneid(*command, "-p", str(past.root))
    assert (ended.code, ended.out, "Traceback" in ended.err) == (1, "", False)
    assert ended.err.startswith("oneid: ")
