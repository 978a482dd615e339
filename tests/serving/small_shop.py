"""A shop's project over a real run."""

import subprocess
import sys
from pathlib import Path

from core.project import Project
from pipelines.cli.sample import write_sample

REPO = Path(__file__).parents[2]


def small_shop(folder: Path) -> Project:
    """A sample of sixty customers, run once."""
    project = Project(folder)
    write_sample(project.root, 60, 5)
    run(project)
    return project


def run(project: Project) -> None:
    """`oneid run`, in a process of its own."""
    code = "from pipelines.cli import main; main()"
    command = [sys.executable, "-c", code, "run", "--project", str(project.root)]
    subprocess.run(command, check=True, cwd=REPO, capture_output=True)
