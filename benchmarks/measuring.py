"""What work costs: wall-clock seconds and the highest memory, of a process or of a call."""

import os
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

Result = TypeVar("Result")

_CLEAR = Path("/proc/self/clear_refs")
_STATUS = Path("/proc/self/status")


@dataclass(frozen=True)
class Cost:
    """Wall-clock seconds, and megabytes at the highest; None where the system does not say."""

    seconds: float
    megabytes: float | None


@dataclass(frozen=True)
class Ended:
    """How a process ended."""

    code: int
    output: str
    """What it wrote, errors included."""
    cost: Cost


def run_process(
    command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
) -> Ended:
    """Run `command` to its end; its output goes to `log`."""
    started = time.perf_counter()
    with log.open("w", encoding="utf-8") as stream:
        process = subprocess.Popen(command, stdout=stream, stderr=stream, env=environment)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)  # keeps Popen from waiting again
    cost = Cost(time.perf_counter() - started, usage.ru_maxrss / 1024)
    return Ended(process.returncode, log.read_text(encoding="utf-8", errors="replace"), cost)


def measured(work: Callable[[], Result]) -> tuple[Result, Cost]:
    """What `work` returns, and what it cost, the memory held before it included."""
    reset_peak()
    started = time.perf_counter()
    result = work()
    return result, Cost(time.perf_counter() - started, peak_megabytes())


def reset_peak() -> None:
    """Forget the highest memory of this process so far, where the system (Linux) can."""
    try:
        _CLEAR.write_text("5")
    except OSError:
        return


def peak_megabytes() -> float | None:
    """The highest resident memory of this process since the last reset; None where unknown."""
    try:
        lines = _STATUS.read_text().splitlines()
    except OSError:
        return None
    found = [line.split()[1] for line in lines if line.startswith("VmHWM:")]
    return int(found[0]) / 1024 if found else None
