"""Each rule of a spec condemns what it should, says why, and keeps every other row."""

import json
from datetime import UTC, datetime
from typing import Any

import polars as pl
import pytest

from sources.headings import match_headings, under_field_names
from sources.spec import SourceSpec
from sources.validate import Judged, judge_rows

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC)
SPEC = SourceSpec.model_validate(
    {
        "name": "shop",
        "kind": "event",
        "key": "id",
        "time": "at",
        "version": ["changed", "at"],
        "fields": {
            "id": {"required": True},
            "at": {"type": "time", "required": True},
            "changed": {"type": "time"},
            "closes": {"type": "date"},
            "n": {"type": "number", "above": 0},
            "stars": {"type": "number", "minimum": 1, "maximum": 5},
            "whole": {"type": "integer"},
            "state": {"type": "category", "values": ["Paid", "refunded"]},
            "money": {"type": "currency"},
            "note": {"aliases": ["Remark"]},
        },
    }
)


def judged(**values: Any) -> Judged:
    """One row, sound but for `values`."""
    row = {"id": "1", "at": "2026-01-01", **values}
    frame = pl.DataFrame({name: [value] for name, value in row.items()})
    frame = frame.cast(dict.fromkeys(frame.columns, pl.String))
    rows = under_field_names(frame, SPEC, match_headings(frame.columns, SPEC))
    return judge_rows(rows, pl.Series([7]), SPEC, NOW)


@pytest.mark.parametrize(
    ("field", "written", "reason"),
    [
        ("id", None, "id: required and missing"),
        ("id", " \t", "id: required and missing"),
        ("at", "", "at: required and missing"),
        ("at", "01/02/2026", "at: not a time; ISO 8601 is read, such as 2026-01-31T09:30:00Z"),
        ("at", "2026-02-01T12:00:01Z", "at: 2026-02-01 lies in the future"),
        ("at", "1899-12-31T23:59:59Z", "at: 1899-12-31 lies before 1900"),
        ("n", "0", "n: 0 is not above 0"),
        ("n", "-3.5", "n: -3.5 is not above 0"),
        ("n", "many", "n: not a number"),
        ("n", "nan", "n: not a number"),
        ("n", "inf", "n: not a number"),
        ("n", "1,5", "n: not a number"),
        ("stars", "0.5", "stars: 0.5 is below the minimum 1"),
        ("stars", "6", "stars: 6 is above the maximum 5"),
        ("whole", "4.5", "whole: 4.5 is not a whole number"),
        ("whole", "four", "whole: not a number"),
        ("state", "lost", "state: 'lost' is not one of Paid, refunded"),
        ("money", "RMB", "money: 'RMB' is no ISO 4217 currency code"),
    ],
)
def test_a_bad_value_condemns_its_row(field: str, written: str | None, reason: str) -> None:
    result = judged(**{field: written})
    assert result.good.height == 0
    assert result.bad["reason"].to_list() == [reason]
    assert result.bad["_row_number"].to_list() == [7]


@pytest.mark.parametrize(
    ("field", "written", "value"),
    [
        ("id", " 1 ", "1"),
        ("at", "2026-02-01T12:00:00Z", datetime(2026, 2, 1, 12)),
        ("at", "1900-01-01", datetime(1900, 1, 1)),
        ("closes", "2030-05-06", datetime(2030, 5, 6).date()),
        ("n", " 1e3 ", 1000.0),
        ("stars", "5", 5.0),
        ("whole", "5.0", 5),
        ("whole", "9007199254740993", 9007199254740993),
        ("state", "PAID", "Paid"),
        ("money", "eur", "EUR"),
        ("note", " as typed ", " as typed "),
        ("n", None, None),
        ("state", "", None),
    ],
)
def test_a_sound_value_lands_in_its_type(field: str, written: str | None, value: object) -> None:
    assert judged(**{field: written}).good[field].to_list() == [value]


@pytest.mark.parametrize("written", ["soon", "2090-01-01", "1800-01-01"])
def test_a_doubtful_version_time_is_null_and_kept_as_written(written: str) -> None:
    good = judged(changed=written).good
    assert good["changed"].to_list() == [None]
    assert json.loads(good["extra"][0]) == {"changed": written}


def test_all_problems_of_a_row_are_listed() -> None:
    reason = judged(id=None, n="0", state="x").bad["reason"][0]
    assert sorted(reason.split("; ")) == [
        "id: required and missing",
        "n: 0 is not above 0",
        "state: 'x' is not one of Paid, refunded",
    ]


@pytest.mark.parametrize("field", ["at", "n", "whole", "state", "money"])
def test_reasons_do_not_repeat_what_may_be_a_person(field: str) -> None:
    result = judged(**{field: "Ann Lee <ann@example.com>"})
    assert "nn" not in result.bad["reason"][0]
    assert not any("nn" in shown for _, shown in result.outside)


def test_categories_outside_their_list_are_counted() -> None:
    assert judged(state="lost").outside == {("state", "'lost'"): 1}


def test_unknown_columns_are_kept_as_json() -> None:
    extra = judged(**{"shoe size": '4"2', "b": "\n王", "empty": ""}).good["extra"][0]
    assert json.loads(extra) == {"b": "\n王", "shoe size": '4"2'}
    assert judged().good["extra"].to_list() == [None]


@pytest.mark.parametrize("heading", ["note", "Note", " NOTE ", "remark", "REMARK", "ｎｏｔｅ"])
def test_headings_match_but_for_case_width_and_blanks(heading: str) -> None:
    assert judged(**{heading: "x"}).good["note"].to_list() == ["x"]


def test_two_columns_of_one_field_lose_nothing() -> None:
    assert judged(note="x", remark="y").good.select("note", "extra").row(0) == (
        "x",
        '{"remark":"y"}',
    )
    assert judged(note=None, remark="y").good.select("note", "extra").row(0) == ("y", None)
