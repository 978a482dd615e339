"""The trained model as JSON: what a release keeps, and the next run reads."""

from dataclasses import asdict
from typing import Any

from resolution.levels import Level, LevelSet
from resolution.linkage import settings_of
from resolution.training import Contradiction, TrainedModel


def model_to_json(trained: TrainedModel) -> dict[str, Any]:
    """What is kept of a model; Splink's own settings lie beside it for whoever opens them there."""
    return {
        "prior": trained.prior,
        "expected_matches": trained.expected_matches,
        "comparisons": [asdict(item) for item in trained.comparisons],
        "mistrusted": [asdict(item) for item in trained.mistrusted],
        "splink": settings_of(trained.comparisons, trained.prior),
    }


def model_from_json(content: dict[str, Any]) -> TrainedModel:
    """The model that `model_to_json` wrote."""
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
    levels = tuple(
        Level(**{**level, "borne_in": tuple(level["borne_in"])}) for level in content["levels"]
    )
    return LevelSet(content["name"], content["of"], content["unknown"], levels)
