"""The gates: each measures a stage's result and judges it by its suite."""

from collections.abc import Mapping
from pathlib import Path

from core.project import Project
from quality.expectations import failures_of, run_suite
from quality.metrics import measure_golden, measure_matching, measure_records, measure_source
from quality.suites import load_suite, source_suite
from sources.landed import LandedStore, landed_path
from sources.spec import SourceSpec, load_specs
from warehouse.history import CheckResult

__all__ = [
    "CheckResult",
    "check_golden",
    "check_matching",
    "check_records",
    "check_sources",
    "check_stage",
    "failures_of",
    "run_suite",
]


def check_stage(project: Project, stage: str) -> list[CheckResult]:
    """Results of the gate after `stage`: landed, standardised, entities or marts.

    Raises ConfigError when a suite cannot be used, ProjectError when the stage has not run.
    """
    match stage:
        case "landed":
            return check_sources(project, load_specs(project))
        case "standardised":
            return check_records(project, load_specs(project))
        case "entities":
            return check_matching(project)
        case "marts":
            return check_golden(project, project.candidate)
    raise ValueError(f"no gate after stage {stage!r}")


def check_sources(project: Project, specs: Mapping[str, SourceSpec]) -> list[CheckResult]:
    """Results of every source's suite, in order of source."""
    results = []
    with LandedStore(landed_path(project), read_only=True) as store:
        for name in sorted(specs):
            figures = measure_source(project, specs[name], store.connection)
            results += run_suite(source_suite(project, specs[name]), figures)
    return results


def check_records(project: Project, specs: Mapping[str, SourceSpec]) -> list[CheckResult]:
    """Results of the suite `records`."""
    return run_suite(load_suite(project, "records"), measure_records(project, specs))


def check_matching(project: Project) -> list[CheckResult]:
    """Results of the suite `matching`, its drift included when there is a release to compare."""
    return run_suite(load_suite(project, "matching"), measure_matching(project))


def check_golden(project: Project, candidate: Path) -> list[CheckResult]:
    """Results of the suite `golden` about the candidate, marts included."""
    return run_suite(load_suite(project, "golden"), measure_golden(project, candidate))
