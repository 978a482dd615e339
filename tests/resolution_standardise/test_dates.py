"""Dates: every usual form, both readings where two are possible."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolution.standardise.dates import standardise_dates


def standardised(*written: str | None, day_first: bool = True) -> list[dict[str, object]]:
    frame = pl.DataFrame({"date": written}, schema={"date": pl.String})
    return standardise_dates(frame, day_first=day_first).to_dicts()


UNMISTAKABLE = [
    "1985-04-23", "19850423", "1985/4/23", "1985.04.23", "23/04/1985", "04/23/1985", "23.4.1985",
    "23 Apr 1985", "April 23, 1985", "23rd of April 1985", "Tue 23-Apr-1985", "1985年4月23日",
    "１９８５年４月２３日", "一九八五年四月二十三日", "85-04-23", "23/4/85", "850423", "23041985",
    "1985-04-23T00:00:00Z", "1985-04-23 12:30:00", "1985-23-04",
]  # fmt: skip


@pytest.mark.parametrize("written", UNMISTAKABLE)
def test_a_form_that_cannot_be_mistaken_has_one_reading(written: str) -> None:
    row = standardised(written)[0]
    assert row == {
        "date": date(1985, 4, 23), "alternative": None, "precision": "day", "reason": None
    }  # fmt: skip


@pytest.mark.parametrize("written", ["03/04/1985", "3.4.1985", "03041985", "3/4/85"])
def test_day_and_month_that_can_be_mistaken_give_both_readings(written: str) -> None:
    row, other = standardised(written)[0], standardised(written, day_first=False)[0]
    assert (row["date"], row["alternative"]) == (date(1985, 4, 3), date(1985, 3, 4))
    assert (other["date"], other["alternative"]) == (date(1985, 3, 4), date(1985, 4, 3))


@pytest.mark.parametrize(
    ("written", "expected", "precision"),
    [
        ("1985-04", date(1985, 4, 1), "month"), ("04/1985", date(1985, 4, 1), "month"),
        ("198504", date(1985, 4, 1), "month"), ("Apr 1985", date(1985, 4, 1), "month"),
        ("1985年4月", date(1985, 4, 1), "month"), ("1985", date(1985, 1, 1), "year"),
        ("1819-02-22", date(1819, 2, 22), "day"), ("1066", date(1066, 1, 1), "year"),
    ],
)  # fmt: skip
def test_what_is_not_said_is_one(written: str, expected: date, precision: str) -> None:
    row = standardised(written)[0]
    assert (row["date"], row["precision"]) == (expected, precision)


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("1900-01-01", "placeholder"), ("01/01/1970", "placeholder"), ("0001-01-01", "placeholder"),
        ("9999-12-31", "placeholder"), ("0000-00-00", "placeholder"), ("n/a", "placeholder"),
        ("hello", "unreadable_date"), ("31140", "unreadable_date"),
        ("3 Foo 1985", "unreadable_date"),
        ("1985-02-30", "impossible_date"), ("2150-01-01", "impossible_date"),
    ],
)  # fmt: skip
def test_what_is_no_date_has_its_reason(written: str, reason: str) -> None:
    row = standardised(written)[0]
    assert (row["date"], row["alternative"], row["reason"]) == (None, None, reason)


def test_null_stays_null_without_a_reason() -> None:
    assert set(standardised(None)[0].values()) == {None}


days = st.dates(date(1902, 1, 1), date(2099, 12, 30)).filter(
    lambda d: d not in {date(1910, 10, 10), date(1911, 11, 11), date(1970, 1, 1)}
)


@given(days, st.sampled_from(["%Y-%m-%d", "%Y%m%d", "%d %B %Y", "%b %d, %Y", "%Y年%m月%d日"]))
def test_a_date_written_year_first_or_in_words_comes_back(day: date, form: str) -> None:
    assert standardised(day.strftime(form))[0]["date"] == day


@given(days)
def test_the_true_date_is_always_among_the_readings(day: date) -> None:
    british, american = standardised(day.strftime("%d/%m/%Y"), day.strftime("%m/%d/%Y"))
    assert day in (british["date"], british["alternative"])
    assert day in (american["date"], american["alternative"])


@given(st.lists(st.one_of(st.none(), st.text("0123456789-/. 年月日Apr", max_size=12)), max_size=6))
def test_any_text_keeps_height_and_order(written: list[str | None]) -> None:
    assert standardised(*written) == [row for one in written for row in standardised(one)]
