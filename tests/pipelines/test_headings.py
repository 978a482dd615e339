"""What headings stand for, in the styles and languages in which they arrive."""

import pytest

from pipelines.cli.headings import concepts_of, contact_of, thing_concepts_of, vocabulary


@pytest.mark.parametrize(
    ("heading", "concept"),
    [
        ("email", "email"),
        ("E-Mail Address", "email"),
        ("E-Mail Adress", "email"),
        ("customer_email", "email"),
        ("CustomerEMail", "email"),
        ("emial", None),
        ("First Name", "given_name"),
        ("PRIMARY_NAME_FIRST", "given_name"),
        ("fname", "given_name"),
        ("Prénom", "given_name"),
        ("imię", "given_name"),
        ("imie2", "middle_name"),
        ("LastName", "family_name"),
        ("surname", "family_name"),
        ("Nazwisko", "family_name"),
        ("姓名", "full_name"),
        ("first_and_surname", "full_name"),
        ("手机号码", "phone"),
        ("联系人电话", "phone"),
        ("Handy-Nr.", "phone"),
        ("ＰＨＯＮＥ", "phone"),
        ("work_phone", "second_phone"),
        ("邮箱", "email"),
        ("出生日期", "date_of_birth"),
        ("Date of Birth", "date_of_birth"),
        ("data_urodzenia", "date_of_birth"),
        ("Geburtsdatum", "date_of_birth"),
        ("YearOfBirth", "birth_year"),
        ("Straße", "address_line"),
        ("ADDR_LINE1", "address_line"),
        ("street_number", "address_line"),
        ("address_2", "address_extra"),
        ("PLZ", "postcode"),
        ("postcode_fake", "postcode"),
        ("kod_pocztowy", "postcode"),
        ("płeć", "gender"),
        ("suburb", "district"),
        ("soc_sec_id", "social_security_number"),
        ("SSN_NUMBER", "social_security_number"),
        ("身份证号", "national_id"),
        ("护照号码", "passport_number"),
        ("DRIVERS_LICENSE_NUMBER", "driving_licence_number"),
        ("place_of_birth", "birth_place"),
        ("maiden name", "birth_name"),
        ("NATIVE_NAME_FULL", "native_name"),
        ("employer_name", "company"),
        ("Beruf", "job_title"),
        ("会员号", "loyalty_id"),
    ],
)
def test_heading_stands_for(heading: str, concept: str | None) -> None:
    assert next(iter(concepts_of(heading)), None) == concept


@pytest.mark.parametrize(
    "heading",
    [
        "notes",
        "stated",
        "备注",
        "AMOUNT",
        "CATEGORY",
        "STATUS",
        "RECORD_TYPE",
        "wages",
        "tax_year",
        "event_type",
        "REL_POINTER_KEY",
        "source",
        "program",
        "remarks",
        "PHONE_TYPE",
        "passport_country",
        "drivers_license_state",
        "email_verified",
        "product_name",
        "spouse_first_name",
    ],
)
def test_heading_stands_for_nothing_about_a_customer(heading: str) -> None:
    assert concepts_of(heading) == []


def test_unforeseen_words_before_a_contact_are_passed_over_unless_they_name_another() -> None:
    assert contact_of("web_email") == "email"
    assert contact_of("loginPhone") == "phone"
    assert contact_of("mother_email") is None
    assert contact_of("store phone") is None


@pytest.mark.parametrize(
    ("heading", "concept"),
    [
        ("restaurant_name", "name"),
        ("Title", "title"),
        ("authors", "authors"),
        ("addr", "address_line"),
        ("manufacturer", "brand"),
        ("公司名称", "name"),
        ("notes", None),
    ],
)
def test_heading_of_a_thing_stands_for(heading: str, concept: str | None) -> None:
    assert next(iter(thing_concepts_of(heading)), None) == concept


def test_every_word_of_the_vocabulary_is_text() -> None:
    known = vocabulary()
    lists = [*known["attributes"].values(), known["endings"], known["key"]]
    lists += [item["headings"] for item in known["extras"].values() if "headings" in item]
    assert [word for words in lists for word in words if not isinstance(word, str)] == []
