"""One source of people, delivered file by file."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from core.project import Project
from sources.ingest import SourceReport, ingest
from sources.landed import LandedStore, landed_path
from sources.spec import SourceSpec

NOW = datetime(2026, 1, 1)
HEAD = "id,changed,name,state"
FIELDS = {
    "id": {"required": True},
    "changed": {"type": "time"},
    "name": {},
    "state": {"type": "category", "values": ["new", "old"]},
}


def spec(**changes: object) -> SourceSpec:
    """A source of people with versions."""
    content: dict[str, object] = {
        "name": "people",
        "kind": "profile",
        "key": "id",
        "version": "changed",
        "fields": FIELDS,
    }
    return SourceSpec.model_validate(content | changes)


def empty_project(root: Path) -> Project:
    """A project below `root` whose one source is waiting for files."""
    (root / "landing" / "people").mkdir(parents=True)
    return Project(root)


def deliver(project: Project, name: str, *rows: str, head: str = HEAD) -> Path:
    """A file of `rows` in the source's landing folder."""
    path = project.landing / "people" / name
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def land(project: Project, source: SourceSpec | None = None) -> SourceReport:
    """What ingest did with all that waits."""
    return ingest(project, {"people": source or spec()}, NOW).sources["people"]


def seen(project: Project, look: Callable[[LandedStore], Any]) -> Any:
    """What a look into the store shows."""
    with LandedStore(landed_path(project), read_only=True) as store:
        return look(store)


def names(project: Project) -> dict[str, str]:
    """The current name of each key."""
    current = seen(project, lambda store: store.current("people"))
    return dict(current.select("id", "name").iter_rows())


def fingerprint(project: Project) -> str:
    """The hash of all that later stages depend on."""
    return seen(project, LandedStore.content_fingerprint)
