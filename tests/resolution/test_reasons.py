"""What is published of a pair's evidence: valid JSON, in words, nothing that was not compared."""

import json

import polars as pl

from resolution.comparisons.conditions import Otherwise, missing, same
from resolution.comparisons.levels import Level, LevelSet
from resolution.matching.reasons import DECISION, with_best_link, with_reasons

NAME = LevelSet(
    "name",
    "name",
    missing("name"),
    (
        Level('the "same" name', same("name"), 0.9, 0.1, "name"),
        Level("other", Otherwise(), 0.1, 0.9),
    ),
)
PHONE = LevelSet(
    "phone",
    "phone",
    missing("phone"),
    (Level("同一电话", same("phone"), 0.9, 0.1), Level("other", Otherwise(), 0.1, 0.9)),
)


def test_why_is_json_of_what_was_compared_and_why_it_was_refused() -> None:
    pairs = pl.DataFrame(
        {
            "record_id_l": [0, 1],
            "record_id_r": [2, 3],
            "match_weight": [4.0, 1e-7],
            "match_probability": [0.9, 0.5],
            "linkable": [True, False],
            "decided": pl.Series([None, False], dtype=pl.Boolean),
            "status": ["link", "refused"],
            "refused_because": [None, 'a "guard"'],
            "gamma_name": [1, -1],
            "mw_name": [3.16992500144, 0.0],
            "mw_tf_adj_name": [-1.25, 0.0],
            "gamma_phone": [0, 1],
            "mw_phone": [-3.1699, 1e-7],
        }
    )
    told = [json.loads(text) for text in with_reasons(pairs, [NAME, PHONE])["why"]]
    assert told == [
        {
            "name": {"level": 'the "same" name', "weight": 3.17, "tf": -1.25},
            "phone": {"level": "other", "weight": -3.17, "tf": 0.0},
        },
        {"phone": {"level": "同一电话", "weight": 0.0, "tf": 0.0}, "refused": 'a "guard"'},
    ]


def test_a_pair_with_nothing_to_compare_is_told_by_an_empty_object() -> None:
    pairs = pl.DataFrame(
        {
            "record_id_l": [0],
            "record_id_r": [1],
            "match_weight": [-5.0],
            "match_probability": [0.03],
            "linkable": [False],
            "decided": pl.Series([None], dtype=pl.Boolean),
            "status": ["clerical"],
            "refused_because": pl.Series([None], dtype=pl.String),
            "gamma_phone": [-1],
            "mw_phone": [0.0],
        }
    )
    assert with_reasons(pairs, [PHONE])["why"].to_list() == ["{}"]


def test_a_pair_that_a_steward_joined_says_so() -> None:
    pairs = pl.DataFrame(
        {
            "record_id_l": [0],
            "record_id_r": [1],
            "match_weight": [-5.0],
            "match_probability": [0.03],
            "linkable": [True],
            "decided": [True],
            "status": ["link"],
            "refused_because": pl.Series([None], dtype=pl.String),
            "gamma_phone": [-1],
            "mw_phone": [0.0],
        }
    )
    (why,) = with_reasons(pairs, [PHONE])["why"]
    assert json.loads(why) == {"decided": "a steward said that they are one"}
    clusters = pl.DataFrame({"record_id": [0, 1, 2], "cluster_id": [0, 0, 2]})
    assert with_best_link(clusters, pairs, [PHONE]).rows() == [
        (0, 0, DECISION, 1.0),
        (1, 0, DECISION, 1.0),
        (2, 2, "only record", 1.0),
    ]
