"""Phones, mailboxes and issued identifiers of the sample's people: no two people get the same."""

import hashlib
import zlib

import numpy as np

from sources.sample import slips
from sources.sample.dice import Dice, Flags, Reals, Texts, Whole, texts, where
from sources.sample.words import catalogue

_SPREAD = 2_654_435_761  # prime: multiplying by it, modulo a power of ten, repeats no number
_CN = (
    130, 131, 132, 133, 135, 136, 137, 138, 139, 150, 151, 152, 155, 156, 157, 158, 159, 166,
    173, 175, 176, 177, 178, 180, 181, 182, 183, 185, 186, 187, 188, 189, 191, 198, 199,
)  # fmt: skip
_US = (
    202, 206, 212, 213, 214, 215, 216, 303, 305, 310, 312, 313, 314, 404, 408, 412, 415, 503,
    512, 602, 612, 614, 615, 617, 619, 646, 702, 704, 713, 718, 773, 816, 832, 916, 917,
)  # fmt: skip

_EXCHANGES = [number for number in range(200, 1000) if number % 100 != 11]


def issue_phones(country: Texts, serial: Whole) -> Texts:
    """National numbers, a different one for each (country, serial): mobiles in CN and GB."""
    phones = []
    for code, number in zip(country.tolist(), serial.tolist(), strict=True):
        spread = number * _SPREAD
        if code == "CN":
            phones.append(f"{_CN[number % len(_CN)]}{spread % 10**8:08d}")
        elif code == "GB":
            phones.append(f"7{(4, 5, 7, 8, 9)[number % 5]}{spread % 10**8:08d}")
        else:
            rest, line = divmod(spread % (len(_US) * len(_EXCHANGES) * 10_000), 10_000)
            area, near = divmod(rest, len(_EXCHANGES))
            phones.append(f"{_US[area]}{_EXCHANGES[near]}{line:04d}")
    return texts(phones)


def write_phones(dice: Dice, phones: Texts, country: Texts) -> Texts:
    """The phones as typed: local or international, spaced or not, errors included."""
    style = dice.between(0, 9, len(phones))
    written = texts(
        [
            phone and _FORMS[code](phone, form)
            for phone, code, form in zip(phones, country, style, strict=True)
        ]
    )
    dice.spoil(written, "phone_typo", slips.wrong_digit)
    dice.spoil(written, "full_width", slips.full_width)
    dice.spoil(written, "phone_junk", lambda _, draw: _any_of("phones", draw))
    return written


def _any_of(kind: str, draw: Reals) -> str:
    junk: list[str] = catalogue()["junk"][kind]
    return junk[int(draw[0] * len(junk))]


def _cn(phone: str, form: int) -> str:
    spaced = f"{phone[:3]}-{phone[3:7]}-{phone[7:]}"
    forms = (f"+86 {spaced}", f"0086{phone}", spaced.replace("-", " "), f"+86{phone}", spaced)
    return forms[form] if form < 5 else phone


def _gb(phone: str, form: int) -> str:
    forms = (f"+44 {phone[:4]} {phone[4:]}", f"+44{phone}", f"0044{phone}", f"+44 (0){phone}")
    return forms[form] if form < 4 else f"0{phone[:4]} {phone[4:]}" if form < 7 else f"0{phone}"


def _us(phone: str, form: int) -> str:
    area, near, line = phone[:3], phone[3:6], phone[6:]
    forms = (
        f"+1 {area} {near} {line}",
        f"+1{phone}",
        f"1-{area}-{near}-{line}",
        phone,
        f"{area}.{near}.{line}",
    )
    return forms[form] if form < 5 else f"({area}) {near}-{line}"


_FORMS = {"CN": _cn, "GB": _gb, "US": _us}


class Mailboxes:
    """Hands out e-mail addresses of one block, none of which another block or person has."""

    def __init__(self, block: int, blocks: int) -> None:
        self.block, self.blocks = block, blocks
        self.taken: set[str] = set()

    def open(self, dice: Dice, family: Texts, given: Texts, country: Texts, born: Whole) -> Texts:
        """A mailbox for each person, most of them made of the name and a number."""
        count = len(family)
        shares = catalogue()["mail_providers"]
        provider = np.empty(count, dtype=object)
        for code, share in shares.items():
            here = np.flatnonzero(country == code)
            provider[here] = dice.choose(list(share), len(here), list(share.values()))
        form = dice.between(0, 9, count)
        number = dice.between(1, 999, count)
        digits = dice.between(10**7, 4 * 10**9, count)
        return texts(
            [
                self._one(_mailbox(*who), mail, figures)
                for *who, mail, figures in zip(
                    family, given, form, born % 100, number, provider, digits.tolist(), strict=True
                )
            ]
        )

    def _one(self, mailbox: str, provider: str, digits: int) -> str:
        number = digits - digits % self.blocks + self.block  # no other block has this remainder
        if provider == "qq.com":
            mailbox, start = "", str(number)  # these boxes are numbers
        else:
            # The plain name belongs to the block its sum falls to; others add a number, after
            # a sign that no plain name has.
            number = number % 10**4 // self.blocks * self.blocks + self.block
            mine = zlib.crc32(f"{_bare(mailbox)}@{provider}".encode()) % self.blocks == self.block
            start = mailbox if mine else f"{mailbox}_{number}"
            mailbox += "_"
        while f"{_bare(start)}@{provider}" in self.taken:
            number += self.blocks
            start = f"{mailbox}{number}"
        self.taken.add(f"{_bare(start)}@{provider}")
        return f"{start}@{provider}"


def _bare(mailbox: str) -> str:
    """Without dots, as Gmail reads it: a mailbox must stay one person's in that form, too."""
    return mailbox.replace(".", "")


def _mailbox(family: str, given: str, form: int, year: int, number: int) -> str:
    last = "".join(letter for letter in family.lower() if letter.isascii() and letter.isalpha())
    first = given.lower().replace(" ", "")
    whole = f"{first}.{last}"
    forms = (whole, f"{first}{last}", f"{last}{first}", f"{first[0]}{last}{year:02d}")
    return forms[form] if form < 4 else f"{whole if form < 6 else last + first[:4]}{number}"


def write_mails(dice: Dice, mails: Texts) -> Texts:
    """The mailboxes as typed, errors included."""
    written = mails.copy()
    for name, slip in (
        ("email_tagged", slips.tag_mail),
        ("email_typo", slips.mistype_mail),
        ("email_upper", slips.upper),
    ):
        dice.spoil(written, name, slip)
    dice.spoil(written, "email_junk", lambda _, draw: _any_of("emails", draw))
    return written


def issue_loyalty(serial: Whole, mask: Flags) -> Texts:
    """Loyalty card numbers: LY and nine digits, a different one for each serial."""
    spread = (serial * _SPREAD) % 10**9
    return where(mask, texts([f"LY{number:09d}" for number in spread.tolist()]), None)


def issue_tokens(prefix: str, serial: Whole, length: int, mask: Flags) -> Texts:
    """Opaque tokens of `length` hex digits after the prefix, a different one for each serial."""
    return texts(
        [
            prefix
            + hashlib.blake2b(f"{prefix}{number}".encode(), digest_size=16).hexdigest()[:length]
            if wanted
            else None
            for number, wanted in zip(serial.tolist(), mask, strict=True)
        ]
    )
