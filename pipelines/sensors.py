"""Start a run when a delivery is there to its end, a steward has decided, or somebody is to be
erased."""

import hashlib

import dagster as dg

from core.project import Project
from pipelines.jobs import apply_decisions, publish_release
from sources.deliveries import UNFINISHED


def watch_deliveries(project: Project) -> dg.SensorDefinition:
    """A sensor that asks for a run once what lies in landing/ has changed and is still.

    Its cursor is "<seen> <run for>": the fingerprint at the last look, and the one that the last
    run was asked for. A file that is still being written changes the first at every look.
    """

    @dg.sensor(
        name="deliveries",
        job=publish_release,
        minimum_interval_seconds=30,
        description="Starts publish_release when files below landing/ are new or changed.",
    )
    def deliveries(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        seen, _, asked = (context.cursor or " ").partition(" ")
        now = landing_fingerprint(project)
        if now == asked:
            return dg.SkipReason("nothing new in landing/")
        if now != seen:
            context.update_cursor(f"{now} {asked}")
            return dg.SkipReason("landing/ has changed; waiting until it is still")
        return dg.SensorResult(run_requests=[dg.RunRequest(run_key=now)], cursor=f"{now} {now}")

    return deliveries


def watch_decisions(project: Project) -> dg.SensorDefinition:
    """A sensor that asks for a run once stewards have decided something, or taken it back.

    Its cursor is the fingerprint of the decisions that the last run was asked for.
    """

    @dg.sensor(
        name="decisions",
        job=apply_decisions,
        minimum_interval_seconds=5,  # it costs a query; with the run a decision has a minute
        description="Starts apply_decisions when stewards have decided something.",
    )
    def decisions(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        from resolution.decisions.store import DecisionStore

        store = DecisionStore(project)
        if store.all().is_empty():
            return dg.SkipReason("nothing was ever decided")
        now = store.fingerprint()
        if now == context.cursor:
            return dg.SkipReason("nothing decided since")
        return dg.SensorResult(run_requests=[dg.RunRequest(run_key=now)], cursor=now)

    return decisions


def watch_erasures(project: Project) -> dg.SensorDefinition:
    """A sensor that asks for one run for each request that a person, or a row, be erased.

    Its cursor is the number of the last request that a run was asked for. A refused run leaves the
    request waiting, for whichever run comes next.
    """

    @dg.sensor(
        name="erasures",
        job=apply_decisions,
        minimum_interval_seconds=30,
        description="Starts apply_decisions when somebody is to be erased.",
    )
    def erasures(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        from sources.erasures import waiting_erasures

        numbers = [each.number for each in waiting_erasures(project)]
        last = max(numbers, default=0)
        if last <= int(context.cursor or 0):
            return dg.SkipReason("nobody else is to be erased")
        return dg.SensorResult(
            run_requests=[dg.RunRequest(run_key=f"erasure-{last}")], cursor=str(last)
        )

    return erasures


def landing_fingerprint(project: Project) -> str:
    """SHA-256 (hex) over names, sizes and times of the files below landing/, not their content."""
    digest = hashlib.sha256()
    for path in sorted(project.landing.rglob("*")):
        if path.name.startswith(".") or path.name.lower().endswith(UNFINISHED):
            continue
        if not path.is_file():
            continue
        facts = path.stat()
        name = path.relative_to(project.landing).as_posix()
        digest.update(f"{name}\0{facts.st_size}\0{facts.st_mtime_ns}\n".encode())
    return digest.hexdigest()
