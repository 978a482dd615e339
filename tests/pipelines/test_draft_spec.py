"""A first spec from headings and values, as `oneid init` proposes it."""

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import SourceError
from pipelines.cli.column_look import is_time, like_people, look_at
from pipelines.cli.draft_spec import (
    Draft,
    Entity,
    draft_spec,
    entity_of,
    find_identity,
    find_key,
    read_table,
    source_name,
)
from sources.spec import SourceSpec


def table(**columns: list[str | None]) -> pl.DataFrame:
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))


def draft(**columns: list[str | None]) -> Draft:
    rows = table(**columns)
    if "id" not in columns:
        rows = rows.insert_column(0, pl.Series("id", [str(row) for row in range(rows.height)]))
    read = read_table("shop", rows)
    return draft_spec(read, find_identity(read))


def identity(**columns: list[str | None]) -> dict[str, str | list[str]]:
    return dict(draft(**columns).content["identity"])


def test_parts_of_an_address_are_joined_in_their_order() -> None:
    found = identity(street_number=["8"], street_name=["Stanley St"], unit=["Flat 2"], city=["X"])
    assert found["address_line"] == ["street_number", "street_name", "unit"]


def test_whole_address_that_repeats_its_parts_is_left_out() -> None:
    found = draft(
        full_address=["8 Oak Rd, Leeds", "9 Elm St, York"],
        street=["8 Oak Rd", "9 Elm St"],
        city=["Leeds", "York"],
    )
    assert found.content["identity"]["address_line"] == "street"
    assert found.left_out == {"full_address": "repeats the other address columns"}


def test_whole_address_given_where_the_parts_lack_is_joined_with_them() -> None:
    found = identity(full_address=["8 Oak Rd, Leeds", None], street=[None, "9 Elm St"])
    assert found["address_line"] == ["full_address", "street"]


def test_middle_name_belongs_to_the_given_name_and_suffix_to_the_family_name() -> None:
    found = identity(surname=["Roe"], middle_name=["May"], first_name=["Ann"], suffix=["Jr"])
    assert found["given_name"] == ["first_name", "middle_name"]
    assert found["family_name"] == ["surname", "suffix"]


def test_whole_name_and_its_parts_are_both_kept() -> None:
    found = identity(full_name=["Ann May Roe"], first_name=["Ann"], surname=["Roe"])
    assert found == {"full_name": "full_name", "given_name": "first_name", "family_name": "surname"}


def test_name_beside_a_first_name_is_the_family_name() -> None:
    found = identity(Name=["Weiß", "Roth"], Vorname=["Jan", "Eva"])
    assert found == {"given_name": "vorname", "family_name": "name"}


def test_name_in_another_script_is_the_name_of_rows_without_one() -> None:
    instead = identity(name=["Ann Roe", "Bo Li", None], native_name=[None, None, "张秀"])
    beside = identity(name=["Zhang Xiu", "Li Bo"], native_name=["张秀", "李波"])
    assert instead["full_name"] == ["name", "native_name"]
    assert beside == {"full_name": "name", "native_name": "native_name"}


def test_second_phone_and_email_are_second_contacts_mobile_first() -> None:
    found = draft(
        phone=["0113 496 0013"],
        mobile=["07700 900123"],
        fax_phone=["0113 496 0014"],
        email=["a@x.org"],
        contact_email=["b@x.org"],
        home_email=["c@x.org"],
    )
    assert found.content["identity"] == {
        "email": "email",
        "second_email": "contact_email",
        "phone": "mobile",
        "second_phone": "phone",
    }
    assert set(found.left_out) == {"fax_phone", "home_email"}


def test_suburb_is_the_town_only_where_there_is_no_other() -> None:
    assert identity(suburb=["Kew"])["city"] == "suburb"
    assert identity(suburb=["Kew"], city=["Melbourne"])["district"] == "suburb"


def test_chinese_district_opens_the_address_line() -> None:
    found = identity(市=["北京市"], 区=["海淀区"], 地址=["中关村大街1号"])
    assert found == {"address_line": ["区", "地址"], "city": "市"}


def test_telephones_are_of_the_country_whose_language_the_headings_are_in() -> None:
    numbers: list[str | None] = ["0221 4710 815", "0151 2345 6789", "030 901820"]
    found = draft(Nachname=["Roth", "Weiß", "Graf"], Telefon=numbers)
    assert found.content["country"] == "DE"
    assert "country" not in draft(surname=["Roth", "Weiß", "Graf"], phone=numbers).content
    unread: list[str | None] = ["12345678901234", "9999999", "1111111"]
    assert "country" not in draft(Nachname=["Roth", "Weiß", "Graf"], Telefon=unread).content


def test_birth_date_in_parts_is_joined_from_the_year_down() -> None:
    found = identity(birth_day=["3"], birth_month=["12"], birth_year=["1970"])
    assert found["date_of_birth"] == ["birth_year", "birth_month", "birth_day"]


def test_age_is_evidence_only_where_there_is_no_date_of_birth() -> None:
    assert identity(first_name=["Ann"], age=["41"])["age"] == "age"
    assert draft(age=["41"], dob=["1984-05-02"]).left_out == {"age": "dob says more"}


def test_country_without_an_address_is_compared_as_a_nationality() -> None:
    assert identity(surname=["A", "B"], kraj=["Gruzja", "Peru"])["nationality"] == "kraj"
    assert "nationality" not in identity(city=["Ulm", "Lyon"], country=["DE", "France"])


@pytest.mark.parametrize(
    ("heading", "values", "why"),
    [
        ("state", ["open", "closed"], "holds the state of something, no place"),
        ("email", ["yes", "no"], "few of its values are email addresses"),
        ("phone", ["HOME", "WORK"], "few of its values are telephone numbers"),
        ("dob", ["first", "second"], "few of its values are dates"),
        ("city", ["12", "13"], "holds numbers, no places"),
        ("passport", ["yes", "no"], "few of its values hold a numeral"),
        ("ssn", [None, None], "empty in the rows looked at"),
        ("religion", ["x", "y"], "protected, or a secret; map it only if you may"),
    ],
)
def test_values_that_speak_against_the_heading_win(
    heading: str, values: list[str | None], why: str
) -> None:
    found = draft(**{heading: values})
    assert found.content["identity"] == {}
    assert found.left_out == {heading: why}


def test_text_that_hardly_any_row_has_is_no_comparison() -> None:
    rare: list[str | None] = ["Leeds", *[None] * 99]
    assert "birth_place" in draft(birth_place=rare).left_out


def test_columns_about_something_else_are_left_out_without_a_reason() -> None:
    found = draft(surname=["Roe"], wages=["5"], event_type=["new"], product_name=["Tea"])
    assert found.left_out == {"wages": "", "event_type": "", "product_name": ""}


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
    found = draft(created_at=["1st of May"], email=["a@x.org"])
    assert "time" not in found.content
    assert "type" not in found.content["fields"]["created_at"]


def test_amounts_with_times_are_events() -> None:
    content = draft(order_date=["2026-01-01"], amount=["5"], email=["a@x.org"]).content
    assert (content["kind"], content["facts"]) == ("event", "shop")


def test_nothing_to_go_by_is_remarked() -> None:
    assert len(draft(colour=["red"]).remarks) == 2


PEOPLE: list[str | None] = ["Ann Roe", "Bo Lindt", "Cy de Vries", "张秀英", "Dag Moe"]
FIRMS: list[str | None] = ["Blue Lantern Grill", "Roe & Sons Ltd", "The Oak Bar", "大山公司"]


def test_names_of_people_are_told_from_names_of_firms() -> None:
    assert like_people(look_at(pl.Series(PEOPLE))) is True
    assert like_people(look_at(pl.Series(FIRMS))) is False


@pytest.mark.parametrize(
    ("columns", "entity"),
    [
        ({"name": PEOPLE}, "people"),
        ({"name": FIRMS, "town": ["Leeds", "York", "Hull", "Ripon"]}, "things"),
        ({"name": FIRMS, "contact_first_name": ["Al", "Bo", "Cy", "Di"]}, "people"),
        ({"title": ["On tea"], "authors": ["A Roe, B Moe"], "year": ["1999"]}, "things"),
        ({"email": ["a@x.org"]}, "people"),
        ({"amount": ["5"], "colour": ["red"]}, None),
    ],
)
def test_what_a_table_describes(columns: dict[str, list[str | None]], entity: str | None) -> None:
    height = len(next(iter(columns.values())))
    rows = table(id=[str(row) for row in range(height)], **columns)
    assert entity_of(read_table("shop", rows)) == entity


@pytest.mark.parametrize(
    ("folder", "name"),
    [("CRM Export", "crm_export"), ("客户", "ke_hu"), ("2026", "source_2026"), ("Kassé", "kasse")],
)
def test_source_name_is_plain(folder: str, name: str) -> None:
    assert source_name(folder) == name


ENTITIES: tuple[Entity | None, ...] = ("people", "things", None)
TELLING: tuple[str, ...] = (
    "name",
    "first",
    "nom",
    "suffix",
    "birth_day",
    "birth_year",
    "age",
    "dob",
    "country",
)
TELLING += ("phone", "mobile", "native_name", "address", "street", "unit", "district", "ssn")
headings = st.lists(
    st.one_of(
        st.text(st.characters(codec="utf-8", exclude_characters="\n\r\0"), max_size=12),
        st.sampled_from(TELLING),
    ),
    min_size=1,
    max_size=6,
    unique=True,
)
values = st.sampled_from(["1", "1970", "Ann", "张秀英", "a@x.org", "1999-01-02", "", None])


@settings(max_examples=40, deadline=None)
@given(headings, st.data())
def test_every_draft_is_a_spec_that_loads(names: list[str], data: st.DataObject) -> None:
    columns = {name: [data.draw(values), data.draw(values)] for name in names if name}
    rows = pl.DataFrame(
        {**columns, "id": ["1", "2"]},
        schema={**dict.fromkeys(columns, pl.String), "id": pl.String},
    )
    read = read_table("shop", rows)
    for entity in ENTITIES:
        found = find_identity(read, entity)
        spec = SourceSpec.model_validate({"name": "shop", **draft_spec(read, found).content})
        assert spec.key in spec.fields
        assert len(spec.fields) == len(rows.columns)
        told = {*found.mapped, *found.left_out, *read.passed_over}
        assert told == set(rows.columns)
