"""The documents keep up with the product: links lead somewhere, nothing goes unmentioned."""

import re
import tomllib
from pathlib import Path

import pytest
import typer.main
import yaml

from pipelines.cli import app
from sources.spec import SourceSpec

REPO = Path(__file__).parents[2]
DOCS = REPO / "docs"
PAGES = [REPO / "README.md", *sorted(DOCS.rglob("*.md"))]
COMMANDS = typer.main.get_command(app).commands
LEAVES = sorted(
    " ".join([name, *sub])
    for name, command in COMMANDS.items()
    for sub in ([(each,) for each in getattr(command, "commands", {})] or [()])
)
"""Every command that can be run, those of groups as `group command`."""
SUITES = sorted(path.stem for path in (REPO / "quality/suites").glob("*.yml"))
SOURCES = {path.stem for path in (REPO / "sources").glob("*.yml")}
MARTS = sorted(
    path.stem
    for path in (REPO / "warehouse/marts").glob("*.sql")
    if not path.stem.startswith("prepare")
)
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")


def relative_links(page: Path) -> list[str]:
    """Links of a page that lead to a file."""
    return [x for x in LINK.findall(page.read_text(encoding="utf-8")) if "://" not in x]


def headings(page: Path) -> set[str]:
    """The anchors of a page's headings."""
    lines = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", line.lower()).replace(" ", "-") for line in lines}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(REPO).as_posix())
def test_every_relative_link_leads_to_a_file_and_heading(page: Path) -> None:
    for link in relative_links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{link} leads nowhere"
        assert not anchor or anchor in headings(target), f"{link}: no such heading"


def test_every_page_is_reached_from_the_index() -> None:
    index = DOCS / "README.md"
    linked = {(DOCS / link.partition("#")[0]).resolve() for link in relative_links(index)}
    assert {page for page in PAGES if DOCS in page.parents} - {index} <= linked


@pytest.mark.parametrize("name", LEAVES)
def test_every_command_and_option_is_documented(name: str) -> None:
    page = (DOCS / "reference/command-line.md").read_text(encoding="utf-8")
    group, *sub = name.split()
    found = re.search(rf"^## oneid {group}\n(.*?)(?=^## |\Z)", page, flags=re.M | re.S)
    assert found, f"command-line.md has no heading `oneid {group}`"
    assert f"    oneid {name}" in found[1]
    command = COMMANDS[group].commands[sub[0]] if sub else COMMANDS[group]
    for parameter in command.params:
        written = parameter.opts[0] if parameter.opts[0].startswith("-") else parameter.metavar
        assert str(written) in found[1], f"oneid {name}: {written} is not documented"


def test_no_command_is_documented_that_there_is_not() -> None:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        used = set(re.findall(r"^ {4}(?:\$ )?(?:\.venv/bin/)?oneid (\w+)", text, flags=re.M))
        assert used <= set(COMMANDS), page.name


def test_every_target_named_in_the_documents_can_be_made() -> None:
    makefile = (REPO / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):.*## ", makefile, flags=re.M))
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        used = set(re.findall(r"(?:^ {4}|`)make ([a-z-]+)", text, flags=re.M))
        assert used <= targets, page.name


@pytest.mark.parametrize("suite", SUITES)
def test_every_suite_is_described(suite: str) -> None:
    page = (DOCS / "reference/gates.md").read_text(encoding="utf-8")
    described = "one suite a source" if suite in SOURCES else f"`{suite}`"
    assert described in page


@pytest.mark.parametrize("suite", [name for name in SUITES if name not in SOURCES])
def test_every_figure_that_a_gate_judges_is_named(suite: str) -> None:
    content = yaml.safe_load((REPO / f"quality/suites/{suite}.yml").read_text(encoding="utf-8"))
    page = (DOCS / "reference/gates.md").read_text(encoding="utf-8")
    judged = {each["kwargs"]["column"] for each in content["expectations"]}
    assert {name for name in judged if f"`{name}`" not in page} == set()


@pytest.mark.parametrize("mart", MARTS)
def test_every_mart_is_in_the_readme_and_the_dictionary(mart: str) -> None:
    assert f"`marts.{mart}`" in (REPO / "README.md").read_text(encoding="utf-8")
    dictionary = (DOCS / "reference/data-dictionary.md").read_text(encoding="utf-8")
    assert f"### marts.{mart}\n" in dictionary


def test_every_folder_is_on_the_map() -> None:
    readme = (REPO / "README.md").read_text(encoding="utf-8")
    project = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))
    packages = project["tool"]["importlinter"]["root_packages"]
    for folder in (*packages, "benchmarks", "tests", "docs"):
        assert f"| `{folder}/` |" in readme
        assert (REPO / folder).is_dir()


def test_the_spec_shown_is_one_that_can_be_used() -> None:
    page = (DOCS / "howto/bring-your-own-data.md").read_text(encoding="utf-8")
    start = page.index("    kind: profile")
    block = page[start : page.index("\n\nA row", start)]
    content = yaml.safe_load(block)
    assert SourceSpec(name="shop", **content).kind == "profile"


def test_every_setting_of_a_spec_is_explained() -> None:
    page = (DOCS / "howto/bring-your-own-data.md").read_text(encoding="utf-8")
    settings = set(SourceSpec.model_fields) - {"name"}
    assert {name for name in settings if f"`{name}`" not in page} == set()
