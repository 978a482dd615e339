"""Customers found by anything a steward may have in hand."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import polars as pl

from core.errors import QueryError
from core.ids import is_entity_id
from core.project import Project
from resolution.standardise.emails import standardise_emails
from resolution.standardise.identifiers import standardise_identifiers
from resolution.standardise.names import standardise_names
from resolution.standardise.phones import standardise_phones
from serving.console.marking import pinyin
from serving.releases import ReleaseReader
from serving.roles import Role
from warehouse.entity_history import tell_history

SHOWN: Final = 50
By = Literal["entity", "retired", "row", "email", "phone", "identifier", "name"]
_COUNTRIES: Final = (None, "CN", "GB", "US")
"""Where a phone without its country code is looked for."""
_NAME: Final = dict.fromkeys(("full", "given", "family"), pl.String)
_CUSTOMERS: Final = """
SELECT entity_id, full_name, name_latin, email, phone, city, record_count, sources, last_seen_at
FROM golden.customers WHERE entity_id IN (SELECT unnest($ids))
ORDER BY record_count DESC, entity_id LIMIT $most"""
_LATIN: Final = "regexp_replace(lower(coalesce(name_latin, full_name, '')), '[^a-z]', '', 'g')"


@dataclass(frozen=True)
class Found:
    """What a search came to."""

    by: By | None
    """What the words were taken for; None where nobody was found."""
    customers: Sequence[dict[str, Any]]
    total: int


def find_customers(
    project: Project, reader: ReleaseReader, words: str, role: Role, most: int = SHOWN
) -> Found:
    """Customers that `words` lead to, `most` of them, by the first reading that leads to any.

    A role that sees masks must write a whole name: parts would tell it letter by letter.
    """
    asked = words.strip()
    for by, ids in _readings(project, reader, asked, role) if asked else ():
        if ids:
            chosen = sorted(set(ids))
            rows = reader.rows(_CUSTOMERS, {"ids": chosen, "most": most})
            return Found(by, rows, len(chosen))
    return Found(None, [], 0)


def _readings(
    project: Project, reader: ReleaseReader, asked: str, role: Role
) -> Iterator[tuple[By, list[str]]]:
    if is_entity_id(asked.upper()):
        living = _living(project, asked.upper())
        yield ("entity" if living == asked.upper() else "retired"), [living] if living else []
    yield "row", _by_row(reader, asked)
    if "@" in asked:
        yield "email", _by_email(reader, asked)
    if len(re.sub(r"\D", "", asked)) >= 6:
        yield "phone", _by_phone(reader, asked)
    yield "identifier", _by_identifier(reader, asked)
    yield "name", _by_name(reader, asked, whole=not role.sees_personal)


def _living(project: Project, entity_id: str) -> str | None:
    try:
        return tell_history(project, entity_id).living_entity_id
    except QueryError:
        return None


def _ids(reader: ReleaseReader, where: str, values: dict[str, Any]) -> list[str]:
    return [
        each["entity_id"] for each in reader.rows(f"SELECT DISTINCT entity_id FROM {where}", values)
    ]


def _by_row(reader: ReleaseReader, asked: str) -> list[str]:
    source, _, key = re.sub("[:/]", "\0", asked, count=1).partition("\0")
    where = "source_record_id = $asked OR (source = $source AND source_record_id = $key)"
    values = {"asked": asked, "source": source, "key": key}
    return _ids(reader, f"identity.crosswalk WHERE {where}", values)


def _by_email(reader: ReleaseReader, asked: str) -> list[str]:
    row = standardise_emails(pl.DataFrame({"email": [asked]})).row(0, named=True)
    known = [each for each in (row["email"], row["canonical"]) if each]
    where = "golden.contact_points WHERE kind = 'email' AND list_contains($known, value)"
    return _ids(reader, where, {"known": known}) if known else []


def _by_phone(reader: ReleaseReader, asked: str) -> list[str]:
    asks = pl.DataFrame(
        {"phone": [asked] * len(_COUNTRIES), "country": list(_COUNTRIES)},
        schema={"phone": pl.String, "country": pl.String},
    )
    known = [x for x in standardise_phones(asks).get_column("phone").to_list() if x]
    where = "golden.contact_points WHERE kind = 'phone' AND list_contains($known, value)"
    return _ids(reader, where, {"known": known}) if known else []


def _by_identifier(reader: ReleaseReader, asked: str) -> list[str]:
    one = pl.DataFrame({"identifier": [asked]})
    value = standardise_identifiers(one).item(0, "identifier")
    columns = [
        x for x in ("loyalty_id", "wechat_unionid") if x in reader.tables["golden.customers"]
    ]
    where = " OR ".join(f"upper({column}) = $value" for column in columns)
    return _ids(reader, f"golden.customers WHERE {where}", {"value": value}) if columns else []


def _by_name(reader: ReleaseReader, asked: str, whole: bool) -> list[str]:
    """As written, or by the Latin letters of either: pinyin finds Han, in any order of words."""
    parts = pl.DataFrame({"full": [asked], "given": [None], "family": [None]}, schema=_NAME)
    latin = standardise_names(parts).item(0, "latin") or asked
    words = [re.sub("[^a-z]", "", word) for word in latin.lower().split()]
    values: dict[str, Any] = {f"word{n}": word for n, word in enumerate(filter(None, words))}
    if whole or pinyin(asked):  # 蔡 alone is no Caitlin
        written = "lower(full_name) = $asked" if whole else "contains(full_name, $asked)"
        values = {"turned": ["".join(words), "".join(reversed(words))]} if values else {}
        by_letters = [f"list_contains($turned, {_LATIN})"] if values else []
    else:
        written = "contains(lower(full_name), $asked)"
        by_letters = [" AND ".join(f"contains({_LATIN}, ${name})" for name in values)]
    where = " OR ".join(f"({each})" for each in (written, *by_letters) if each)
    return _ids(reader, f"golden.customers WHERE {where}", values | {"asked": asked.lower()})
