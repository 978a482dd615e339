"""The customer model: what is standardised how, what is compared, which value survives."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, Self

import yaml
from pydantic import Field, ValidationError, field_validator, model_validator

from core.errors import ConfigError
from core.project import Project
from resolution.comparisons.kinds import KINDS
from resolution.standardise import ROLES_OF
from sources.spec import Names, Strict, describe_problems

OWN_MODEL = Path(__file__).parent / "customer.yml"
"""The default person model, used where a project has no customer.yml."""

COMPARES: Mapping[str, tuple[str, ...]] = {
    "person_name": ("person_name",),
    "date": ("date",),
    "category": ("gender", "text"),
    "email": ("email",),
    "phone": ("phone",),
    "address": ("address",),
    "identifier": ("identifier", "token", "email", "phone"),
    "text": ("text",),
    "words": ("text",),
    "number": ("number",),
}
"""Kind of comparison -> the kinds of standardiser whose values it compares; `sql` compares all."""


class Standardiser(Strict):
    """One group of canonical attributes that is standardised together."""

    kind: Literal[
        "person_name",
        "email",
        "phone",
        "date",
        "address",
        "gender",
        "identifier",
        "token",
        "number",
        "text",
    ]
    attributes: dict[str, str]
    """Role within the kind -> canonical attribute, e.g. {given: given_name}."""
    many: bool = False
    """A record may hold several values at once (emails, phones); its column is then a list."""

    @model_validator(mode="after")
    def _roles_exist(self) -> Self:
        roles = ROLES_OF[self.kind]
        unknown = [role for role in self.attributes if role not in roles]
        if unknown:
            raise ValueError(
                f"kind {self.kind} has no {', '.join(unknown)}; "
                f"it reads {', '.join(roles)}, each from an attribute: {{{roles[0]}: …}}"
            )
        return self


class Comparison(Strict):
    """One piece of evidence: how two records' standardised values are compared."""

    kind: str
    """A kind of resolution.comparisons.kinds."""
    of: str
    """The name of a standardiser."""
    settings: dict[str, Any] = Field(default_factory=dict)

    @field_validator("kind")
    @classmethod
    def _kind_exists(cls, kind: str) -> str:
        if kind not in KINDS:
            raise ValueError(f"no kind {kind!r}; the kinds are {', '.join(KINDS)}")
        return kind


class Guard(Strict):
    """Two records that differ like this are not one customer, whatever else they share."""

    comparison: str
    """The comparison whose levels that are contradictions are the ones meant."""
    unless: Names = ()
    """Comparisons that excuse it when they agree fully (a shared union id, say)."""
    outweighed_by: float | None = None
    """Match weight from which the rest of the evidence excuses it; nothing does when not given."""
    sources: Names = ()
    """Only pairs of records of these sources are held to it; all when empty."""
    reason: str


class Thresholds(Strict):
    """Match probabilities from which a pair is linked, or shown to a steward."""

    link: float = Field(gt=0, lt=1)
    clerical: float = Field(0.1, gt=0, lt=1)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.clerical > self.link:
            raise ValueError("clerical must not exceed link")
        return self


class Survivorship(Strict):
    """Which observed value of a golden attribute, or of a group that belongs together, survives."""

    attributes: Names
    """Golden attributes chosen together from one observation (an address, a name)."""
    rules: Names
    """Asked in order until one value is left; see resolution.golden.survivorship for the rules."""


class CustomerModel(Strict):
    """The whole of customer.yml."""

    entity: str = "customer"
    standardise: dict[str, Standardiser]
    comparisons: dict[str, Comparison]
    blocking: dict[str, Names]
    """Rule -> record columns that must be equal; `list:column` for any shared element."""
    refine_by: Names = ()
    """Columns of which one must agree as well where a block is too large to compare whole."""
    thresholds: Thresholds | Literal["auto"] = "auto"
    """From where pairs are linked and reviewed; `auto`: as the data itself shows."""
    guards: tuple[Guard, ...] = ()
    fan_out: dict[str, int] = Field(default_factory=dict)
    """Standardiser -> the number of differently named people from which a shared value stops
    being evidence."""
    without_duplicates: Names = ()
    """Sources that hold nobody twice: two records of one of them are never linked."""
    survivorship: dict[str, Survivorship]
    source_priority: Names = ()
    """Sources from most to least trusted, for the rule source_priority."""

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        known = set(self.standardise)
        used: Mapping[str, list[str]] = {
            "comparisons": [comparison.of for comparison in self.comparisons.values()],
            "fan_out": list(self.fan_out),
        }
        problems = [
            f"{section}: no standardiser {name!r}; there are {', '.join(self.standardise)}"
            for section, names in used.items()
            for name in names
            if name not in known
        ]
        problems += self._unfit_comparisons()
        problems += [
            f"guards: no comparison {name!r}; there are {', '.join(self.comparisons)}"
            for guard in self.guards
            for name in (guard.comparison, *guard.unless)
            if name not in self.comparisons
        ]
        problems += [
            f"{section}: {column!r} is no column of a record; they begin with the name of a "
            f"standardiser, and there are {', '.join(self.standardise)}"
            for section, columns in [*self.blocking.items(), ("refine_by", self.refine_by)]
            for column in columns
            if not self._is_column(column.removeprefix("list:"))
        ]
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _unfit_comparisons(self) -> list[str]:
        problems = []
        for name, item in self.comparisons.items():
            if item.kind == "sql":
                try:
                    KINDS[item.kind](name, item.of, item.settings)
                except ValueError as error:
                    problems.append(str(error))
            elif item.of in self.standardise:
                kind = self.standardise[item.of].kind
                if kind not in COMPARES[item.kind]:
                    problems.append(
                        f"comparisons: {name} is of kind {item.kind}, which compares "
                        f"{' or '.join(COMPARES[item.kind])}; {item.of} is a {kind}"
                    )
        return problems

    def _is_column(self, column: str) -> bool:
        return any(column == name or column.startswith(f"{name}_") for name in self.standardise)


def load_model(project: Project) -> CustomerModel:
    """The project's customer.yml, or the repo's own where the project has none.

    With `extends: default` the file holds only what differs: see `extended`.
    Raises ConfigError listing everything that is wrong with the file.
    """
    path = project.customer_model if project.customer_model.is_file() else OWN_MODEL
    content = _content(path)
    base = content.pop("extends", None)
    if base not in (None, "default"):
        raise ConfigError(
            str(path), [f"extends: {base!r}; only `default` can be extended, or nothing"]
        )
    try:
        return CustomerModel(**(extended(_content(OWN_MODEL), content) if base else content))
    except ValidationError as error:
        raise ConfigError(str(path), describe_problems(error)) from None


def extended(default: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The default model's content with a project's own entries in it.

    Mappings are merged entry by entry, and an entry that is null (`gender: null`) is taken out;
    any other value takes the place of the default's. Guards are added to the default's, and
    those on a comparison that was taken out go with it.
    """
    content = _merged(default, own)
    comparisons, added = own.get("comparisons"), own.get("guards", [])
    entries = comparisons.items() if isinstance(comparisons, Mapping) else ()
    dropped = {name for name, entry in entries if entry is None}
    if isinstance(added, list):
        kept = [guard for guard in default["guards"] if guard["comparison"] not in dropped]
        content["guards"] = [*(_without(guard, dropped) for guard in kept), *added]
    return content


def _merged(default: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    content = dict(default)
    for name, value in own.items():
        before = content.get(name)
        if value is None:
            content.pop(name, None)
        elif isinstance(before, Mapping) and isinstance(value, Mapping):
            content[name] = _merged(before, value)
        else:
            content[name] = value
    return content


def _without(guard: Mapping[str, Any], dropped: set[str]) -> dict[str, Any]:
    """The guard, no longer excused by comparisons that were taken out."""
    unless = guard.get("unless", ())
    names = [unless] if isinstance(unless, str) else unless
    return {**guard, "unless": [name for name in names if name not in dropped]}


def _content(path: Path) -> dict[str, Any]:
    """What the YAML file says. Raises ConfigError where it is none, or no mapping."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(str(path), [f"not YAML: {error}"]) from None
    if not isinstance(content, dict):
        raise ConfigError(str(path), ["a customer model is a mapping; see resolution/customer.yml"])
    return content
