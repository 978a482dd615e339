"""Email addresses, validated, with the mailbox behind the spelling beside the written form."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache

import polars as pl
import yaml

from resolution.standardise.characters import FOLDER, bare_key, tidy
from resolution.standardise.junk import is_junk, junk_lists

Row = tuple[str | None, str | None, str | None, str | None, bool | None, str | None]
EMAIL_SCHEMA: Mapping[str, type[pl.DataType]] = {
    "email": pl.String,
    "canonical": pl.String,
    "local": pl.String,
    "domain": pl.String,
    "suspect": pl.Boolean,
    "reason": pl.String,
}


def standardise_emails(values: pl.DataFrame) -> pl.DataFrame:
    """Emails validated without network; same height and order as `values` (column email).

    Gives email (normalised as email-validator does), canonical (one spelling a mailbox: lower
    case, providers' tags and dots taken off, slips in big providers' domains corrected), local
    and domain (of canonical), suspect (whether canonical was corrected) and reason
    (not_an_email, placeholder). An address that lacks only its @ or the dot of a big provider's
    domain is not an email, but has a canonical form.
    """
    rows = [_email(written) for written in values.get_column("email").to_list()]
    return pl.DataFrame(rows, schema=EMAIL_SCHEMA, orient="row")


def _email(written: str | None) -> Row:
    text = _extracted(tidy(written))
    if not text:
        return (None,) * 6
    valid = valid_email(text)
    if valid is None:
        junk = is_junk("email", text) or _is_placeholder(*text.lower().rpartition("@")[::2])
        return _PLACEHOLDER if junk else _rescued(text)
    local, _, domain = valid.rpartition("@")
    if _is_placeholder(local.lower(), domain):
        return _PLACEHOLDER
    mailbox_domain, suspect = _corrected(domain)
    mailbox = _mailbox(local.lower(), mailbox_domain)
    return valid, f"{mailbox}@{mailbox_domain}", mailbox, mailbox_domain, suspect, None


_PLACEHOLDER: Row = (None, None, None, None, None, "placeholder")


def _rescued(text: str) -> Row:
    """Not an address, but the mailbox it must mean when only its @ or its dot is missing."""
    for provider in _providers().providers:
        for end in (f"@{provider.replace('.', '')}", provider):
            local = text.lower().removesuffix(end)
            if local != text.lower() and valid_email(f"{local}@{provider}"):
                domain, _ = _corrected(provider)
                mailbox = _mailbox(local, domain)
                return None, f"{mailbox}@{domain}", mailbox, domain, True, "not_an_email"
    return None, None, None, None, None, "not_an_email"


def _extracted(text: str) -> str:
    """The address in "Name <address>", "mailto:address" and the like; signs around it dropped."""
    if "<" in text:
        inside = re.search(r"<([^<>]*@[^<>]*)>", text)
        text = inside[1] if inside else text
    text = (
        re.sub(r"^(mailto|e-?mail)\s*:\s*", "", text, flags=re.IGNORECASE) if ":" in text else text
    )
    return text.strip(" \t,;.<>()[]'")


def _is_placeholder(local: str, domain: str) -> bool:
    lists = junk_lists()
    key = bare_key(local)
    repeated = len(key) >= 3 and len(set(key)) == 1 and not key.isdigit()
    return key in lists["email_local"] or bare_key(domain) in lists["email_domain"] or repeated


# ---- validity: the library's verdict, found faster ----------------------------------------------

_PLAIN = re.compile(r"([A-Za-z0-9_+'\-]+(?:\.[A-Za-z0-9_+'\-]+)*)@([A-Za-z0-9.\-]+)", re.ASCII)


def valid_email(text: str) -> str | None:
    """`text` normalised if email-validator accepts it, else null; no network.

    An ASCII address of plain signs is valid exactly when its domain is: domains repeat, so
    their verdict is kept. Everything else goes to the library itself.
    """
    found = _PLAIN.fullmatch(text)
    if found is None or len(found[1]) > 64 or len(text) > 254 or _is_role(found[1].lower()):
        return library_email(text)
    domain = _valid_domain(found[2])
    return None if domain is None else f"{found[1]}@{domain}"


def library_email(text: str) -> str | None:
    """What email-validator alone makes of `text`."""
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        return None


@cache
def _role_names() -> frozenset[str]:
    """Local parts that the library lower-cases (postmaster, abuse, …)."""
    from email_validator.rfc_constants import CASE_INSENSITIVE_MAILBOX_NAMES

    return frozenset(CASE_INSENSITIVE_MAILBOX_NAMES)


def _is_role(local: str) -> bool:
    return local in _role_names()


@lru_cache(maxsize=1 << 17)
def _valid_domain(domain: str) -> str | None:
    accepted = library_email(f"a@{domain}")
    return None if accepted is None else accepted[2:]


# ---- the mailbox behind the spelling ------------------------------------------------------------


@dataclass(frozen=True)
class Providers:
    """The content of providers.yml."""

    rules: Mapping[str, Mapping[str, object]]
    same_mailbox: Mapping[str, str]
    providers: tuple[str, ...]
    wrong_endings: Mapping[str, str]
    real_neighbours: frozenset[str]


@cache
def _providers() -> Providers:
    content = yaml.safe_load((FOLDER / "providers.yml").read_text(encoding="utf-8"))
    neighbours = frozenset(content.pop("real_neighbours"))
    return Providers(
        providers=tuple(content.pop("providers")), real_neighbours=neighbours, **content
    )


@lru_cache(maxsize=1 << 17)
def _corrected(domain: str) -> tuple[str, bool]:
    """The domain with a slip of the finger mended and aliases joined, and whether it was mended."""
    mended = _mended(domain)
    return _providers().same_mailbox.get(mended, mended), mended != domain


def _mended(domain: str) -> str:
    known = _providers()
    if domain in known.providers or domain in known.real_neighbours or domain in known.rules:
        return domain
    name, _, ending = domain.rpartition(".")
    if (ended := f"{name}.{known.wrong_endings.get(ending, ending)}") in known.providers:
        return ended
    from rapidfuzz.distance import OSA

    for provider in known.providers:
        long_name = len(provider.split(".", maxsplit=1)[0]) >= 5
        if long_name and OSA.distance(domain, provider, score_cutoff=1) == 1:
            return provider
    return domain


def _mailbox(local: str, domain: str) -> str:
    """`local` without what its provider ignores."""
    rule = _providers().rules.get(domain)
    if rule is None:
        return local
    base = local.split(str(rule["tag"]), maxsplit=1)[0]
    base = base if rule.get("dots", True) else base.replace(".", "")
    return base or local
