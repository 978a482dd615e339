"""Decisions as CSV: a file is taken whole or refused by its lines, and comes back as it went."""

from datetime import datetime
from pathlib import Path

import pytest
from saying import NOON, said

from core.database import SETTING
from core.errors import DecisionError
from core.project import Project
from resolution.decisions import Decision, DecisionStore, RowKey, Steward
from resolution.decisions.exchange import news_in, read_decisions, write_decisions

ANN = Steward("ann", NOON)
HEADINGS = "source_l,source_record_id_l,source_r,source_record_id_r,decision"


def file_of(folder: Path, *lines: str) -> Path:
    file = folder / "said.csv"
    file.write_text("\n".join([*lines, ""]), encoding="utf-8-sig")
    return file


def problems_of(folder: Path, *lines: str) -> tuple[str, ...]:
    with pytest.raises(DecisionError, match="nothing was imported") as found:
        read_decisions(file_of(folder, *lines), ANN)
    return found.value.problems


def test_a_plain_file_is_one_batch_of_its_steward(tmp_path: Path) -> None:
    file = file_of(tmp_path, f"name,{HEADINGS}", "x,crm,1,shop,2, Match ", "x,crm,1,shop,3,")
    read = read_decisions(file, ANN)
    assert read.blank == 1
    assert read.ignored == ("name",)
    assert read.lines == (2,)
    [made] = read.decisions
    batch = "import-said-20260101T120000000000"
    assert made == Decision(
        "match", RowKey("crm", "1"), RowKey("shop", "2"), "ann", "", batch, NOON
    )


def test_every_bad_line_is_told_by_its_number(tmp_path: Path) -> None:
    headings = f"{HEADINGS},who,at,note"
    found = problems_of(
        tmp_path,
        headings,
        'crm,1,shop,2,match,bob,2025-12-31T23:59:59Z,"two\nlines"',
        "crm,1,shop,2,maybe,bob,,",
        "",
        "crm,1,crm,1,match,bob,,",
        "crm,,shop,2,match,bob,,",
        "crm,1,shop,2,match,bob,yesterday,",
        "crm,1,shop,2,match,bob,2026-01-01T13:30:00+01:00,",
    )
    assert [problem.split(":")[0] for problem in found] == [f"line {x}" for x in (4, 6, 7, 8, 9)]
    assert "'maybe'; allowed are match, non-match, unsure" in found[0]
    assert "both sides name the same row" in found[1]
    assert "'yesterday' is no time" in found[3]
    assert "is yet to come" in found[4]


def test_a_file_that_is_none_of_ours_is_refused(tmp_path: Path) -> None:
    assert (
        "no column source_record_id_l, decision"
        in (problems_of(tmp_path, "source_l,source_r,source_record_id_r", "a,b,c")[0])
    )
    assert problems_of(tmp_path, HEADINGS, "crm,1,shop,2") == ("line 2: 4 cells under 5 headings",)
    file = tmp_path / "latin.csv"
    file.write_bytes(f"{HEADINGS}\ncrm,é,shop,2,match\n".encode("latin-1"))
    with pytest.raises(DecisionError, match="is not UTF-8"):
        read_decisions(file, ANN)
    with pytest.raises(DecisionError, match=r"cannot be read: No such file"):
        read_decisions(tmp_path / "none.csv", ANN)


def test_what_a_steward_said_before_is_no_news() -> None:
    known = said(("match", "crm/1", "crm/2"), ("match", "crm/3", "crm/4"), undone=(2,))
    one, two, three, four = (RowKey("crm", str(number)) for number in range(1, 5))
    again = Decision("match", two, one, "ann")
    by_bob = Decision("match", one, two, "bob")
    turned = Decision("non-match", one, two, "ann")
    undone = Decision("match", three, four, "ann")
    assert news_in([again, by_bob, by_bob, turned, again, undone], known) == [
        by_bob,
        turned,
        again,
        undone,
    ]


def test_an_export_comes_back_as_it_went(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(SETTING, raising=False)
    here, there = (DecisionStore(Project(tmp_path / name)) for name in ("here", "there"))
    rows = [RowKey("crm", key) for key in ("1", 'a "quoted", key', "李", "4")]
    at = datetime(2025, 12, 31, 1, 2, 3, 456789)
    here.decide_all(
        [
            Decision("match", rows[0], rows[1], "ann", 'said "yes",\nthen left', None, at),
            Decision("unsure", rows[0], rows[2], "ann"),
            Decision("non-match", rows[2], rows[0], "ann", batch="split-C-1"),
            Decision("match", rows[0], rows[3], "bob"),
        ]
    )
    here.undo(4, "bob")
    assert write_decisions(tmp_path / "a.csv", here.all()) == 2
    late = Steward("eve", datetime(2999, 1, 1))
    there.decide_all(news_in(read_decisions(tmp_path / "a.csv", late).decisions, there.all()))
    write_decisions(tmp_path / "b.csv", there.all())
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    again = read_decisions(tmp_path / "a.csv", late).decisions
    assert news_in(again, here.all()) == []
    with pytest.raises(DecisionError, match="nothing was exported"):
        write_decisions(Path("/proc/none.csv"), here.all())
