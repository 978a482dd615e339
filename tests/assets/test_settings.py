"""Everything a project says about itself is judged before anything is read."""

from pathlib import Path

import pytest

from assets.settings import checked_specs, unknown_attributes
from core.errors import ConfigError
from core.project import Project
from resolution.model import load_model
from sources.spec import OWN_SPECS, load_spec

MISSPELT = """
kind: profile
key: id
fields: {id: {required: true}, mail: {}}
identity: {emial: mail}
"""


@pytest.fixture
def project(tmp_path: Path) -> Project:
    (tmp_path / "sources").mkdir()
    (tmp_path / "landing" / "registration").mkdir(parents=True)
    return Project(tmp_path)


def test_every_file_is_named_at_once(project: Project) -> None:
    (project.specs / "crm.yml").write_text("kind: person\n", encoding="utf-8")
    project.customer_model.write_text("colour: blue\n", encoding="utf-8")
    (project.root / "marts.yml").write_text("[]\n", encoding="utf-8")
    with pytest.raises(ConfigError) as found:
        checked_specs(project)
    files = {problem.partition(":")[0] for problem in found.value.problems}
    assert files == {"crm.yml", "customer.yml", "marts.yml"}


def test_a_misspelt_attribute_is_told_with_what_may_be_meant(project: Project) -> None:
    (project.specs / "crm.yml").write_text(MISSPELT, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"identity\.emial.*did you mean email\?"):
        checked_specs(project)


def test_the_default_sources_need_not_fit_a_smaller_model_of_the_project(project: Project) -> None:
    own = (OWN_SPECS.parent / "resolution" / "customer.yml").read_text(encoding="utf-8")
    smaller = [line for line in own.splitlines() if "job_title" not in line]
    project.customer_model.write_text("\n".join(smaller), encoding="utf-8")
    assert list(checked_specs(project)) == ["registration"]


@pytest.mark.parametrize("path", sorted(OWN_SPECS.glob("*.yml")), ids=lambda path: path.stem)
def test_the_specs_of_the_repo_fit_its_model(path: Path, project: Project) -> None:
    assert unknown_attributes(load_spec(path), load_model(project)) == []
