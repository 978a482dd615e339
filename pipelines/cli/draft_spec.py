"""A first spec for a delivered table, from its headings and a look at its values."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from core.errors import SourceError

HEADINGS = Path(__file__).with_name("headings.yml")
MISSPELT_MINIMUM = 88
"""Least likeness (0 to 100) to a known heading; 88 takes `emial`, and not `state` for `date`."""
LETTERS_MINIMUM = 5
"""Shorter headings must be exact: among three letters everything is alike."""
READABLE_MINIMUM = 0.95
"""Share of values that must be a time before the field is said to be one; rows whose required
time cannot be read would be quarantined."""
NUMBER_ENDING = r"(id|no|number|code|编号|号)$"
ISO_TIME = (
    r"^\d{4}-?\d{2}-?\d{2}([T ]\d{2}:?\d{2}(:?\d{2}([.,]\d+)?)?\s*(Z|[+-]\d{2}(:?\d{2})?)?)?$"
)


@dataclass(frozen=True)
class Draft:
    """A proposed spec: its YAML content, and what was decided about each heading."""

    content: Mapping[str, Any]
    mapped: Mapping[str, str]
    """Heading -> the customer attribute it was taken for."""
    left_out: tuple[str, ...] = ()
    """Headings that say nothing about who the customer is; kept as plain fields."""
    remarks: tuple[str, ...] = field(default=())


def draft_spec(source: str, rows: pl.DataFrame) -> Draft:
    """A spec for a table whose first rows, all text, are `rows`; `source` is its folder's name.

    Raises SourceError when no column names a row.
    """
    names = _field_names(rows.columns)
    key = find_key(source, rows)
    identity, mapped = _identity(rows.columns, names)
    times = _times(rows)
    event = "time" in times and any(_known(each, "events") for each in rows.columns)
    content: dict[str, Any] = {
        "kind": "event" if event else "profile",
        "description": f"Proposed from the headings of landing/{source}; correct what is wrong.",
        "key": names[key],
    }
    content |= {name: names[heading] for name, heading in times.items()}
    content["fields"] = {
        names[heading]: _field(heading, names[heading], key, set(times.values()))
        for heading in rows.columns
    }
    content["identity"] = identity
    if event:
        content["facts"] = source
    left_out = tuple(
        each for each in rows.columns if each not in mapped and each not in (key, *times.values())
    )
    return Draft(content, mapped, left_out, _remarks(identity))


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


def attribute_of(heading: str) -> str | None:
    """The customer attribute a heading stands for; None when it is none."""
    for word in _readings(heading):
        for attribute, synonyms in _vocabulary()["attributes"].items():
            if word in synonyms:
                return str(attribute)
    return _nearest(normalised(heading))


def normalised(heading: str) -> str:
    """Letters and digits alone, of one width and case."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", heading).casefold())


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


def is_time(column: pl.Series) -> bool:
    """Whether nearly all values present are written as ISO 8601 says."""
    present = column.drop_nulls().str.strip_chars()
    present = present.filter(present != "")
    if present.is_empty():
        return False
    return float(present.str.contains(ISO_TIME).mean() or 0) >= READABLE_MINIMUM  # type: ignore[arg-type]


def known_headings(kind: str) -> Sequence[str]:
    """The headings listed under `kind` in headings.yml."""
    return tuple(_vocabulary()[kind])


@cache
def _vocabulary() -> dict[str, Any]:
    content: dict[str, Any] = yaml.safe_load(HEADINGS.read_text(encoding="utf-8"))
    return content


def _readings(heading: str) -> list[str]:
    """The heading, and without a qualifier in front of it."""
    whole = normalised(heading)
    shorter = [
        whole.removeprefix(word)
        for word in _vocabulary()["qualifiers"]
        if whole.startswith(word) and whole != word
    ]
    return [whole, *shorter]


def _nearest(word: str) -> str | None:
    """The attribute with the heading most like `word`, where it is like enough."""
    from rapidfuzz import process
    from rapidfuzz.distance import OSA

    if len(word) < LETTERS_MINIMUM:
        return None
    owners = {
        synonym: attribute
        for attribute, synonyms in _vocabulary()["attributes"].items()
        for synonym in synonyms
        if len(synonym) >= LETTERS_MINIMUM
    }
    found = process.extractOne(
        word,
        list(owners),
        scorer=OSA.normalized_similarity,
        score_cutoff=MISSPELT_MINIMUM / 100,
        processor=None,
    )
    return owners[found[0]] if found else None


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


def _identity(
    headings: Sequence[str], names: Mapping[str, str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Attribute -> field or fields, and heading -> attribute. The first heading wins."""
    identity: dict[str, Any] = {}
    mapped: dict[str, str] = {}
    for heading in headings:
        attribute = attribute_of(heading)
        if attribute is None:
            continue
        if attribute not in identity:
            identity[attribute] = names[heading]
        elif attribute in _vocabulary()["joined"]:
            identity[attribute] = [*_listed(identity[attribute]), names[heading]]
        else:
            continue
        mapped[heading] = attribute
    return identity, mapped


def _times(rows: pl.DataFrame) -> dict[str, str]:
    """`version` and `time`, each with the heading that holds it, where it can be read as one."""
    found = {kind: _first(rows.columns, known_headings(kind)) for kind in ("version", "time")}
    return {kind: each for kind, each in found.items() if each and is_time(rows[each])}


def _field(heading: str, name: str, key: str, times: set[str]) -> dict[str, Any]:
    spec: dict[str, Any] = {"description": f"{heading} as delivered"}
    if heading == key:
        spec["required"] = True
    if heading in times:
        spec["type"] = "time"
    if heading != name:
        spec["aliases"] = [heading]
    return spec


def _remarks(identity: Mapping[str, Any]) -> tuple[str, ...]:
    telling = {"email", "phone", "national_id", "date_of_birth", "address_line", "loyalty_id"}
    named = {"full_name", "family_name"} & set(identity)
    remarks = []
    if not named:
        remarks.append("no heading was taken for a name")
    if not telling & set(identity):
        remarks.append("no heading was taken for an email, phone, birth date, address or number")
    return tuple(remarks)


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def _first(headings: Sequence[str], wanted: Sequence[str]) -> str | None:
    by_word = {normalised(heading): heading for heading in reversed(headings)}
    return next((by_word[word] for word in wanted if word in by_word), None)


def _known(heading: str, kind: str) -> bool:
    return normalised(heading) in known_headings(kind)


def _complete(column: pl.Series) -> bool:
    return column.len() > 0 and column.null_count() == 0 and not (column == "").any()
