"""Puts delivered columns under the names of the spec; what it does not know goes to `extra`."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from sources.spec import SourceSpec

EXTRA = "extra"


@dataclass(frozen=True)
class Matched:
    """Which delivered columns hold which field (the best match first), which hold none."""

    fields: dict[str, list[str]]
    unknown: tuple[str, ...]


def match_headings(headings: Sequence[str], spec: SourceSpec) -> Matched:
    """The fields that `headings` name: exactly, or but for case, width and blanks, or by alias."""
    exact = {name: name for name in spec.fields}
    loose = {_plain(name): name for name in reversed(spec.fields)}
    aliases = {
        _plain(alias): name for name, field in spec.fields.items() for alias in field.aliases
    }
    found: dict[str, list[str]] = {}
    taken: set[str] = set()
    for names, form in ((exact, str), (loose, _plain), (aliases, _plain)):
        for heading in headings:
            field = names.get(form(heading))
            if field is not None and heading not in taken:
                taken.add(heading)
                found.setdefault(field, []).append(heading)
    unknown = sorted(heading for heading in headings if heading not in taken)
    return Matched(found, tuple(unknown))


def under_field_names(frame: pl.DataFrame, spec: SourceSpec, matched: Matched) -> pl.DataFrame:
    """`frame` with the spec's fields as its columns, text, null where not delivered or blank, and
    `extra`: the members of a JSON object with everything else that was delivered, or null."""
    frame = frame.rechunk()
    columns: list[pl.Series] = []
    extras: list[pl.Series] = [members(frame[name], name) for name in matched.unknown]
    nothing = pl.Series([None], dtype=pl.String).new_from_index(0, frame.height)
    for field in spec.fields:
        headings = [h for h in matched.fields.get(field, ()) if h in frame.columns]
        column = _blank_to_null(frame[headings[0]]) if headings else nothing
        for heading in headings[1:]:
            other = _blank_to_null(frame[heading])
            column = column.zip_with(column.is_not_null(), other)
            extras.append(members(other.set(other.eq_missing(column), None), heading))
        columns.append(column.alias(field))
    return pl.DataFrame([*columns, joined(extras, frame.height).alias(EXTRA)])


def members(values: pl.Series, name: str) -> pl.Series:
    """`"name":"value"` as JSON, null where there is no value."""
    values = _blank_to_null(values)
    if values.null_count() == values.len():
        return values
    wrapped = values.alias(name).to_frame().to_struct("wrapped").struct.json_encode()
    return wrapped.str.strip_prefix("{").str.strip_suffix("}").set(values.is_null(), None)


def joined(parts: Sequence[pl.Series], height: int) -> pl.Series:
    """JSON members joined by commas, null where there are none."""
    parts = [part for part in parts if part.null_count() < height]
    if not parts:
        return pl.Series([None], dtype=pl.String).new_from_index(0, height)
    frame = pl.DataFrame([part.alias(str(place)) for place, part in enumerate(parts)])
    text = frame.select(pl.concat_str(pl.all(), separator=",", ignore_nulls=True)).to_series()
    return text.set(text == "", None)


def _blank_to_null(values: pl.Series) -> pl.Series:
    blank = ~values.str.contains(r"\S")
    return values.set(blank.fill_null(False), None) if blank.any() else values


def _plain(heading: str) -> str:
    return re.sub(r"[\s\-.]+", "_", unicodedata.normalize("NFKC", heading).strip().casefold())
