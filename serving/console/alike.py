"""Pairs of one pattern: the same level in every comparison, asked about for the same reason."""

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

import numpy as np
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from core.errors import QueryError
from resolution.decisions import Decision
from resolution.decisions import Steward as Decider
from resolution.decisions.queue import still_open
from resolution.decisions.states import CONTRADICTORY, with_states
from resolution.decisions.store import as_if
from resolution.learning.decided_pairs import MATCH, NON_MATCH
from serving.console.queue_view import PairKey, in_queue, pair_key, released_queue
from serving.releases import ReleaseReader

LARGEST: Final = 1000
"""Pairs that are decided in one go."""
BATCH: Final = "alike"
"""What names of such batches begin with; unlike splits and merges by hand, they teach."""
_WHY: Final = """
SELECT why FROM identity.matches WHERE source_l = ? AND source_record_id_l = ?
AND source_r = ? AND source_record_id_r = ?"""


@dataclass(frozen=True)
class Alike:
    """The open pairs of one pattern that nobody else looks at just now, the most valuable first."""

    pattern: str
    pairs: pl.DataFrame
    """LARGEST at most; columns as `released_queue`."""
    total: int
    """All that are open."""
    held: int
    """Those of them that somebody else looks at."""
    levels: Sequence[tuple[str, str, float]]
    """Comparison, level in words, and match weight of a value of common rarity."""

    @property
    def keys(self) -> list[PairKey]:
        """The pairs."""
        return [pair_key(row) for row in self.pairs.iter_rows(named=True)]

    @property
    def mark(self) -> str:
        """Another text for other pairs."""
        return sha256("\n".join(key.name for key in self.keys).encode()).hexdigest()


@dataclass(frozen=True)
class Outcome:
    """What a verdict on all of them comes to, from what the release says of each pair."""

    joined: int
    """Customers that become part of another."""
    parted: int
    """Customers that two rows of are said to be two."""
    unchanged: int
    """Pairs that are already as the verdict says."""


def alike(
    reader: ReleaseReader,
    decisions: pl.DataFrame,
    asked: tuple[str, PairKey],
    held: Collection[str],
) -> Alike:
    """Open pairs of the pattern of one pair. `asked`: the queue and the pair; `held`: names of
    pairs that others look at. Raises QueryError where the queue does not have the pair."""
    queue = released_queue(reader, asked[0])
    found = in_queue(queue, asked[1])
    if found.is_empty():
        raise QueryError("this pair is in no queue; take one that is: all its like go with it")
    pattern = found.item(0, "pattern")
    chosen = still_open(reader.connection, queue.filter(pl.col("pattern") == pattern), decisions)
    free = [pair_key(row).name not in held for row in chosen.iter_rows(named=True)]
    pairs = chosen.filter(pl.Series(free, dtype=pl.Boolean))
    key = pair_key(found.row(0, named=True))
    [why] = [json.loads(x["why"]) for x in reader.rows(_WHY, [*key.left, *key.right])]
    levels = [
        (name, told["level"], told["weight"] - told.get("tf", 0.0))
        for name, told in why.items()
        if isinstance(told, dict)
    ]
    return Alike(pattern, pairs.head(LARGEST), chosen.height, len(free) - sum(free), levels)


def decisions_on(found: Alike, verdict: str, by: Decider) -> list[Decision]:
    """The verdict on each of the pairs, as one batch."""
    batch = by.batch(BATCH, found.pattern[:8])
    return [
        Decision(verdict, key.left, key.right, by.who, by.note, batch, by.at) for key in found.keys
    ]


def without_contradictions(
    known: pl.DataFrame, decisions: Sequence[Decision]
) -> tuple[list[Decision], int]:
    """Those of `decisions` that would bind, or say that nobody can tell, beside those that are
    `known` (as in DecisionStore.all); and how many would not, as they contradict."""
    states = with_states(as_if(known, decisions, ())).get_column("state").to_list()
    told = list(zip(decisions, states[known.height :], strict=True))
    kept = [each for each, state in told if state != CONTRADICTORY]
    return kept, len(decisions) - len(kept)


def outcome_of(pairs: pl.DataFrame, verdict: str) -> Outcome:
    """What `verdict` on all `pairs` comes to by itself; guards and other evidence may add to it."""
    ends = pairs.select("entity_id_l", "entity_id_r")
    together = ends.filter(pl.col("entity_id_l") == pl.col("entity_id_r"))
    apart = ends.height - together.height
    if verdict == MATCH:
        return Outcome(_joined(ends), 0, together.height)
    if verdict == NON_MATCH:
        return Outcome(0, together.get_column("entity_id_l").n_unique(), apart)
    return Outcome(0, 0, ends.height)


def _joined(ends: pl.DataFrame) -> int:
    """How many fewer customers there are when both ends of every row are one."""
    names = pl.concat([ends.get_column(x) for x in ends.columns]).unique().sort()
    if names.is_empty():
        return 0
    left, right = (names.search_sorted(ends.get_column(x)).to_numpy() for x in ends.columns)
    shape = (len(names), len(names))
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=shape)
    return len(names) - int(connected_components(graph, directed=False)[0])
