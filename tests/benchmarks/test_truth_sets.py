"""Sets with a known truth are read whole, wherever they lie, and only persons are judged."""

from pathlib import Path

import polars as pl
import pytest

from benchmarks.sets import febrl_rows, folder_set, load_sets
from core.errors import ProjectError


def write_set(folder: Path, records: pl.DataFrame, truth: pl.DataFrame) -> None:
    folder.mkdir(parents=True)
    records.write_parquet(folder / "records.parquet")
    truth.write_parquet(folder / "truth.parquet")


@pytest.fixture
def pair() -> tuple[pl.DataFrame, pl.DataFrame]:
    records = pl.DataFrame({"record_id": ["a", "b"], "name": ["Ann", "Anne"], "age": [30, 31]})
    return records, pl.DataFrame({"record_id": ["a", "b"], "entity_id": [7, 7]})


def test_a_table_without_sources_is_one_source_and_all_of_it_is_text(
    tmp_path: Path, pair: tuple[pl.DataFrame, pl.DataFrame]
) -> None:
    write_set(tmp_path / "shop", *pair)
    found = folder_set(tmp_path / "shop")
    assert found.records["source"].to_list() == ["shop", "shop"]
    assert found.fields == ["name", "age"]
    assert set(found.records.dtypes) == {pl.String}
    assert found.true_pairs == 1


def test_parts_in_folders_are_read_together(
    tmp_path: Path, pair: tuple[pl.DataFrame, pl.DataFrame]
) -> None:
    for name, frame in zip(("records", "truth"), pair, strict=True):
        (tmp_path / "shop" / name).mkdir(parents=True)
        for part in range(2):
            frame[part : part + 1].write_parquet(tmp_path / f"shop/{name}/part-{part}.parquet")
    found = folder_set(tmp_path / "shop")
    assert found.records.height == 2
    assert found.true_pairs == 1


def test_organisations_are_left_out_of_records_and_truth(tmp_path: Path) -> None:
    records = pl.DataFrame(
        {"record_id": ["a", "b", "c"], "RECORD_TYPE": ["PERSON", "ORGANIZATION", "PERSON"]}
    )
    truth = pl.DataFrame({"record_id": ["a", "b", "c"], "entity_id": ["1", "1", "1"]})
    write_set(tmp_path / "watched", records, truth)
    (found,) = load_sets(tmp_path, ["watched"])
    assert found.records["record_id"].to_list() == ["a", "c"]
    assert found.true_pairs == 1


def test_a_column_with_the_word_person_alone_leaves_the_set_as_it_is(tmp_path: Path) -> None:
    records = pl.DataFrame({"record_id": ["a", "b"], "type": ["person", "robot"]})
    truth = pl.DataFrame({"record_id": ["a", "b"], "entity_id": ["1", "2"]})
    write_set(tmp_path / "mixed", records, truth)
    (found,) = load_sets(tmp_path, ["mixed"])
    assert found.records.height == 2


def test_an_unknown_set_is_refused_with_those_there_are(
    tmp_path: Path, pair: tuple[pl.DataFrame, pl.DataFrame]
) -> None:
    write_set(tmp_path / "shop", *pair)
    with pytest.raises(ProjectError, match=r"called shoe; there are febrl1, .*shop"):
        load_sets(tmp_path, ["shoe"])


def test_a_truth_without_entities_is_refused(
    tmp_path: Path, pair: tuple[pl.DataFrame, pl.DataFrame]
) -> None:
    write_set(tmp_path / "shop", pair[0], pair[1].drop("entity_id"))
    with pytest.raises(ProjectError, match="truth have no column entity_id"):
        folder_set(tmp_path / "shop")


def test_febrl_rows_lose_blanks_and_telling_ids(tmp_path: Path) -> None:
    file = tmp_path / "dataset.csv"
    file.write_text(
        "rec_id, given_name, surname\nrec-7-org, ann, lee\nrec-7-dup-0, , lee\nrec-8-org, bo, ng\n"
    )
    rows = febrl_rows(file, "4a")
    assert rows.columns == ["record_id", "source", "given_name", "surname", "entity_id"]
    assert rows["given_name"].to_list() == ["ann", None, "bo"]
    assert rows["entity_id"].to_list() == ["7", "7", "8"]
    assert rows["record_id"].n_unique() == 3
    assert not rows["record_id"].str.contains("org|dup|7-").any()
