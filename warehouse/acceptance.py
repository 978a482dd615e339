"""Failed checks that somebody vouches for: for one input, one figure and one release before it.

Kept in var/ledger/acceptances.jsonl, a line each, in order. A line holds the SHA-256 of the one
before it, so that a line changed, moved or taken out is noticed.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

from core.errors import ProjectError
from core.files import written_whole
from core.project import Project
from warehouse.history import CheckResult, has_refused
from warehouse.ledger import IdentityLedger

NONE_ALLOWED = ("exactly 0", "at most 0")
"""What is allowed of a count that must be 0. It tells of a fault in the release itself, which
nobody can vouch for."""
FIRST = hashlib.sha256(b"").hexdigest()
"""What the first line holds in place of a line before it."""


@dataclass(frozen=True)
class Acceptance:
    """A check that failed in one run, and who takes its figure for right."""

    at: datetime
    """UTC, without a zone."""
    who: str
    because: str
    run: str
    """The run that it refused."""
    input_fingerprint: str
    """What that run was made from; no other input is accepted."""
    after_release: str | None
    """The release that was current, with which drift was compared."""
    suite: str
    check: str
    observed: str | None
    expected: str


def acceptances_file(project: Project) -> Path:
    """Where they are kept."""
    return project.ledger / "acceptances.jsonl"


def acceptable(result: CheckResult) -> bool:
    """Whether somebody may vouch for this figure, should it fail."""
    return result.expected not in NONE_ALLOWED


def read_acceptances(project: Project) -> list[Acceptance]:
    """All of them, in order. Raises ProjectError where the file is not as it was written."""
    before, found = FIRST, []
    for line in _lines(project):
        try:
            content = json.loads(line)
            if content.pop("before") != before:
                raise ValueError("a line was changed, moved or taken out")
            found.append(
                Acceptance(**content | {"at": datetime.fromisoformat(content["at"])}),
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            raise ProjectError(
                f"{acceptances_file(project)}: line {len(found) + 1} is not as it was written; "
                "restore var/ledger from a backup"
            ) from None
        before = _digest(line)
    return found


def record_acceptances(project: Project, news: Iterable[Acceptance]) -> None:
    """Add them, all or none. To be called by the holder of the project's run lock.

    Raises ProjectError where the file is not as it was written.
    """
    read_acceptances(project)  # nothing is added to what is damaged
    lines = _lines(project)
    for each in news:
        before = _digest(lines[-1]) if lines else FIRST
        content = {"before": before} | asdict(each) | {"at": each.at.isoformat()}
        lines.append(json.dumps(content, ensure_ascii=False))
    with written_whole(acceptances_file(project)) as draft:
        draft.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def with_acceptances(
    project: Project, results: Sequence[CheckResult], input_fingerprint: str
) -> list[CheckResult]:
    """`results`, those marked that somebody vouches for.

    One counts only for the same input, figure, bounds and release before it as in the run that was
    refused, and only where the run history knows of that refusal. Raises ProjectError where the
    acceptances are not as they were written.
    """
    if not any(each.refuses for each in results):
        return list(results)
    last = IdentityLedger(project).last_release()
    current = last.release if last else None
    standing = {
        (each.suite, each.check, each.observed, each.expected): each
        for each in read_acceptances(project)
        if each.input_fingerprint == input_fingerprint and each.after_release == current
    }
    return [_marked(project, each, standing.get(_figure(each))) for each in results]


def _marked(project: Project, result: CheckResult, found: Acceptance | None) -> CheckResult:
    if found is None or not result.refuses or not acceptable(result):
        return result
    if not has_refused(project, found.run, result):
        return result
    return replace(result, accepted_by=found.who, accepted_because=found.because)


def _figure(result: CheckResult) -> tuple[str, str, str | None, str]:
    return result.suite, result.check, result.observed, result.expected


def _lines(project: Project) -> list[str]:
    try:
        return acceptances_file(project).read_text(encoding="utf-8").split("\n")[:-1]
    except FileNotFoundError:
        return []


def _digest(line: str) -> str:
    return hashlib.sha256(line.encode()).hexdigest()
