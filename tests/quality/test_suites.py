"""Suites are read strictly, can be overridden, and say in words what they allow."""

import polars as pl
import pytest

from core.errors import ConfigError
from core.project import Project
from quality.checks import failures_of, run_suite
from quality.metrics import match_weight_histogram_svg
from quality.suites import OWN_SUITES, Suite, between, load_suite, read_suite, source_suite
from sources.spec import OWN_SPECS, load_spec


def judge(figures: dict[str, object], *expectations: object) -> list[tuple[bool, str | None, str]]:
    suite = Suite.model_validate({"name": "s", "stage": "t", "expectations": expectations})
    results = run_suite(suite, pl.DataFrame([figures]))
    return [(each.passed, each.observed, each.expected) for each in results]


def test_results_say_what_was_observed_and_what_is_allowed() -> None:
    figures = {"n": 412, "share": 0.123456, "same": 3}
    assert judge(
        figures, between("n", high=200), between("share", 0.1, 0.5), between("same", 3, 3)
    ) == [
        (False, "412", "at most 200"),
        (True, "0.1235", "at least 0.1 and at most 0.5"),
        (True, "3", "exactly 3"),
    ]


def test_a_figure_that_does_not_apply_passes() -> None:
    assert judge({"n": None, "m": 1}, between("n", low=1)) == [(True, None, "at least 1")]


def test_other_expectations_of_great_expectations_work_too() -> None:
    exactly = {"type": "expect_column_values_to_be_in_set"}
    kwargs = {"column": "n", "value_set": [1, 2]}
    assert judge({"n": 3}, exactly | {"kwargs": kwargs}) == [
        (False, "3", "values to be in set value_set [1, 2]")
    ]


def test_only_critical_failures_refuse() -> None:
    suite = Suite(
        name="s", stage="t", expectations=(between("n", high=1, severity="warning"), between("n"))
    )
    suite = suite.model_copy(update={"expectations": suite.expectations[:1]})
    results = run_suite(suite, pl.DataFrame({"n": [5]}))
    assert not results[0].passed
    assert failures_of(results) == []


def test_a_check_about_an_unknown_figure_is_a_mistake_in_the_suite() -> None:
    with pytest.raises(ConfigError, match=r"m: no such figure; measured are n"):
        judge({"n": 1}, between("m", low=1))


@pytest.mark.parametrize(
    ("kind", "kwargs"),
    [
        ("expect_miracles", {}),
        ("expect_column_values_to_be_between", {"minimum": 3}),
        ("expect_column_values_to_be_between", {}),
    ],
)
def test_an_expectation_that_cannot_be_read_is_not_left_out(
    kind: str, kwargs: dict[str, int]
) -> None:
    with pytest.raises(ConfigError, match=r"quality/s\.yml"):
        judge({"n": 1}, {"type": kind, "kwargs": {"column": "n"} | kwargs})


@pytest.mark.parametrize("file", sorted(OWN_SUITES.glob("*.yml")), ids=lambda file: file.stem)
def test_the_suites_of_the_repo_can_be_read(file) -> None:  # type: ignore[no-untyped-def]
    assert read_suite(file).name == file.stem


def test_every_source_of_the_repo_has_a_suite() -> None:
    sources = {file.stem for file in OWN_SPECS.glob("*.yml")}
    assert sources <= {file.stem for file in OWN_SUITES.glob("*.yml")}


def test_a_projects_own_suite_takes_the_place_of_the_repos(project: Project) -> None:
    (project.root / "quality").mkdir()
    (project.root / "quality" / "matching.yml").write_text(
        "stage: entities\nexpectations:\n"
        "  - {type: expect_column_values_to_be_between,"
        " kwargs: {column: largest_cluster, max_value: 5000}}\n"
    )
    assert [each.kwargs["max_value"] for each in load_suite(project, "matching").expectations] == [
        5000
    ]


def test_every_mistake_of_a_suite_is_listed(project: Project) -> None:
    (project.root / "quality").mkdir()
    file = project.root / "quality" / "matching.yml"
    file.write_text("stage: x\nexpectation: []\nexpectations: [{type: between, kwargs: {}}]\n")
    with pytest.raises(ConfigError) as caught:
        load_suite(project, "matching")
    assert len(caught.value.problems) == 2


def test_a_spec_of_the_project_is_judged_by_its_own_assertions(project: Project) -> None:
    spec = load_spec(OWN_SPECS / "registration.yml")
    assert source_suite(project, spec).description
    project.specs.mkdir()
    (project.specs / "registration.yml").write_text("a spec of its own")
    assert not source_suite(project, spec).description


def test_the_histogram_counts_every_pair_by_status() -> None:
    pairs = pl.DataFrame(
        {"match_weight": [1.5, 9.05, 9.06, -2.0], "status": ["clerical", "link", "link", "refused"]}
    )
    svg = match_weight_histogram_svg(pairs)
    assert all(told in svg for told in ("link 2", "clerical 1", "refused 1", ">-2<"))
    assert svg.count("<rect") == 3 + 3  # a legend entry a status, a bar a weight and status


def test_the_histogram_of_no_pairs_says_so() -> None:
    pairs = pl.DataFrame(schema={"match_weight": pl.Float64, "status": pl.String})
    assert "no pairs" in match_weight_histogram_svg(pairs)


def test_every_figure_a_suite_judges_is_documented() -> None:
    page = (OWN_SUITES.parents[1] / "docs" / "reference" / "gates.md").read_text(encoding="utf-8")
    judged = {
        each.column for file in OWN_SUITES.glob("*.yml") for each in read_suite(file).expectations
    }
    assert {name for name in judged if f"`{name}`" not in page and "present_" not in name} == set()
