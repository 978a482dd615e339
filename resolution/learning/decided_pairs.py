"""Judgements of people, read from a file and placed on the records of a release."""

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import polars as pl

from core.errors import DecisionError

ENDS: Final = ("source_l", "source_record_id_l", "source_r", "source_record_id_r")
MATCH, NON_MATCH, UNSURE = "match", "non-match", "unsure"
WORDS: Final = (MATCH, NON_MATCH, UNSURE)
ENTITY_COLUMNS: Final = ("entity_id", "customer_id")
_Row = tuple[str, str]
"""Source and key of a source row."""

FIRST_ROW = 2
"""Number of the first row below the headings, as a spreadsheet shows it."""


@dataclass(frozen=True)
class JudgedRows:
    """A file of judgements as it was read: all text, with `row`, its number in a spreadsheet."""

    name: str
    rows: pl.DataFrame
    """ENDS and decision; or source, source_record_id, entity_id."""

    @property
    def of_pairs(self) -> bool:
        """Whether the rows judge pairs; they name entities otherwise."""
        return "decision" in self.rows.columns


def read_judgements(file: Path) -> JudgedRows:
    """The judgements in a CSV or Parquet file. Raises DecisionError where it is none of ours."""
    frame = _read(file)
    entity = next((name for name in ENTITY_COLUMNS if name in frame.columns), None)
    if {*ENDS, "decision"} <= set(frame.columns):
        kept = frame.select(*ENDS, pl.col("decision").str.to_lowercase())
    elif entity and {"source", "source_record_id"} <= set(frame.columns):
        kept = frame.select("source", "source_record_id", pl.col(entity).alias("entity_id"))
    else:
        raise DecisionError(
            file.name,
            [
                f"the columns are {', '.join(frame.columns)}; needed are {', '.join(ENDS)}, "
                "decision (judged pairs), or source, source_record_id, entity_id (whole customers)"
            ],
        )
    judged = JudgedRows(file.name, kept.with_row_index("row", offset=FIRST_ROW))
    problems = list(_empty_cells(judged.rows))
    if judged.of_pairs:
        problems += _unknown_words(judged.rows)
    if problems:
        raise DecisionError(file.name, problems)
    return judged


def _read(file: Path) -> pl.DataFrame:
    if not file.is_file():
        raise DecisionError(file.name, ["there is no such file"])
    try:
        if file.suffix.lower() == ".parquet":
            frame = pl.read_parquet(file)
        else:
            frame = pl.read_csv(file, infer_schema=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        reason = str(error).splitlines()[0]
        raise DecisionError(file.name, [f"it cannot be read as CSV or Parquet: {reason}"]) from None
    return frame.select(pl.all().cast(pl.String).str.strip_chars())


def _empty_cells(rows: pl.DataFrame) -> Iterator[str]:
    for name in rows.columns:
        empty = rows.filter(pl.col(name).is_null() | (pl.col(name).cast(pl.String) == ""))
        yield from (f"row {row}: {name} is empty" for row in empty.get_column("row"))


def _unknown_words(rows: pl.DataFrame) -> Iterator[str]:
    unknown = rows.filter(~pl.col("decision").is_in(WORDS)).select("row", "decision")
    for row, word in unknown.drop_nulls().filter(pl.col("decision") != "").iter_rows():
        yield f"row {row}: decision {word!r}; allowed are {', '.join(WORDS)}"


@dataclass(frozen=True)
class Placed:
    """Judged pairs on the records of a run."""

    pairs: pl.DataFrame
    """record_id_l < record_id_r, same (bool): one row a pair that can teach something."""
    judged: int
    """Rows that say match or non-match."""
    unsure: int
    one_record_rows: tuple[int, ...]
    """Rows whose two sides are one record: they cannot be told apart."""


def place_pairs(judged: JudgedRows, members: pl.DataFrame) -> Placed:
    """The judged pairs by record. `members`: source, source_record_id, record_id.

    Raises DecisionError for records that are not known, and for rows that contradict each other.
    """
    found = with_records(judged.rows, members)
    problems = list(_unknown_records(found, set(members.get_column("source"))))
    problems += list(_same_row_twice(judged.rows))
    problems += list(contradicting(judged.rows.with_columns(written=pl.format("row {}", "row"))))
    if problems:
        raise DecisionError(judged.name, problems)
    told = found.filter(pl.col("decision") != UNSURE).select(
        "row",
        pl.min_horizontal("record_id_l", "record_id_r").alias("record_id_l"),
        pl.max_horizontal("record_id_l", "record_id_r").alias("record_id_r"),
        (pl.col("decision") == MATCH).alias("same"),
    )
    apart = told.filter(pl.col("record_id_l") < pl.col("record_id_r"))
    whole = told.filter(pl.col("record_id_l") == pl.col("record_id_r"))
    return Placed(
        distinct_pairs(apart),
        told.height,
        found.height - told.height,
        tuple(whole.filter(~pl.col("same")).get_column("row")),
    )


def with_records(pairs: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """`pairs` (ENDS, …) with record_id_l and record_id_r, null where the record is not known."""
    records = members.select("source", "source_record_id", "record_id").unique(
        ["source", "source_record_id"], keep="first", maintain_order=True
    )
    for side in "lr":
        pairs = pairs.join(
            records.select(pl.all().name.suffix(f"_{side}")),
            on=[f"source_{side}", f"source_record_id_{side}"],
            how="left",
            maintain_order="left",
        )
    return pairs


def distinct_pairs(pairs: pl.DataFrame) -> pl.DataFrame:
    """Each pair once, in order; those that are judged both ways by now are left out."""
    return (
        pairs.group_by("record_id_l", "record_id_r")
        .agg(pl.col("same").first(), pl.col("same").n_unique().alias("words"))
        .filter(pl.col("words") == 1)
        .drop("words")
        .sort("record_id_l", "record_id_r")
    )


def _unknown_records(found: pl.DataFrame, sources: set[str]) -> Iterator[str]:
    for side in "lr":
        unknown = found.filter(pl.col(f"record_id_{side}").is_null())
        for row, source, key in unknown.select(
            "row", f"source_{side}", f"source_record_id_{side}"
        ).iter_rows():
            if source in sources:
                yield f"row {row}: source {source} has no record {key!r} in the current release"
            else:
                yield (
                    f"row {row}: no source {source!r} is matched; "
                    f"there are {', '.join(sorted(sources))}"
                )


def _same_row_twice(rows: pl.DataFrame) -> Iterator[str]:
    same = rows.filter(
        pl.col("source_l") == pl.col("source_r"),
        pl.col("source_record_id_l") == pl.col("source_record_id_r"),
    )
    yield from (f"row {row}: both sides name the same record" for row in same.get_column("row"))


def contradicting(pairs: pl.DataFrame) -> Iterator[str]:
    """One sentence a non-match between source rows that matches join.

    `pairs`: ENDS, decision, and `written`, in words where it is written.
    """
    joined: Mapping[_Row, list[tuple[_Row, str]]] = defaultdict(list)
    told = [
        (written, (source_l, key_l), (source_r, key_r), decision)
        for written, source_l, key_l, source_r, key_r, decision in pairs.select(
            "written", *ENDS, "decision"
        ).iter_rows()
    ]
    for written, left, right, decision in told:
        if decision == MATCH:
            joined[left].append((right, written))
            joined[right].append((left, written))
    for written, left, right, decision in told:
        path = _path(joined, left, right) if decision == NON_MATCH else []
        if path:
            yield f"{written} says {NON_MATCH}, but {MATCH} in {', '.join(path)} joins the two"


def _path(joined: Mapping[_Row, list[tuple[_Row, str]]], start: _Row, end: _Row) -> list[str]:
    """Where the fewest matches from one row to the other are written; empty where none are."""
    came: dict[_Row, tuple[_Row, str] | None] = {start: None}
    ahead = deque([start])
    while ahead and end not in came:
        here = ahead.popleft()
        for there, written in joined.get(here, ()):
            if there not in came:
                came[there] = (here, written)
                ahead.append(there)
    path = []
    step = came.get(end)
    while step is not None:
        path.append(step[1])
        step = came[step[0]]
    return path[::-1]


@dataclass(frozen=True)
class PlacedCustomers:
    """Whole customers on the records of a release."""

    customers: pl.DataFrame
    """record_id, entity_id."""
    unknown: int
    """Rows whose record is not in the release."""
    shared: int
    """Records left out, since rows of several customers are equal in all that identifies."""


def place_customers(judged: JudgedRows, members: pl.DataFrame) -> PlacedCustomers:
    """The named customers by record. `members`: source, source_record_id, record_id.

    Raises DecisionError where a source row is given to two customers, or none is known.
    """
    key = ["source", "source_record_id"]
    twice = judged.rows.group_by(key).agg("row", pl.col("entity_id").n_unique().alias("customers"))
    problems = [
        f"rows {', '.join(map(str, rows))}: one record is given to {customers} customers"
        for rows, customers in twice.filter(pl.col("customers") > 1)
        .select(pl.col("row").list.sort(), "customers")
        .sort(pl.col("row").list.first())
        .iter_rows()
    ]
    known = judged.rows.join(members.select(*key, "record_id"), on=key, maintain_order="left")
    if known.is_empty():
        problems.append("none of its records is in the current release; are they this project's?")
    if problems:
        raise DecisionError(judged.name, problems)
    told = known.group_by("record_id").agg(pl.col("entity_id").unique())
    sole = told.filter(pl.col("entity_id").list.len() == 1)
    return PlacedCustomers(
        sole.select("record_id", pl.col("entity_id").list.first()).sort("record_id"),
        judged.rows.height - known.get_column("row").n_unique(),
        told.height - sole.height,
    )


def verdicts(pairs: pl.DataFrame) -> pl.DataFrame:
    """ENDS and decision of `pairs` (ENDS, same)."""
    word = pl.when("same").then(pl.lit(MATCH)).otherwise(pl.lit(NON_MATCH))
    return pairs.select(*ENDS, word.alias("decision"))


def in_order(decisions: pl.DataFrame) -> pl.DataFrame:
    """`decisions` (ENDS, decision) that say match or non-match, the lesser source row left."""
    swap = (pl.col("source_l") > pl.col("source_r")) | (
        (pl.col("source_l") == pl.col("source_r"))
        & (pl.col("source_record_id_l") > pl.col("source_record_id_r"))
    )
    return decisions.filter(pl.col("decision") != UNSURE).select(
        *(
            pl.when(swap)
            .then(pl.col(f"{name}_{b}"))
            .otherwise(pl.col(f"{name}_{a}"))
            .alias(f"{name}_{a}")
            for a, b in ("lr", "rl")
            for name in ("source", "source_record_id")
        ),
        "decision",
    )


def named(pairs: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """`pairs` (record_id_l, record_id_r, …) with ENDS: each record by the first of its rows."""
    names = members.group_by("record_id").agg(
        pl.col("source").first(), pl.col("source_record_id").min()
    )
    for side in "lr":
        pairs = pairs.join(
            names.select(pl.all().name.suffix(f"_{side}")),
            on=f"record_id_{side}",
            how="left",
            maintain_order="left",
        )
    return pairs
