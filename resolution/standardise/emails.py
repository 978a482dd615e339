"""Email addresses, validated, with the mailbox behind the spelling beside the written form."""

import re
from collections.abc import Mapping
from functools import cache, lru_cache

import polars as pl

from resolution.standardise.characters import bare_key, tidy_column
from resolution.standardise.junk import is_junk, junk_lists
from resolution.standardise.mailboxes import corrected, mailbox_of, providers_known
from resolution.standardise.rows import FEW, answer_rest, answer_rows

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
    written = values.select(tidy_column(values.get_column("email")))
    if written.height < FEW:
        return answer_rows(written, one_email, EMAIL_SCHEMA)
    plain = _plain_emails(written.get_column("email"))
    return answer_rest(plain, plain.get_column("email").is_null(), written, one_email)


def one_email(written: str) -> Row:
    """One address that is tidy."""
    text = _extracted(written)
    if not text:
        return (None,) * 6
    valid = library_email(text)
    if valid is None:
        junk = is_junk("email", text) or _is_placeholder(*text.lower().rpartition("@")[::2])
        return _PLACEHOLDER if junk else _rescued(text)
    local, _, domain = valid.rpartition("@")
    if _is_placeholder(local.lower(), domain):
        return _PLACEHOLDER
    mailbox_domain, suspect = corrected(domain)
    mailbox = mailbox_of(local.lower(), mailbox_domain)
    return valid, f"{mailbox}@{mailbox_domain}", mailbox, mailbox_domain, suspect, None


def library_email(text: str) -> str | None:
    """What email-validator alone makes of `text`; null unless it is valid."""
    from email_validator import EmailNotValidError, validate_email

    try:
        return validate_email(text, check_deliverability=False).normalized
    except EmailNotValidError:
        return None


_PLACEHOLDER: Row = (None, None, None, None, None, "placeholder")


def _rescued(text: str) -> Row:
    """Not an address, but the mailbox it must mean when only its @ or its dot is missing."""
    for provider in providers_known().providers:
        for end in (f"@{provider.replace('.', '')}", provider):
            local = text.lower().removesuffix(end)
            if local != text.lower() and library_email(f"{local}@{provider}"):
                domain, _ = corrected(provider)
                mailbox = mailbox_of(local, domain)
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


# ---- plain addresses, a column at a time --------------------------------------------------------

_PLAIN = (
    r"^([A-Za-z0-9_+\-][A-Za-z0-9_+'\-]*(?:\.[A-Za-z0-9_+'\-]+)*)@([A-Za-z0-9.\-]*[A-Za-z0-9])$"
)
_LONGEST_LOCAL = 64
_LONGEST = 200
"""Longer ones may break the library's limits, which count what a domain decodes to."""
_ONE_SIGN = "|".join(f"^{letter}{{3,}}$" for letter in "abcdefghijklmnopqrstuvwxyz")
_DOMAIN_SCHEMA: Mapping[str, type[pl.DataType]] = {
    "written": pl.String,
    "valid": pl.String,
    "mailbox": pl.String,
    "suspect": pl.Boolean,
}


def _plain_emails(texts: pl.Series) -> pl.DataFrame:
    """`one_email` of ASCII addresses of plain signs; all null where that must be asked.

    Such an address is valid exactly when its domain is, and domains repeat.
    """
    local, lower, domain = pl.col("local"), pl.col("lower"), pl.col("domain")
    parts = texts.str.extract_groups(_PLAIN).struct.rename_fields(["local", "written"])
    within = (pl.col("local").str.len_bytes() <= _LONGEST_LOCAL) & (
        texts.str.len_bytes() <= _LONGEST
    )
    plain = (
        parts.struct.unnest()
        .with_columns(written=pl.when(within).then("written"))
        .with_columns(lower=local.str.to_lowercase())
    )
    plain = plain.join(
        _domains(plain.get_column("written")), on="written", how="left", maintain_order="left"
    ).with_columns(key=lower.str.replace_all("[^a-z0-9]", ""))
    junk = pl.col("key").is_in(sorted(junk_lists()["email_local"])) | pl.col("key").str.contains(
        _ONE_SIGN
    )
    held = junk | lower.is_in(sorted(_role_names()))
    return (
        plain.with_columns(pl.when(~held).then("valid").alias("valid"))
        .with_columns(domain=pl.when(pl.col("valid").is_not_null()).then("mailbox"))
        .with_columns(local=pl.when(domain.is_not_null()).then(_mailboxes()), written="local")
        .select(
            email=pl.concat_str("written", pl.lit("@"), "valid"),
            canonical=pl.concat_str("local", pl.lit("@"), "domain"),
            local="local",
            domain="domain",
            suspect=pl.when(domain.is_not_null()).then("suspect"),
            reason=pl.lit(None, pl.String),
        )
    )


def _mailboxes() -> pl.Expr:
    """Column lower without what the provider named in column domain ignores."""
    lower = pl.col("lower")
    rules = providers_known().rules
    base = lower
    for tag in sorted({str(rule["tag"]) for rule in rules.values()}):
        tagged = [domain for domain, rule in rules.items() if rule["tag"] == tag]
        until = lower.str.extract(f"^([^{re.escape(tag)}]*)")
        base = pl.when(pl.col("domain").is_in(tagged)).then(until).otherwise(base)
    dotless = [domain for domain, rule in rules.items() if not rule.get("dots", True)]
    bare = (
        pl.when(pl.col("domain").is_in(dotless))
        .then(base.str.replace_all(".", "", literal=True))
        .otherwise(base)
    )
    return pl.when(bare == "").then(lower).otherwise(bare)


def _domains(written: pl.Series) -> pl.DataFrame:
    """Each distinct domain: as the library writes it, its mailboxes' domain, and if mended.

    Those that are not valid, placeholders or not in ASCII when valid are left out.
    """
    valid = [(domain, _valid_domain(domain)) for domain in written.drop_nulls().unique()]
    return pl.DataFrame(
        [
            (domain, accepted, *corrected(accepted))
            for domain, accepted in valid
            if accepted and accepted.isascii() and not _is_placeholder("", accepted)
        ],
        schema=_DOMAIN_SCHEMA,
        orient="row",
    )


@cache
def _role_names() -> frozenset[str]:
    """Local parts that the library lower-cases (postmaster, abuse, …)."""
    from email_validator.rfc_constants import CASE_INSENSITIVE_MAILBOX_NAMES

    return frozenset(CASE_INSENSITIVE_MAILBOX_NAMES)


@lru_cache(maxsize=1 << 17)
def _valid_domain(domain: str) -> str | None:
    accepted = library_email(f"a@{domain}")
    return None if accepted is None else accepted[2:]
