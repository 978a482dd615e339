"""`oneid run`: the same Dagster job as everywhere, in this process, told in a few lines."""

import logging
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

from core.errors import GateRefused, OneIDError, ProjectError
from core.project import Project, open_project, sole_run
from pipelines.cli.progress import Progress, progress_logger
from pipelines.cli.say import say
from pipelines.cli.stopping import stopped_at_once

if TYPE_CHECKING:
    import dagster as dg

ADVICE = (
    "correct the delivery or the bound, and run again; where the data are right as they are: "
    "oneid accept SUITE.CHECK --because TEXT"
)
"""What to do about a refusal."""


def run_project(root: Path, full: bool) -> None:
    """Run the whole job on the project at `root`; returns when published, or nothing was new.

    Raises GateRefused when a gate refused the release, OneIDError for every other failure. When
    it is stopped by hand the process ends.
    """
    from pipelines.cli.report import tell_nothing_new, tell_release

    project = open_project(root)
    say(f"project {project.root}")
    progress = Progress(say)
    with stopped_at_once():
        succeeded = _execute(project, progress, full)
    if not succeeded:
        raise _failure(project, progress)
    if "published" in progress.facts:
        tell_release(project, progress)
    else:
        tell_nothing_new(project)


def _execute(project: Project, progress: Progress, full: bool) -> bool:
    """Whether the job succeeded; what happened on the way is in `progress`."""
    _quieten()
    from pipelines.instance import open_instance
    from pipelines.jobs import JOB
    from pipelines.pipeline import define_pipeline

    pipeline = define_pipeline(project.root, {"follower": progress_logger(progress)})
    config = {
        "loggers": {"follower": {}},
        "ops": {"landed": {"config": {"full": full}}},
    }
    with open_instance(project) as instance:
        with sole_run(project):
            _close_dead_runs(instance)
        job = pipeline.resolve_job_def(JOB)
        result = job.execute_in_process(config, instance=instance, raise_on_error=False)
    if not result.success and not progress.failures and not progress.refusals:
        progress.failures.append(("start", *_run_error(result)))
    return result.success


def _quieten() -> None:
    """Dagster tells the same to its own log; here it would hide the lines that matter."""
    warnings.filterwarnings("ignore", module=r"dagster")
    for name in ("dagster", "dagster._core.execution.plan.active"):
        logging.getLogger(name).setLevel(logging.CRITICAL)


def _close_dead_runs(instance: "dg.DagsterInstance") -> None:
    """Mark runs whose process was killed as failed, or they would hold up the queue for ever.

    To be called while the project's lock is held: whatever seems to be at work then is not.
    """
    import dagster as dg

    at_work = [
        dg.DagsterRunStatus.STARTING,
        dg.DagsterRunStatus.STARTED,
        dg.DagsterRunStatus.CANCELING,
    ]
    for run in instance.get_runs(dg.RunsFilter(statuses=at_work)):
        instance.report_run_failed(run, "the process that worked on this run has ended")


def _run_error(result: "dg.ExecuteInProcessResult") -> tuple[str, str]:
    """Kind and message of an error outside every stage: the project is in use, say."""
    for event in result.all_events:
        if event.event_type_value == "PIPELINE_FAILURE":
            error = event.job_failure_data.error
            while error is not None and error.cause is not None:
                error = error.cause
            if error is not None:
                message = error.message.strip().partition(": ")[2] or error.message
                return error.cls_name or "error", message
    return "error", "the run ended without saying why; see dagster's log"


def _advice(project: Project) -> str:
    """What to do about a refusal, and what waits for it."""
    from sources.erasures import waiting_erasures

    waiting = len(waiting_erasures(project))
    if not waiting:
        return ADVICE
    told = "1 erasure waits" if waiting == 1 else f"{waiting:,} erasures wait"
    return f"{ADVICE}\n{told}: what was published before still holds what is to be erased"


def _failure(project: Project, progress: Progress) -> OneIDError:
    """What to raise for a run that failed."""
    if progress.refusals:
        return GateRefused(progress.refusals, _advice(project))
    stage, kind, message = progress.failures[0]
    if kind == "GateRefused":
        return GateRefused([line.removeprefix("  - ") for line in message.splitlines()[1:]])
    if stage == "start" or kind == "ProjectError":
        return ProjectError(message)
    return OneIDError(f"stage {stage}: {message}")
