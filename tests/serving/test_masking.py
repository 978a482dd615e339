"""Masks: the same in Python and in the engine, and nobody is given away."""

from pathlib import Path

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.masking import MASK, is_personal, masked, masked_row, masked_sql
from serving.roles import Role

TEXTS = st.none() | st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=20)
DDL = Path(__file__).parents[2] / "warehouse/ddl"


@given(
    column=st.sampled_from(["full_name", "date_of_birth", "phone", "city", "source"]), text=TEXTS
)
def test_python_and_the_engine_mask_alike(column: str, text: str | None) -> None:
    with duckdb.connect() as con:
        sql = f"SELECT {masked_sql(column, Role.VIEWER)} FROM (SELECT ?::VARCHAR AS {column})"
        assert con.execute(sql, [text]).fetchone() == (masked(column, text, Role.VIEWER),)


@given(column=st.sampled_from(["full_name", "date_of_birth", "phone", "anything"]), text=TEXTS)
def test_a_mask_keeps_no_more_than_four_signs(column: str, text: str | None) -> None:
    told = masked(column, text, Role.VIEWER)
    if text is None:
        assert told is None
    else:
        assert MASK in told and len(told) <= len(MASK) + 4
        assert len(told) - len(MASK) < max(len(text), 1)


@pytest.mark.parametrize("role", [Role.ANALYST, Role.STEWARD, Role.ADMIN])
def test_others_see_values_as_they_are(role: Role) -> None:
    assert masked("full_name", "Ann", role) == "Ann"
    assert masked_sql("full_name", role) == '"full_name"'


def test_a_value_is_masked_as_what_it_is_a_value_of() -> None:
    row = {"attribute": "country", "value": "GB", "alternatives": [{"value": "FR", "rows": 2}]}
    told = masked_row(row, Role.VIEWER)
    assert told["value"] == "GB" and told["alternatives"] == [{"value": "F•••", "rows": "•••"}]
    assert masked_row({"kind": "phone", "value": "+447911123456"}, Role.VIEWER)["value"] == "•••56"


def test_columns_that_say_who_somebody_is_are_personal() -> None:
    for column in ("full_name", "given_name", "email", "phone", "address_line", "postcode", "city",
                   "loyalty_id", "wechat_unionid", "handle", "text", "ip_address", "raw", "extra",
                   "alternatives", "value", "home_key", "payment_token", "device_id", "why",
                   "a column nobody has thought of"):  # fmt: skip
        assert is_personal(column), column
