"""A first spec from headings and values, as `oneid init` proposes it."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import SourceError
from pipelines.cli.draft_spec import (
    attribute_of,
    draft_spec,
    find_key,
    is_time,
    source_name,
)
from sources.spec import SourceSpec


def table(**columns: list[str | None]) -> pl.DataFrame:
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


@pytest.mark.parametrize(
    ("heading", "attribute"),
    [
        ("email", "email"),
        ("E-Mail Address", "email"),
        ("E-Mail Adress", "email"),
        ("customer_email", "email"),
        ("First Name", "given_name"),
        ("LastName", "family_name"),
        ("surname", "family_name"),
        ("姓名", "full_name"),
        ("手机号码", "phone"),
        ("联系人电话", "phone"),
        ("邮箱", "email"),
        ("出生日期", "date_of_birth"),
        ("Date of Birth", "date_of_birth"),
        ("soc_sec_id", "national_id"),
        ("ＰＨＯＮＥ", "phone"),
        ("notes", None),
        ("stated", None),
        ("备注", None),
    ],
)
def test_heading_stands_for(heading: str, attribute: str | None) -> None:
    assert attribute_of(heading) == attribute


def test_two_parts_of_an_address_are_joined_in_their_order() -> None:
    rows = table(id=["1"], street_number=["8"], address_1=["Stanley St"])
    assert draft_spec("shop", rows).content["identity"] == {
        "address_line": ["street_number", "address_1"]
    }


def test_second_email_is_left_out_and_said_so() -> None:
    draft = draft_spec("shop", table(id=["1"], email=["a@x.org"], contact_email=["b@x.org"]))
    assert draft.content["identity"] == {"email": "email"}
    assert draft.left_out == ("contact_email",)


def test_key_is_the_column_named_like_one() -> None:
    assert find_key("crm", table(email=["a@x.org", "b@x.org"], ID=["1", "2"])) == "ID"


def test_key_ending_in_number_comes_before_other_unique_columns() -> None:
    rows = table(email=["a@x.org", "b@x.org"], customer_id=["1", "2"])
    assert find_key("crm", rows) == "customer_id"


def test_key_with_gaps_is_none() -> None:
    with pytest.raises(SourceError, match="no column names a row"):
        find_key("crm", table(id=["1", None], name=["Ann", "Ann"]))


def test_time_is_one_only_when_it_can_be_read() -> None:
    assert is_time(pl.Series(["2026-01-01", "2026-01-02T10:00:00Z", None]))
    assert not is_time(pl.Series(["01/02/2026", "03/02/2026"]))


def test_unreadable_time_stays_text_so_that_no_row_is_condemned() -> None:
    draft = draft_spec("shop", table(id=["1"], created_at=["1st of May"], email=["a@x.org"]))
    assert "time" not in draft.content
    assert "type" not in draft.content["fields"]["created_at"]


def test_amounts_with_times_are_events() -> None:
    rows = table(order_no=["1"], order_date=["2026-01-01"], amount=["5"], email=["a@x.org"])
    content = draft_spec("till", rows).content
    assert (content["kind"], content["facts"]) == ("event", "till")


def test_nothing_to_go_by_is_remarked() -> None:
    assert len(draft_spec("shop", table(id=["1"], colour=["red"])).remarks) == 2


@pytest.mark.parametrize(
    ("folder", "name"),
    [("CRM Export", "crm_export"), ("客户", "ke_hu"), ("2026", "source_2026"), ("Kassé", "kasse")],
)
def test_source_name_is_plain(folder: str, name: str) -> None:
    assert source_name(folder) == name


headings = st.lists(
    st.text(st.characters(codec="utf-8", exclude_characters="\n\r\0"), max_size=12),
    min_size=1,
    max_size=6,
    unique=True,
)


@given(headings)
def test_every_draft_is_a_spec_that_loads(names: list[str]) -> None:
    rows = pl.DataFrame({name: ["1"] for name in ["id", *names] if name}, strict=False)
    draft = draft_spec("shop", rows)
    spec = SourceSpec.model_validate({"name": "shop", **draft.content})
    assert spec.key in spec.fields
    assert len(spec.fields) == len(rows.columns)
