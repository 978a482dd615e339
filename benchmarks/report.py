"""Writes what was measured to benchmarks/results/, with the facts of the machine it holds for."""

import os
import platform
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

RESULTS = Path(__file__).with_name("results")
LIBRARIES = ("splink", "duckdb", "polars", "numpy", "scipy", "rapidfuzz")


def write_report(name: str, markdown: str, folder: Path = RESULTS) -> Path:
    """Write results/<name>.md: the text, then machine facts without host names or paths."""
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{name}.md"
    target.write_text(f"{markdown.rstrip()}\n\n{machine_facts()}\n", encoding="utf-8")
    return target


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A markdown table; every column but the first is set to the right."""
    ruler = ["---", *("---:" for _ in headings[1:])]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (headings, ruler, *rows))


def machine_facts() -> str:
    """Processor, memory, versions and date, as a markdown list."""
    libraries = ", ".join(f"{each} {version(each)}" for each in _installed())
    lines = [
        "## Machine",
        "",
        f"- {_processor()}, {os.cpu_count()} logical cores, {_memory()}",
        f"- {platform.system()}, Python {platform.python_version()}, {libraries}",
        f"- measured on {datetime.now(UTC):%Y-%m-%d}; over the quarter of an hour before the end, "
        f"{os.getloadavg()[2]:.1f} processes on average wanted a core",
    ]
    return "\n".join(lines)


def say(text: str) -> None:
    """Print a line at once, whoever reads it."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _installed() -> list[str]:
    from importlib.util import find_spec

    return [name for name in (*LIBRARIES, "numba") if find_spec(name)]


def _processor() -> str:
    for line in _lines(Path("/proc/cpuinfo")):
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _memory() -> str:
    for line in _lines(Path("/proc/meminfo")):
        if line.startswith("MemTotal"):
            return f"{int(line.split()[1]) / 1024**2:.0f} GB of memory"
    return "memory unknown"


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
