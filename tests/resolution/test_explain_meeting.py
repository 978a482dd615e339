"""What blocking found of two records: what it asked for, and what kept it from comparing them."""

import json

import polars as pl
import pytest

from core.frames import add_segment
from core.project import Project
from resolution.explain.meeting import RuleTold, in_words, rules_told
from resolution.kept import MODEL, Kept, write_for_keeping
from resolution.matching.full import FixedModel, candidates_of
from resolution.model import CustomerModel, load_model
from resolution.training.trained import model_to_json
from resolution.training.unlabelled import TrainedModel

CROWD = 320
"""Records that bear one surname: more than a block may hold."""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """A crowd of one surname in two towns, and two people beside it."""
    project = Project(tmp_path_factory.mktemp("kept"))
    records = pl.DataFrame(
        {
            "record_id": range(CROWD + 2),
            "source": "crm",
            "name_family_key": ["wang"] * CROWD + ["berg", "lund"],
            "address_city_key": ["york", "leeds"] * (CROWD // 2) + ["york", None],
            "phone": [[f"+44{n}"] for n in range(CROWD)] + [["+1", "+2"], ["+2", "+3"]],
        },
        schema_overrides={"record_id": pl.Int64},
    )
    add_segment(project.work, {"records": records})
    model, trained = surname_model(project), TrainedModel((), 0.1, 1.0, left_out_rules=("town",))
    large = candidates_of(records.lazy(), model, trained).large
    write_for_keeping(project, model, FixedModel(trained, {}, large))
    content = json.dumps({"model": model_to_json(trained)})
    (project.work / MODEL).write_text(content, encoding="utf-8")
    return Kept(project.work)


def surname_model(project: Project) -> CustomerModel:
    rules = {
        "surname": ("name_family_key",),
        "surname and town": ("name_family_key", "address_city_key"),
        "phone": ("list:phone",),
        "town": ("address_city_key",),
        "loyalty": ("list:loyalty",),  # no record has such a column
    }
    asked = {"blocking": rules, "refine_by": ("address_city_key", "gender_key")}
    return load_model(project).model_copy(update=asked)


def told(kept: Kept, left: int, right: int) -> dict[str, RuleTold]:
    pair = kept.scan("records").filter(pl.col("record_id").is_in([left, right])).collect()
    return {rule.rule: rule for rule in rules_told(kept, pair)}


def test_a_shared_value_of_a_list_brings_two_together(kept: Kept) -> None:
    assert told(kept, CROWD, CROWD + 1)["phone"] == RuleTold("phone", "met", ("phone",), 2)


def test_columns_that_differ_or_are_missing_are_named(kept: Kept) -> None:
    found = told(kept, CROWD, CROWD + 1)
    assert found["surname"] == RuleTold("surname", "differs", ("name_family_key",))
    town = ("address_city_key",)
    assert found["surname and town"] == RuleTold("surname and town", "missing", town)


def test_in_a_crowd_something_further_must_agree(kept: Kept) -> None:
    surname = ("name_family_key",)
    apart, near = told(kept, 0, 1), told(kept, 0, 2)
    assert apart["surname"] == RuleTold("surname", "too common", surname, CROWD)
    assert near["surname"] == RuleTold("surname", "met", surname, CROWD)


def test_a_rule_on_columns_that_no_record_has_asks_nothing(kept: Kept) -> None:
    assert "loyalty" not in told(kept, 0, 1)


def test_a_rule_that_training_left_out_is_told_so(kept: Kept) -> None:
    assert told(kept, 0, 2)["town"] == RuleTold("town", "left out", ())


def test_columns_are_told_in_words() -> None:
    assert in_words("name_given_key") == "name given"
