"""A first spec for a delivered table, from its headings and a look at its values."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import polars as pl

from core.errors import SourceError
from pipelines.cli.column_look import is_time, like_people, look_at
from pipelines.cli.draft_identity import identity_of_people
from pipelines.cli.draft_things import identity_of_things
from pipelines.cli.found import UNKNOWN, Found
from pipelines.cli.headings import is_listed, known_headings, normalised, vocabulary

NUMBER_ENDING = r"(id|no|number|code|编号|号)$"
ORIGINS = ("source", "datasource", "sourcesystem", "sourcename")
"""Columns that say where a row is from, which its folder says already."""
Entity = Literal["people", "things"]
PERSONAL = {
    "given_name",
    "family_name",
    "date_of_birth",
    "gender",
    "national_id",
    "social_security_number",
    "passport_number",
    "driving_licence_number",
    "loyalty_id",
    "job_title",
}
"""Attributes that people have: a table with two of them, or a name in parts, is about people."""


@dataclass(frozen=True)
class Table:
    """The first rows of a source, and what of it is no evidence of who somebody is."""

    source: str
    rows: pl.DataFrame
    """All text."""
    key: str
    times: Mapping[str, str]
    """`time` and `version`, each with the heading that holds it."""

    @property
    def passed_over(self) -> tuple[str, ...]:
        """Headings that are not asked what they say about a customer."""
        origins = [each for each in self.rows.columns if normalised(each) in ORIGINS]
        return (self.key, *self.times.values(), *origins)


@dataclass(frozen=True)
class Draft:
    """A proposed spec: its YAML content, and what was decided about each heading."""

    content: Mapping[str, Any]
    mapped: Mapping[str, str]
    """Heading -> the attribute it was taken for."""
    left_out: Mapping[str, str]
    """Heading that is a plain field only -> why; '' where nothing is known of it."""
    remarks: tuple[str, ...] = ()


def read_table(source: str, rows: pl.DataFrame) -> Table:
    """The table whose first rows, all text, are `rows`; `source` is its folder's name.

    Raises SourceError when no column names a row.
    """
    return Table(source, rows, find_key(source, rows), _times(rows))


def entity_of(table: Table) -> Entity | None:
    """What the rows describe, as far as headings and names tell; None when they do not."""
    people = identity_of_people(table.rows, table.passed_over).identity
    if "given_name" in people or len(PERSONAL & set(people)) > 1:
        return "people"
    if "full_name" in people:
        judged = like_people(look_at(table.rows[people["full_name"][0]]))
        if judged is not False:
            return "people"
    elif {"family_name", "email", "loyalty_id", "phone"} & set(people):
        return "people"
    things = identity_of_things(table.rows, table.passed_over).identity
    named = set(vocabulary()["things"]["named"]) & set(things)
    return "things" if named and len(things) > 1 else None


def find_identity(table: Table, entity: Entity | None = "people") -> Found:
    """What the table's columns say about people or things; for None, nothing."""
    if entity == "people":
        return identity_of_people(table.rows, table.passed_over)
    if entity == "things":
        return identity_of_things(table.rows, table.passed_over)
    return Found(left_out=dict.fromkeys(table.rows.columns, UNKNOWN))


def draft_spec(table: Table, found: Found) -> Draft:
    """A spec for the table, with the identity that was found."""
    names = _field_names(table.rows.columns)
    content = _content(table, names)
    if found.country:
        content["country"] = found.country
    content["identity"] = {
        attribute: names[headings[0]] if len(headings) == 1 else [names[each] for each in headings]
        for attribute, headings in found.identity.items()
    }
    if content["kind"] == "event":
        content["facts"] = table.source
    left_out = {
        heading: why for heading, why in found.left_out.items() if heading not in table.passed_over
    }
    return Draft(content, found.mapped, left_out, tuple(found.remarks))


def _content(table: Table, names: Mapping[str, str]) -> dict[str, Any]:
    """Kind, key, times and fields."""
    event = "time" in table.times and any(is_listed(each, "events") for each in table.rows.columns)
    content: dict[str, Any] = {
        "kind": "event" if event else "profile",
        "description": f"Proposed from the headings of landing/{table.source}; "
        "correct what is wrong.",
        "key": names[table.key],
    }
    content |= {name: names[heading] for name, heading in table.times.items()}
    content["fields"] = {
        names[heading]: _field(heading, names[heading], table) for heading in table.rows.columns
    }
    return content


def find_key(source: str, rows: pl.DataFrame) -> str:
    """The heading that names a row: a likely one, or else the first without repeats or gaps.

    A likely name is taken even when it repeats, since a second row with a key is a newer
    version of the first. Raises SourceError when there is none.
    """
    for wanted in (normalised(f"{source}id"), *known_headings("key")):
        for heading in rows.columns:
            if normalised(heading) == wanted and _complete(rows[heading]):
                return heading
    numbers = sorted(rows.columns, key=lambda heading: not re.search(NUMBER_ENDING, heading, re.I))
    for heading in numbers:
        column = rows[heading]
        if _complete(column) and column.n_unique() == rows.height and not is_time(column):
            return heading
    raise SourceError(
        f"landing/{source}: no column names a row (present in every row, different in each); "
        f"add one, or write sources/{source}.yml by hand; headings: {', '.join(rows.columns)}"
    )


def field_name(heading: str) -> str:
    """The heading as a column name: lower case, words joined by `_`; Han stays as it is."""
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", unicodedata.normalize("NFKC", heading).strip())
    return re.sub(r"[\W_]+", "_", split.lower()).strip("_") or "column"


def source_name(folder: str) -> str:
    """A name for the source whose files lie in `folder`: ASCII, Han by its sound."""
    from pypinyin import lazy_pinyin

    sounded = "_".join(lazy_pinyin(field_name(folder)))
    plain = unicodedata.normalize("NFKD", sounded).encode("ascii", "ignore").decode()
    name = re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")
    return name if re.match(r"[a-z]", name) else f"source_{name}".rstrip("_")


def _field_names(headings: Sequence[str]) -> dict[str, str]:
    """Heading -> field name, with a number behind one that is taken."""
    names: dict[str, str] = {}
    for heading in headings:
        name = plain = field_name(heading)
        again = 1
        while name in names.values():
            again += 1
            name = f"{plain}_{again}"
        names[heading] = name
    return names


def _times(rows: pl.DataFrame) -> dict[str, str]:
    """`version` and `time`, each with the heading that holds it, where it can be read as one."""
    found = {kind: _first(rows.columns, known_headings(kind)) for kind in ("version", "time")}
    return {kind: each for kind, each in found.items() if each and is_time(rows[each])}


def _field(heading: str, name: str, table: Table) -> dict[str, Any]:
    spec: dict[str, Any] = {"description": f"{heading} as delivered"}
    if heading == table.key:
        spec["required"] = True
    if heading in table.times.values():
        spec["type"] = "time"
    if heading != name:
        spec["aliases"] = [heading]
    return spec


def _first(headings: Sequence[str], wanted: Sequence[str]) -> str | None:
    by_word = {normalised(heading): heading for heading in reversed(headings)}
    return next((by_word[word] for word in wanted if word in by_word), None)


def _complete(column: pl.Series) -> bool:
    return column.len() > 0 and column.null_count() == 0 and not (column == "").any()
