"""The trained model as it is kept between runs and published beside a release."""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from core.files import written_whole
from core.project import Project
from resolution.comparisons import Level, LevelSet
from resolution.linkage import settings_of
from resolution.model import CustomerModel
from resolution.training import Contradiction, TrainedModel


def trained_model_path(project: Project) -> Path:
    """Where the project's trained model lies."""
    return project.state / "model.json"


def save_trained(project: Project, model: CustomerModel, trained: TrainedModel) -> None:
    """Keeps `trained`, and Splink's own settings beside it for whoever opens them there."""
    content = {
        "customer_model": digest_of(model),
        "prior": trained.prior,
        "expected_matches": trained.expected_matches,
        "comparisons": [asdict(item) for item in trained.comparisons],
        "mistrusted": [asdict(item) for item in trained.mistrusted],
        "splink": settings_of(trained.comparisons, trained.prior),
    }
    with written_whole(trained_model_path(project)) as path:
        path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")


def load_trained(project: Project, model: CustomerModel) -> TrainedModel | None:
    """The model trained before, or None where there is none or customer.yml has changed since."""
    path = trained_model_path(project)
    if not path.is_file():
        return None
    content = json.loads(path.read_text(encoding="utf-8"))
    if content["customer_model"] != digest_of(model):
        return None
    return TrainedModel(
        tuple(_level_set(item) for item in content["comparisons"]),
        content["prior"],
        content["expected_matches"],
        tuple(
            Contradiction(item["comparison"], tuple(item["unless"]))
            for item in content["mistrusted"]
        ),
    )


def _level_set(content: dict[str, Any]) -> LevelSet:
    levels = tuple(Level(**level) for level in content["levels"])
    return LevelSet(content["name"], content["unknown"], levels)


def digest_of(model: CustomerModel) -> str:
    """A digest of everything in customer.yml that training depends on."""
    content = model.model_dump(
        mode="json", exclude={"survivorship", "source_priority", "thresholds"}
    )
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
