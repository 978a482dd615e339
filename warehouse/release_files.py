"""The files in var/releases: copied whole and verified, and cleared of what nobody published."""

import hashlib
import os
from pathlib import Path

from core.errors import GateRefused
from core.files import sha256_of, written_whole
from core.project import Project

_CHUNK = 4 * 1024 * 1024


def copy_verified(candidate: Path, target: Path, sha256: str) -> None:
    """Copy to `target`, read-only; raises GateRefused if the bytes copied are not those audited."""
    if target.is_file() and sha256_of(target) == sha256:
        return
    digest = hashlib.sha256()
    with written_whole(target) as draft:
        with candidate.open("rb") as source, draft.open("wb") as copy:
            while chunk := source.read(_CHUNK):
                digest.update(chunk)
                copy.write(chunk)
        if digest.hexdigest() != sha256:
            raise GateRefused(["audit: the candidate changed while it was published; run again"])
        draft.chmod(0o444)
    sync_folder(target.parent)


def sync_folder(folder: Path) -> None:
    """Have the names in `folder` on the disk before anything relies on them."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def link_current(project: Project, file: str) -> None:
    """Replace the link in one step: a reader finds the old release or the new one, never none."""
    target = Path(project.releases.name) / file
    if project.current_link.is_symlink() and project.current_link.readlink() == target:
        return
    draft = project.current_link.with_name(f".{project.current_link.name}.{os.getpid()}.draft")
    draft.unlink(missing_ok=True)
    draft.symlink_to(target)
    draft.replace(project.current_link)


def drop_unknown(project: Project, known: set[str]) -> None:
    """Remove drafts, and files of publications that were killed before the ledger had them."""
    for draft in (*project.releases.glob(".*.draft"), *project.var.glob(".current.*.draft")):
        draft.unlink(missing_ok=True)
    for file in project.releases.glob("golden-*.duckdb"):
        if file.name not in known:
            file.unlink()
