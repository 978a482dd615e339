"""Whether blocking brought two records together: what each rule asked of them, and found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import polars as pl

from resolution.engine.blocks import rules_of
from resolution.kept import Kept
from resolution.model import CustomerModel
from resolution.scoring.blocking import find_candidates

Outcome = Literal["met", "differs", "missing", "too common", "left out"]


@dataclass(frozen=True)
class RuleTold:
    """What one blocking rule found."""

    rule: str
    outcome: Outcome
    """met: compared because of it; differs, missing: the columns that keep it from applying;
    too common: it applies, but to so many records that more had to agree, and nothing did;
    left out: training left the rule out, because it brings hardly a match of its own."""
    columns: tuple[str, ...]
    """The record columns behind the outcome."""
    records: int | None = None
    """Records that agree on all of the rule's columns with both, where it was looked up."""


def rules_told(kept: Kept, pair: pl.DataFrame) -> list[RuleTold]:
    """What each blocking rule of the release found of the two records in `pair`.

    Raises ValueError unless `pair` holds two records.
    """
    rules, left_out = kept.rules(), kept.trained().left_out_rules
    left, right = pair.to_dicts()
    told = []
    for rule, columns in rules.blocking.items():
        if all(_plain(column) in pair.columns for column in columns):
            if rule in left_out:
                told.append(RuleTold(rule, "left out", ()))
                continue
            found = _looked_at(rule, columns, left, right)
            told.append(found or _met(kept, rule, rules, (left, right)))
    return told


def _looked_at(
    rule: str, columns: Sequence[str], left: Mapping[str, Any], right: Mapping[str, Any]
) -> RuleTold | None:
    """What keeps the rule from applying; None when the records agree on all its columns."""
    names = [_plain(column) for column in columns]
    missing = tuple(x for x in names if not _values(left, x) or not _values(right, x))
    if missing:
        return RuleTold(rule, "missing", missing)
    differs = tuple(x for x in names if not _shared(x, left, right))
    return RuleTold(rule, "differs", differs) if differs else None


def _met(
    kept: Kept, rule: str, rules: CustomerModel, pair: tuple[Mapping[str, Any], Mapping[str, Any]]
) -> RuleTold:
    """Whether the pair became a candidate of a rule on whose columns both records agree.

    The records that share what the two share hold every block the pair may be in, whole, so
    blocking itself decides.
    """
    agreed = _bearers(kept, rules.blocking[rule], rules.refine_by, pair)
    numbers = agreed.get_column("record_id").to_list()
    refine_by = [x for x in rules.refine_by if _plain(x) in agreed.columns]
    found = find_candidates(
        agreed.with_columns(record_id=pl.int_range(pl.len(), dtype=pl.Int64)),
        {rule: rules.blocking[rule]},
        refine_by,
        large=kept.large(),
    )
    ends = (np.array([numbers.index(record["record_id"])]) for record in pair)
    met = bool(rules_of(found.blocks, *ends)[0])
    columns = tuple(_plain(column) for column in rules.blocking[rule])
    return RuleTold(rule, "met" if met else "too common", columns, agreed.height)


def _bearers(
    kept: Kept,
    columns: Sequence[str],
    refine_by: Sequence[str],
    pair: tuple[Mapping[str, Any], Mapping[str, Any]],
) -> pl.DataFrame:
    """The records that bear what the two share in all of `columns`, in order of record_id.

    Columns: record_id, `columns`, and those of `refine_by` that there are.
    """
    agree = pl.lit(True)
    for column in columns:
        name = _plain(column)
        shared = list(_shared(name, *pair))
        listed = pl.col(name).list.eval(pl.element().is_in(shared)).list.any()
        agree &= listed if column.startswith("list:") else pl.col(name) == shared[0]
    wanted = ("record_id", *map(_plain, columns), *map(_plain, refine_by))
    shown = [name for name in dict.fromkeys(wanted) if name in pair[0]]
    records = kept.scan("records").select(shown)
    return records.filter(agree).sort("record_id").collect()


def _plain(column: str) -> str:
    return column.removeprefix("list:")


def _values(record: Mapping[str, Any], column: str) -> list[Any]:
    value = record[column]
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _shared(column: str, left: Mapping[str, Any], right: Mapping[str, Any]) -> set[Any]:
    return set(_values(left, column)) & set(_values(right, column))


def in_words(column: str) -> str:
    """A record column as people would say it: name_given_key is `name given`."""
    return column.removesuffix("_key").removesuffix("_first").replace("_", " ")


def own_pair_left_out(pair: pl.DataFrame, rules: CustomerModel) -> bool:
    """Whether both records are of one source that holds nobody twice, and so are not compared."""
    sources = pair.get_column("source").unique()
    return len(sources) == 1 and sources[0] in rules.without_duplicates
