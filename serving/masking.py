"""What a viewer sees of personal data: `masked` in Python, `masked_sql` in the engine, alike.

A column is personal unless masking.yml says that it is not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import yaml

from core.sql import literal, quoted
from serving.roles import Role

MASK: Final = "•••"
_RULES: Final = Path(__file__).parent / "masking.yml"
Rule = Literal["plain", "year", "tail", "initial"]


@dataclass(frozen=True)
class _Rules:
    plain: frozenset[str]
    year: frozenset[str]
    tail: frozenset[str]


@cache
def _rules() -> _Rules:
    read = yaml.safe_load(_RULES.read_text(encoding="utf-8"))
    plain = frozenset(name for line in read["plain"] for name in line)
    return _Rules(plain, frozenset(read["year"]), frozenset(read["tail"]))


def is_personal(column: str) -> bool:
    """Whether a column of this name may hold personal data."""
    return column not in _rules().plain


def rule_of(column: str) -> Rule:
    """How a column's values are masked."""
    rules = _rules()
    if column in rules.plain:
        return "plain"
    if column in rules.year:
        return "year"
    return "tail" if column in rules.tail else "initial"


def masked(column: str, value: Any, role: Role) -> Any:
    """`value` of a column as `role` may see it: itself, or a text that gives nobody away.

    Nothing (None) stays nothing. A list or a mapping in a personal column is masked value by
    value.
    """
    if value is None or role.sees_personal:
        return value
    rule = rule_of(column)
    if rule == "plain":
        return value
    if isinstance(value, Mapping):
        return {name: masked(name, each, role) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [masked(column, each, role) for each in value]
    return _masked_text(rule, str(value))


def masked_row(row: Mapping[str, Any], role: Role) -> dict[str, Any]:
    """A row as `role` may see it. A `value` beside an `attribute` or `kind` is masked as that."""
    about = row.get("attribute") or row.get("kind")
    values = ("value", "old_value", "new_value")
    return {
        name: masked(about if about and name in values else name, value, role)
        for name, value in row.items()
    }


def masked_sql(column: str, role: Role) -> str:
    """The column as an expression that gives what `role` may see, under the column's own name."""
    name = quoted(column)
    rule = rule_of(column)
    if rule == "plain" or role.sees_personal:
        return name
    text, mask = f"{name}::VARCHAR", literal(MASK)
    if rule == "year":
        kept = f"CASE WHEN length({text}) > 4 THEN left({text}, 4) || {mask} ELSE {mask} END"
    elif rule == "tail":
        kept = f"CASE WHEN length({text}) > 6 THEN {mask} || right({text}, 2) ELSE {mask} END"
    else:
        kept = f"CASE WHEN length({text}) > 1 THEN left({text}, 1) || {mask} ELSE {mask} END"
    return f"CASE WHEN {name} IS NOT NULL THEN {kept} END AS {name}"


def _masked_text(rule: Rule, text: str) -> str:
    if rule == "year":
        return text[:4] + MASK if len(text) > 4 else MASK
    if rule == "tail":
        return MASK + text[-2:] if len(text) > 6 else MASK
    return text[:1] + MASK if len(text) > 1 else MASK
