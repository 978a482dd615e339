"""What Dagster loads: the pipeline of the project named by ONEID_PROJECT, or of this folder."""

import os
from pathlib import Path

from pipelines.pipeline import define_pipeline

defs = define_pipeline(Path(os.environ.get("ONEID_PROJECT", ".")))
