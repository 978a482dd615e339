"""What the drafts of one project have to agree on: whom they describe, and one model for all."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from core.project import Project
from pipelines.cli.draft_model import person_model, thing_model
from pipelines.cli.draft_spec import Entity, Table, entity_of, find_identity
from pipelines.cli.found import Found
from pipelines.cli.headings import concepts_of, vocabulary

if TYPE_CHECKING:
    from resolution.model import CustomerModel
    from sources.spec import SourceSpec

NOBODY = "nothing here says who or what a row is about; see docs/howto/other-entities.md"
TWICE = (
    "if this source lists nothing twice, say so in customer.yml: `without_duplicates: [{source}]`; "
    "it is the strongest evidence there is"
)
NO_PEOPLE = "its rows are no people, while other sources' are: nothing was mapped"


@dataclass
class ProjectDraft:
    """What was found in each new source, by its table's source name, and the model for all."""

    found: dict[str, Found]
    model: dict[str, Any] | None = None
    """Content of customer.yml; None where the default or the project's own one will do."""
    added: list[str] = field(default_factory=list)
    """The comparisons that the model has and the default has not."""


def draft_project(
    project: Project, specs: Collection["SourceSpec"], tables: Sequence[Table]
) -> ProjectDraft:
    """The identities of the new tables and, where the project has none, its customer.yml.

    `specs` are those the project has already; what they map stays as it is.
    """
    own = _own_model(project)
    entities = {table.source: entity_of(table) for table in tables}
    entity = _entity(own, specs, list(entities.values()))
    found = {table.source: _found(table, entity, entities[table.source]) for table in tables}
    if entity == "people":
        _settle_instead(found.values(), specs, own)
    if own is not None:
        _keep_to(own, found.values())
        return ProjectDraft(found)
    model = _model(entity, found.values())
    return ProjectDraft(found, model, list(model["comparisons"]) if model else [])


def _own_model(project: Project) -> "CustomerModel | None":
    """The project's own customer.yml; None where it has none."""
    if not project.customer_model.is_file():
        return None
    from resolution.model import load_model

    return load_model(project)


def _entity(
    own: "CustomerModel | None", specs: Collection["SourceSpec"], judged: Sequence[Entity | None]
) -> Entity | None:
    if own is not None:
        kinds = {item.kind for item in own.standardise.values()}
        return "people" if "person_name" in kinds else "things"
    if specs or "people" in judged:
        return "people"
    return "things" if "things" in judged else None


def _found(table: Table, entity: Entity | None, judged: Entity | None) -> Found:
    """The table's identity as the project's entity has it."""
    if entity == "people" and judged == "things":
        found = find_identity(table, None)
        found.remarks.append(NO_PEOPLE)
        return found
    found = find_identity(table, entity)
    if not found.identity:
        found.remarks = [NOBODY]
    elif entity == "things":
        found.remarks.append(TWICE.format(source=table.source))
    return found


def _settle_instead(
    found: Collection[Found], specs: Collection["SourceSpec"], own: "CustomerModel | None"
) -> None:
    """An extra that stands in for an attribute of the default model takes its place in every
    source, unless some source has both: two kinds of number are never taken for one."""
    for extra, item in vocabulary()["extras"].items():
        attribute = item.get("instead")
        if attribute is None or (own is not None and extra in _attributes(own)):
            continue
        elsewhere = any(
            concepts_of(name)[:1] != [extra]
            for spec in specs
            for name in spec.identity.get(attribute, ())
        )
        if elsewhere or any(attribute in each.delivered for each in found):
            continue
        for each in found:
            if extra in each.identity:
                if attribute in each.identity:
                    each.leave_out(attribute, "empty in the rows looked at")
                each.rename(extra, attribute)


def _keep_to(own: "CustomerModel", found: Collection[Found]) -> None:
    """Leaves out what the project's own model has no attribute for: a spec must not map it."""
    known = _attributes(own)
    for each in found:
        for attribute in [name for name in each.identity if name not in known]:
            each.leave_out(attribute, f"customer.yml has no attribute {attribute}")


def _attributes(model: "CustomerModel") -> set[str]:
    return {name for item in model.standardise.values() for name in item.attributes.values()}


def _model(entity: Entity | None, found: Collection[Found]) -> dict[str, Any] | None:
    delivered = {name: None for each in found for name in each.delivered}
    if entity == "things":
        return thing_model(list(delivered))
    if entity == "people":
        return person_model(delivered)
    return None
