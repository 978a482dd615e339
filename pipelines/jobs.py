"""The one job, when it runs by itself, and what is said when it fails."""

import dagster as dg

from assets.project import STOPPED

JOB = "publish_release"


@dg.failure_hook
def say_what_to_do(context: dg.HookContext) -> None:
    """Log which stage failed, that nothing was published, and the next step."""
    context.log.error(advice(context.op.name, context.op_exception))


def advice(stage: str, error: BaseException | None) -> str:
    """One paragraph for whoever reads the log of a failed run."""
    kind = ""
    if isinstance(error, dg.Failure) and "kind" in error.metadata:
        kind = str(error.metadata["kind"].value)
    if kind == "GateRefused" or type(error).__name__ == "DagsterAssetCheckFailedError":
        step = "see the failed checks (oneid status), mend the source or its bounds, and run again"
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

nightly = dg.ScheduleDefinition(
    name="nightly",
    job=publish_release,
    cron_schedule="30 2 * * *",
    execution_timezone="UTC",
    description="Every night, when the day's deliveries are there.",
    default_status=dg.DefaultScheduleStatus.STOPPED,
)
