"""How a source takes rows back: by a field's value, by a list of keys, by absence."""

from typing import Literal

from core.errors import SourceError
from core.sql import literal, quoted
from sources.headings import match_headings
from sources.rows import Batch
from sources.spec import ANY, FieldSpec, SourceSpec

By = Literal["value", "list", "snapshot"]
"""What took a key back: `withdrawn_when`, a file that lists keys, or absence from a snapshot."""

TOMBSTONE = "md5_number(concat('withdrawn', chr(31), _key))"
"""SQL of the content hash of a withdrawal that says nothing but its key."""


def withdraws_sql(spec: SourceSpec) -> str:
    """SQL of whether a typed row withdraws its key, never null; DuckDB and Polars both read it."""
    found = [
        f"coalesce({_holds_sql(name, spec.fields[name], values)}, false)"
        for name, values in spec.withdrawn_when.items()
    ]
    return f"({' OR '.join(found)})" if found else "false"


def _holds_sql(name: str, field: FieldSpec, values: tuple[str, ...]) -> str:
    if values == (ANY,):
        return f"{quoted(name)} IS NOT NULL"
    if field.type in ("number", "integer"):
        return f"{quoted(name)} IN ({', '.join(repr(_number(field, each)) for each in values)})"
    listed = ", ".join(literal(value.strip().lower()) for value in values)
    return f"lower({quoted(name)}) IN ({listed})"


def _number(field: FieldSpec, written: str) -> int | float:
    return int(float(written)) if field.type == "integer" else float(written)


def key_spec(spec: SourceSpec) -> SourceSpec:
    """The source as a file that lists its keys sees it: with no field but the key."""
    key = spec.fields[spec.key].model_copy(update={"required": True})
    others: dict[str, object] = {"version": (), "subject": (), "withdrawn_when": {}, "identity": {}}
    return spec.model_copy(update={"fields": {spec.key: key}, **others})


def with_keys_only(batch: Batch, spec: SourceSpec) -> Batch:
    """The batch of a list of keys without its other columns.

    Raises SourceError where the file has headings and none of them is the key.
    """
    headings = match_headings(batch.frame.columns, key_spec(spec)).fields.get(spec.key, [])
    if batch.frame.width and not headings and not batch.frame.height:
        raise SourceError(
            f"none of its {batch.frame.width} headings is {spec.key}, the key of {spec.name}, "
            "which a list of withdrawn keys must have"
        )
    if not headings:
        return batch
    return Batch(batch.frame.select(headings), batch.row_numbers, batch.raw_of, batch.damaged)
