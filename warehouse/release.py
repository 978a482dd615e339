"""Write, audit, publish: the only way a candidate becomes the release that everybody reads.

The order of a publication, each step whole or not at all:

    1. the audit is read and the candidate's bytes are held against it
    2. the bytes are copied to releases/golden-<id>.duckdb, hashed on the way, made read-only
    3. the ledger records the release            <- from here on it is published
    4. CURRENT.json names it, current.duckdb links to it
    5. the golden log takes over the changes that the file carries
    6. releases that the project's retention does not keep are removed

A run killed before 3 leaves a file nobody knows, which `recover` removes; one killed after 3 is
finished by `recover` from what the ledger knows, run history and golden log from what the release
carries.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from core.errors import GateRefused, ProjectError
from core.files import sha256_of, written_whole
from core.frames import digest_files
from core.project import Project
from core.sql import NO_PROGRESS_BAR
from warehouse.golden_log import log_releases
from warehouse.history import restore_history
from warehouse.ledger import IdentityLedger, PublishedRelease, without_zone
from warehouse.release_files import copy_verified, drop_unknown, link_current, sync_folder
from warehouse.retention import Retention, drop_old, load_retention

SIGNED_FRAMES = ("changes", "events")
"""Frames the ledger is written from; the audit signs them together with the candidate."""


@dataclass(frozen=True)
class Release:
    """A published release: an immutable warehouse file."""

    release: str
    file: Path
    sha256: str
    published_at: datetime
    """UTC."""
    input_fingerprint: str
    """What it was made from; equal input needs no new release."""


def new_release_id(at: datetime, input_fingerprint: str) -> str:
    """A name that sorts by time and says no more than that two inputs differ."""
    moment = at.astimezone(UTC)
    digest = hashlib.sha256(f"{input_fingerprint}/{moment.microsecond}".encode()).hexdigest()
    return f"{moment:%Y%m%dT%H%M%SZ}-{digest[:8]}"


def audit_file(project: Project) -> Path:
    """Where the audit's verdict lies."""
    return project.work / "audit.json"


def sign_audit(
    project: Project, candidate: Path, passed: bool, failures: Sequence[str], run: str
) -> None:
    """Write the verdict on exactly the candidate's bytes and the frames that go with it.

    `failures`: one sentence a critical gate that failed. Raises ProjectError when the candidate
    is missing, or was not closed, so that its bytes are not all in one file.
    """
    _require_closed(candidate)
    last = IdentityLedger(project).last_release()
    verdict = {
        "sha256": sha256_of(candidate),
        "bytes": candidate.stat().st_size,
        "passed": passed and not failures,
        "failures": list(failures),
        "run": run,
        "frames": _frame_digests(project),
        "after_release": last.release if last else None,
    }
    with written_whole(audit_file(project)) as draft:
        draft.write_text(json.dumps(verdict, indent=2), encoding="utf-8")


def publish(
    project: Project,
    candidate: Path,
    release_id: str,
    at: datetime,
    input_fingerprint: str = "",
    retention: Retention | None = None,
) -> Release:
    """Publish the audited candidate as `release_id`; see the module for the order of steps.

    `retention` says which releases stay afterwards; None: as the project's settings say.
    Safe to call again after a kill at any moment. A candidate that is already the newest release
    is not published twice: that release is returned. Raises GateRefused when there is no audit,
    it failed, or it is not about exactly these bytes; ProjectError when the candidate is missing
    or identities have moved on since; ConfigError for settings of retention that cannot be used.
    """
    kept = retention or load_retention(project)
    recover(project, kept)
    audit = _require_passed(project, candidate)
    ledger = IdentityLedger(project)
    last = ledger.last_release()
    if last is not None and last.sha256 == audit["sha256"]:
        copy_verified(candidate, project.releases / last.file, last.sha256)
        return _point_to(project, last)
    if audit.get("after_release") != (last.release if last else None):
        raise ProjectError(
            f"release {last.release if last else 'none'} was published after this candidate was "
            "audited, so its identities are out of date; run again"
        )
    published = PublishedRelease(
        release=release_id,
        at=without_zone(at),
        file=f"golden-{release_id}.duckdb",
        sha256=audit["sha256"],
        input_fingerprint=input_fingerprint,
    )
    changes, events = _signed_identities(project, release_id)
    copy_verified(candidate, project.releases / published.file, published.sha256)
    ledger.append(published, changes, events)
    release = _point_to(project, published)
    _settle(project, kept)
    return release


def recover(project: Project, retention: Retention | None = None) -> Release | None:
    """Finish what a killed run began; returns the current release, None before the first.

    Raises ProjectError when something is published but the ledger is gone: without it every
    identity would begin anew; ConfigError for settings of retention that cannot be used.
    """
    kept = retention or load_retention(project)
    releases = IdentityLedger(project).releases()
    if not releases:
        if project.current_pointer.exists():
            raise ProjectError(
                f"{project.current_pointer} names a release, but var/ledger/identity.duckdb is "
                "gone or empty; restore var/ledger from a backup, or remove var/releases too to "
                "begin all identities anew"
            )
        drop_unknown(project, set())
        return None
    drop_unknown(project, {published.file for published in releases})
    last = releases[-1]
    file = project.releases / last.file
    if _pointed_at(project) == last.release or (file.is_file() and sha256_of(file) == last.sha256):
        release = _point_to(project, last)
        restore_history(project, release.file)
        _settle(project, kept)
        return release
    return current_release(project)


def _settle(project: Project, retention: Retention) -> None:
    """The steps after a release is current: nothing is removed that is not logged."""
    log_releases(project)
    drop_old(project, IdentityLedger(project).releases(), retention)


def current_release(project: Project) -> Release | None:
    """The release everybody reads; None before the first.

    Raises ProjectError when CURRENT.json is damaged or names a file that is not there.
    """
    try:
        text = project.current_pointer.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        content = json.loads(text)
        name = Path(content["file"]).name
        release = Release(
            release=str(content["release"]),
            file=project.releases / name,
            sha256=str(content["sha256"]),
            published_at=datetime.fromisoformat(content["published_at"]),
            input_fingerprint=str(content.get("input_fingerprint", "")),
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ProjectError(
            f"{project.current_pointer} is damaged ({type(error).__name__}); "
            "`oneid run` writes it again from the ledger"
        ) from None
    if not release.file.is_file():
        raise ProjectError(
            f"{project.current_pointer} names {name}, which is not there; remove var/releases "
            "and run again: every entity id is kept by the ledger"
        )
    return release


def open_current(project: Project) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the current release. Raises ProjectError before the first."""
    if (release := current_release(project)) is None:
        raise ProjectError("nothing has been published yet; make a release with: oneid run")
    con = duckdb.connect(str(release.file), read_only=True)
    con.execute(NO_PROGRESS_BAR)
    return con


def _require_closed(candidate: Path) -> None:
    if not candidate.is_file():
        raise ProjectError(
            f"there is no candidate release ({candidate.name}); run the stages before this one"
        )
    if candidate.with_name(f"{candidate.name}.wal").exists():
        raise ProjectError(
            f"{candidate.name} is still open, or was left by a stage that was killed; run again"
        )


def _frame_digests(project: Project) -> dict[str, str]:
    files = digest_files(project.work, SIGNED_FRAMES)
    return {name: sha256_of(file) for name, file in files.items()}


def _require_passed(project: Project, candidate: Path) -> dict[str, Any]:
    """The audit, when it passed and is about these bytes."""
    _require_closed(candidate)
    try:
        audit = json.loads(audit_file(project).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise GateRefused(["audit: observed none, expected one of this candidate"]) from None
    except ValueError:
        raise GateRefused(["audit: audit.json is damaged; run the audit again"]) from None
    if not isinstance(audit, dict) or audit.get("passed") is not True:
        failures = audit.get("failures") if isinstance(audit, dict) else None
        raise GateRefused(failures or ["audit: did not pass"])
    observed = sha256_of(candidate)
    if audit.get("sha256") != observed:
        raise GateRefused(
            [
                f"audit: the candidate's SHA-256 begins {observed[:12]}, but the file that was "
                f"audited begins {str(audit.get('sha256'))[:12]}; run the audit again"
            ]
        )
    if audit.get("frames") != _frame_digests(project):
        raise GateRefused(["audit: the identities changed after the audit; run again"])
    return audit


def _signed_identities(project: Project, release_id: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The source rows whose id is another, and the changes of identity this release brings."""
    changes, events = (pl.read_parquet(project.work / f"{name}.parquet") for name in SIGNED_FRAMES)
    stamped = set(events.get_column("release")) - {release_id}
    if stamped:
        raise ProjectError(
            f"the candidate was built as release {', '.join(sorted(stamped))}, not {release_id}; "
            "publish it under that name, or run again"
        )
    return changes, events


def _point_to(project: Project, published: PublishedRelease) -> Release:
    """Make `published` the current release."""
    content = {
        "release": published.release,
        "file": published.file,
        "sha256": published.sha256,
        "published_at": published.at.replace(tzinfo=UTC).isoformat(),
        "input_fingerprint": published.input_fingerprint,
    }
    if _pointed_at(project) != published.release:
        with written_whole(project.current_pointer) as draft:
            draft.write_text(json.dumps(content, indent=2), encoding="utf-8")
        sync_folder(project.releases)
    link_current(project, published.file)
    release = current_release(project)
    assert release is not None
    return release


def _pointed_at(project: Project) -> str | None:
    """The release that CURRENT.json names; None where it names none that is there."""
    try:
        release = current_release(project)
    except ProjectError:
        return None
    return release.release if release else None
