"""What a run says while it is at work: one line a stage, one a gate; and what became of it."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import dagster as dg

WIDTH = 72
"""Columns before the seconds; fits a terminal of 80."""


@dataclass
class Progress:
    """Follows a run's events and tells each finished stage through `tell`."""

    tell: Callable[[str], None]
    facts: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What each finished stage said of its result."""
    checks_passed: int = 0
    checks: int = 0
    accepted: int = 0
    """Checks that failed and that somebody vouches for."""
    refusals: list[str] = field(default_factory=list)
    """One sentence a failed critical check."""
    warnings: list[str] = field(default_factory=list)
    failures: list[tuple[str, str, str]] = field(default_factory=list)
    """Stage, kind of the error, what it says."""
    _started: dict[str, float] = field(default_factory=dict)
    _gates: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    """Passed checks, accepted ones, all."""
    _summaries: dict[str, str] = field(default_factory=dict)

    def follow(self, event: "dg.DagsterEvent") -> None:
        """Take in one event of the run."""
        step = event.step_key or ""
        if event.is_step_start:
            self._started[step] = time.monotonic()
        elif event.is_step_materialization:
            metadata = event.step_materialization_data.materialization.metadata
            self.facts[step] = {name: value.value for name, value in metadata.items()}
            self._summaries[step] = str(metadata["summary"].value)
        elif event.event_type_value == "ASSET_CHECK_EVALUATION":
            self._take_in_check(step, event.asset_check_evaluation_data)
        elif event.is_step_failure:
            self._take_in_failure(step, event)
            self._tell_gate(step)
        elif event.is_step_success:
            self._tell_gate(step)
            if step in self._summaries:
                self._tell_line(step, self._summaries.pop(step))

    def _take_in_check(self, step: str, check: Any) -> None:
        found = {name: value.value for name, value in check.metadata.items()}
        self.checks += found["checks"]
        self.checks_passed += found["passed"]
        self.accepted += found["accepted"]
        self.refusals += [line for line in found["failures"].splitlines() if line]
        self.warnings += [line for line in found["warnings"].splitlines() if line]
        news = (found["passed"], found["accepted"], found["checks"])
        told = zip(self._gates.get(step, (0, 0, 0)), news, strict=True)
        passed, accepted, checks = (before + more for before, more in told)
        self._gates[step] = passed, accepted, checks

    def _take_in_failure(self, step: str, event: Any) -> None:
        data = event.step_failure_data
        failure = data.user_failure_data
        if failure is not None:
            kind = failure.metadata.get("kind")
            kind = str(kind.value) if kind else "Failure"
            self.failures.append((step, kind, failure.description or ""))
        elif not self.refusals:
            error = data.error
            while error.cause is not None:
                error = error.cause
            self.failures.append((step, error.cls_name or "error", error.to_string()))

    def _tell_gate(self, step: str) -> None:
        if step in self._gates:
            passed, accepted, checks = self._gates.pop(step)
            told = f", {accepted} failed and accepted" if accepted else ""
            self._tell_line(step, f"{passed} of {checks} checks passed{told}")

    def _tell_line(self, step: str, told: str) -> None:
        seconds = time.monotonic() - self._started.get(step, time.monotonic())
        name = "  gate" if step.endswith("_gate") else step
        self.tell(f"{name:<14}{told:<{WIDTH - 14}}{seconds:6.1f} s")


def progress_logger(progress: Progress) -> "dg.LoggerDefinition":
    """A Dagster logger that hands the run's events to `progress` and prints nothing itself."""
    import dagster as dg

    class Follower(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            event = getattr(record, "dagster_event", None)
            if event is not None:
                progress.follow(event)

    @dg.logger
    def follower(_context: dg.InitLoggerContext) -> logging.Logger:
        logger = logging.Logger("oneid", logging.DEBUG)
        logger.addHandler(Follower())
        return logger

    return follower
