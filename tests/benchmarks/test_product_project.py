"""A set becomes a project as a user would make it; models of other entities can be used."""

from pathlib import Path

import polars as pl
import pytest
import yaml

from benchmarks.measuring import run_process
from benchmarks.product import MODELS, apply_model, kind_of, load_kind, make_project
from benchmarks.sets import TruthSet
from core.project import Project
from resolution.model import load_model
from sources.spec import load_specs

KINDS = sorted(path.stem for path in MODELS.glob("*.yml"))


def truth_set(columns: list[str], folder: Path | None = None) -> TruthSet:
    """Two records in two sources, which fill all columns but the last of the second."""
    records = pl.DataFrame(
        {
            "record_id": ["a", "b"],
            "source": ["one", "two"],
            **{name: ["x", "y"] for name in columns[:-1]},
            columns[-1]: ["x", None],
        }
    )
    return TruthSet("set", records, records.select("record_id", entity_id="source"), folder)


def drafted(root: Path, given: TruthSet) -> None:
    """The project, with a spec a source as `oneid init` leaves it."""
    make_project(given, root)
    (root / "sources").mkdir()
    for source in ("one", "two"):
        spec = {"kind": "profile", "key": "record_id", "identity": {}}
        spec["fields"] = {name: {} for name in ("record_id", *given.fields)}
        (root / f"sources/{source}.yml").write_text(yaml.safe_dump(spec), encoding="utf-8")


def test_each_source_lands_with_the_columns_it_fills(tmp_path: Path) -> None:
    make_project(truth_set(["name", "city"]), tmp_path)
    one, two = (pl.read_parquet(tmp_path / f"landing/{x}/records.parquet") for x in ("one", "two"))
    assert one.columns == ["record_id", "name", "city"]
    assert two.columns == ["record_id", "name"]
    assert pl.read_parquet(tmp_path / "truth.parquet").height == 2


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_chosen_by_its_columns_and_makes_a_project_that_can_be_used(
    kind: str, tmp_path: Path
) -> None:
    given = truth_set(list(load_kind(kind)["columns"]))
    drafted(tmp_path, given)
    assert kind_of(given) == kind
    assert apply_model(given, tmp_path) == kind
    project = Project(tmp_path)
    assert load_model(project).without_duplicates == ("one", "two")
    attributes = {name for x in load_model(project).standardise.values() for name in x.attributes}
    assert attributes
    assert all(spec.identity for spec in load_specs(project).values())


def test_persons_are_left_to_what_init_proposes(tmp_path: Path) -> None:
    given = truth_set(["first_name", "surname", "dob"])
    drafted(tmp_path, given)
    assert apply_model(given, tmp_path) == "the default"
    assert not (tmp_path / "customer.yml").exists()


def test_files_of_the_sets_own_take_the_place_of_those_drafted(tmp_path: Path) -> None:
    own = tmp_path / "set"
    own.mkdir()
    (own / "customer.yml").write_text("own model", encoding="utf-8")
    (own / "one.yml").write_text("own spec", encoding="utf-8")
    given = truth_set(["first_name", "surname"], own)
    root = tmp_path / "project"
    drafted(root, given)
    assert apply_model(given, root) == "the set's own"
    assert (root / "customer.yml").read_text(encoding="utf-8") == "own model"
    assert (root / "sources/one.yml").read_text(encoding="utf-8") == "own spec"


def test_a_process_is_measured_and_its_output_kept(tmp_path: Path) -> None:
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"
    import sys

    ended = run_process([sys.executable, "-c", code], tmp_path / "log")
    assert ended.code == 3
    assert "out" in ended.output
    assert "err" in ended.output
    assert ended.cost.seconds > 0
    assert ended.cost.megabytes
