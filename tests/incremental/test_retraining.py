"""A model trained on more data moves few ids, says how many, and is stopped where it moves many."""

import shutil
from pathlib import Path

import polars as pl
import pytest
import yaml
from publishing import asked, crosswalk, launch, release_file
from resolving import Resolving, Rows, shop_of

from core.frames import scan_frame
from core.project import Project
from quality.suites import OWN_SUITES
from resolution.model import OWN_MODEL
from warehouse.ledger import IdentityLedger
from warehouse.query import run_query


@pytest.fixture(scope="session")
def grown(tmp_path_factory: pytest.TempPathFactory) -> tuple[Project, Path]:
    """A project whose model was trained anew on a fifth more rows, and its release before that."""
    root = tmp_path_factory.mktemp("grown")
    rows = shop_of(root / "shop", customers=120, seed=8).rows
    resolving = Resolving(root / "p")
    resolving.deliver(part_of(rows, 5, left_out=True))
    assert launch(resolving.project, "publish_release").success
    before = release_file(resolving.project)
    resolving.number = 1
    resolving.deliver(part_of(rows, 5, left_out=False))
    assert launch(resolving.project, "publish_release", full=True).success
    return resolving.project, before


def part_of(rows: Rows, share: int, left_out: bool) -> Rows:
    """Of the keys of each source one in `share` + 1, or all but these."""
    found = {}
    for source, frame in rows.items():
        key = frame.columns[0]
        keys = frame.get_column(key).unique().sort().gather_every(share + 1)
        chosen = pl.col(key).is_in(keys.implode())
        found[source] = frame.filter(~chosen if left_out else chosen)
    return found


@pytest.mark.slow
def test_churn_is_measured_and_logged(grown: tuple[Project, Path]) -> None:
    project, before = grown
    old, after = crosswalk(before), release_file(project)
    new = crosswalk(after)
    told = observed(after, "kept_ids_share")
    assert told == pytest.approx(kept_ids_share(project, old), abs=0.001)
    assert told > 0.9
    moved = {(old[row], new[row]) for row in old.keys() & new.keys() if old[row] != new[row]}
    ledger = IdentityLedger(project)
    last = ledger.last_release()
    assert last is not None
    events = ledger.history().filter(pl.col("release") == last.release)
    logged = events.filter(pl.col("kind").is_in(["merged", "split"]))
    ends = {frozenset(pair) for pair in logged.select("entity_id", "other_entity_id").iter_rows()}
    assert {frozenset(pair) for pair in moved if all(pair)} <= ends


def observed(file: Path, check: str) -> float:
    """What the newest run of a release found."""
    [(found,)] = asked(
        file,
        "SELECT DISTINCT observed::DOUBLE FROM quality.results "
        f'WHERE "check" = \'{check}\' AND "at" = (SELECT max("at") FROM quality.results '
        f"WHERE \"check\" = '{check}')",
    )
    return float(found)


def kept_ids_share(project: Project, old: dict[tuple[str, str], str | None]) -> float:
    """Of the records with a row that had an id, those that still have it."""
    members = scan_frame(project.work, "members").collect()
    entities = dict(
        scan_frame(project.work, "entities").select("record_id", "entity_id").collect().iter_rows()
    )
    had: dict[int, set[str]] = {}
    for source, key, record in members.select(
        "source", "source_record_id", "record_id"
    ).iter_rows():
        if entity := old.get((source, key)):
            had.setdefault(record, set()).add(entity)
    return sum(min(had[record]) == entities[record] for record in had) / len(had)


@pytest.mark.slow
def test_a_release_that_moves_too_many_ids_is_refused(
    grown: tuple[Project, Path], tmp_path: Path
) -> None:
    project = Project(Path(shutil.copytree(grown[0].root, tmp_path / "p", symlinks=True)))
    before, ledger = release_file(project), IdentityLedger(project).history()
    rules = yaml.safe_load(OWN_MODEL.read_text(encoding="utf-8"))
    rules["thresholds"] = {"link": 0.9999999, "clerical": 0.5}
    project.customer_model.write_text(yaml.safe_dump(rules), encoding="utf-8")
    suite = (OWN_SUITES / "matching.yml").read_text(encoding="utf-8")
    tight = suite.replace("kept_ids_share, min_value: 0.7}", "kept_ids_share, min_value: 0.999}")
    assert tight != suite
    (project.root / "quality").mkdir()
    (project.root / "quality" / "matching.yml").write_text(tight, encoding="utf-8")
    assert not launch(project, "publish_release").success
    failed = run_query(
        project,
        "SELECT DISTINCT \"check\" FROM quality.results WHERE NOT passed AND severity = 'critical'",
    )
    assert "kept_ids_share" in failed.to_series().to_list()
    assert release_file(project) == before
    assert IdentityLedger(project).history().equals(ledger)
