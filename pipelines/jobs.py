"""The one job, when it runs by itself, and what is said when it fails."""

import dagster as dg

from assets.project import STOPPED
from assets.run_record import record_end
from assets.run_sheet import read_run_sheet
from core.errors import ProjectError
from core.project import Project

JOB = "publish_release"


@dg.failure_hook(required_resource_keys={"project"})
def say_what_to_do(context: dg.HookContext) -> None:
    """Log which stage failed, that nothing was published, and the next step; keep it in history."""
    stage, error = context.op.name, context.op_exception
    context.log.error(advice(stage, error))
    project: Project = context.resources.project.open()
    run = context.run_id if stage == "landed" else begun_run(project, context.run_id)
    record_end(project, run, "refused" if is_refusal(error) else "failed")


def begun_run(project: Project, otherwise: str) -> str:
    """The run whose work lies in the work folder; a stage launched alone goes on with it."""
    try:
        return read_run_sheet(project).run
    except ProjectError:
        return otherwise


def is_refusal(error: BaseException | None) -> bool:
    """Whether a gate said no, as against something having gone wrong."""
    return kind_of(error) == "GateRefused" or type(error).__name__ == "DagsterAssetCheckFailedError"


def kind_of(error: BaseException | None) -> str:
    """The kind of OneID's own error that made a stage fail; empty for any other."""
    if isinstance(error, dg.Failure) and "kind" in error.metadata:
        return str(error.metadata["kind"].value)
    return ""


def advice(stage: str, error: BaseException | None) -> str:
    """One paragraph for whoever reads the log of a failed run."""
    kind = kind_of(error)
    if is_refusal(error):
        step = (
            "see the failed checks (oneid status); mend the source or its bounds, or vouch for the "
            "figure (oneid accept), and run again"
        )
    elif kind == STOPPED:
        step = "run again: what had landed is kept, nothing is done twice"
    elif kind:
        step = "do what the message says, and run again"
    else:
        step = "this is a fault of OneID or of the machine: keep the traceback, and run again"
    return f"stage {stage} failed; the current release stays as it was. Next: {step}"


publish_release = dg.define_asset_job(
    JOB,
    selection=dg.AssetSelection.all(),
    hooks={say_what_to_do},
    description="Ingest what is new, resolve, audit, publish; ends early when nothing is new.",
    tags={"product": "oneid"},
)

apply_decisions = dg.define_asset_job(
    "apply_decisions",
    selection=dg.AssetSelection.all(),
    hooks={say_what_to_do},
    config={"ops": {"landed": {"config": {"deliveries": False}}}},
    description="Apply what stewards decided, touching their customers alone; reads no delivery.",
    tags={"product": "oneid"},
)

nightly = dg.ScheduleDefinition(
    name="nightly",
    job=publish_release,
    cron_schedule="30 2 * * *",
    execution_timezone="UTC",
    description="Every night, when the day's deliveries are there.",
    default_status=dg.DefaultScheduleStatus.STOPPED,
)
