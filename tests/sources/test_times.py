"""ISO 8601 in all its forms becomes UTC; nothing else becomes a time."""

from datetime import UTC, datetime, timedelta, timezone

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sources.times import parse_times


def parsed(text: str) -> datetime | None:
    value: datetime | None = parse_times(pl.Series([text], dtype=pl.String))[0]
    return value


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2024-01-02", datetime(2024, 1, 2)),
        ("20240102", datetime(2024, 1, 2)),
        ("2024-01-02T03:04", datetime(2024, 1, 2, 3, 4)),
        ("2024-01-02 03:04:05", datetime(2024, 1, 2, 3, 4, 5)),
        ("2024-01-02T03:04:05Z", datetime(2024, 1, 2, 3, 4, 5)),
        ("2024-01-02t03:04:05z", datetime(2024, 1, 2, 3, 4, 5)),
        ("2024-01-02T03:04:05.25Z", datetime(2024, 1, 2, 3, 4, 5, 250_000)),
        ("2024-01-02T03:04:05,25Z", datetime(2024, 1, 2, 3, 4, 5, 250_000)),
        ("2024-01-02T03:04:05.123456789Z", datetime(2024, 1, 2, 3, 4, 5, 123_456)),
        ("2024-01-02T03:04:05+08:00", datetime(2024, 1, 1, 19, 4, 5)),
        ("2024-01-02T03:04:05+0800", datetime(2024, 1, 1, 19, 4, 5)),
        ("2024-01-02T03:04:05-08", datetime(2024, 1, 2, 11, 4, 5)),
        ("2024-01-02 03:04:05 +08:00", datetime(2024, 1, 1, 19, 4, 5)),
        ("20240102T030405Z", datetime(2024, 1, 2, 3, 4, 5)),
        ("2024-W01-2", datetime(2024, 1, 2)),
        ("2024-01-02T24:00:00", datetime(2024, 1, 3)),
        ("2016-12-31T23:59:60Z", datetime(2017, 1, 1)),
    ],
)
def test_iso_8601_is_read(written: str, expected: datetime) -> None:
    assert parsed(written) == expected


@pytest.mark.parametrize(
    "written",
    ["03/04/2024", "2024-13-01", "2024-02-30T00:00:00", "2024-01-02T25:00", "1704067200", "2024",
     "yesterday", "", "2024-1-5", "0001-01-01T00:00:00+08:00", "2024-01-02T03:04:05Zjunk"],
)  # fmt: skip
def test_what_is_no_iso_8601_is_null(written: str) -> None:
    assert parsed(written) is None


@given(
    st.datetimes(min_value=datetime(1900, 1, 2), max_value=datetime(2100, 1, 1)),
    st.integers(-14 * 60, 14 * 60),
    st.sampled_from(["T", " "]),
)
def test_any_time_in_any_zone_comes_back_as_utc(at: datetime, minutes: int, between: str) -> None:
    local = at.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    assert parsed(local.isoformat(between)) == local.astimezone(UTC).replace(tzinfo=None)
