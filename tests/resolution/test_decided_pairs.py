"""A file of judgements is taken whole or refused with every problem by its row."""

from pathlib import Path

import polars as pl
import pytest

from core.errors import DecisionError
from core.project import Project
from resolution.learning.decided_pairs import (
    in_order,
    place_customers,
    place_pairs,
    read_judgements,
    verdicts,
)
from resolution.learning.kept_decisions import (
    forget_decisions,
    keep_decisions,
    kept_decisions,
    on_records,
)

HEADINGS = "source_l,source_record_id_l,source_r,source_record_id_r,decision"
MEMBERS = pl.DataFrame(
    {
        "source": ["crm", "crm", "crm", "till", "till", "till"],
        "source_record_id": ["1", "2", "3", "1", "2", "3"],
        "record_id": [0, 1, 2, 3, 4, 4],
    }
)


def file_of(folder: Path, *rows: str, headings: str = HEADINGS) -> Path:
    file = folder / "judged.csv"
    file.write_text("\n".join([headings, *rows, ""]), encoding="utf-8")
    return file


def problems_of(folder: Path, *rows: str) -> tuple[str, ...]:
    with pytest.raises(DecisionError) as found:
        place_pairs(read_judgements(file_of(folder, *rows)), MEMBERS)
    return found.value.problems


def test_pairs_are_placed_on_records_the_lesser_first(tmp_path: Path) -> None:
    rows = ("till,1,crm,1, Match ", "crm,2,crm,3,non-match", "crm,1,crm,3,unsure")
    placed = place_pairs(read_judgements(file_of(tmp_path, *rows)), MEMBERS)
    assert placed.pairs.rows() == [(0, 3, True), (1, 2, False)]
    assert placed.judged == 2
    assert placed.unsure == 1


def test_every_problem_is_told_with_its_row(tmp_path: Path) -> None:
    found = problems_of(tmp_path, "crm,1,crm,9,match", "shop,1,crm,1,match", "crm,1,crm,1,match")
    assert found == (
        "row 3: no source 'shop' is matched; there are crm, till",
        "row 2: source crm has no record '9' in the current release",
        "row 4: both sides name the same record",
    )


def test_an_unknown_word_and_an_empty_cell_are_refused(tmp_path: Path) -> None:
    found = problems_of(tmp_path, "crm,1,crm,2,maybe", "crm,,crm,2,match")
    assert found == (
        "row 3: source_record_id_l is empty",
        "row 2: decision 'maybe'; allowed are match, non-match, unsure",
    )


def test_a_non_match_across_matches_is_a_contradiction(tmp_path: Path) -> None:
    rows = ("crm,1,crm,2,match", "till,1,crm,2,match", "till,1,crm,1,non-match")
    assert problems_of(tmp_path, *rows) == (
        "row 4 says non-match, but match in row 3, row 2 joins the two",
    )
    turned = ("crm,1,crm,2,match", "crm,2,crm,1,non-match")
    assert problems_of(tmp_path, *turned) == (
        "row 3 says non-match, but match in row 2 joins the two",
    )


def test_rows_that_are_one_record_cannot_be_told_apart(tmp_path: Path) -> None:
    placed = place_pairs(
        read_judgements(file_of(tmp_path, "till,2,till,3,non-match", "till,2,crm,1,match")), MEMBERS
    )
    assert placed.one_record_rows == (2,)
    assert placed.pairs.rows() == [(0, 4, True)]


def test_other_columns_are_told_what_is_needed(tmp_path: Path) -> None:
    with pytest.raises(DecisionError, match="needed are source_l") as found:
        read_judgements(file_of(tmp_path, "1,2", headings="left,right"))
    assert "left, right" in str(found.value)
    with pytest.raises(DecisionError, match="no such file"):
        read_judgements(tmp_path / "none.csv")
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"no parquet")
    with pytest.raises(DecisionError, match="cannot be read"):
        read_judgements(broken)


def test_only_the_first_problems_are_listed(tmp_path: Path) -> None:
    with pytest.raises(DecisionError, match="and 10 more") as found:
        place_pairs(read_judgements(file_of(tmp_path, *["crm,9,crm,1,match"] * 30)), MEMBERS)
    assert len(found.value.problems) == 30


def test_whole_customers_are_placed_on_records(tmp_path: Path) -> None:
    headings = "source,source_record_id,entity_id"
    rows = ("crm,1,A", "till,1,A", "till,2,A", "till,3,B", "crm,9,B")
    judged = read_judgements(file_of(tmp_path, *rows, headings=headings))
    placed = place_customers(judged, MEMBERS)
    assert placed.customers.rows() == [(0, "A"), (3, "A")]
    assert (placed.unknown, placed.shared) == (1, 1)
    twice = read_judgements(file_of(tmp_path, "crm,1,A", "crm,1,B", headings=headings))
    with pytest.raises(DecisionError, match="rows 2, 3: one record is given to 2 customers"):
        place_customers(twice, MEMBERS)


def test_kept_decisions_follow_the_records_there_are(tmp_path: Path) -> None:
    project = Project(tmp_path)
    assert kept_decisions(project).is_empty()
    named = pl.DataFrame(
        [
            ("till", "1", "crm", "1", True),
            ("crm", "2", "gone", "7", True),
            ("till", "2", "till", "3", False),
        ],
        schema=["source_l", "source_record_id_l", "source_r", "source_record_id_r", "same"],
        orient="row",
    )
    keep_decisions(project, in_order(verdicts(named)))
    kept = kept_decisions(project)
    assert kept.row(0) == ("crm", "1", "till", "1", "match")
    assert kept.get_column("decision").to_list() == ["match", "match", "non-match"]
    assert on_records(kept, MEMBERS).rows() == [(0, 3, True)]
    assert forget_decisions(project) == 3
    assert kept_decisions(project).is_empty()
