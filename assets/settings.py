"""What a project says about itself, read as a whole before anything is done with it."""

from collections.abc import Callable
from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeVar

from core.errors import ConfigError
from core.project import Project

if TYPE_CHECKING:
    from resolution.model import CustomerModel
    from sources.spec import SourceSpec

Content = TypeVar("Content")


def checked_specs(project: Project) -> dict[str, "SourceSpec"]:
    """The project's source specs, by name, once every other setting of it could be read as well.

    Raises ConfigError listing every problem of sources/*.yml, customer.yml and marts.yml: better
    told now than after an hour's reading.
    """
    from resolution.model import load_model
    from sources.spec import load_specs
    from warehouse.mart_settings import load_mart_settings

    problems: list[str] = []
    specs = _read(lambda: load_specs(project), "", problems)
    model = _read(lambda: load_model(project), "customer.yml: ", problems)
    _read(lambda: load_mart_settings(project), "marts.yml: ", problems)
    if specs and model:
        own = {path.stem for path in project.specs.glob("*.yml")}
        mapped = [spec for name, spec in specs.items() if name in own]
        problems += [problem for spec in mapped for problem in unknown_attributes(spec, model)]
    if problems or specs is None:
        raise ConfigError(str(project.root), problems)
    return specs


def unknown_attributes(spec: "SourceSpec", model: "CustomerModel") -> list[str]:
    """One sentence for each attribute the spec maps that the model does nothing with: a misspelt
    one would silently be no evidence and no golden value."""
    known = {name for each in model.standardise.values() for name in each.attributes.values()}
    known |= {name for each in model.survivorship.values() for name in each.attributes}
    return [
        f"{spec.name}.yml: identity.{name}: the customer model has no such attribute"
        f"{_meant(name, known)}; it has {', '.join(sorted(known))}; leave a field out of identity "
        "that is none of them"
        for name in spec.identity
        if name not in known
    ]


def _meant(name: str, known: set[str]) -> str:
    near = get_close_matches(name, sorted(known), n=1)
    return f" (did you mean {near[0]}?)" if near else ""


def _read(load: Callable[[], Content], where: str, problems: list[str]) -> Content | None:
    """What `load` gives; None, and its problems added, where it cannot be used."""
    try:
        return load()
    except ConfigError as error:
        problems += [f"{where}{problem}" for problem in error.problems]
        return None
