"""How right the current release is, where the truth is known: pairs and B-cubed, by counting."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from core.errors import ProjectError
from core.project import Project
from sources.spec import load_specs
from warehouse.release import open_current

RECORD_COLUMNS: Final = ("source_record_id", "record_id", "rec_id", "id")
TRUTH_COLUMNS: Final = (
    "customer_id",
    "entity_id",
    "person_id",
    "true_id",
    "truth",
    "ground_truth",
    "cluster_id",
    "cluster",
)


@dataclass(frozen=True)
class Evaluation:
    """A release held against the truth; all rates between 0 and 1.

    A pair is two source records of the truth. What the crosswalk lacks counts as an entity of
    its own: its pairs are missed. Source records the truth does not speak of are left out.
    Precision is 1 where nothing was linked, recall where there was nothing to link.
    """

    rows: int
    """Source records judged."""
    missing: int
    """Of these, how many the crosswalk lacks."""
    true_pairs: int
    linked_pairs: int
    right_pairs: int
    """Linked and true."""
    precision: float
    recall: float
    f1: float
    b_cubed_precision: float
    b_cubed_recall: float
    b_cubed_f1: float
    by_sources: pl.DataFrame
    """One row a pair of sources, visitors included: source_l <= source_r, true_pairs,
    linked_pairs, right_pairs, precision, recall, f1."""


def evaluate(project: Project, truth: Path) -> Evaluation:
    """Judge the current release by the truth file.

    The file is CSV, Parquet or JSON lines with a column for the source record (one of
    RECORD_COLUMNS), one for who it is (one of TRUTH_COLUMNS), and `source`, which may be missing
    where record ids are unique among the sources. Sources of anonymous visitors are left out of
    the totals: most of them are nobody's. Raises ProjectError for a file that cannot be read as
    this, or before the first release.
    """
    with open_current(project) as con:
        crosswalk = con.sql(
            "SELECT source, source_record_id, entity_id FROM identity.crosswalk"
        ).pl()
    visitors = [name for name, spec in load_specs(project).items() if spec.recognise_by]
    judged = _judged(read_truth(truth), crosswalk, truth.name)
    return score_assignment(judged, leave_out=visitors)


def score_assignment(judged: pl.DataFrame, leave_out: list[str]) -> Evaluation:
    """Judge rows of source, truth and entity_id (null: not in the crosswalk).

    Sources in `leave_out` are part of `by_sources` alone.
    """
    rows = judged.with_columns(
        found=pl.col("entity_id").is_not_null(),
        entity_id=pl.coalesce("entity_id", pl.format("missing {}", pl.int_range(pl.len()))),
    )
    counted = rows.filter(~pl.col("source").is_in(leave_out))
    true = _pairs(counted, "truth")
    linked = _pairs(counted, "entity_id")
    right = _pairs(counted, "truth", "entity_id")
    precision, recall = _rate(right, linked), _rate(right, true)
    sure, whole = _b_cubed(counted)
    return Evaluation(
        rows=counted.height,
        missing=counted.filter(~pl.col("found")).height,
        true_pairs=true,
        linked_pairs=linked,
        right_pairs=right,
        precision=precision,
        recall=recall,
        f1=_f1(precision, recall),
        b_cubed_precision=sure,
        b_cubed_recall=whole,
        b_cubed_f1=_f1(sure, whole),
        by_sources=_by_sources(rows),
    )


def read_truth(file: Path) -> pl.DataFrame:
    """record, truth and, where given, source: all text, one row a source record.

    Raises ProjectError naming what is missing, and what is there.
    """
    frame = _read(file)
    named = {
        "record": _first_of(frame, RECORD_COLUMNS, file),
        "truth": _first_of(frame, TRUTH_COLUMNS, file),
    }
    if "source" in frame.columns:
        named["source"] = "source"
    truth = frame.select(**{new: pl.col(old).cast(pl.String) for new, old in named.items()})
    truth = truth.drop_nulls(["record", "truth"]).unique(maintain_order=True)
    keys = [name for name in ("source", "record") if name in truth.columns]
    twice = truth.filter(truth.select(keys).is_duplicated()).height
    if twice:
        raise ProjectError(
            f"{file.name}: {twice} lines say different things of the same record; "
            + ("keep one of each" if "source" in keys else "add a column `source`, or keep one")
        )
    return truth


def _read(file: Path) -> pl.DataFrame:
    kinds = [suffix for suffix in file.suffixes if suffix not in (".gz", ".zst")]
    kind = kinds[-1].lower() if kinds else ""
    try:
        if kind == ".parquet":
            return pl.read_parquet(file)
        if kind == ".csv":
            return pl.read_csv(file, infer_schema=False)
        if kind in (".jsonl", ".ndjson", ".json"):
            return pl.read_ndjson(file, infer_schema_length=None)
    except FileNotFoundError:
        raise ProjectError(f"there is no truth file {file}") from None
    except (pl.exceptions.PolarsError, OSError) as error:
        raise ProjectError(f"{file.name} cannot be read as {kind[1:]}: {error}") from None
    raise ProjectError(f"{file.name}: a truth file is .csv, .parquet or .jsonl, also .gz or .zst")


def _first_of(frame: pl.DataFrame, names: tuple[str, ...], file: Path) -> str:
    for name in names:
        if name in frame.columns:
            return name
    raise ProjectError(
        f"{file.name} has the columns {', '.join(frame.columns)}; "
        f"one of {', '.join(names)} is needed"
    )


def _judged(truth: pl.DataFrame, crosswalk: pl.DataFrame, name: str) -> pl.DataFrame:
    """The truth beside what the release says: source, truth, entity_id."""
    known = crosswalk.rename({"source_record_id": "record"})
    if "source" in truth.columns:
        judged = truth.join(known, on=["source", "record"], how="left")
    else:
        named = known.join(truth.select("record"), on="record", how="semi")
        if named.get_column("record").is_duplicated().any():
            raise ProjectError(
                f"{name} has no column `source`, and some of its records are in several sources; "
                f"add it ({', '.join(sorted(set(known.get_column('source'))))})"
            )
        judged = truth.join(known, on="record", how="left").with_columns(
            pl.col("source").fill_null("not found")
        )
    if judged.get_column("entity_id").null_count() == judged.height:
        raise ProjectError(
            f"none of the {judged.height} records of {name} is in the current release; "
            "are its record ids (and sources) those of this project?"
        )
    return judged.select("source", "truth", "entity_id")


def _pairs(rows: pl.DataFrame, *by: str) -> int:
    """How many pairs of rows are equal in `by`."""
    n = rows.group_by(by).agg(n=pl.len().cast(pl.Int64)).get_column("n")
    return int((n * (n - 1) // 2).sum())


def _b_cubed(rows: pl.DataFrame) -> tuple[float, float]:
    """Mean over rows of the share of the entity, and of the customer, that is rightly beside it.

    Bagga and Baldwin, 1998; a row is beside itself.
    """
    if rows.is_empty():
        return 1.0, 1.0
    cells = rows.group_by("truth", "entity_id").agg(n=pl.len().cast(pl.Int64))
    shares = cells.select(
        sure=pl.col("n") ** 2 / pl.col("n").sum().over("entity_id"),
        whole=pl.col("n") ** 2 / pl.col("n").sum().over("truth"),
    )
    sure, whole = shares.sum().row(0)
    return float(sure) / rows.height, float(whole) / rows.height


def _by_sources(rows: pl.DataFrame) -> pl.DataFrame:
    """True, linked and right pairs between, and within, the sources."""
    counts = None
    for name, by in {
        "true_pairs": ["truth"],
        "linked_pairs": ["entity_id"],
        "right_pairs": ["truth", "entity_id"],
    }.items():
        found = _pairs_by_sources(rows, by).rename({"pairs": name})
        keys = ["source_l", "source_r"]
        counts = found if counts is None else counts.join(found, on=keys, how="full", coalesce=True)
    assert counts is not None
    right, linked, true = (pl.col(f"{name}_pairs") for name in ("right", "linked", "true"))
    return (
        counts.fill_null(0)
        .with_columns(
            precision=pl.when(linked > 0).then(right / linked).otherwise(1.0),
            recall=pl.when(true > 0).then(right / true).otherwise(1.0),
        )
        .with_columns(
            f1=pl.when(right > 0)
            .then(
                2
                * pl.col("precision")
                * pl.col("recall")
                / (pl.col("precision") + pl.col("recall"))
            )
            .otherwise(pl.when((linked > 0) | (true > 0)).then(0.0).otherwise(1.0))
        )
        .sort("source_l", "source_r")
    )


def _pairs_by_sources(rows: pl.DataFrame, by: list[str]) -> pl.DataFrame:
    """source_l, source_r, pairs: pairs of rows equal in `by`, from products of counts."""
    cells = rows.group_by(*by, "source").agg(n=pl.len().cast(pl.Int64))
    both = cells.rename({"source": "source_l"}).join(
        cells.rename({"source": "source_r", "n": "m"}), on=by
    )
    same = pl.col("source_l") == pl.col("source_r")
    return (
        both.filter(pl.col("source_l") <= pl.col("source_r"))
        .with_columns(
            pairs=pl.when(same)
            .then(pl.col("n") * (pl.col("n") - 1) // 2)
            .otherwise(pl.col("n") * pl.col("m"))
        )
        .group_by("source_l", "source_r")
        .agg(pl.col("pairs").sum())
    )


def _rate(part: int, whole: int) -> float:
    return part / whole if whole else 1.0


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
