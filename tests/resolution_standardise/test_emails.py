"""Emails: the verdict is the library's, many at once too, and spellings of one mailbox meet."""

import random
from collections.abc import Iterator

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from resolution.standardise.emails import library_email, standardise_emails


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
EDGES = (
    "Postmaster@Gmail.com", "a@b.com\n", "'a@b.com", "a'@b.com", "a@b.com'", "+@gmail.com",
    "+x@gmail.com", "-@yahoo.com", "...@gmail.com", "a" * 64 + "@gmail.com",
    "a" * 65 + "@gmail.com", "a@" + "b" * 63 + ".com", "a@" + "b" * 64 + ".com",
    "a" * 64 + "@" + ".".join(["b" * 61] * 3) + ".com", "jo@münchen.de", "jo@xn--mnchen-3ya.de",
    "jo@例子.中国", "jo@xn--fsqu00a.xn--fiqs8s", "用@gmail.com", '"jo smith"@gmail.com',
    "jo@[1.2.3.4]",
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(st.lists(addresses, min_size=60, max_size=60))
def test_many_addresses_at_once_are_read_as_one_by_one(written: list[str]) -> None:
    written += EDGES
    assert standardised(*written) == [standardised(address)[0] for address in written]


def addresses_of(count: int, seed: int) -> Iterator[str]:
    """Addresses of people, with Unicode, quotes, long ones, literals and junk among them."""
    chance = random.Random(seed)
    providers = ("gmail.com", "Outlook.com", "qq.com", "163.com", "yahoo.co.uk", "proton.me")
    strange = (
        "münchen.de",
        "例子.中国",
        "xn--mnchen-3ya.de",
        "[127.0.0.1]",
        "a..b",
        "x_y.com",
        "-a.com",
    )
    for _ in range(count):
        alphabet = "abcdefghijklmnopqrstuvwxyzABCXYZ0123456789._-+'"
        if chance.random() < 0.1:
            alphabet += 'éü用 "\\@!#$%&()<>,;:'
        length = chance.randrange(60, 70) if chance.random() < 0.02 else chance.randrange(1, 16)
        local = "".join(chance.choices(alphabet, k=length))
        made = "".join(chance.choices("abcxyz019-.", k=chance.randrange(1, 12))) + ".com"
        long = ".".join("b" * chance.randrange(1, 66) for _ in range(4)) + ".net"
        kinds = (chance.choice(providers), made, chance.choice(strange), long)
        domain = chance.choices(kinds, weights=(60, 25, 10, 5))[0]
        yield f"{local}{chance.choice(('@',) * 30 + ('', '@@', '＠'))}{domain}"


def assert_valid_as_the_library_says(count: int, seed: int) -> None:
    written = list(dict.fromkeys(addresses_of(count, seed)))
    found = standardised(*written)
    for address, row in zip(written, found, strict=True):
        # What stands around an address is taken off before the library is asked.
        if address == address.strip(",;.<>()[]' ") and not set(address) & set("<:＠"):
            expected = library_email(" ".join(address.split()))
            if row["reason"] != "placeholder":
                assert row["email"] == expected, address


def test_twenty_thousand_addresses_are_valid_when_the_library_says_so() -> None:
    assert_valid_as_the_library_says(20_000, seed=1)


@pytest.mark.slow
def test_two_hundred_thousand_addresses_are_valid_when_the_library_says_so() -> None:
    assert_valid_as_the_library_says(200_000, seed=2)
