"""What a run builds on: what the last release was made from, or nothing."""

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path

from assets.run_sheet import code_fingerprint, read_run_sheet
from core.files import written_whole
from core.project import Project
from sources.erasures import waiting_erasures

BASE = "base.json"
MOST_DELTAS = 30
"""Runs on one base after another, until everything is written anew: what was replaced leaves
gaps in the release's file."""


@dataclass(frozen=True)
class Facts:
    """What the next run must know of this one."""

    settings: str
    """Fingerprint of the rules it was made by."""
    deliveries: int
    """Number of the last delivery it holds."""
    next_record: int
    """The first record_id that was never used."""
    filled: list[str]
    """Columns in which some record has ever had a value."""
    deltas: int
    """Runs since everything was written anew."""

    def write(self, project: Project) -> None:
        """Write them to the work folder."""
        with written_whole(project.work / BASE) as draft:
            draft.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")


def read_facts(folder: Path) -> Facts:
    """What a run left in `folder`."""
    return Facts(**json.loads((folder / BASE).read_text(encoding="utf-8")))


@dataclass(frozen=True)
class Base:
    """The current release, and what it was made from."""

    release: str
    folder: Path
    """The frames kept for it."""
    file: Path
    """Its warehouse."""
    facts: Facts


def find_base(project: Project, full: bool) -> tuple[Base | None, str]:
    """What a run that starts now builds on; None, and why, where it must begin anew."""
    from warehouse.ledger import IdentityLedger
    from warehouse.release import current_release

    if full or waiting_erasures(project):
        # a copy of what was there before may hold the erased in its free blocks
        return None, "asked to be full" if full else "somebody is to be erased"
    release = current_release(project)
    if release is None:
        return None, "the first"
    last = IdentityLedger(project).last_release()
    base = _open_base(project, release.release)
    if base is None or last is None or last.release != release.release:
        return None, "what the last release was made from is not there"
    if base.facts.settings != settings_fingerprint(project):
        return None, "rules or code have changed"
    if base.facts.deltas >= MOST_DELTAS:
        return None, f"after {MOST_DELTAS} runs that built on each other"
    return base, ""


def base_of(project: Project) -> Base | None:
    """What the run at hand builds on. Raises ProjectError where no run has begun."""
    sheet = read_run_sheet(project)
    return _open_base(project, sheet.base) if sheet.base else None


def _open_base(project: Project, release: str) -> Base | None:
    from resolution.kept import kept_for

    kept = kept_for(project, release)
    if kept is None:
        return None
    file = project.releases / f"golden-{release}.duckdb"
    try:
        return Base(release, kept.folder, file, read_facts(kept.folder))
    except (TypeError, ValueError, OSError):
        return None


def settings_fingerprint(project: Project) -> str:
    """SHA-256 (hex) of all that decides which records there are and how they are matched."""
    from resolution.learning.kept_decisions import decisions_file
    from sources.spec import OWN_SPECS

    digest = hashlib.sha256(code_fingerprint().encode())
    files = [project.customer_model, decisions_file(project)]
    if project.specs.is_dir() and project.specs.resolve() != OWN_SPECS.resolve():
        files += sorted(project.specs.glob("*.yml"))
    pinned = project.root / "model" / "model.json"
    for file in [*files, pinned]:
        if file.is_file():
            digest.update(file.relative_to(project.root).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    return digest.hexdigest()
