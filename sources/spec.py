"""A source's contract: which files, which fields, which of them say who the customer is."""

import codecs
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from core.errors import ConfigError
from core.project import Project

OWN_SPECS = Path(__file__).parent
"""The repo's own specs, used for every source a project does not specify itself."""


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]
"""One name or a list of names."""


def _as_texts(value: Any) -> Any:
    values = value if isinstance(value, (list, tuple)) else (value,)
    if any(isinstance(each, bool) for each in values):
        raise ValueError(
            "YAML reads yes, no, true, false, on and off as truth values; write what stands in "
            "the file in quotes, such as 'true'"
        )
    return tuple(str(each) if isinstance(each, (int, float)) else each for each in values)


Texts = Annotated[tuple[str, ...], BeforeValidator(_as_texts)]
"""One value or a list of values, as they stand in the file; numbers may be written bare."""
ANY = "any"
"""Instead of listed values: whatever is there. The only one that a time or date can have."""


class Strict(BaseModel):
    """Frozen, and an unknown setting is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FieldSpec(Strict):
    """One field of a source as it is delivered."""

    type: Literal["text", "number", "integer", "time", "date", "category", "currency"] = "text"
    """`currency` is an ISO 4217 code; see sources.currencies."""
    required: bool = False
    """A row without it, or with a value of it that cannot be what `type` says, is quarantined."""
    values: tuple[str, ...] = ()
    """The categories allowed, for `type: category`; matched without regard to case."""
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    """Exclusive lower bound."""
    aliases: Names = ()
    """Other headings under which the field may arrive."""
    description: str = ""
    """Becomes the column's comment in the published warehouse."""

    @model_validator(mode="after")
    def _values_belong_to_categories(self) -> Self:
        if (self.type == "category") != bool(self.values):
            raise ValueError("`values` lists the categories of `type: category`, and only of it")
        bounded = any(bound is not None for bound in (self.minimum, self.maximum, self.above))
        if bounded and self.type not in ("number", "integer"):
            raise ValueError("minimum, maximum and above need type number or integer")
        return self


class FormatSpec(Strict):
    """How the source's CSV files are written; other formats describe themselves."""

    encoding: str = "utf-8"
    """A byte order mark in the file overrides it."""
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    quote: str = Field(default='"', max_length=1)
    """Empty where nothing is quoted."""

    @field_validator("encoding")
    @classmethod
    def _encoding_exists(cls, encoding: str) -> str:
        try:
            codecs.lookup(encoding)
        except LookupError:
            raise ValueError(
                f"no encoding {encoding!r}; write one such as utf-8, gb18030, utf-16, cp1252"
            ) from None
        return encoding


class Assertions(Strict):
    """What a healthy delivery holds; broken ones are reported by name and judged by the gates."""

    rows_minimum: int = 0
    rows_maximum: int | None = None
    quarantined_share_maximum: float = 0.05
    present_share_minimum: dict[str, float] = Field(default_factory=dict)
    """Field -> the least share of rows that must have a value."""


class SourceSpec(Strict):
    """One source. Grain of its rows: one a key; of its records: see `subject`."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    kind: Literal["profile", "event"]
    description: str = ""
    landing: str = ""
    """Folder below landing/; the source's name when not given."""
    files: str = "**/*"
    format: FormatSpec = FormatSpec()
    key: str
    """The field that names a row for ever; a second row with it is a repeat or a newer version."""
    time: str | None = None
    """When it happened (event) or began (profile)."""
    version: Names = ()
    """Times that say which of two rows with one key is newer, first one present wins; ties and
    rows without any go to the later delivery."""
    delivery: Literal["changes", "snapshot"] = "changes"
    """Whether a delivery holds what is new, or all there is: then what it lacks is withdrawn.
    See sources.snapshots."""
    withdrawn_when: dict[str, Texts] = Field(default_factory=dict)
    """Field -> the values (without regard to case) by which a row takes its key back; `any` stands
    for whatever is there. One of several fields is enough."""
    fields: dict[str, FieldSpec]
    identity: dict[str, Names] = Field(default_factory=dict)
    """Canonical attribute -> the field, or the fields joined by a space, that hold it."""
    subject: Names = ()
    """Fields that together name the one thing behind several rows (a social account, a browser).
    Without it a profile row is its own subject, and event rows with equal identity values are
    taken as one."""
    recognise_by: Names = ()
    """Canonical attributes by which an anonymous subject is recognised once it shows one that a
    customer has. Such subjects are never scored and never a customer by themselves."""
    session: str = ""
    """Field that names one visit of a `recognise_by` source: rows of one visit are one person's."""
    self_chosen: Names = ()
    """Canonical attributes that people make up here (a display name): agreement is evidence,
    disagreement is not."""
    country: str | None = Field(default=None, pattern=r"^[A-Z]{2}$")
    """Country of phones and addresses that do not say theirs (ISO 3166-1 alpha-2)."""
    facts: str = ""
    """Table in schema `facts` that publishes the rows, for events."""
    assertions: Assertions = Assertions()

    @property
    def folder(self) -> str:
        """The source's folder below landing/."""
        return self.landing or self.name

    @model_validator(mode="after")
    def _names_exist(self) -> Self:
        problems = []
        mentioned = {"key": (self.key,), "version": self.version, "subject": self.subject}
        mentioned["time"] = (self.time,) if self.time else ()
        mentioned["session"] = (self.session,) if self.session else ()
        mentioned["withdrawn_when"] = tuple(self.withdrawn_when)
        mentioned |= {f"identity.{name}": fields for name, fields in self.identity.items()}
        mentioned["assertions.present_share_minimum"] = tuple(self.assertions.present_share_minimum)
        for setting, names in mentioned.items():
            problems += [
                f"{setting}: no field {name!r}; the fields are {', '.join(self.fields)}"
                for name in names
                if name not in self.fields
            ]
        for name in (self.time, *self.version):
            field = self.fields.get(name or "")
            if field is not None and field.type not in ("time", "date"):
                problems.append(f"{name}: used as a time, so its type must be time or date")
        if self.recognise_by and not self.subject:
            problems.append("recognise_by: needs `subject`, the fields that name the visitor")
        problems += [
            f"{setting}: {name!r} is not mapped under identity"
            for setting, names in (
                ("recognise_by", self.recognise_by),
                ("self_chosen", self.self_chosen),
            )
            for name in names
            if name not in self.identity
        ]
        problems += self._unfit_withdrawals()
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def _unfit_withdrawals(self) -> list[str]:
        """What is wrong with the values under `withdrawn_when`."""
        problems = []
        for name, values in self.withdrawn_when.items():
            field = self.fields.get(name)
            if name == self.key:
                problems.append(f"withdrawn_when: {name!r} is the key, which says only who it is")
            elif not values:
                problems.append(f"withdrawn_when.{name}: list at least one value, or [{ANY}]")
            elif field is not None and values != (ANY,):
                problems += [
                    f"withdrawn_when.{name}: {value!r} {wrong}"
                    for value in values
                    if (wrong := _never_held(field, value))
                ]
        return problems


def _never_held(field: FieldSpec, value: str) -> str:
    """Why a field can never hold `value`; empty where it can."""
    if field.type in ("time", "date"):
        return f"cannot be looked for in a {field.type}; write [{ANY}]: whatever time is there"
    if field.type == "category":
        listed = {each.lower() for each in field.values}
        return "" if value.lower() in listed else f"is not one of {', '.join(field.values)}"
    if field.type in ("number", "integer"):
        try:
            return "" if field.type == "number" or float(value).is_integer() else "is not whole"
        except ValueError:
            return "is not a number"
    return "" if value.strip() else "is blank; a missing value withdraws nothing"


def load_spec(path: Path) -> SourceSpec:
    """The spec in the file `path`. Raises ConfigError listing everything that is wrong with it."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(str(path), [f"not YAML: {error}"]) from None
    if not isinstance(content, dict):
        raise ConfigError(str(path), ["a source spec is a mapping; see sources/registration.yml"])
    try:
        return SourceSpec(**{"name": path.stem, **content})
    except ValidationError as error:
        raise ConfigError(str(path), describe_problems(error)) from None


def describe_problems(error: ValidationError) -> list[str]:
    """One sentence a problem: where in the file, what is wrong."""
    return [
        f"{'.'.join(str(part) for part in problem['loc']) or 'file'}: {problem['msg']}"
        for problem in error.errors()
    ]


def load_specs(project: Project) -> dict[str, SourceSpec]:
    """The specs of the sources this project has, by name, in order of name.

    A project has every source it specifies itself in sources/*.yml, and each of the repo's own
    whose folder exists below landing/. A spec of the project takes the place of the repo's of
    the same name. Raises ConfigError listing every problem of every file.
    """
    specs: dict[str, SourceSpec] = {}
    problems: list[str] = []
    paths = {path.stem: path for path in sorted(OWN_SPECS.glob("*.yml"))}
    own = set() if project.specs == OWN_SPECS else set(project.specs.glob("*.yml"))
    paths |= {path.stem: path for path in sorted(own)}
    for path in paths.values():
        try:
            spec = load_spec(path)
        except ConfigError as error:
            problems += [f"{path.name}: {problem}" for problem in error.problems]
            continue
        if path in own or (project.landing / spec.folder).is_dir():
            specs[spec.name] = spec
    known = {spec.folder for spec in specs.values()}
    if project.landing.is_dir():
        problems += [
            f"landing/{folder.name}: no source reads it; write sources/{folder.name}.yml "
            f"(sources here: {', '.join(sorted(specs)) or 'none'})"
            for folder in sorted(project.landing.iterdir())
            if folder.is_dir() and not folder.name.startswith(".") and folder.name not in known
        ]
    if problems:
        raise ConfigError(str(project.specs), problems)
    if not specs:
        raise ConfigError(str(project.landing), ["no source has a folder here; see sources/*.yml"])
    return dict(sorted(specs.items()))
