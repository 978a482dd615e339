"""Are the compiled weights Splink's? A million pairs of each set, weighed by both.

`python -m benchmarks.parity DATA --sets a,b --pairs 1000000 --write`. Half the pairs are
candidates, half drawn at random from all pairs; Han names are among them where a set has any.
"""

import argparse
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from benchmarks.product import RunFailed, run_product
from benchmarks.report import say, table, write_report
from benchmarks.sets import TruthSet, load_sets
from core.project import Project
from resolution.kept import Kept, kept_for
from resolution.matching.full import candidates_of
from resolution.scoring.parity import check_parity
from resolution.scoring.scorers import pairs_frame, scorer_for
from warehouse.release import current_release

CHUNK = 200_000
"""Pairs that Splink weighs at a time, to bound its memory."""


@dataclass(frozen=True)
class SetParity:
    """One set's pairs weighed by both."""

    name: str
    pairs: int
    han: int
    """Records with Chinese characters in the name."""
    largest_difference: float
    other_levels: int
    seconds: float


def main() -> None:
    """Check every set and print the table; with --write also results/parity.md."""
    asked = _arguments()
    rows = []
    for given in load_sets(asked.data, [x for x in asked.sets.split(",") if x]):
        with tempfile.TemporaryDirectory() as folder:
            try:
                found = check_set(given, Path(folder) / "project", asked.pairs)
            except RunFailed as failed:
                say(f"{given.name}: no release to check, {failed}")
                continue
        rows.append(found)
        say(
            f"{found.name}: {found.pairs:,} pairs, largest difference "
            f"{found.largest_difference:.1e} bits, {found.other_levels} at another level"
        )
    text = _report(rows)
    say(f"\n{text}")
    if asked.write:
        write_report("parity", text)


def check_set(given: TruthSet, root: Path, pairs: int) -> SetParity:
    """Run the product on the set at `root`, then weigh `pairs` of its pairs with both."""
    run_product(given, root)
    project = Project(root.resolve())
    release = current_release(project)
    kept = kept_for(project, release.release) if release else None
    if kept is None:
        raise RunFailed("nothing was published")
    return _checked(given.name, kept, pairs)


def _checked(name: str, kept: Kept, pairs: int) -> SetParity:
    started = time.perf_counter()
    (records, _), trained = kept.dense_records(), kept.trained()
    frequencies = {column: pl.read_parquet(file) for column, file in kept.frequencies().items()}
    candidates = candidates_of(records, kept.rules(), trained)
    sample = sample_pairs(
        candidates.pairs(min(1.0, pairs / 2 / max(candidates.gross, 1))), len(candidates.own), pairs
    )
    connection = duckdb.connect()
    scorer = scorer_for(connection, records, trained.comparisons, trained.prior).with_model(
        trained.comparisons, trained.prior, frequencies
    )
    largest, flipped = 0.0, 0
    for begin in range(0, len(sample), CHUNK):
        chunk = sample.slice(begin, CHUNK)
        found = check_parity(connection, scorer, records, chunk, trained.prior, frequencies)
        largest = max(largest, found.largest_difference)
        flipped += sum(found.other_levels.values())
    han = "name_han" in records.collect_schema()
    written = int(records.select(pl.col("name_han").count()).collect().item()) if han else 0
    return SetParity(name, len(sample), written, largest, flipped, time.perf_counter() - started)


def sample_pairs(
    candidates: Iterator[tuple[np.ndarray, np.ndarray]], records: int, pairs: int
) -> pl.DataFrame:
    """`candidates`, filled up with random pairs to `pairs`, or to all there are."""
    close = pairs_frame(candidates)
    generator = np.random.default_rng(1)
    ends = np.sort(generator.integers(0, records, size=(pairs, 2), dtype=np.int64), axis=1)
    at_random = pl.DataFrame({"record_id_l": ends[:, 0], "record_id_r": ends[:, 1]})
    both = pl.concat([close, at_random.filter(pl.col("record_id_l") < pl.col("record_id_r"))])
    return both.unique(maintain_order=True).head(pairs).sort("record_id_l", "record_id_r")


def _report(found: list[SetParity]) -> str:
    rows = [
        [
            item.name,
            f"{item.pairs:,}",
            f"{item.han:,}",
            f"{item.largest_difference:.1e}",
            str(item.other_levels),
            f"{item.seconds:.0f}",
        ]
        for item in found
    ]
    headings = [
        "set",
        "pairs",
        "records in Han",
        "largest difference (bits)",
        "pairs at another level",
        "seconds",
    ]
    return (
        "# Parity\n\nThe compiled engine and Splink 5 weigh the same pairs of each set with the "
        "same trained model and term frequencies: candidates of the blocking rules, filled up "
        "with pairs drawn at random.\n\n" + table(headings, rows)
    )


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.parity", description=__doc__)
    parser.add_argument("data", nargs="?", type=Path, help="a folder of sets; FEBRL's without one")
    parser.add_argument("--sets", default="", help="names, with commas between; all when left out")
    parser.add_argument("--pairs", type=int, default=1_000_000, help="pairs of each set")
    parser.add_argument("--write", action="store_true", help="write benchmarks/results/parity.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()
