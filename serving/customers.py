"""Customers of one release: by id, also one that ended, by identifier, and as a list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import duckdb
import polars as pl

from core.ids import is_entity_id
from core.sql import quoted
from resolution.standardise.emails import standardise_emails
from resolution.standardise.identifiers import standardise_identifiers
from resolution.standardise.phones import standardise_phones
from serving.cursors import cursor_of, place_of
from serving.masking import is_personal, masked_row
from serving.problems import ApiProblem
from serving.releases import ReleaseReader
from serving.roles import Role

TABLE: Final = "golden.customers"
Fate = Literal["living", "merged", "retired", "erased", "unknown"]
_OPERATORS: Final = {
    "eq": "{column} = {value}",
    "ne": "{column} <> {value}",
    "lt": "{column} < {value}",
    "le": "{column} <= {value}",
    "gt": "{column} > {value}",
    "ge": "{column} >= {value}",
    "prefix": "starts_with({column}::VARCHAR, {value})",
    "has": "list_contains({column}, {value})",
}
_UNUSABLE: Final = (
    duckdb.ConversionException,
    duckdb.BinderException,
    duckdb.InvalidInputException,
    duckdb.OutOfRangeException,
)
_HEIR: Final = """
    WITH RECURSIVE merges AS (
        SELECT other_entity_id AS ended, entity_id AS heir FROM identity.events
        WHERE kind = 'merged'
    ),
    followed AS (
        SELECT heir FROM merges WHERE ended = $entity
        UNION
        SELECT merges.heir FROM followed JOIN merges ON merges.ended = followed.heir
    )
    SELECT heir FROM followed WHERE heir NOT IN (SELECT ended FROM merges)"""


@dataclass(frozen=True)
class Whereabouts:
    """What became of an entity id."""

    fate: Fate
    entity_id: str
    """For a merged one the id that it goes by today."""


@dataclass(frozen=True)
class Identifiers:
    """What a customer may be looked for by; all that are given must point to it."""

    email: str | None = None
    phone: str | None = None
    phone_country: str | None = None
    loyalty_id: str | None = None
    wechat_unionid: str | None = None
    source: str | None = None
    source_record_id: str | None = None


@dataclass(frozen=True)
class Page:
    """Which part of the list is asked for."""

    filters: Sequence[str] = ()
    """`column:operator:value` each."""
    sort: str = "entity_id"
    """A column; a minus before it turns the order round."""
    after: str | None = None
    """The cursor that the page before ended with."""
    limit: int = 100


def find_fate(reader: ReleaseReader, entity_id: str) -> Whereabouts:
    """What became of `entity_id` as of this release."""
    if not is_entity_id(entity_id):
        return Whereabouts("unknown", entity_id)
    if _lives(reader, entity_id):
        return Whereabouts("living", entity_id)
    heir = reader.row(_HEIR, {"entity": entity_id})
    final = heir["heir"] if heir else entity_id
    if heir and _lives(reader, final):
        return Whereabouts("merged", final)
    ends = reader.row(
        "SELECT kind FROM identity.events WHERE entity_id = ? AND kind IN ('retired', 'erased') "
        "ORDER BY sequence DESC LIMIT 1",
        [final],
    )
    return Whereabouts(ends["kind"] if ends else "unknown", final)


def read_customer(
    reader: ReleaseReader, entity_id: str, role: Role, fields: Sequence[str] | None = None
) -> dict[str, Any] | None:
    """The golden record, with personal data as `role` may see them; None where there is none."""
    names = chosen_fields(reader, fields)
    row = reader.row(f"SELECT {_listed(names)} FROM {TABLE} WHERE entity_id = ?", [entity_id])
    return masked_row(row, role) if row else None


def list_customers(
    reader: ReleaseReader,
    role: Role,
    page: Page,
    identifiers: Identifiers | None = None,
    fields: Sequence[str] | None = None,
) -> tuple[list[dict[str, Any]], str | None]:
    """One page of golden records, and the cursor of the next; None after the last.

    Raises ApiProblem: 422 for a column, operator, value or cursor that cannot be used, 403 where
    `role` would learn personal data from filter or order.
    """
    columns = reader.tables[TABLE]
    names = chosen_fields(reader, fields)
    sort, descends = page.sort.removeprefix("-"), page.sort.startswith("-")
    _require_usable(sort, columns, role, "sort")
    clauses: list[tuple[str, list[Any]]] = [_filter(each, columns, role) for each in page.filters]
    clauses += _pointing(identifiers or Identifiers(), columns)
    if page.after is not None:
        clauses.append(_beyond(page.after, page.sort, columns[sort]))
    where = " AND ".join(f"({sql})" for sql, _ in clauses) or "true"
    column, order = quoted(sort), "DESC" if descends else "ASC"
    sql = (
        f"SELECT {_listed(names)}, {column}::VARCHAR AS _sorted, entity_id AS _id FROM {TABLE} "
        f"WHERE {where} ORDER BY {column} {order} NULLS LAST, entity_id LIMIT {page.limit + 1:d}"
    )
    try:
        rows = reader.rows(sql, [value for _, values in clauses for value in values])
    except _UNUSABLE:
        detail = "a value of a filter is not of its column's kind; see GET /v1/exports"
        raise ApiProblem(422, "unusable-filter", detail) from None
    more = len(rows) > page.limit
    rows = rows[: page.limit]
    following = cursor_of(page.sort, rows[-1]["_sorted"], rows[-1]["_id"]) if more else None
    return [masked_row({name: row[name] for name in names}, role) for row in rows], following


def chosen_fields(reader: ReleaseReader, fields: Sequence[str] | None) -> list[str]:
    """The columns to show, entity_id always. Raises ApiProblem (422) for one there is not."""
    columns = reader.tables[TABLE]
    if not fields:
        return list(columns)
    if unknown := sorted(set(fields) - set(columns)):
        allowed = f"there is no field {', '.join(unknown)}; there are {', '.join(columns)}"
        raise ApiProblem(422, "unknown-field", allowed)
    return list(dict.fromkeys(["entity_id", *fields]))


def _lives(reader: ReleaseReader, entity_id: str) -> bool:
    return bool(reader.row(f"SELECT 1 AS found FROM {TABLE} WHERE entity_id = ?", [entity_id]))


def _listed(names: Sequence[str]) -> str:
    return ", ".join(quoted(name) for name in names)


def _require_usable(column: str, columns: dict[str, str], role: Role, what: str) -> None:
    if column not in columns:
        detail = f"there is no field {column[:40]!r} to {what} by; there are {', '.join(columns)}"
        raise ApiProblem(422, "unknown-field", detail)
    if is_personal(column) and not role.sees_personal:
        detail = f"{column} is masked for this key, so that it cannot {what} by it"
        raise ApiProblem(403, "not-allowed", detail)


def _filter(written: str, columns: dict[str, str], role: Role) -> tuple[str, list[Any]]:
    column, operator, value = (*written.split(":", 2), "", "")[:3]
    _require_usable(column, columns, role, "filter")
    name, kind = quoted(column), columns[column]
    if operator == "null" and value in ("true", "false"):
        return f"({name} IS NULL) = {value}", []
    is_list = kind.endswith("[]")
    if operator not in _OPERATORS or (operator == "has") != is_list:
        detail = (
            "a filter reads column:operator:value; operators are "
            f"{', '.join(_OPERATORS)} and null (true or false); has is for lists, and lists for has"
        )
        raise ApiProblem(422, "unusable-filter", detail)
    holder = "?" if operator == "prefix" or is_list else f"?::{kind}"
    return _OPERATORS[operator].format(column=name, value=holder), [value]


def _beyond(after: str, sort: str, kind: str) -> tuple[str, list[Any]]:
    """What comes after the cursor, in the order of `sort` with nothing last."""
    sorted_by, value, entity_id = place_of(after, (str, (str, type(None)), str))
    if sorted_by != sort:
        detail = "the cursor is of a list in another order; keep sort as it was, or begin again"
        raise ApiProblem(422, "unknown-cursor", detail)
    column = quoted(sort.removeprefix("-"))
    if value is None:
        return f"{column} IS NULL AND entity_id > ?", [entity_id]
    sign = "<" if sort.startswith("-") else ">"
    sql = (
        f"{column} {sign} ?::{kind} OR ({column} = ?::{kind} AND entity_id > ?) OR {column} IS NULL"
    )
    return sql, [value, value, entity_id]


def _pointing(asked: Identifiers, columns: dict[str, str]) -> list[tuple[str, list[Any]]]:
    """A condition for each identifier that is given."""
    found: list[tuple[str, list[Any]]] = []
    reached = "entity_id IN (SELECT entity_id FROM golden.contact_points WHERE kind = '{}' AND {})"
    if asked.email is not None:
        found.append((reached.format("email", "list_contains(?, value)"), [_emails(asked.email)]))
    if asked.phone is not None:
        phone = standardise_phones(_one(phone=asked.phone, country=asked.phone_country)).item(
            0, "phone"
        )
        found.append((reached.format("phone", "value = ?"), [phone]))
    for column in ("loyalty_id", "wechat_unionid"):
        written = getattr(asked, column)
        if written is not None:
            value = standardise_identifiers(_one(identifier=written)).item(0, "identifier")
            found.append((f"upper({column}) = ?" if column in columns else "? IS NULL", [value]))
    if asked.source_record_id is not None or asked.source is not None:
        row = "SELECT entity_id FROM identity.crosswalk WHERE source = ? AND source_record_id = ?"
        found.append((f"entity_id IN ({row})", [asked.source, asked.source_record_id]))
    return found


def _emails(written: str) -> list[str]:
    row = standardise_emails(_one(email=written)).row(0, named=True)
    return [each for each in (row["email"], row["canonical"]) if each]


def _one(**values: str | None) -> pl.DataFrame:
    return pl.DataFrame([values], schema=dict.fromkeys(values, pl.String))
