"""What the gates found, kept for the audit: no release without a verdict on every gated stage.

Skipping a check, or launching a later stage after a refusal, therefore cannot publish anything.
"""

import json
from dataclasses import asdict, dataclass

from core.files import written_whole
from core.project import Project

STAGES = ("landed", "standardised", "scored_pairs", "entities", "golden", "marts", "published")
GATED = ("landed", "standardised", "entities", "marts")
"""Stages whose result is judged before the next may use it."""


@dataclass(frozen=True)
class Verdict:
    """The judgement on one stage's result."""

    stage: str
    passed: bool
    checks: int
    failures: tuple[str, ...]
    """One sentence a failed critical check: what was observed, what is allowed."""

    def write(self, project: Project) -> None:
        """Keep it until the stage, or one before it, runs again."""
        path = project.work / "verdicts" / f"{self.stage}.json"
        with written_whole(path) as draft:
            draft.write_text(json.dumps(asdict(self), indent=1), encoding="utf-8")


def clear_verdicts(project: Project, stage: str) -> None:
    """Forget what was found of `stage` and of those after it, the audit too: all of it is about
    to change, so an earlier run's candidate must not be published in place of a refused one."""
    from warehouse.release import audit_file

    audit_file(project).unlink(missing_ok=True)
    for later in STAGES[STAGES.index(stage) :]:
        (project.work / "verdicts" / f"{later}.json").unlink(missing_ok=True)


def read_verdicts(project: Project) -> dict[str, Verdict]:
    """The verdicts there are, by stage."""
    found = {}
    for stage in GATED:
        path = project.work / "verdicts" / f"{stage}.json"
        if path.is_file():
            content = json.loads(path.read_text(encoding="utf-8"))
            found[stage] = Verdict(**content | {"failures": tuple(content["failures"])})
    return found


def open_objections(project: Project) -> list[str]:
    """Why this run's candidate must not be published; empty when every gate was passed."""
    verdicts = read_verdicts(project)
    unchecked = [
        f"{stage}: was not checked; run the job publish_release with its checks"
        for stage in GATED
        if stage not in verdicts
    ]
    return unchecked + [failure for each in verdicts.values() for failure in each.failures]
