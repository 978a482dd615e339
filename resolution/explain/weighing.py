"""Any pair of a release's records, weighed as the run weighed its own: with the release's records,
model, frequencies and guards."""

from collections.abc import Sequence

import duckdb
import polars as pl

from resolution.explain.published import Key
from resolution.kept import Kept
from resolution.scoring.scorers import scorer_for
from resolution.training.frequencies import with_unseen
from resolution.training.guards import Watch, believed_guards


def record_numbers(kept: Kept, keys: Sequence[Key]) -> dict[Key, int]:
    """The record_id of each source row."""
    asked = pl.LazyFrame(keys, schema=["source", "source_record_id"], orient="row")
    found = (
        kept.scan("members")
        .join(asked, on=["source", "source_record_id"], how="semi")
        .select("source", "source_record_id", "record_id")
        .collect()
    )
    return {(source, key): number for source, key, number in found.iter_rows()}


def read_records(kept: Kept, numbers: Sequence[int]) -> pl.DataFrame:
    """The records of these numbers, in their order."""
    wanted = sorted(set(numbers))
    return (
        kept.scan("records").filter(pl.col("record_id").is_in(wanted)).collect().sort("record_id")
    )


def weigh_again(
    connection: duckdb.DuckDBPyConnection,
    kept: Kept,
    pairs: Sequence[tuple[int, int]],
    records: pl.DataFrame | None = None,
) -> pl.DataFrame:
    """Weights of pairs of record numbers, whether a rule ever brought them together or not.

    Grain: pair, in order of numbers. Columns as Scorer.score gives them, and `conflict`: why
    a guard forbids the pair, null where none does. Reads only the records named and the
    frequencies of their values. `connection` is Splink's to use, where it has to weigh; `records`:
    exactly those named, where they have been read already.
    """
    ordered = sorted({(min(pair), max(pair)) for pair in pairs})
    if records is None:
        records = read_records(kept, [number for pair in ordered for number in pair])
    known = records.get_column("record_id")
    place = {number: here for here, number in enumerate(known)}
    asked = pl.DataFrame(
        [(place[left], place[right]) for left, right in ordered],
        schema={"record_id_l": pl.Int64, "record_id_r": pl.Int64},
        orient="row",
    )
    renumbered = records.with_columns(record_id=pl.int_range(pl.len(), dtype=pl.Int64))
    trained, rules = kept.trained(), kept.rules()
    scorer = scorer_for(
        connection, renumbered.lazy(), trained.comparisons, trained.prior
    ).with_model(trained.comparisons, trained.prior, _frequencies(kept, renumbered))
    guards = believed_guards(rules.guards, trained)
    watch = Watch(
        trained.comparisons, guards, renumbered.get_column("source"), rules.without_duplicates
    )
    return watch.marked(scorer.score(asked)).with_columns(
        known.gather(asked.get_column(side)).alias(side) for side in ("record_id_l", "record_id_r")
    )


def _frequencies(kept: Kept, records: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """How common the values of `records` are, as resolution.training.frequencies.with_unseen
    has it; every column that has frequencies at all."""
    counted = {column: pl.read_parquet(file) for column, file in kept.frequencies().items()}
    return {
        column: found.join(records.select(column).drop_nulls().unique(), on=column, how="semi")
        for column, found in with_unseen(counted, records.lazy()).items()
    }
