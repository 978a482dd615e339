"""Makes a five-source project with its truth, block by block of customers."""

import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from core.errors import ConfigError, ProjectError
from core.files import written_whole
from sources.sample.delivery import TRUTH, deliver, write_account, write_truth
from sources.sample.dice import Dice, effective_rates, written_rates
from sources.sample.faults import draw_bad_rows
from sources.sample.feedback import make_feedback
from sources.sample.people import BLOCK, BlockPlan, People, draw_people
from sources.sample.planted import count_planted
from sources.sample.registrations import make_registrations
from sources.sample.rows import Rows, stack
from sources.sample.social import make_social
from sources.sample.transactions import make_transactions
from sources.sample.web import make_web_events


@dataclass
class SampleReport:
    """What a sample holds; everything but `seconds` is in sample.json as well."""

    root: Path
    customers: int
    seed: int
    rows: Counter[str] = field(default_factory=Counter)
    """Source -> rows delivered, the bad and the repeated ones included."""
    good: Counter[str] = field(default_factory=Counter)
    """Source -> rows that must be accepted, repeats not counted."""
    bad: dict[str, Counter[str]] = field(default_factory=dict)
    """Source -> reason -> rows that must be quarantined."""
    planted: Counter[str] = field(default_factory=Counter)
    """What makes the sample hard, by name."""
    files: dict[str, int] = field(default_factory=dict)
    """File below landing/ -> rows in it."""
    seconds: float = 0.0


def _silent(line: str) -> None:
    """Reports to nobody."""


def make_sample(
    root: Path,
    customers: int = 5000,
    seed: int = 7,
    report: Callable[[str], None] = _silent,
    *,
    noise: float = 1.0,
    chinese_share: float = 0.5,
) -> SampleReport:
    """Write a project with five sources to `root`: landing/, truth.parquet and sample.json.

    The same arguments give the same bytes. `noise` multiplies every rate of error (0: clean).
    `report` gets a line a block of customers. Memory is bounded by the block. Raises ConfigError
    for arguments that make no sample and ProjectError where landing/ holds files already.
    """
    _check(customers, seed, noise, chinese_share)
    began = time.perf_counter()
    result = SampleReport(root, customers, seed)
    rates = effective_rates(noise)
    blocks = -(-customers // BLOCK)
    with _new_landing(root) as landing:
        with (
            written_whole(root / "truth.parquet") as draft,
            pq.ParquetWriter(draft, TRUTH, compression="zstd") as truth,
        ):
            for block in range(blocks):
                size = min(BLOCK, customers - block * BLOCK)
                plan = BlockPlan(block, blocks, size, chinese_share)
                for rows in _make_block(plan, seed, rates, result):
                    _hand_over(rows, (landing, truth), (block, seed), rates, result)
                done = time.perf_counter() - began
                report(
                    f"customers {block * BLOCK + size:,} of {customers:,}, "
                    f"{sum(result.rows.values()):,} rows, {done:.1f} s"
                )
        asked = {"customers": customers, "seed": seed, "noise": noise}
        asked |= {"chinese_share": chinese_share}
        with written_whole(root / "sample.json") as draft:
            write_account(draft, _account(asked, rates, result))
    result.seconds = time.perf_counter() - began
    return result


def _check(customers: int, seed: int, noise: float, chinese_share: float) -> None:
    problems = []
    if customers < 1:
        problems.append(f"customers is {customers}; give 1 or more")
    if seed < 0:
        problems.append(f"seed is {seed}; give 0 or more")
    if not 0 <= noise <= 20:
        problems.append(f"noise is {noise}; give a number from 0 (clean) to 20")
    if not 0 <= chinese_share <= 1:
        problems.append(f"chinese_share is {chinese_share}; give a share from 0 to 1")
    if problems:
        raise ConfigError("sample", problems)


@contextmanager
def _new_landing(root: Path) -> Iterator[Path]:
    """A folder to fill, which becomes root/landing once everything is written."""
    landing = root / "landing"
    if landing.exists() and (not landing.is_dir() or any(landing.iterdir())):
        raise ProjectError(
            f"{landing} is not empty, and a sample never mixes with what was delivered; "
            "name another folder (oneid sample DIR), or move landing/ away first"
        )
    root.mkdir(parents=True, exist_ok=True)
    draft = root / ".landing.draft"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir()
    try:
        yield draft
        if landing.exists():
            landing.rmdir()
        draft.rename(landing)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _make_block(
    plan: BlockPlan, seed: int, rates: dict[str, float], result: SampleReport
) -> Iterator[Rows]:
    """The block's rows, a source at a time; a topic's draws do not move another's."""

    def dice(topic: int) -> Dice:
        return Dice([seed, plan.block, topic], rates)

    people: People = draw_people(dice(0), plan)
    registered = make_registrations(dice(1), people, plan.block)
    orders = make_transactions(dice(2), people, registered, plan.block)
    sources = [
        registered.rows,
        orders.rows,
        make_web_events(dice(3), people, registered, plan.block),
        make_social(dice(4), people, plan.block),
        make_feedback(dice(5), people, registered, orders, plan.block),
    ]
    result.planted.update(count_planted(people, registered, orders, sources))
    yield from sources


def _hand_over(
    rows: Rows,
    places: tuple[Path, pq.ParquetWriter],
    origin: tuple[int, int],
    rates: dict[str, float],
    result: SampleReport,
) -> None:
    """Add the bad rows, write the files and the truth, and count."""
    landing, truth = places
    block, seed = origin
    dice = Dice([seed, block, 6, *rows.source.encode()], rates)
    bad, planted = draw_bad_rows(dice, rows, block)
    files = deliver(dice, stack([rows, bad]), landing, block)
    write_truth(truth, rows)
    result.files |= files
    result.rows[rows.source] += sum(files.values())
    result.good[rows.source] += len(rows)
    result.bad.setdefault(rows.source, Counter()).update(planted)


def _account(
    asked: dict[str, Any], rates: dict[str, float], result: SampleReport
) -> dict[str, Any]:
    return {
        "asked": asked,
        "rows": dict(result.rows),
        "good_rows": dict(result.good),
        "bad_rows": {
            source: dict(sorted(reasons.items())) for source, reasons in result.bad.items()
        },
        "planted": dict(sorted(result.planted.items())),
        "files": dict(sorted(result.files.items())),
        "rates": {
            name: {"rate": rates[name], "kind": entry.kind, "evidence": entry.evidence}
            for name, entry in written_rates().items()
        },
    }
