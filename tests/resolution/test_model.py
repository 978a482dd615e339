"""What a project's customer.yml may say, and how it is told what it may not."""

from pathlib import Path

import pytest

from core.errors import ConfigError
from core.project import Project
from resolution.model import OWN_MODEL, load_model

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
