"""`oneid accept`: a refused figure that somebody vouches for, and no way around that."""

import csv
import shutil
from pathlib import Path

import dagster as dg
import pytest
from running import Ended, Made, oneid

from core.project import Project
from pipelines.pipeline import define_pipeline
from warehouse.query import run_query

CHECK = "registration.quarantined_share_of_many"


def deliver_bad(root: Path, name: str = "late.csv", bad: int = 9) -> None:
    """A delivery of ten registrations most of which lack their key."""
    with (root / "landing/registration" / name).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["registration_id", "registered_at", "full_name", "email"])
        for number in range(10):
            key = "" if number < bad else f"{name}-{number}"
            writer.writerow([key, "2026-06-01T10:00:00Z", f"Ann Late{number}", ""])


def releases(root: Path) -> list[str]:
    return sorted(path.name for path in (root / "var/releases").glob("golden-*"))


def accept(
    root: Path, check: str = CHECK, because: str = "a known outage", who: str = "eve"
) -> Ended:
    return oneid("accept", check, "--because", because, "--as", who, "--project", str(root))


def run(root: Path, *options: str) -> Ended:
    return oneid("run", *options, "--project", str(root))


def launch(root: Path, *assets: str) -> bool:
    """Whether these stages alone, with their checks, end well."""
    job = dg.define_asset_job("some", selection=dg.AssetSelection.assets(*assets))
    pipeline = dg.Definitions.merge(define_pipeline(root), dg.Definitions(jobs=[job]))
    result = pipeline.resolve_job_def("some").execute_in_process(
        instance=dg.DagsterInstance.ephemeral(), raise_on_error=False
    )
    return bool(result.success)


@pytest.fixture(scope="session")
def refused_once(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published project whose last run was refused; only to be looked at."""
    root = tmp_path_factory.mktemp("refused") / "sample"
    shutil.copytree(made.root, root, symlinks=True)
    deliver_bad(root)
    ended = run(root)
    assert ended.code == 2
    assert CHECK in ended.err
    assert "oneid accept SUITE.CHECK --because" in ended.err
    return root


@pytest.fixture
def refused(refused_once: Path, tmp_path: Path) -> Path:
    """The same, for a test to go on with."""
    return shutil.copytree(refused_once, tmp_path / "sample", symlinks=True)


@pytest.mark.slow
def test_an_accepted_figure_is_published_once_and_stays_visible(refused: Path) -> None:
    before = releases(refused)
    told = accept(refused)
    assert told.code == 0, told.err
    assert "by eve: a known outage" in told.out
    assert not launch(refused, "published")
    assert not launch(refused, "golden", "marts", "published")
    assert releases(refused) == before

    published = run(refused)
    assert published.code == 0, published.err
    assert f"accepted: {CHECK}" in published.out
    assert "1 failed and accepted" in published.out
    assert "churn: " in published.out
    assert "known rows kept their entity" in published.out
    assert len(releases(refused)) == len(before) + 1
    status = oneid("status", "--project", str(refused)).out
    assert f"accepted: {CHECK}" in status and "by eve: a known outage" in status
    results = run_query(
        Project(refused),
        "SELECT passed, accepted_by, accepted_because FROM quality.results "
        "WHERE suite || '.' || \"check\" = "
        f"'{CHECK}' ORDER BY \"at\" DESC LIMIT 1",
    )
    assert results.rows() == [(False, "eve", "a known outage")]

    again = accept(refused)
    assert again.code == 1
    assert "ended as: published" in again.err
    deliver_bad(refused, "later.csv")
    assert run(refused).code == 2


@pytest.mark.parametrize(
    ("check", "because", "told"),
    [
        (
            "registration.usable_rows",
            "well",
            f"did not refuse the last run; what did and can be accepted: {CHECK}",
        ),
        ("registration", "well", "did not refuse"),
        (CHECK, "  ", "--because is empty"),
    ],
)
def test_what_cannot_be_accepted_is_said(
    refused_once: Path, check: str, because: str, told: str
) -> None:
    ended = accept(refused_once, check, because)
    assert ended.code == 1
    assert told in ended.err
    assert "Traceback" not in ended.err
    assert not (refused_once / "var/ledger/acceptances.jsonl").exists()


def test_nothing_can_be_accepted_where_nothing_was_refused(made: Made) -> None:
    ended = accept(made.root)
    assert ended.code == 1
    assert "only a check that refused the last run can be accepted" in ended.err
