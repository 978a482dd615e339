"""The gates between the stages: suites of expectations that a stage's result must meet."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import dagster as dg

from assets.audit import sign
from assets.project import WRITER_POOL, ProjectResource, stage_errors
from assets.run_sheet import read_run_sheet
from assets.verdicts import Verdict
from core.project import Project

if TYPE_CHECKING:
    from warehouse.history import CheckResult

WHAT = {
    "landed": "what was delivered is complete and readable enough to go on with",
    "standardised": "records keep what was delivered in a usable form",
    "entities": "matching neither falls apart nor glues strangers together",
    "marts": "golden records are whole, unique and can be traced",
}


def gates_of(project: Project) -> list[dg.AssetChecksDefinition]:
    """A gate after each gated stage, one check a suite; those of `landed` are its sources'."""
    suites: Mapping[str, Sequence[str]] = {
        "landed": source_names(project),
        "standardised": ["records"],
        "entities": ["matching"],
        "marts": ["golden"],
    }
    return [_gate(stage, names) for stage, names in suites.items()]


def _gate(stage: str, suites: Sequence[str]) -> dg.AssetChecksDefinition:
    specs = [
        dg.AssetCheckSpec(name=suite, asset=stage, blocking=True, description=WHAT[stage])
        for suite in suites
    ]

    @dg.multi_asset_check(name=f"{stage}_gate", specs=specs, pool=WRITER_POOL)
    def gate(
        context: dg.AssetCheckExecutionContext, project: ProjectResource
    ) -> Iterator[dg.AssetCheckResult]:
        with stage_errors():
            results = judge_stage(project.open(), stage)
            for suite in suites:
                yield _check_result(stage, suite, [x for x in results if x.suite == suite])

    return gate


def source_names(project: Project) -> list[str]:
    """Sources that the project has or could have; of the repo's own where nothing landed yet."""
    from sources.spec import OWN_SPECS

    own = {path.stem for path in OWN_SPECS.glob("*.yml")}
    delivered = {name for name in own if (project.landing / name).is_dir()}
    specified = {path.stem for path in project.specs.glob("*.yml")}
    return sorted(delivered | specified or own)


def judge_stage(project: Project, stage: str) -> list["CheckResult"]:
    """Run every check of the stage, keep the results, and write the verdict for the audit.

    A failed check that somebody vouches for, for this very input, is told and does not refuse.
    After the last gate the candidate is signed, passed or not.
    """
    from quality.checks import check_stage, failures_of
    from warehouse.acceptance import with_acceptances
    from warehouse.history import record_results

    sheet = read_run_sheet(project)
    results = with_acceptances(project, check_stage(project, stage), sheet.input_fingerprint)
    record_results(project, sheet.run, results, datetime.now(UTC))
    failures = failures_of(results)
    Verdict(stage, not failures, len(results), tuple(failures)).write(project)
    if stage == "marts":
        sign(project, sheet)
    return results


def _check_result(stage: str, suite: str, results: Sequence["CheckResult"]) -> dg.AssetCheckResult:
    """One suite's results for Dagster: figures, and a table without any personal data."""
    failed = [each for each in results if not each.passed]
    critical = [each for each in failed if each.refuses]
    accepted = [each for each in failed if each.accepted_by is not None]
    warned = [each for each in failed if not each.refuses and each not in accepted]
    return dg.AssetCheckResult(
        asset_key=stage,
        check_name=suite,
        passed=not failed,
        severity=dg.AssetCheckSeverity.ERROR if critical else dg.AssetCheckSeverity.WARN,
        metadata={
            "checks": len(results),
            "passed": len(results) - len(failed),
            "accepted": len(accepted),
            "failures": "\n".join(each.sentence() for each in critical),
            "warnings": "\n".join(each.sentence() for each in warned),
            "results": dg.MetadataValue.md(_table(results)),
        },
    )


def _table(results: Sequence["CheckResult"]) -> str:
    lines = ["| | check | observed | allowed | severity |", "|---|---|---|---|---|"]
    lines += [
        f"| {_mark(each)} | {each.check} | {each.observed} | {each.expected} | {each.severity} |"
        for each in results
    ]
    return "\n".join(lines)


def _mark(result: "CheckResult") -> str:
    if result.accepted_by is not None:
        return "✗ accepted"
    return "✓" if result.passed else "✗"
