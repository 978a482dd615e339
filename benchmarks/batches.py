"""The same rows in one delivery and in many: are the customers the same, do their ids last?

`python -m benchmarks.batches [CUSTOMERS] [--batches N] [--seed S] [--write]`
"""

import argparse
import random
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import polars as pl

from benchmarks.measuring import run_process
from benchmarks.product import COMMAND, environment
from benchmarks.report import say, table, write_report
from core.project import Project
from sources.landed import LandedStore, landed_path
from sources.spec import load_specs
from warehouse.ledger import IdentityLedger

CUSTOMERS: Final = 9_000
BATCHES: Final = 12
KEY: Final = ["source", "source_record_id"]
Rows = dict[str, pl.DataFrame]
"""Source -> rows to deliver, as text."""
NOTES: Final = """\
The five-source sample is run once and its model kept (`oneid model keep`). Its rows, every version
of them, are then delivered to a project at once, and to another in unequal, shuffled, partly
repeated batches, each with `oneid run`. The adjusted Rand index compares who is together in the two
(1: the same). An id moved silently when a row's entity is another after a batch and no merge or
split between the two ids was logged.
"""


@dataclass(frozen=True)
class Outcome:
    """What the two deliveries came to."""

    rows: int
    entities: int
    rand: float
    """Adjusted Rand index."""
    values: int
    """Golden values that differ between the two."""
    moved: int
    """Rows that changed their id in some batch."""
    silent: int
    """Of these, without a logged merge or split."""
    ended: int
    """Ids that were merged away or retired."""
    unanswered: int
    """Of these, that do not lead to a living customer and were not retired."""
    seconds: tuple[float, ...]
    """Of each batch's run."""


def landed_rows(project: Project) -> Rows:
    """Every version of every row that has landed and was not withdrawn, as text."""
    specs = load_specs(project)
    found = {}
    with LandedStore(landed_path(project), read_only=True) as store:
        for source in store.sources():
            rows = store.versions(source)
            kept = [name for name in specs[source].fields if name in rows.columns]
            found[source] = rows.select(kept).with_columns(pl.all().cast(pl.String))
    return found


def in_batches(rows: Rows, batches: int, seed: int) -> Iterator[Rows]:
    """The rows in so many unequal, shuffled, partly repeated deliveries."""
    dice = random.Random(seed)
    parts: list[Rows] = [{} for _ in range(batches)]
    for source, frame in sorted(rows.items()):
        shuffled = frame.sample(fraction=1.0, shuffle=True, seed=dice.randrange(1 << 30))
        cuts = sorted(dice.randrange(frame.height + 1) for _ in range(batches - 1))
        for place, (a, b) in enumerate(zip([0, *cuts], [*cuts, frame.height], strict=True)):
            again = shuffled.slice(max(a - 3, 0), min(a, 3))
            part = pl.concat([shuffled.slice(a, b - a), again])
            if len(part):
                parts[place][source] = part
    yield from parts


def adjusted_rand(left: pl.Series, right: pl.Series) -> float:
    """Agreement of two groupings of the same things beyond chance (Hubert and Arabie 1985)."""
    both = pl.DataFrame({"left": left, "right": right})

    def pairs(*names: str) -> int:
        counts = both.group_by(names).len().get_column("len").cast(pl.Int64)
        return int((counts * (counts - 1) // 2).sum())

    together, a, b = pairs("left", "right"), pairs("left"), pairs("right")
    chance = a * b / max(len(both) * (len(both) - 1) / 2, 1)
    most = (a + b) / 2
    return 1.0 if most == chance else (together - chance) / (most - chance)


def measure(customers: int, batches: int, seed: int, root: Path) -> Outcome:
    """Make the sample, deliver its rows both ways, compare."""
    sample, once, many = (root / name for name in ("sample", "once", "many"))
    _oneid(root, "sample", str(sample), "--customers", str(customers), "--seed", str(seed))
    _oneid(root, "run", "--project", str(sample))
    _oneid(root, "model", "keep", "--project", str(sample))
    rows = landed_rows(Project(sample.resolve()))
    for project in (once, many):
        project.mkdir()
        (project / "model").symlink_to(sample.resolve() / "model")
    _deliver(once, 0, rows)
    _oneid(root, "run", "--project", str(once))
    seconds: list[float] = []
    moved = silent = 0
    before = pl.DataFrame(schema=dict.fromkeys((*KEY, "entity_id"), pl.String))
    for place, batch in enumerate(in_batches(rows, batches, seed)):
        _deliver(many, place, batch)
        seconds.append(_oneid(root, "run", "--project", str(many)))
        after = _crosswalk(many)
        turned = after.join(before, on=KEY, suffix="_before")
        turned = turned.filter(pl.col("entity_id") != pl.col("entity_id_before"))
        moved, silent = moved + turned.height, silent + _silent(many, turned)
        before = after
        say(f"batch {place + 1}: {seconds[-1]:.1f} s, {after['entity_id'].n_unique():,} customers")
    both = _crosswalk(once).join(before, on=KEY, how="full", suffix="_many", coalesce=True)
    ended, unanswered = _answered(many)
    return Outcome(
        rows=both.height,
        entities=before["entity_id"].n_unique(),
        rand=adjusted_rand(both["entity_id"], both["entity_id_many"]),
        values=_other_values(once, many),
        moved=moved,
        silent=silent,
        ended=ended,
        unanswered=unanswered,
        seconds=tuple(seconds),
    )


def _oneid(root: Path, *arguments: str) -> float:
    ended = run_process([*COMMAND, *arguments], root / "oneid.log", environment())
    if ended.code:
        sys.exit(f"bench-batches: oneid {arguments[0]} failed\n{ended.output}")
    return ended.cost.seconds


def _deliver(project: Path, place: int, rows: Rows) -> None:
    for source, frame in rows.items():
        folder = project / "landing" / source
        folder.mkdir(parents=True, exist_ok=True)
        frame.write_csv(folder / f"{place:03}.csv")


def _crosswalk(project: Path) -> pl.DataFrame:
    with duckdb.connect(str(project / "var/current.duckdb"), read_only=True) as con:
        found: pl.DataFrame = con.sql(
            "SELECT source, source_record_id, entity_id FROM identity.crosswalk "
            "WHERE matched_as IS NOT NULL"
        ).pl()
    return found


def _silent(project: Path, turned: pl.DataFrame) -> int:
    """Rows that moved between two ids of which no event tells."""
    ledger = IdentityLedger(Project(project.resolve()))
    release = ledger.releases()[-1].release
    events = ledger.history().filter(
        pl.col("release") == release, pl.col("kind").is_in(["merged", "split"])
    )
    told = {frozenset(ids) for ids in events.select("entity_id", "other_entity_id").iter_rows()}
    ids = turned.select("entity_id", "entity_id_before").iter_rows()
    return sum(frozenset(pair) not in told for pair in ids)


def _answered(project: Path) -> tuple[int, int]:
    """Ids that live no longer, and those of them that nothing answers for."""
    ledger = IdentityLedger(Project(project.resolve()))
    living = set(ledger.current_assignments()["entity_id"])
    history = ledger.history()
    retired = set(history.filter(pl.col("kind") == "retired")["entity_id"])
    ended = set(history.filter(pl.col("kind") == "created")["entity_id"]) - living
    redirects = dict(ledger.redirects().iter_rows())
    lost = [x for x in ended if redirects.get(x, x) not in living | retired]
    return len(ended), len(lost)


def _other_values(once: Path, many: Path) -> int:
    """Golden values that only one of the two releases has, entities matched by their rows."""
    with duckdb.connect() as con:
        for name, project in (("a", once), ("b", many)):
            con.execute(f"ATTACH '{project / 'var/current.duckdb'}' AS {name} (READ_ONLY)")
        counts = con.execute(
            """
            WITH same AS (
                SELECT DISTINCT x.entity_id AS a, y.entity_id AS b
                FROM a.identity.crosswalk x JOIN b.identity.crosswalk y
                USING (source, source_record_id)
            ),
            theirs AS (
                SELECT s.a AS entity_id, attribute, value, rule
                FROM b.golden.provenance p JOIN same s ON s.b = p.entity_id
            ),
            ours AS (SELECT entity_id, attribute, value, rule FROM a.golden.provenance)
            SELECT count(*) FROM ((FROM ours EXCEPT FROM theirs) UNION ALL
                                  (FROM theirs EXCEPT FROM ours))
            """
        ).fetchall()
    return int(counts[0][0])


def report(found: Outcome, customers: int) -> str:
    """The outcome as markdown."""
    first, *later = found.seconds
    rows = [
        ["customers made", f"{customers:,}"],
        ["source rows compared", f"{found.rows:,}"],
        ["customers found", f"{found.entities:,}"],
        ["batches", f"{len(found.seconds)}"],
        ["**adjusted Rand index**", f"**{found.rand:.6f}**"],
        ["golden values that differ", f"{found.values:,}"],
        ["rows that changed their id on the way", f"{found.moved:,}"],
        ["of these without a logged merge or split", f"{found.silent:,}"],
        ["ids that ended", f"{found.ended:,}"],
        ["of these that lead nowhere", f"{found.unanswered:,}"],
        ["seconds of the first batch's run", f"{first:.1f}"],
        ["seconds of a later one, on average", f"{sum(later) / max(len(later), 1):.1f}"],
    ]
    return f"# Deliveries\n\n{NOTES}\n{table(['', ''], rows)}\n"


def main() -> None:
    """Measure, print the report; write it where asked."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.batches", description=__doc__)
    parser.add_argument("customers", nargs="?", type=int, default=CUSTOMERS)
    parser.add_argument("--batches", type=int, default=BATCHES)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--write", action="store_true", help="write results/batches.md")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as passing:
        found = measure(asked.customers, asked.batches, asked.seed, Path(passing))
    text = report(found, asked.customers)
    say(f"\n{text}")
    if asked.write:
        say(f"\nwritten to benchmarks/results/{write_report('batches', text).name}")


if __name__ == "__main__":
    main()
