"""What one run is: its release to be, and the fingerprint of all that decides its outcome."""

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from pathlib import Path

from core.errors import ProjectError
from core.files import written_whole
from core.project import Project

REPO = Path(__file__).parent.parent
DECISIVE = ("assets", "core", "quality", "resolution", "sources", "warehouse")
"""Packages whose code, rules and word lists decide what is published."""


@dataclass(frozen=True)
class RunSheet:
    """Written by the first stage for the later ones, which may run in another process."""

    run: str
    release: str
    """The id its release will have."""
    started_at: str
    """ISO 8601, UTC."""
    input_fingerprint: str
    full: bool
    """Whether the model is to be trained anew."""
    base: str = ""
    """The release it builds on; empty where it begins anew."""
    why_anew: str = ""
    """Why it works everything out again, where there is a release to build on."""

    @property
    def at(self) -> datetime:
        """When the run started, with its zone."""
        return datetime.fromisoformat(self.started_at)

    def write(self, project: Project) -> None:
        """Write it whole to the work folder."""
        with written_whole(_path(project)) as draft:
            draft.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")


def new_run_sheet(run: str, at: datetime, fingerprint: str, full: bool, base: str = "") -> RunSheet:
    """The sheet of a run that starts `at` (UTC)."""
    from warehouse.release import new_release_id

    release = new_release_id(at, fingerprint)
    return RunSheet(run, release, at.isoformat(), fingerprint, full, base)


def read_run_sheet(project: Project) -> RunSheet:
    """The sheet of the run whose work lies in the work folder.

    Raises ProjectError where no run has begun.
    """
    path = _path(project)
    if not path.is_file():
        raise ProjectError(
            f"{project.root}: no run has begun here (the stage `landed` begins one); "
            "run the job publish_release, or: oneid run"
        )
    return RunSheet(**json.loads(path.read_text(encoding="utf-8")))


def input_fingerprint(project: Project, landed: str) -> str:
    """SHA-256 (hex) of all that decides a run's outcome.

    `landed` is the fingerprint of the landed content; stewards' decisions, the project's own
    settings, the repo's, and the code are added to it.
    """
    from resolution.decisions.store import DecisionStore

    digest = hashlib.sha256(landed.encode())
    digest.update(DecisionStore(project).fingerprint().encode())
    for path in sorted(_settings(project)):
        digest.update(path.relative_to(project.root).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    digest.update(code_fingerprint().encode())
    return digest.hexdigest()


@cache
def code_fingerprint() -> str:
    """SHA-256 (hex) of the code and the rules that the product brings along."""
    digest = hashlib.sha256()
    for package in DECISIVE:
        for path in sorted((REPO / package).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(path.relative_to(REPO).as_posix().encode() + b"\0")
                digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _settings(project: Project) -> list[Path]:
    """The project's own specs, models, cut-offs and gates, and the decisions it learns from."""
    from resolution.learning.kept_decisions import decisions_file

    # which files of old releases are kept does not change the next one
    own = [x for x in project.root.glob("*.yml") if x.is_file() and x.name != "retention.yml"]
    own += [
        path
        for path in (decisions_file(project), project.root / "model" / "model.json")
        if path.is_file()
    ]
    if project.root != REPO:
        own += [*project.specs.glob("*.yml"), *(project.root / "quality").glob("*.yml")]
    return own


def _path(project: Project) -> Path:
    return project.work / "run.json"
