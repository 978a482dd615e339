"""Thresholds follow what sure links show of the weaker ones, and the project's own come first."""

import json
from dataclasses import asdict

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.project import Project
from resolution.model import Thresholds, load_model
from resolution.training.thresholds import (
    BEFORE,
    Chosen,
    choose_thresholds,
    chosen_from_json,
    never_falling,
    thresholds_of,
)

GROUPS = 120
"""Sure groups of three records: record 3n is linked to 3n + 1, and that to 3n + 2."""


def weighed(within: float, across: float) -> pl.DataFrame:
    """In each group 3n and 3n + 2 weigh `within`; `across` weigh two records of two groups."""
    rows = []
    for n in range(0, 3 * GROUPS, 3):
        rows += [(n, n + 1, 12.0), (n + 1, n + 2, 12.0), (n, n + 2, within)]
        if n:
            rows.append((n - 3, n, across))
    ends = {"record_id_l": pl.Int64, "record_id_r": pl.Int64, "match_weight": pl.Float64}
    frame = pl.DataFrame(rows, schema=ends, orient="row")
    return frame.with_columns(conflict=pl.lit(None, pl.String))


def test_a_modest_model_is_corrected_downwards() -> None:
    chosen = choose_thresholds(3 * GROUPS, weighed(within=-2.5, across=-5.5))
    assert chosen.link == -3
    assert chosen.clerical <= chosen.link


def test_a_bold_model_is_corrected_upwards() -> None:
    chosen = choose_thresholds(3 * GROUPS, weighed(within=4.5, across=2.5))
    assert chosen.link == 3


def test_contradictions_judge_nothing() -> None:
    pairs = weighed(within=-2.5, across=-2.5)
    wrong = pl.col("record_id_r") - pl.col("record_id_l") == 3
    told = pairs.with_columns(conflict=pl.when(wrong).then(pl.lit("clearly different names")))
    assert choose_thresholds(3 * GROUPS, told).link == -3
    assert choose_thresholds(3 * GROUPS, pairs).link > -3


def test_without_judged_pairs_the_model_decides() -> None:
    # of pairs that weigh 2 to 3 bits the model believes more than three of four, of 1 to 2 fewer
    assert choose_thresholds(9, weighed(within=0.5, across=0.5).head(3)).link == 2


def test_the_reasoning_is_kept() -> None:
    chosen = choose_thresholds(3 * GROUPS, weighed(within=-2.5, across=-5.5))
    assert chosen_from_json(json.loads(json.dumps(asdict(chosen)))) == chosen
    assert chosen_from_json(None) is None
    step = next(step for step in chosen.steps if step.weight == -3)
    assert (step.pairs, step.judged, step.together) == (GROUPS, GROUPS, GROUPS)
    assert all(0 <= step.precision <= 1 and 0 <= step.recall <= 1 for step in chosen.steps)


def test_a_project_s_own_thresholds_come_first(tmp_path: object) -> None:
    model = load_model(Project(tmp_path))  # type: ignore[arg-type]
    chosen = Chosen(1.0, -2.0, "seen")
    assert model.thresholds == "auto"
    assert thresholds_of(model, None) == BEFORE
    assert thresholds_of(model, chosen).link == pytest.approx(2 / 3)
    own = Thresholds(link=0.9, clerical=0.5)
    assert thresholds_of(model.model_copy(update={"thresholds": own}), chosen) == own


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0.5, 100)), min_size=1, max_size=20))
def test_pooled_shares_never_fall_and_keep_their_mean(pairs: list[tuple[float, float]]) -> None:
    values, weights = (np.array(each) for each in zip(*pairs, strict=True))
    pooled = never_falling(values, weights)
    assert (np.diff(pooled) >= -1e-12).all()
    assert np.average(pooled, weights=weights) == pytest.approx(np.average(values, weights=weights))
