"""`oneid why` on a published project: its figures are those of the run, to the last bit."""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import duckdb
import polars as pl
import pytest
from running import Made, oneid

from core.project import Project
from resolution.explain import Archive, tell_pair
from resolution.explain.verdict import pair_verdict
from resolution.explain.waterfall import from_weighed
from resolution.explain.weighing import weigh_again
from resolution.kept import MODEL, Kept, kept_for
from warehouse.release import current_release, open_current

EXACT = 1e-9


@pytest.fixture(scope="module")
def archive(made: Made) -> Iterator[Archive]:
    project = Project(made.root)
    release = current_release(project)
    assert release is not None
    with open_current(project) as con, duckdb.connect() as scratch:
        yield Archive(con, kept_for(project, release.release), scratch)


@pytest.fixture(scope="module")
def kept(archive: Archive) -> Kept:
    assert archive.kept is not None
    return archive.kept


@pytest.fixture(scope="module")
def stored(archive: Archive, kept: Kept) -> pl.DataFrame:
    """Every published pair by the numbers of its records."""
    pairs = archive.release.sql("FROM identity.matches").pl()
    numbers = kept.scan("members").select("source", "source_record_id", "record_id").collect()
    for side in "lr":
        named = numbers.rename(lambda column, side=side: f"{column}_{side}")
        pairs = pairs.join(named, on=[f"source_{side}", f"source_record_id_{side}"])
    assert pairs.height == kept.scan("pairs").collect().height
    return pairs.select("record_id_l", "record_id_r", "match_weight", "why").sort(
        "record_id_l", "record_id_r"
    )


def first_pair(archive: Archive, status: str) -> tuple[str, str]:
    asked = (
        "SELECT source_l || '/' || source_record_id_l, source_r || '/' || source_record_id_r "
        "FROM identity.matches WHERE status = ? ORDER BY ALL LIMIT 1"
    )
    left, right = archive.release.execute(asked, [status]).fetchall()[0]
    return left, right


def test_every_pair_weighed_again_has_its_published_weight(
    kept: Kept, stored: pl.DataFrame
) -> None:
    with duckdb.connect() as scratch:
        again = weigh_again(scratch, kept, list(stored.select(pl.nth(0, 1)).iter_rows()))
    ends = ["record_id_l", "record_id_r"]
    assert again.select(ends).equals(stored.select(ends))
    apart = (again.get_column("match_weight") - stored.get_column("match_weight")).abs()
    assert stored.height > 500
    assert apart.max() <= EXACT
    for weighed, why in zip(again.to_dicts(), stored.get_column("why"), strict=True):
        told, published = from_weighed(weighed, kept.trained()), json.loads(why)
        total = told.prior + sum(step.weight for step in told.steps)
        assert total == pytest.approx(told.weight, abs=EXACT)
        levels = {name: part["level"] for name, part in published.items() if name != "refused"}
        assert {step.comparison: step.level for step in told.steps} == levels
        assert (weighed["conflict"] is None) or "refused" in published


def test_a_few_pairs_alone_weigh_what_they_weighed_among_all(
    kept: Kept, stored: pl.DataFrame
) -> None:
    few = stored.sample(12, seed=5).sort("record_id_l", "record_id_r")
    with duckdb.connect() as scratch:
        again = weigh_again(scratch, kept, list(few.select(pl.nth(0, 1)).iter_rows()))
    apart = (again.get_column("match_weight") - few.get_column("match_weight")).abs()
    assert apart.max() <= EXACT


@pytest.mark.parametrize("status", ["link", "clerical", "refused"])
def test_one_pair_is_told_with_its_published_weight(archive: Archive, status: str) -> None:
    left, right = first_pair(archive, status)
    story = tell_pair(archive, right, left)
    assert story.published is not None
    assert story.evidence is not None
    assert story.evidence.weight == pytest.approx(story.published.weight, abs=EXACT)
    assert any(rule.outcome == "met" for rule in story.rules)
    assert story.notes == ()


def test_what_was_kept_of_another_release_is_not_believed(
    archive: Archive, kept: Kept, tmp_path: Path
) -> None:
    doctored = Kept(tmp_path / "doctored")
    shutil.copytree(kept.folder, doctored.folder)
    content = json.loads((kept.folder / MODEL).read_bytes())
    content["model"]["prior"] /= 2
    (doctored.folder / MODEL).unlink()
    (doctored.folder / MODEL).write_text(json.dumps(content), encoding="utf-8")
    left, right = first_pair(archive, "link")
    story = tell_pair(Archive(archive.release, doctored, archive.scratch), left, right)
    assert story.published is not None
    assert story.evidence is not None
    assert story.evidence.weight == story.published.weight
    assert "does not belong to this release" in story.notes[0]


def test_records_that_never_met_are_told_what_kept_them_apart(archive: Archive, made: Made) -> None:
    rows = archive.release.execute(
        "SELECT source || '/' || source_record_id FROM identity.crosswalk "
        "WHERE source = 'registration' ORDER BY source_record_id"
    ).fetchall()
    first, last = rows[0][0], rows[-1][0]
    story = tell_pair(archive, first, last)
    assert not story.together
    assert story.published is None
    assert story.evidence is not None
    assert story.evidence.probability < 0.1
    assert pair_verdict(story).startswith("apart: never compared, they agree on no blocking rule")
    out = oneid("why", first, last, cwd=made.root).out
    assert "rules brought them together" in out
    assert "any two records" in out


def test_values_are_shown_only_when_asked_for(made: Made) -> None:
    ask = "SELECT entity_id, email FROM golden.customers WHERE email IS NOT NULL ORDER BY 1 LIMIT 1"
    row = json.loads(oneid("query", ask, "-f", "json", cwd=made.root).out)
    asked = ("why", row["entity_id"], "--json")
    assert row["email"] not in oneid(*asked, cwd=made.root).out
    assert row["email"] in oneid(*asked, "--values", cwd=made.root).out


def test_pictures_are_whole_and_hold_no_values(
    made: Made, archive: Archive, tmp_path: Path
) -> None:
    ends = first_pair(archive, "link")
    for name, records in (("pair", ends), ("customer", ends[:1])):
        file = tmp_path / f"{name}.svg"
        ended = oneid("why", *records, "--picture", str(file), cwd=made.root)
        assert ended.code == 0, ended.err
        text = file.read_text(encoding="utf-8")
        ElementTree.fromstring(text)
        assert records[0] in text
        assert not re.search(r"//(?!www\.w3\.org/2000/svg)|@(?!media)|<script|url\(", text)


def test_a_picture_that_cannot_be_written_is_an_error_in_words(made: Made) -> None:
    ended = oneid("why", "registration/x", "--picture", "x.png", cwd=made.root)
    assert (ended.code, "Traceback" in ended.err) == (1, False)
    assert "name a file that ends in .svg" in ended.err
