"""What must hold, as suites in YAML: the repo's own, one derived for any source, a project's."""

from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import Field, ValidationError

from core.errors import ConfigError
from core.project import Project
from sources.spec import OWN_SPECS, SourceSpec, Strict, describe_problems

OWN_SUITES = Path(__file__).parent / "suites"
"""The repo's suites; a project's quality/<name>.yml takes the place of the one of its name."""

QUARANTINED_SHARE_CRITICAL = 0.2
"""Of a source whose spec names no maximum: a fifth lost means a broken export, not dirty data."""

WITHDRAWN_SHARE = 0.5
"""Half of a source taken back between two releases is rather an export that was cut short."""


class Expectation(Strict):
    """One Great Expectations expectation about one figure."""

    type: str = Field(pattern="^expect_")
    kwargs: dict[str, Any]
    severity: Literal["critical", "warning"] = "critical"
    """A critical one that fails refuses the release; a warning is only reported."""
    why: str = ""
    """Why the bound lies where it does."""

    @property
    def column(self) -> str:
        """The figure it is about."""
        return str(self.kwargs.get("column", ""))


class Suite(Strict):
    """The expectations of one stage, or of one source."""

    name: str
    stage: str
    description: str = ""
    expectations: tuple[Expectation, ...]


def load_suite(project: Project, name: str) -> Suite:
    """The suite `name`: the project's own, or else the repo's.

    Raises ConfigError listing everything that is wrong with the file, or that there is none.
    """
    path = _path_of(project, name)
    if path is None:
        known = ", ".join(sorted(file.stem for file in OWN_SUITES.glob("*.yml")))
        raise ConfigError(f"quality/{name}.yml", [f"no suite {name!r}; there are {known}"])
    return read_suite(path)


def source_suite(project: Project, spec: SourceSpec) -> Suite:
    """The suite of one source: the project's, the repo's for the repo's own spec, or else one
    derived from the spec's assertions."""
    path = _path_of(project, spec.name)
    specified_here = (project.specs / f"{spec.name}.yml").is_file() and project.specs != OWN_SPECS
    if path is None or (specified_here and path.parent == OWN_SUITES):
        return derived_suite(spec)
    return read_suite(path)


def read_suite(path: Path) -> Suite:
    """The suite in the file `path`. Raises ConfigError listing everything wrong with it."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(str(path), [f"not YAML: {error}"]) from None
    if not isinstance(content, dict):
        raise ConfigError(str(path), ["a suite is a mapping; see docs/reference/gates.md"])
    try:
        suite = Suite(**{"name": path.stem, **content})
    except ValidationError as error:
        raise ConfigError(str(path), describe_problems(error)) from None
    nameless = [
        f"{each.type}: kwargs needs `column`" for each in suite.expectations if not each.column
    ]
    if nameless:
        raise ConfigError(str(path), nameless)
    return suite


def derived_suite(spec: SourceSpec) -> Suite:
    """What the spec asserts, as a suite.

    A maximum the spec names itself is critical; the default one is a warning, with a critical
    bound well above it.
    """
    asserted = spec.assertions
    named = "quarantined_share_maximum" in asserted.model_fields_set
    allowed = asserted.quarantined_share_maximum
    critical = allowed if named else QUARANTINED_SHARE_CRITICAL
    expectations = [
        between("delivered_rows", low=max(asserted.rows_minimum, 1)),
        between("usable_rows", low=1),
        between("quarantined_share_of_many", high=critical),
        between("quarantined_share", high=allowed, severity="warning"),
        between("withdrawn_share", high=WITHDRAWN_SHARE),
        between("refused_files", high=0, severity="warning"),
        between(
            "identified_share",
            low=0.01,
            severity="critical" if spec.kind == "profile" else "warning",
        ),
    ]
    if asserted.rows_maximum is not None:
        expectations.append(between("delivered_rows", high=asserted.rows_maximum))
    expectations += [
        between(f"present_{field}", low=share, severity="warning")
        for field, share in asserted.present_share_minimum.items()
    ]
    return Suite(name=spec.name, stage="landed", expectations=tuple(expectations))


def between(
    column: str,
    low: float | None = None,
    high: float | None = None,
    severity: Literal["critical", "warning"] = "critical",
) -> Expectation:
    """The expectation that a figure lies within bounds, both included."""
    bounds = {"min_value": low, "max_value": high}
    kwargs = {"column": column} | {key: each for key, each in bounds.items() if each is not None}
    return Expectation(type="expect_column_values_to_be_between", kwargs=kwargs, severity=severity)


def _path_of(project: Project, name: str) -> Path | None:
    candidates = (project.root / "quality" / f"{name}.yml", OWN_SUITES / f"{name}.yml")
    return next((path for path in candidates if path.is_file()), None)
