"""Requests name nobody, outlive a restart, and take what is landed with them."""

from datetime import datetime
from pathlib import Path

import duckdb
import polars as pl
import pytest
from people_project import FIELDS, NOW, deliver, empty_project, land, seen, spec

from core.errors import ProjectError
from core.project import Project
from sources.erased_rows import count_rows, erase_rows, forget_keys, landed_keys
from sources.erasures import (
    Erasure,
    Refused,
    RowHashes,
    erasures_file,
    note_begun,
    note_done,
    read_erasures,
    request_erasure,
    waiting_erasures,
)
from sources.landed import LandedStore, landed_path
from sources.rewriting import rewrite_database

PEOPLE = spec(fields=FIELDS | {"email": {}})
HEAD = "id,changed,name,email,state"
AT = datetime(2026, 7, 1)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    project = empty_project(tmp_path)
    deliver(
        project,
        "1.csv",
        "17,2026-01-01,Zebedee Quixote,z@quixote.org,new",
        "17,2026-01-02,Zebedee Quixote,z@mills.org,new",
        "18,2026-01-01,Ann Lee,ann@lee.org,new",
        "17,2026-01-03,Zebedee Quixote,z@mills.org,wrong",
        ",2026-01-03,,z@mills.org,new",
        "19,2026-01-03,Ann Lee,,wrong",
        head=HEAD,
    )
    land(project, PEOPLE)
    return project


def asked(project: Project, key: str, *, allow_return: bool = False) -> int:
    rows = frozenset([RowHashes(project).of("people", key)])
    return request_erasure(project, Erasure(0, AT, "ann", "request 1", (), rows, allow_return))


def keys(*wanted: str) -> pl.DataFrame:
    return pl.DataFrame({"source": "people", "source_record_id": list(wanted)})


def test_requests_are_kept_in_order_with_how_far_they_are(project: Project) -> None:
    first, second = asked(project, "17"), asked(project, "18")
    hashed = RowHashes(project).of("people", "17")
    note_begun(project, first, [hashed], ["C-1"], "r1", AT)
    begun, waiting = waiting_erasures(project)
    assert (begun.is_begun, begun.begun_after, begun.concerned) == (True, "r1", ("C-1",))
    assert not waiting.is_begun
    note_done(project, first, "r2", AT)
    assert [each.number for each in waiting_erasures(project)] == [second]
    assert [each.is_done for each in read_erasures(project)] == [True, False]


def test_the_file_of_requests_names_no_row(project: Project) -> None:
    asked(project, "zebedee@quixote.org")
    assert "quixote" not in erasures_file(project).read_text(encoding="utf-8")


def test_without_the_secret_no_request_is_read(project: Project) -> None:
    asked(project, "17")
    (project.ledger / "erasures.key").unlink()
    with pytest.raises(ProjectError, match="without which no erased row is known"):
        Refused(project)


def test_a_file_that_was_tampered_with_is_named(project: Project) -> None:
    asked(project, "17")
    erasures_file(project).write_text("{}\n", encoding="utf-8")
    with pytest.raises(ProjectError, match="line 1 is not as it was written"):
        read_erasures(project)


def test_versions_and_quarantined_rows_go_and_others_stay(project: Project) -> None:
    with LandedStore(landed_path(project)) as store:
        assert count_rows(store, keys("17")) == {"versions": 2, "quarantined rows": 2}
        last = store.last_delivery()
        erase_rows(store, keys("17"), AT)
        assert store.changed_keys("people", last).to_list() == ["17"]
        assert "17" in landed_keys(store)["source_record_id"].to_list()
    rewrite_database(landed_path(project))
    assert seen(project, lambda x: x.current("people"))["id"].to_list() == ["18"]
    assert seen(project, LandedStore.quarantine)["row_number"].to_list() == [6]
    raw = landed_path(project).read_bytes().lower()
    assert b"quixote" not in raw
    assert b"z@mills" not in raw
    assert b"ann@lee" in raw


def test_a_forgotten_key_leaves_the_numbers_of_deliveries_as_they_are(project: Project) -> None:
    with LandedStore(landed_path(project)) as store:
        erase_rows(store, keys("17"), AT)
        last = store.last_delivery()
        hashes = RowHashes(project)
        forget_keys(store, hashes, frozenset([hashes.of("people", "17")]))
        assert store.last_delivery() == last
        assert "17" not in landed_keys(store)["source_record_id"].to_list()


@pytest.mark.parametrize("allow_return", [False, True])
def test_what_was_erased_comes_in_again_only_where_it_may(
    project: Project, allow_return: bool
) -> None:
    asked(project, "17", allow_return=allow_return)
    with LandedStore(landed_path(project)) as store:
        erase_rows(store, keys("17"), NOW)
    deliver(
        project,
        "2.csv",
        "17,2026-02-01,Zebedee Quixote,z@new.org,new",
        "17,2026-02-02,Zebedee Quixote,z@new.org,wrong",
        "20,2026-02-01,Flo,f@flo.org,new",
        head=HEAD,
    )
    report = land(project, PEOPLE)
    landed = seen(project, lambda store: store.current("people"))["id"].to_list()
    rows = seen(project, LandedStore.quarantine).filter(pl.col("file") == "2.csv")
    if allow_return:
        assert (landed, report.landed) == (["17", "18", "20"], 2)
        assert rows["reason"].to_list() != ["erased"] * 2
    else:
        assert (landed, report.landed) == (["18", "20"], 1)
        assert rows.select("reason", "raw").rows() == [("erased", None)] * 2


def test_a_database_written_anew_holds_the_same_and_nothing_more(tmp_path: Path) -> None:
    file = tmp_path / "x.duckdb"
    with duckdb.connect(str(file)) as con:
        con.execute("CREATE TABLE a AS SELECT 'secret' || i AS text, i FROM range(5000) r(i)")
        con.execute("COMMENT ON TABLE a IS 'told'; CREATE VIEW b AS SELECT text FROM a")
        con.execute("CHECKPOINT; DELETE FROM a WHERE i < 4999")
    rewrite_database(file)
    rewrite_database(tmp_path / "not-there.duckdb")
    assert b"secret1" not in file.read_bytes()
    with duckdb.connect(str(file), read_only=True) as con:
        assert con.execute("FROM b").fetchall() == [("secret4999",)]
        told = con.execute("SELECT comment FROM duckdb_tables()").fetchall()
        assert told == [("told",)]
