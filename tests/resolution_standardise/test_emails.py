"""Emails: the fast verdict is the library's, and spellings of one mailbox meet."""

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from resolution.standardise.emails import library_email, standardise_emails, valid_email


def standardised(*written: str | None) -> list[dict[str, object]]:
    frame = pl.DataFrame({"email": written}, schema={"email": pl.String})
    return standardise_emails(frame).to_dicts()


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("John.Smith+news@GMAIL.com", "johnsmith@gmail.com"),
        ("j.s@googlemail.com", "js@gmail.com"),
        ("Ann+x@Outlook.com", "ann@outlook.com"),
        ("a.nn+x@hotmail.com", "a.nn@hotmail.com"),
        ("ann-shop@yahoo.com", "ann@yahoo.com"),
        ("ann+x@corp.example.cn", "ann+x@corp.example.cn"),
        ("123456@QQ.com", "123456@qq.com"),
        ("x1@me.com", "x1@icloud.com"),
        ("Name <jo@mail.com>", "jo@mail.com"),
        ("mailto:jo@mail.com", "jo@mail.com"),
        ("ｊｏ＠mail.com", "jo@mail.com"),
    ],
)
def test_spellings_of_one_mailbox_meet(written: str, canonical: str) -> None:
    row = standardised(written)[0]
    assert (row["canonical"], row["suspect"]) == (canonical, False)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        ("bob@gmial.com", "bob@gmail.com"),
        ("bob@hotmial.com", "bob@hotmail.com"),
        ("bob@qq.con", "bob@qq.com"),
        ("bob@gmail.co", "bob@gmail.com"),
    ],
)
def test_a_slip_in_a_big_domain_is_mended_in_canonical_only(written: str, canonical: str) -> None:
    row = standardised(written)[0]
    assert (row["email"], row["canonical"], row["suspect"]) == (written, canonical, True)


@pytest.mark.parametrize("written", ["bob@gmailcom", "bobgmail.com", "Bob@GMAILCOM"])
def test_an_address_without_its_sign_or_dot_keeps_only_its_canonical_form(written: str) -> None:
    row = standardised(written)[0]
    assert (row["email"], row["canonical"], row["suspect"]) == (None, "bob@gmail.com", True)
    assert row["reason"] == "not_an_email"


@pytest.mark.parametrize("domain", ["mail.com", "ymail.com", "line.com", "sina.cn", "life.com"])
def test_real_domains_near_big_ones_are_left(domain: str) -> None:
    assert standardised(f"bob@{domain}")[0]["suspect"] is False


@pytest.mark.parametrize("written", ["foo@", "@bar.com", "no-at", "a b@c.com", "a..b@c.com"])
def test_what_is_no_address_has_its_reason(written: str) -> None:
    row = standardised(written)[0]
    assert (row["email"], row["reason"]) == (None, "not_an_email")


@pytest.mark.parametrize(
    "written", ["noemail@store.com", "none", "N/A", "test@test.com", "xxx@gmail.com", "没有"]
)
def test_placeholders_are_known(written: str) -> None:
    row = standardised(written)[0]
    assert (row["email"], row["canonical"], row["reason"]) == (None, None, "placeholder")


def test_null_stays_null_without_a_reason() -> None:
    assert set(standardised(None)[0].values()) == {None}


signs = st.text("abcXYZ019._-+'\"\\!#$% @é用", max_size=12)
domains = st.one_of(
    st.text("abXY09.-é用_", max_size=14),
    st.sampled_from(
        ["gmail.com", "QQ.com", "localhost", "b.test", "[1.2.3.4]", "xn--a.com", "b.c"]
    ),
)
addresses = st.tuples(signs, domains).map("@".join)


@settings(max_examples=1500, deadline=None)
@given(addresses)
@example("Postmaster@Gmail.com")
@example("a" * 64 + "@gmail.com")
@example("a" * 65 + "@gmail.com")
@example("a@" + "b" * 63 + ".com")
@example("a" * 64 + "@" + ".".join(["b" * 61] * 3) + ".com")
@example("a@b.com\n")
def test_the_fast_verdict_is_the_librarys(address: str) -> None:
    assert valid_email(address) == library_email(address)
