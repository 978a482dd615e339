"""Runs killed at any moment end, once run again, as if they had never been killed."""

import random
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import pytest
from processes import begin, ended, killed, ready
from resolving import Resolving, Rows, Shop

from benchmarks.batches import in_batches
from core.project import Project
from resolution.decisions import Decision, DecisionStore, RowKey
from sources.landed import LandedStore, landed_path
from warehouse.as_of import golden_as_of
from warehouse.ledger import IdentityLedger
from warehouse.release import current_release

DELIVERIES, KILLS_EACH = 5, 6
OF_THE_RUN = "updated_at"
"""The column of customers that is the time of the run."""


@pytest.mark.slow
def test_thirty_kills_leave_no_trace(shop: Shop, tmp_path: Path) -> None:
    ready()
    dice = random.Random(30)
    twin, victim = (Resolving(tmp_path / name, shop.model) for name in ("twin", "victim"))
    batches = in_batches(shop.rows, DELIVERIES + 1, seed=30)
    died = 0
    for number, batch in enumerate(batches):
        for each in (twin, victim):
            hand_over(each, shop, batch, number)
        took = run_to_the_end(twin)
        for _ in range(KILLS_EACH if number else 0):
            died += killed(start(victim), dice.uniform(0, took))
        run_to_the_end(victim)
        assert_same(twin.project, victim.project)
    assert died >= DELIVERIES * KILLS_EACH * 2 // 3


def hand_over(resolving: Resolving, shop: Shop, batch: Rows, number: int) -> None:
    """A delivery with a bad row, a withdrawal, and two decisions."""
    resolving.number = number
    orders = batch.get("transaction")
    if orders is not None:
        bad = orders.head(1).with_columns(
            transaction_id=pl.lit(f"BAD-{number}"), quantity=pl.lit("many")
        )
        batch = {**batch, "transaction": pl.concat([orders, bad])}
    resolving.deliver(batch)
    people = shop.rows["registration"].get_column("registration_id").unique().sort().to_list()
    resolving.withdraw({"registration": people[number : number + 1]})
    first, second, third = (RowKey("registration", key) for key in people[-number - 3 :][:3])
    DecisionStore(resolving.project).decide_all(
        [Decision("non-match", first, second, "ann"), Decision("match", second, third, "bob")]
    )


def start(resolving: Resolving) -> Any:
    root = resolving.project.root
    return begin(["run", "--project", str(root)], root / "said.txt")


def run_to_the_end(resolving: Resolving) -> float:
    """Seconds that a run took."""
    begun = time.monotonic()
    said = resolving.project.root / "said.txt"
    assert ended(start(resolving)) == 0, said.read_text(encoding="utf-8")
    return time.monotonic() - begun


def assert_same(twin: Project, victim: Project) -> None:
    """Both projects hold the same, but for names of releases and times of runs."""
    for told in (_released, _landed, _remembered, _kept):
        assert told(victim) == told(twin), told.__name__


def _released(project: Project) -> list[Any]:
    release = current_release(project)
    assert release is not None
    queries = (
        f"SELECT * EXCLUDE ({OF_THE_RUN}) FROM golden.customers ORDER BY ALL",
        "SELECT * FROM golden.provenance ORDER BY ALL",
        "SELECT source, source_record_id, entity_id, matched_by FROM identity.crosswalk "
        "ORDER BY ALL",
        "SELECT sequence, kind, entity_id, other_entity_id, cause FROM identity.events "
        "ORDER BY ALL",
        "SELECT source, file, row_number, reason, raw FROM quality.quarantine ORDER BY ALL",
        "SELECT * EXCLUDE (why) FROM identity.matches ORDER BY ALL",
        "SELECT * FROM facts.transactions ORDER BY ALL",
    )
    with duckdb.connect(str(release.file), read_only=True) as con:
        return [con.execute(query).fetchall() for query in queries]


def _landed(project: Project) -> list[Any]:
    with LandedStore(landed_path(project), read_only=True) as store:
        counted = store.files().drop("delivered_at", "delivery").sort("source", "file")
        rows = [store.versions(name).drop("_delivery", "_sequence") for name in store.sources()]
        bad = store.quarantine().drop("delivered_at")
    return [frame.rows() for frame in (counted, bad, *rows)]


def _remembered(project: Project) -> list[Any]:
    """What the ledger and the log of golden values say of each release."""
    ledger, release = IdentityLedger(project), current_release(project)
    assert release is not None
    assert ledger.releases()[-1].release == release.release
    events = ledger.history().select("sequence", "kind", "entity_id", "other_entity_id", "cause")
    logged = [golden_as_of(project, each.release).rows() for each in ledger.releases()]
    return [
        len(ledger.releases()),
        events.rows(),
        sorted(ledger.current_assignments().rows()),
        logged,
    ]


def _kept(project: Project) -> list[Any]:
    """What lies about: as many releases, what the last was made from, and no drafts."""
    kinds: dict[str, Callable[[Path], int]] = {
        "releases": lambda folder: len(list(folder.glob("golden-*"))),
        "state/matching": lambda folder: len(list(folder.iterdir())),
    }
    found = {name: count(project.var / name) for name, count in kinds.items()}
    drafts = [path.name for path in project.var.rglob("*draft*") if "work" not in path.parts]
    return [found, drafts]
