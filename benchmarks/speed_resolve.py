"""Blocking and scoring twice in one process: OneID's compiled engine, then Splink's predict.

Both have the same records, the same weights, the same candidate pairs and the same threshold.
Run by benchmarks.speed as `python -m benchmarks.speed_resolve PROJECT RULES`; prints JSON, with
no `splink` where that would take hours, or too much memory.
"""

import json
import logging
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final, TypeVar

import duckdb
import numpy as np
import polars as pl

from benchmarks.measuring import peak_megabytes, reset_peak
from core.frames import frame_files
from resolution.clustering.clusters import group_links
from resolution.engine.scorer import compiled_scorer
from resolution.scoring.blocking import find_candidates
from resolution.scoring.linkage import settings_of
from resolution.scoring.scorers import Compiled
from resolution.training.trained import model_from_json
from resolution.training.unlabelled import TrainedModel

Result = TypeVar("Result")

LIST: Final = "list:"
TIGHT: Final[Mapping[str, tuple[str, ...]]] = {
    "email": ("list:email",),
    "phone": ("list:phone",),
    "name and town": ("name_letters", "address_city_key"),
    "family name and birth": ("name_family_key", "dob_digits"),
    "given name and birth": ("name_given_key", "dob_digits"),
    "birth and postcode": ("dob_digits", "address_postcode"),
}
DENSE: Final = {
    **TIGHT,
    "birth": ("dob_digits",),
    "family name and town": ("name_family_key", "address_city_key"),
}
RULES: Final = {"tight": TIGHT, "dense": DENSE}
CLERICAL: Final = 0.1
"""Match probability from which a pair is kept, by both."""
LINK: Final = 0.7
SPLINK_PAIRS: Final = 60_000_000
"""Candidates beyond which Splink is not asked: it would take hours."""
SPLINK_RECORDS: Final = 2_000_000
"""Records beyond which Splink is not asked: its tables would want more memory than most have."""
NO_LIMIT: Final = 2**62
"""Blocks are compared whole on both sides, however large."""


@dataclass
class Half:
    """One side: seconds by step, of the clock and of the processors, pairs, peak memory."""

    seconds: dict[str, float] = field(default_factory=dict)
    processor: dict[str, float] = field(default_factory=dict)
    """Summed over the cores: what holds on a busy machine."""
    candidates: int = 0
    kept: int = 0
    megabytes: float | None = None

    def timed(self, step: str, work: Callable[[], Result]) -> Result:
        """What `work` returns; its seconds are noted under `step`."""
        started, worked = time.perf_counter(), time.process_time()
        result = work()
        self.seconds[step] = time.perf_counter() - started
        self.processor[step] = time.process_time() - worked
        return result


@dataclass(frozen=True)
class Parity:
    """How the kept pairs of both sides compare."""

    pairs: int
    only_one_side: int
    largest_difference: float
    """Of match weights."""
    clusters_differ: int
    """Records that are not in the same cluster on both sides."""


def compiled_half(
    files: list[Path], trained: TrainedModel, rules: Mapping[str, tuple[str, ...]]
) -> tuple[Half, pl.DataFrame, np.ndarray]:
    """Block, encode, score, cluster with the compiled engine: half, kept pairs, labels."""
    half = Half()
    reset_peak()
    records = pl.scan_parquet(files)  # read a column at a time, as it is blocked by or encoded
    count = int(records.select(pl.len()).collect().item())
    blocks = half.timed("block", lambda: find_candidates(records, rules, largest=NO_LIMIT))
    scorer = half.timed(
        "encode",
        lambda: Compiled(compiled_scorer(records, trained.comparisons, trained.prior)),
    )
    pairs, half.candidates = half.timed(
        "score", lambda: scorer.score_candidates(blocks, weight_of(CLERICAL))
    )
    links = pairs.filter(pl.col("match_probability") >= LINK)
    labels = half.timed("cluster", lambda: group_links(count, links))
    half.kept, half.megabytes = pairs.height, peak_megabytes()
    return half, pairs.select("record_id_l", "record_id_r", "match_weight"), labels


def splink_half(
    files: list[Path], trained: TrainedModel, rules: Mapping[str, tuple[str, ...]]
) -> tuple[Half, pl.DataFrame, np.ndarray]:
    """The same by Splink 5 on DuckDB, with the model OneID trained, as Splink's own settings."""
    from splink import DuckDBAPI, Linker, SettingsCreator

    half = Half()
    reset_peak()
    connection = duckdb.connect()
    half.timed("read", lambda: _read_for_splink(connection, files, rules))
    settings = settings_of(trained.comparisons, trained.prior) | {
        "blocking_rules_to_generate_predictions": [_rule_sql(x) for x in rules.values()],
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": False,
    }
    table = DuckDBAPI(connection).register("records", dataset_display_name="records")
    creator = SettingsCreator.from_path_or_dict(settings)
    linker = Linker(table, creator, log_level=logging.ERROR)
    blocked = half.timed("block", linker.inference.compute_blocked_pairs_for_predict)
    half.candidates = _count(connection, blocked.physical_name)
    predicted = half.timed(
        "score",
        lambda: linker.inference.predict(
            threshold_match_weight=weight_of(CLERICAL), warning_mode="never"
        ),
    )
    half.kept = _count(connection, predicted.physical_name)
    clusters = half.timed(
        "cluster",
        lambda: linker.clustering.cluster_pairwise_predictions_at_threshold(
            predicted, threshold_match_probability=LINK
        ),
    )
    half.megabytes = peak_megabytes()
    columns = "record_id_l, record_id_r, match_weight"
    pairs = connection.sql(f"SELECT {columns} FROM {predicted.physical_name}").pl()
    labels = connection.sql(
        f"SELECT cluster_id FROM {clusters.physical_name} ORDER BY record_id"
    ).pl()
    connection.close()
    return half, pairs, labels.to_series().to_numpy()


def compare(
    ours: tuple[Half, pl.DataFrame, np.ndarray], theirs: tuple[Half, pl.DataFrame, np.ndarray]
) -> Parity:
    """The kept pairs and the clusters of both sides, held against each other."""
    ids = ["record_id_l", "record_id_r"]
    left, right = (
        side[1].with_columns(pl.col(name).cast(pl.Int64) for name in ids) for side in (ours, theirs)
    )
    both = left.join(right, on=ids, suffix="_theirs")
    difference = (both["match_weight"] - both["match_weight_theirs"]).abs().max()
    cells = pl.DataFrame({"ours": ours[2], "theirs": theirs[2]}).with_columns(
        together=pl.len().over("ours", "theirs"),
        in_ours=pl.len().over("ours"),
        in_theirs=pl.len().over("theirs"),
    )
    same = (pl.col("together") == pl.col("in_ours")) & (pl.col("together") == pl.col("in_theirs"))
    return Parity(
        both.height,
        left.height + right.height - 2 * both.height,
        float(str(difference or 0.0)),
        cells.filter(~same).height,
    )


def weight_of(probability: float) -> float:
    """The match weight (log2 of the odds) of a match probability."""
    return float(np.log2(probability / (1 - probability)))


def _read_for_splink(
    connection: duckdb.DuckDBPyConnection, files: list[Path], rules: Mapping[str, tuple[str, ...]]
) -> None:
    """Table `records`; a list that rules block by is beside it as `<column>_first`, since here
    no list holds two."""
    lists = sorted({x.removeprefix(LIST) for rule in rules.values() for x in rule if LIST in x})
    firsts = ", ".join(f'"{name}"[1] AS "{name}_first"' for name in lists)
    connection.execute(
        f"CREATE TABLE records AS SELECT *{', ' if firsts else ''}{firsts} "
        f"FROM read_parquet({[str(file) for file in files]})"
    )


def _rule_sql(columns: tuple[str, ...]) -> str:
    names = [f"{x.removeprefix(LIST)}_first" if x.startswith(LIST) else x for x in columns]
    return " AND ".join(f'l."{name}" = r."{name}"' for name in names)


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])


def main() -> None:
    """Both halves over the project's standardised records; prints what was measured as JSON."""
    warnings.simplefilter("ignore")
    project, rules = Path(sys.argv[1]), RULES[sys.argv[2]]
    files = frame_files(project / "var/work", "records")
    content = json.loads((project / "var/work/model.json").read_text(encoding="utf-8"))
    trained = model_from_json(content["model"])
    few = project / "few.parquet"
    pl.scan_parquet(files).head(2000).collect().write_parquet(few)
    compiled_half([few], trained, rules)  # the machine code is made, or loaded, once a process
    ours = compiled_half(files, trained, rules)
    told = {"ours": asdict(ours[0])}
    if ours[0].candidates <= SPLINK_PAIRS and len(ours[2]) <= SPLINK_RECORDS:
        theirs = splink_half(files, trained, rules)
        told |= {"splink": asdict(theirs[0]), "parity": asdict(compare(ours, theirs))}
    sys.stdout.write(json.dumps(told) + "\n")


if __name__ == "__main__":
    main()
