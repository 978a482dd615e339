"""Accuracy counted by hand, and by counting every pair."""

from itertools import combinations
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import ProjectError
from core.project import Project
from quality.evaluate import evaluate, read_truth, score_assignment


def judged(*rows: tuple[str, str, str | None]) -> pl.DataFrame:
    schema = dict.fromkeys(("source", "truth", "entity_id"), pl.String)
    return pl.DataFrame(rows, schema=schema, orient="row")


def test_a_small_case_worked_out_by_hand() -> None:
    # customer x: rows 1-3, of which 3 is with y's row 4; the two pairs linked are 1-2 and 3-4
    found = score_assignment(
        judged(("a", "x", "E"), ("a", "x", "E"), ("b", "x", "F"), ("b", "y", "F")), []
    )
    assert (found.true_pairs, found.linked_pairs, found.right_pairs) == (3, 2, 1)
    assert (found.precision, found.recall) == (1 / 2, 1 / 3)
    assert found.f1 == pytest.approx(0.4)
    # B-cubed precision: 1, 1, 1/2, 1/2; recall: 2/3, 2/3, 1/3, 1
    assert found.b_cubed_precision == pytest.approx(3 / 4)
    assert found.b_cubed_recall == pytest.approx(8 / 12)


def test_by_sources_splits_the_pairs() -> None:
    found = score_assignment(
        judged(("a", "x", "E"), ("a", "x", "E"), ("b", "x", "F"), ("b", "y", "F")), []
    ).by_sources
    columns = ["source_l", "source_r", "true_pairs", "linked_pairs", "right_pairs"]
    assert found.select(columns).rows() == [
        ("a", "a", 1, 1, 1),
        ("a", "b", 2, 0, 0),
        ("b", "b", 0, 1, 0),
    ]


def test_what_the_release_lacks_is_missed() -> None:
    found = score_assignment(judged(("a", "x", "E"), ("a", "x", None), ("a", "x", None)), [])
    assert (found.missing, found.true_pairs, found.linked_pairs) == (2, 3, 0)
    assert (found.precision, found.recall, found.f1) == (1.0, 0.0, 0.0)


def test_visitors_are_left_out_of_the_totals() -> None:
    rows = judged(("a", "x", "E"), ("web", "x", "E"), ("a", "y", "F"))
    found = score_assignment(rows, ["web"])
    assert (found.rows, found.true_pairs) == (2, 0)
    assert found.by_sources.filter(pl.col("source_r") == "web")["right_pairs"].to_list() == [1, 0]


@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from("xyz"), st.sampled_from(["E", "F", None])),
        min_size=1,
        max_size=12,
    )
)
@settings(max_examples=60, deadline=None)
def test_counting_agrees_with_looking_at_every_pair(
    rows: list[tuple[str, str, str | None]],
) -> None:
    found = score_assignment(judged(*rows), [])
    pairs = list(combinations(rows, 2))
    linked = [(left, right) for left, right in pairs if left[2] and left[2] == right[2]]
    assert found.true_pairs == sum(left[1] == right[1] for left, right in pairs)
    assert found.linked_pairs == len(linked)
    assert found.right_pairs == sum(left[1] == right[1] for left, right in linked)
    for name in ("true_pairs", "linked_pairs", "right_pairs"):
        assert found.by_sources[name].sum() == getattr(found, name)


def test_the_current_release_is_judged(published: Project, tmp_path: Path) -> None:
    truth = tmp_path / "truth.csv"
    lines = [f"registration,{n},{n // 2}" for n in range(120)]
    truth.write_text("\n".join(["source,source_record_id,customer_id", *lines]))
    found = evaluate(published, truth)
    assert (found.rows, found.precision, found.recall, found.f1) == (120, 1.0, 1.0, 1.0)


@pytest.mark.parametrize("name", ["truth.csv", "truth.jsonl", "truth.parquet", "truth.csv.gz"])
def test_truth_is_read_in_every_form(tmp_path: Path, name: str) -> None:
    frame = pl.DataFrame({"rec_id": [1, 2], "person_id": [7, 7]})
    file = tmp_path / name
    match name:
        case "truth.parquet":
            frame.write_parquet(file)
        case "truth.jsonl":
            frame.write_ndjson(file)
        case "truth.csv":
            frame.write_csv(file)
        case _:
            import gzip

            file.write_bytes(gzip.compress(frame.write_csv().encode()))
    assert read_truth(file).rows() == [("1", "7"), ("2", "7")]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("source,customer_id\na,1\n", "one of source_record_id"),
        ("source_record_id,who\n1,1\n", "one of customer_id"),
        ("source_record_id,customer_id\n1,1\n1,2\n", "different things"),
        ("source_record_id,customer_id\nnobody,1\n", "none of the 1 records"),
    ],
)
def test_a_truth_file_that_cannot_be_used_says_why(
    published: Project, tmp_path: Path, content: str, problem: str
) -> None:
    file = tmp_path / "truth.csv"
    file.write_text(content)
    with pytest.raises(ProjectError, match=problem):
        evaluate(published, file)


def test_no_truth_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match="no truth file"):
        read_truth(tmp_path / "truth.csv")
