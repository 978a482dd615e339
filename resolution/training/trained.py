"""The trained model as JSON: what a release keeps, and the next run reads."""

import math
from dataclasses import asdict
from typing import Any

import polars as pl

from resolution.comparisons.conditions import condition_from_json, condition_to_json
from resolution.comparisons.levels import Level, LevelSet
from resolution.scoring.linkage import settings_of
from resolution.training.contradictions import Contradiction, Judgement
from resolution.training.thresholds import chosen_from_json
from resolution.training.unlabelled import TrainedModel


def model_to_json(trained: TrainedModel) -> dict[str, Any]:
    """What is kept of a model; Splink's own settings lie beside it for whoever opens them there."""
    return {
        "prior": trained.prior,
        "expected_matches": trained.expected_matches,
        "comparisons": [_to_json(item) for item in trained.comparisons],
        "contradictions": [asdict(item) for item in trained.judged],
        "left_out_rules": list(trained.left_out_rules),
        "thresholds": asdict(trained.chosen) if trained.chosen else None,
        "splink": settings_of(trained.comparisons, trained.prior),
    }


def model_from_json(content: dict[str, Any]) -> TrainedModel:
    """The model that `model_to_json` wrote."""
    return TrainedModel(
        tuple(_level_set(item) for item in content["comparisons"]),
        content["prior"],
        content["expected_matches"],
        tuple(_judgement(item) for item in content["contradictions"]),
        tuple(content["left_out_rules"]),
        chosen_from_json(content["thresholds"]),
    )


def _judgement(content: dict[str, Any]) -> Judgement:
    about = content["contradiction"]
    contradiction = Contradiction(about["comparison"], tuple(about["unless"]))
    return Judgement(**{**content, "contradiction": contradiction})


def _to_json(item: LevelSet) -> dict[str, Any]:
    return {
        "name": item.name,
        "of": item.of,
        "unknown": condition_to_json(item.unknown),
        "levels": [
            {**vars(level), "condition": condition_to_json(level.condition)}
            for level in item.levels
        ],
    }


def _level_set(content: dict[str, Any]) -> LevelSet:
    levels = tuple(_level(level) for level in content["levels"])
    return LevelSet(content["name"], content["of"], condition_from_json(content["unknown"]), levels)


def _level(content: dict[str, Any]) -> Level:
    read = {
        "borne_in": tuple(content["borne_in"]),
        "condition": condition_from_json(content["condition"]),
    }
    return Level(**{**content, **read})


def levels_of(trained: TrainedModel) -> pl.DataFrame:
    """The model for people to read: one row a comparison's level, most alike first.

    Columns: comparison, place, level (words), m, u, match_weight (log2 of m over u), and
    rarer_weighs_more (the column whose frequencies adjust it). Before them the prior, and the
    match weights from which pairs link and are reviewed, where these were chosen from the data.
    """
    odds = trained.prior / (1 - trained.prior)
    rows: list[tuple[str, int, str, float | None, float | None, float, str | None]] = [
        ("prior", 0, "any two records", trained.prior, 1 - trained.prior, math.log2(odds), None)
    ]
    if (chosen := trained.chosen) is not None:
        rows.append(("link", 0, chosen.why, None, None, chosen.link, None))
        rows.append(
            ("review", 0, "stewards are asked from here on", None, None, chosen.clerical, None)
        )
    for item in trained.comparisons:
        for place, level in enumerate(item.levels, start=1):
            weight = math.log2(level.m / level.u)
            rows.append(
                (item.name, place, level.words, level.m, level.u, weight, level.frequency_of)
            )
    names = ("comparison", "place", "level", "m", "u", "match_weight", "rarer_weighs_more")
    kinds = (pl.String, pl.Int64, pl.String, pl.Float64, pl.Float64, pl.Float64, pl.String)
    return pl.DataFrame(rows, schema=dict(zip(names, kinds, strict=True)), orient="row")
