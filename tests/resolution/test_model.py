"""What a project's customer.yml may say, and how it is told what it may not."""

from pathlib import Path

import pytest

from core.errors import ConfigError
from core.project import Project
from resolution.matching.full import compile_comparisons
from resolution.model import OWN_MODEL, CustomerModel, Thresholds, load_model

SHOP = """
standardise:
  name: {kind: text, attributes: {text: name}}
comparisons:
  name: {kind: words, of: name}
blocking:
  name: ["list:name_each_word"]
thresholds: {link: 0.85, clerical: 0.3}
survivorship:
  name: {attributes: name, rules: [longest]}
"""


def problems_of(root: Path, content: str) -> str:
    (root / "customer.yml").write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError) as raised:
        load_model(Project(root))
    return str(raised.value)


def test_a_projects_own_model_takes_the_place_of_the_default(tmp_path: Path) -> None:
    (tmp_path / "customer.yml").write_text(SHOP, encoding="utf-8")
    assert set(load_model(Project(tmp_path)).standardise) == {"name"}


def test_the_default_model_can_be_used(tmp_path: Path) -> None:
    (tmp_path / "customer.yml").write_text(OWN_MODEL.read_text(encoding="utf-8"), encoding="utf-8")
    assert load_model(Project(tmp_path)).entity == "customer"


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ("kind: words", "kind: word", "no kind 'word'; the kinds are"),
        ("{text: name}", "{value: name}", "kind text has no value; it reads text"),
        ("list:name_each_word", "list:nam_each_word", "'list:nam_each_word' is no column"),
        ("of: name", "of: title", "no standardiser 'title'; there are name"),
        ("link: 0.85", "link: 0.2", "clerical must not exceed link"),
    ],
)
def test_what_a_model_may_not_say_is_told_with_what_it_may(
    tmp_path: Path, right: str, wrong: str, told: str
) -> None:
    assert told in problems_of(tmp_path, SHOP.replace(right, wrong))


EXTENDED = """
extends: default
standardise:
  badge: {kind: identifier, attributes: {identifier: badge_number}, many: true}
comparisons:
  badge: {kind: identifier, of: badge}
blocking:
  badge: ["list:badge"]
survivorship:
  badge_number: {attributes: badge_number, rules: [most_frequent]}
"""


def model_of(root: Path, content: str) -> CustomerModel:
    (root / "customer.yml").write_text(content, encoding="utf-8")
    return load_model(Project(root))


def test_an_extended_model_is_the_default_and_what_the_project_adds(tmp_path: Path) -> None:
    default, model = load_model(Project(tmp_path)), model_of(tmp_path, EXTENDED)
    assert list(model.comparisons) == [*default.comparisons, "badge"]
    assert list(model.blocking) == [*default.blocking, "badge"]
    assert model.guards == default.guards
    assert model.thresholds == default.thresholds


def test_an_extended_entry_overrides_only_what_it_says(tmp_path: Path) -> None:
    model = model_of(tmp_path, "extends: default\nthresholds: {link: 0.9}\n")
    assert isinstance(model.thresholds, Thresholds)
    assert model.thresholds.link == 0.9
    assert model.thresholds.clerical == 0.1


def test_a_null_entry_is_taken_out_with_the_guards_on_it(tmp_path: Path) -> None:
    model = model_of(tmp_path, "extends: default\ncomparisons: {dob: null}\n")
    assert "dob" not in model.comparisons
    assert all(guard.comparison != "dob" and "dob" not in guard.unless for guard in model.guards)
    assert any(guard.comparison == "name" for guard in model.guards)


def test_guards_are_added_and_other_lists_replaced(tmp_path: Path) -> None:
    default = load_model(Project(tmp_path))
    own = "guards: [{comparison: email, reason: other emails}]\nrefine_by: [dob_digits]\n"
    model = model_of(tmp_path, f"extends: default\n{own}")
    assert [guard.reason for guard in model.guards[len(default.guards) :]] == ["other emails"]
    assert model.refine_by == ("dob_digits",)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("extends: retail\n", "extends: 'retail'; only `default` can be extended"),
        ("extends: default\ncomparisons: [name]\n", "comparisons"),
        ("extends: default\nguards: {comparison: name}\n", "guards"),
        ("extends: default\nguards: [5]\n", "guards"),
    ],
)
def test_what_an_extended_model_may_not_say_is_told(
    tmp_path: Path, content: str, told: str
) -> None:
    assert told in problems_of(tmp_path, content)


SQL_LEVELS = """
  size:
    kind: sql
    of: name
    settings:
      unknown: name_key_l IS NULL OR name_key_r IS NULL
      levels:
        - {words: names of one length, sql: length(name_key_l) = length(name_key_r), m: 0.6, u: 0.1}
        - {words: names of other lengths, m: 0.4, u: 0.9}
"""


def with_comparison(text: str) -> str:
    return SHOP.replace("blocking:", text.lstrip("\n") + "blocking:")


def test_a_comparison_may_be_written_in_sql(tmp_path: Path) -> None:
    (tmp_path / "customer.yml").write_text(with_comparison(SQL_LEVELS), encoding="utf-8")
    model = load_model(Project(tmp_path))
    size = compile_comparisons(model, ["name_key"])[1]
    assert [level.words for level in size.levels] == [
        "names of one length",
        "names of other lengths",
    ]


def test_a_level_in_sql_that_lacks_something_is_told_what(tmp_path: Path) -> None:
    told = problems_of(tmp_path, with_comparison(SQL_LEVELS.replace("m: 0.6, ", "")))
    assert "comparison size: a level has m, sql, u, words" in told


def test_a_comparison_that_does_not_fit_its_values_is_told_what_it_compares(
    tmp_path: Path,
) -> None:
    told = problems_of(tmp_path, SHOP.replace("kind: words", "kind: phone"))
    assert "name is of kind phone, which compares phone; name is a text" in told
