"""Where Dagster keeps the history of a project's runs, whoever starts them: `var/dagster`."""

from typing import TYPE_CHECKING

import yaml

from core.files import written_whole
from core.project import Project

if TYPE_CHECKING:
    import dagster as dg

SETTINGS = {
    "telemetry": {"enabled": False},
    "nux": {"enabled": False},
    "compute_logs": {
        "module": "dagster._core.storage.noop_compute_log_manager",
        "class": "NoOpComputeLogManager",
    },
}
"""As in the repo's dagster.yaml, which points `dagster dev` to the same folder."""


def open_instance(project: Project) -> "dg.DagsterInstance":
    """The Dagster instance of this project, made on first use.

    `DAGSTER_HOME=DIR/var/dagster dagster run list` shows the same runs.
    """
    import dagster as dg

    home = project.var / "dagster"
    settings = yaml.safe_dump(SETTINGS)
    written = home / "dagster.yaml"
    if not written.is_file() or written.read_text(encoding="utf-8") != settings:
        with written_whole(written) as draft:
            draft.write_text(settings, encoding="utf-8")
    return dg.DagsterInstance.from_config(str(home))
