"""Every look at unmasked personal data leaves a row in the audit, before the answer is given."""

from collections.abc import Sequence
from typing import Protocol

from serving.roles import Role
from serving.store.audit import Audit


class Onlooker(Protocol):
    """Who looks: a person or a program."""

    @property
    def role(self) -> Role:
        """What it may see."""

    @property
    def who(self) -> str:
        """Its name for the audit."""


def note_look(
    audit: Audit, onlooker: Onlooker, at: str, entities: Sequence[str], release: str
) -> None:
    """Record that `onlooker` was shown these customers as they are; nothing where it saw a mask."""
    if not onlooker.role.sees_personal or not entities:
        return
    subject = entities[0] if len(entities) == 1 else ""
    told = {"at": at, "release": release}
    detail = told if subject else told | {"entities": list(entities)}
    audit.record(onlooker.who, "looked at", subject, detail)
