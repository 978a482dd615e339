"""CSV is read whole where it is sound, and row by row where it is damaged; nothing is lost."""

import csv
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import SourceError
from sources import csv_rows
from sources.csv_repair import Dialect, repair
from sources.csv_rows import read_csv

Row = tuple[int, tuple[str | None, ...]]


def read(content: bytes, *, block: int = 1 << 22, dialect: Dialect | None = None):  # type: ignore[no-untyped-def]
    """All good rows with their numbers, all damaged rows, and the raws of the good ones."""
    blocks = (content[at : at + block] for at in range(0, len(content), block))
    good: list[Row] = []
    raws, damaged = [], []
    for batch in read_csv(blocks, dialect or Dialect()):
        good += zip(batch.row_numbers.to_list(), batch.frame.rows(), strict=True)
        raws += [batch.raw_of(place) for place in range(batch.frame.height)]
        damaged += batch.damaged
    return good, damaged, raws


def test_rows_are_numbered_from_one_without_headings_and_blank_lines() -> None:
    good, damaged, _ = read(b"a,b\r\n1,2\r\n\r\n  \r\n3,4")
    assert good == [(1, ("1", "2")), (2, ("3", "4"))]
    assert damaged == []


def test_quoted_newlines_and_doubled_quotes_stay_in_their_field() -> None:
    good, damaged, raws = read(b'a,b,c\n1,"two\nlines, ""so"" it is",x\n2,y,z\n')
    assert good[0][1] == ("1", 'two\nlines, "so" it is', "x")
    assert raws[0] == '1,"two\nlines, ""so"" it is",x'
    assert not damaged


@pytest.mark.parametrize(("row", "fields"), [(b"1,2", 2), (b"1,2,3,4", 4), (b"1", 1)])
def test_a_row_of_the_wrong_width_is_damaged_and_its_neighbours_are_not(
    row: bytes, fields: int
) -> None:
    good, damaged, _ = read(b"a,b,c\nx,y,z\n" + row + b"\np,q,r\n")
    assert [number for number, _ in good] == [1, 3]
    assert damaged[0].row_number == 2
    assert damaged[0].raw == row.decode()
    assert f"{fields} field" in damaged[0].reason


@pytest.mark.parametrize(
    "behind",
    [
        b"2,y,z,w\n3,y,z,w\n",
        b'2,"y",z,w\n3,y,z,w\n',
        b'2,", y",z,w\n3,y,z,w\n',
        b'2,y,z,"w"\n3,y,"z",w\n',
        b'2,y,z,w"\n3,y,z,w\n',
    ],
)
def test_a_quote_left_open_costs_its_own_row_only(behind: bytes) -> None:
    good, damaged, _ = read(b'a,b,c,d\n1,"open,z,w\n' + behind)
    assert {number for number, _ in good} | {row.row_number for row in damaged[1:]} == {2, 3}
    assert damaged[0].row_number == 1
    assert damaged[0].raw == '1,"open,z,w'
    assert good[-1][0] == 3


def test_a_quote_left_open_in_a_large_file_costs_its_own_row_only() -> None:
    rows = [f"{n},some text that is long enough,x,y" for n in range(30_000)]
    rows[100] = '100,"open,x,y'
    good, damaged, _ = read(("a,b,c,d\n" + "\n".join(rows) + "\n").encode(), block=1 << 18)
    assert len(good) == 29_999
    assert [row.row_number for row in damaged] == [101]
    assert good[-1] == (30_000, ("29999", "some text that is long enough", "x", "y"))


def test_bytes_that_are_no_text_damage_their_row_only() -> None:
    good, damaged, _ = read("a,b\n1,é\n2,".encode() + b"\xe9\xff\n3,\xe7\x8e\x8b\n")
    assert [fields for _, fields in good] == [("1", "é"), ("3", "王")]
    assert damaged[0].raw == "2,\\xe9\\xff"
    assert "encoding" in damaged[0].reason


def test_nul_bytes_damage_their_row_only() -> None:
    good, damaged, _ = read(b"a,b\n1,x\n2,\0\n3,z\n")
    assert [number for number, _ in good] == [1, 3]
    assert "NUL" in damaged[0].reason
    assert damaged[0].raw == "2,\\x00"


def test_text_behind_a_closing_quote_damages_the_row() -> None:
    good, damaged, _ = read(b'a,b\n1,"x"y\n2,z\n')
    assert good == [(2, ("2", "z"))]
    assert "closing quote" in damaged[0].reason


def test_a_quote_within_an_unquoted_field_is_text() -> None:
    good, damaged, _ = read(b'a,b\n1,5" pipe\n2,z\n')
    assert good[0][1] == ("1", '5" pipe')
    assert not damaged


def test_a_text_whose_last_line_has_the_delimiters_of_a_row_is_still_one_text() -> None:
    good, damaged, _ = read(b'a,b,c,d\n1,"dear all,\nso long, and thanks",x,y\n')
    assert good == [(1, ("1", "dear all,\nso long, and thanks", "x", "y"))]
    assert not damaged


def test_whole_rows_between_two_stray_quotes_are_not_taken_for_text() -> None:
    good, damaged, _ = read(b'a,b,c,d\n1,"x,y,z\n2,p,q,r\n3,s",t,u\n4,v,w,x\n')
    assert (2, ("2", "p", "q", "r")) in good
    assert damaged[0].row_number == 1


@pytest.mark.parametrize("content", [b"", b"\n\n", b"  \n"])
def test_a_file_of_nothing_has_no_rows(content: bytes) -> None:
    assert read(content) == ([], [], [])


def test_headings_alone_are_a_table_without_rows() -> None:
    batches = list(read_csv(iter([b"a,b"]), Dialect()))
    assert [batch.frame.columns for batch in batches] == [["a", "b"]]


def test_repeated_and_empty_headings_get_names_of_their_own() -> None:
    (batch, *_) = read_csv(iter([b"a,a,,a\n1,2,3,4\n"]), Dialect())
    assert batch.frame.columns == ["a", "a (2)", "column 3", "a (3)"]


def test_headings_with_nul_bytes_are_refused_with_a_hint() -> None:
    with pytest.raises(SourceError, match="utf-16-le"):
        read("a,b\n1,2\n".encode("utf-16-le"))


def test_a_stream_without_line_ends_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_rows, "LONGEST_LINE", 1 << 20)
    with pytest.raises(SourceError, match="no line ends"):
        read(b"a,b\n" + b"x" * (3 << 20), block=1 << 20)


def test_only_carriage_returns_end_lines_too() -> None:
    good, damaged, _ = read(b"a,b\r1,2\r3,4\r")
    assert [fields for _, fields in good] == [("1", "2"), ("3", "4")]
    assert not damaged


TEXT = st.text(
    st.one_of(
        st.sampled_from(',"\n\r; é王'), st.characters(codec="utf-8", exclude_characters="\0")
    ),
    max_size=12,
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.lists(TEXT, min_size=5, max_size=5), max_size=12),
    st.integers(7, 200),
    st.sampled_from(["\n", "\r\n"]),
)
def test_whatever_is_written_by_the_rules_comes_back(
    rows: list[list[str]], block: int, ending: str
) -> None:
    target = io.StringIO(newline="")
    writer = csv.writer(target, lineterminator=ending, quoting=csv.QUOTE_ALL)
    writer.writerow("abcde")
    writer.writerows(rows)
    good, damaged, _ = read(target.getvalue().encode(), block=block)
    suspicious = any(
        line.count(",") >= 4 for row in rows for text in row for line in text.splitlines()
    )
    if not suspicious:
        assert [[text or "" for text in fields] for _, fields in good] == rows
        assert not damaged


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=300), st.integers(5, 80))
def test_no_bytes_whatever_make_the_reader_stumble_or_lose_a_line(noise: bytes, block: int) -> None:
    content = b"a,b,c,d\n1,2,3,4\n" + noise + b"\n5,6,7,8\n"
    good, damaged, _ = read(content, block=block)
    numbers = sorted([number for number, _ in good] + [row.row_number for row in damaged])
    assert numbers == list(range(1, len(numbers) + 1))
    assert good[0] == (1, ("1", "2", "3", "4"))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.lists(TEXT, min_size=4, max_size=4), min_size=1, max_size=10))
def test_both_ways_of_reading_agree(rows: list[list[str]]) -> None:
    target = io.StringIO(newline="")
    csv.writer(target, lineterminator="\n").writerows(rows)
    body = target.getvalue().encode()
    good, damaged, _ = read(b"a,b,c,d\n" + body)
    slow = repair(body, 4, Dialect(), last=True)
    assert [[text or "" for text in fields] for _, fields in good] == slow.rows
    assert [row.row_number - 1 for row in damaged] == [row.row_number for row in slow.damaged]
