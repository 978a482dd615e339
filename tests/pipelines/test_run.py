"""`oneid run` from deliveries to a release, and everything that must not become one."""

import hashlib
import json
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import duckdb
import pytest
from running import COMMAND, Made, oneid

from pipelines.pipeline import define_pipeline

STAGES = ("landed", "standardised", "scored_pairs", "entities", "golden", "marts", "published")


def pointer(root: Path) -> dict[str, str]:
    content: dict[str, str] = json.loads((root / "var/releases/CURRENT.json").read_bytes())
    return content


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def releases(root: Path) -> dict[str, str]:
    """Every published file with its digest, and the pointer's."""
    return {path.name: digest(path) for path in sorted((root / "var/releases").iterdir())}


def break_registrations(root: Path) -> None:
    """Deliver registrations none of which has its key: a broken export."""
    rows = "".join(f",2026-01-{day:02},Ann{day}\n" for day in range(1, 29))
    (root / "landing/registration/broken.csv").write_text(
        "registration_id,registered_at,full_name\n" + rows, encoding="utf-8"
    )


def publish_alone(root: Path) -> dg.ExecuteInProcessResult:
    """Launch the last stage by itself, as the UI lets anybody do."""
    job = define_pipeline(root).resolve_implicit_global_asset_job_def()
    return job.execute_in_process(
        asset_selection=[dg.AssetKey("published")],
        instance=dg.DagsterInstance.ephemeral(),
        raise_on_error=False,
    )


def test_run_publishes_and_ends_with_0(made: Made) -> None:
    assert made.run.code == 0, made.run.err
    current = pointer(made.root)
    assert digest(made.root / "var/releases" / current["file"]) == current["sha256"]
    assert (made.root / "var/current.duckdb").resolve().name == current["file"]


def test_run_tells_a_line_a_stage_in_their_order(made: Made) -> None:
    told = [line.split()[0] for line in made.run.out.splitlines() if line and line[0] != " "]
    assert [word for word in told if word in STAGES] == list(STAGES)


def test_report_tells_sources_accuracy_release_and_what_to_try(made: Made) -> None:
    for words in ("quarantined", "merge rate", "checks passed", "precision", "recall", "F1"):
        assert words in made.run.out
    assert pointer(made.root)["file"] in made.run.out
    assert made.run.out.rstrip().splitlines()[-1].strip().startswith("oneid status")


def test_release_knows_its_own_run_and_its_checks(made: Made) -> None:
    file = made.root / "var/current.duckdb"
    with duckdb.connect(str(file), read_only=True) as con:
        runs = con.execute("SELECT outcome, release, rows_in > 0 FROM quality.runs").fetchall()
        failed = con.execute(
            "SELECT count(*) FROM quality.results WHERE NOT passed AND severity = 'critical'"
        ).fetchone()
    assert runs == [("published", pointer(made.root)["release"], True)]
    assert failed == (0,)


def test_second_run_has_nothing_new(copied: Callable[[], Path]) -> None:
    root = copied()
    before = releases(root)
    again = oneid("run", cwd=root)
    assert (again.code, again.err) == (0, "")
    assert "nothing new" in again.out
    assert "standardised" not in again.out
    assert releases(root) == before


def test_redelivery_under_another_name_is_nothing_new(copied: Callable[[], Path]) -> None:
    root = copied()
    delivered = min((root / "landing/registration").iterdir())
    shutil.copy(delivered, delivered.with_name(f"again-{delivered.name}"))
    assert "nothing new" in oneid("run", "--project", str(root)).out


def test_broken_source_is_refused_and_the_release_stays(copied: Callable[[], Path]) -> None:
    root = copied()
    before = releases(root)
    break_registrations(root)
    refused = oneid("run", "--project", str(root))
    assert refused.code == 2
    assert "registration.quarantined_share" in refused.err
    assert "observed" in refused.err and "allowed" in refused.err
    assert releases(root) == before
    told = oneid("status", "--project", str(root)).out
    assert "refused" in told and "critical: registration.quarantined_share" in told
    assert not publish_alone(root).success
    assert releases(root) == before


def test_publish_alone_refuses_without_any_audit(copied: Callable[[], Path]) -> None:
    root = copied()
    before = releases(root)
    (root / "var/work/audit.json").unlink()
    result = publish_alone(root)
    assert not result.success
    assert releases(root) == before


def test_publish_alone_refuses_a_changed_candidate(copied: Callable[[], Path]) -> None:
    root = copied()
    before = releases(root)
    with (root / "var/work/candidate.duckdb").open("r+b") as candidate:
        candidate.seek(4096)
        candidate.write(b"\0")
    assert not publish_alone(root).success
    assert releases(root) == before


def test_stages_without_their_checks_cannot_be_published(copied: Callable[[], Path]) -> None:
    root = copied()
    before = releases(root)
    selection = dg.AssetSelection.assets("golden", "marts", "published").without_checks()
    unchecked = dg.define_asset_job("unchecked", selection=selection)
    pipeline = dg.Definitions.merge(define_pipeline(root), dg.Definitions(jobs=[unchecked]))
    result = pipeline.resolve_job_def("unchecked").execute_in_process(
        instance=dg.DagsterInstance.ephemeral(), raise_on_error=False
    )
    failed = [event.step_key for event in result.all_events if event.is_step_failure]
    assert failed == ["published"]
    assert releases(root) == before


@pytest.mark.slow
def test_full_run_changes_no_entity_id(copied: Callable[[], Path]) -> None:
    root = copied()
    ask = "SELECT source, source_record_id, entity_id FROM identity.crosswalk ORDER BY ALL"
    before = oneid("query", ask, "--format", "csv", cwd=root).out
    assert oneid("run", "--full", cwd=root).code == 0
    assert oneid("query", ask, "--format", "csv", cwd=root).out == before
    assert len(list((root / "var/releases").glob("golden-*.duckdb"))) == 2


@pytest.mark.slow
def test_killed_run_leaves_the_release_and_the_next_one_finishes(
    copied: Callable[[], Path],
) -> None:
    root = copied()
    before = releases(root)
    killed = subprocess.Popen(
        [*COMMAND, "run", "--full", "--project", str(root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert killed.stdout is not None
    for line in killed.stdout:
        if line.startswith("standardised"):
            time.sleep(1)  # well into scoring
            killed.send_signal(signal.SIGKILL)
            break
    killed.wait()
    assert releases(root) == before
    again = oneid("run", "--full", "--project", str(root))
    assert again.code == 0, again.err
    assert len(list((root / "var/releases").glob("golden-*.duckdb"))) == 2


@pytest.mark.slow
def test_interrupted_run_ends_with_130_and_publishes_nothing(copied: Callable[[], Path]) -> None:
    root = copied()
    before = releases(root)
    stopped = subprocess.Popen(
        [*COMMAND, "run", "--full", "--project", str(root)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert stopped.stdout is not None
    for line in stopped.stdout:
        if line.startswith("standardised"):
            time.sleep(1)
            stopped.send_signal(signal.SIGINT)
            break
    _, errors = stopped.communicate(timeout=60)
    assert (stopped.returncode, "Traceback" in errors) == (130, False)
    assert "stopped" in errors
    assert releases(root) == before
