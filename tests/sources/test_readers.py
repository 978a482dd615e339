"""Every format, plain or compressed, gives the same rows as text; broken files say why."""

import gzip
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pyarrow as pa
import pytest

from core.errors import SourceError
from sources.deliveries import delivered_files
from sources.json_rows import number_text, read_json_lines
from sources.parquet_rows import as_text
from sources.readers import read_batches
from sources.spec import FormatSpec

TABLE = pl.DataFrame({"id": ["1", "2", "3"], "name": ["王小明", 'O\'Neil, "Al"', None]})


def written(folder: Path, name: str) -> Path:
    """TABLE in the format and compression that `name` says."""
    path = folder / name
    plain = folder / f"plain{'.' + name.split('.')[1]}"
    {".csv": TABLE.write_csv, ".jsonl": TABLE.write_ndjson, ".parquet": TABLE.write_parquet}[
        plain.suffix
    ](plain)
    content = plain.read_bytes()
    if name.endswith(".gz"):
        content = gzip.compress(content)
    if name.endswith(".zst"):
        content = bytes(pa.compress(content, codec="zstd", asbytes=True))
    plain.unlink()
    path.write_bytes(content)
    return path


def rows(path: Path, form: FormatSpec | None = None) -> list[tuple[str | None, ...]]:
    return [row for batch in read_batches(path, form or FormatSpec()) for row in batch.frame.rows()]


NAMES = [
    f"t.{form}{packed}" for form in ("csv", "jsonl", "parquet") for packed in ("", ".gz", ".zst")
]


@pytest.mark.parametrize("name", NAMES)
def test_all_formats_give_the_same_rows(tmp_path: Path, name: str) -> None:
    assert rows(written(tmp_path, name)) == TABLE.rows()


@pytest.mark.parametrize("name", [name for name in NAMES if name.endswith((".gz", ".zst"))])
def test_a_compressed_file_cut_off_is_refused(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, name)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(SourceError, match=r"cut off or damaged|damaged or no Parquet"):
        rows(path)


@pytest.mark.parametrize("name", ["t.csv.gz", "t.csv.zst"])
def test_a_file_that_is_not_compressed_as_it_says_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(b"id,name\n1,x\n")
    with pytest.raises(SourceError):
        rows(path)


def test_a_parquet_without_its_footer_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, "t.parquet")
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(SourceError, match="Parquet"):
        rows(path)


@pytest.mark.parametrize("name", ["t.docx", "README", "t.csv.bz2"])
def test_an_unknown_format_is_refused_and_the_known_ones_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"whatever")
    with pytest.raises(SourceError, match=r"\.parquet"):
        rows(tmp_path / name)


@pytest.mark.parametrize(
    ("encoding", "told"),
    [
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-8"),
        ("gb18030", "gb18030"),
        ("utf-16-le", "utf-16-le"),
    ],
)
def test_encodings_are_read(tmp_path: Path, encoding: str, told: str) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("id,name\n1,王小明\n2,é\n".encode(encoding))
    assert rows(path, FormatSpec(encoding=told)) == [("1", "王小明"), ("2", "é")]


def test_a_damaged_character_of_another_encoding_damages_its_row_only(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("id,name\n1,王\n2,".encode("gb18030") + b"\xff\xff\n" + b"3,x\n")
    (_, batch) = read_batches(path, FormatSpec(encoding="gb18030"))
    assert batch.frame.rows() == [("1", "王"), ("3", "x")]
    assert [(row.row_number, row.reason.split(":")[0]) for row in batch.damaged] == [
        (2, "broken encoding")
    ]


def test_tabs_separate_tsv_and_the_spec_names_other_delimiters(tmp_path: Path) -> None:
    (tmp_path / "t.tsv").write_text("id\tname\n1\ta,b\n")
    (tmp_path / "t.csv").write_text("id;name\n1;'a;b'\n")
    assert rows(tmp_path / "t.tsv") == [("1", "a,b")]
    assert rows(tmp_path / "t.csv", FormatSpec(delimiter=";", quote="'")) == [("1", "a;b")]


def json_rows(*lines: bytes):  # type: ignore[no-untyped-def]
    (batch,) = read_json_lines(iter([b"\n".join(lines) + b"\n"]))
    return batch


def test_json_values_become_the_text_they_were_written_as() -> None:
    batch = json_rows(
        b'{"i": 12345678901234567890, "f": 1e3, "d": 12.50, "w": 13800138000.0, "t": true, '
        b'"n": null, "x": NaN, "o": {"b": [1, 2.5], "a": "\\u738b"}, "s": "01"}'
    )
    assert batch.frame.row(0, named=True) == {
        "i": "12345678901234567890", "f": "1000", "d": "12.50", "w": "13800138000", "t": "true",
        "n": None, "x": None, "o": '{"a": "王", "b": [1, 2.5]}', "s": "01",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1e+06", "1000000"),
        ("-0.0", "0"),
        ("1E-3", "0.001"),
        ("5.0", "5"),
        ("1e999999", "1e999999"),
    ],
)
def test_numbers_lose_exponents_but_not_their_value(text: str, expected: str) -> None:
    assert number_text(text) == expected


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"a": 1', "damaged or cut off"),
        (b'{"a": 1} {"a": 2}', "something follows"),
        (b"[1, 2]", "not a JSON object"),
        (b"{}", "without any value"),
        (b'{"a": "\xff"}', "broken encoding"),
        (b'{"a": "\\u0000"}', "NUL"),
        (b'{"a": "\\ud83d"}', "surrogate"),
        (b'{"a": ' + b"[" * 100_000, "not JSON"),
    ],
)
def test_a_bad_json_line_is_damaged_and_its_neighbours_are_not(line: bytes, reason: str) -> None:
    batch = json_rows(b'{"a": "x"}', line, b'{"a": "y"}')
    assert batch.frame["a"].to_list() == ["x", "y"]
    assert batch.row_numbers.to_list() == [1, 3]
    assert batch.damaged[0].row_number == 2
    assert reason in batch.damaged[0].reason


def test_json_lines_may_have_different_keys() -> None:
    batch = json_rows(b'{"a": "1"}', b'{"b": "2", "a": "3"}')
    assert batch.frame.to_dicts() == [{"a": "1", "b": None}, {"a": "3", "b": "2"}]


def test_a_json_array_is_refused() -> None:
    with pytest.raises(SourceError, match="one object a line"):
        json_rows(b"[", b'{"a": 1}', b"]")


def test_typed_columns_become_text_faithfully() -> None:
    frame = pl.DataFrame(
        {
            "whole": [5.0, 1e20, None, float("nan")],
            "part": [0.1, 1e-7, 12.5, float("inf")],
            "decimal": pl.Series([Decimal("12.50")] * 4, dtype=pl.Decimal(10, 2)),
            "day": [date(2024, 1, 2)] * 4,
            "naive": [datetime(2024, 1, 2, 3, 4, 5, 250_000), datetime(2024, 1, 2)] * 2,
            "zoned": pl.Series(
                [datetime(2024, 1, 1, 19, 4, 5, tzinfo=UTC)] * 4
            ).dt.convert_time_zone("Asia/Shanghai"),
            "flag": [True, False, None, True],
            "big": [2**62, 1, 2, 3],
            "list": [[1, 2], [], None, [3]],
            "bytes": [b"abc", b"\xff", None, b""],
        }
    )
    text = as_text(frame)
    assert set(text.dtypes) == {pl.String}
    assert text["whole"].to_list() == ["5", "100000000000000000000", None, None]
    assert text["part"].to_list() == ["0.1", "0.0000001", "12.5", "inf"]
    assert text["decimal"][0] == "12.50"
    assert text["day"][0] == "2024-01-02"
    assert text["naive"].to_list()[:2] == ["2024-01-02T03:04:05.250000", "2024-01-02"]
    assert text["zoned"][0] == "2024-01-01T19:04:05Z"
    assert text["flag"].to_list() == ["true", "false", None, "true"]
    assert text["big"][0] == str(2**62)
    assert [json.loads(value) if value else value for value in text["list"]] == [
        [1, 2], [], None, [3],
    ]  # fmt: skip
    assert text["bytes"].to_list() == ["abc", "ff", None, ""]


def test_hidden_and_unfinished_files_are_left_alone(tmp_path: Path) -> None:
    for name in ("b.csv", "a.csv", ".hidden.csv", "c.csv.tmp", "d.csv.part", ".git/x.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    assert [path.name for path in delivered_files(tmp_path, "**/*")] == ["a.csv", "b.csv"]


def test_an_excel_workbook_that_cannot_be_read_says_so(tmp_path: Path) -> None:
    (tmp_path / "t.xlsx").write_bytes(b"no workbook")
    with pytest.raises(SourceError, match=r"fastexcel|no Excel workbook"):
        rows(tmp_path / "t.xlsx")
