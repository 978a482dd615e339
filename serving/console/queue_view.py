"""The review queue as the console shows it: filtered, with who holds what, and what comes next."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlencode

import polars as pl
from pydantic import BaseModel

from resolution.decisions import RowKey
from resolution.decisions.queue import Asked, Kind, asked_pairs, chosen, still_open
from resolution.learning.decided_pairs import ENDS
from serving.ground import Ground
from serving.releases import ReleaseReader
from serving.store.claims import Claims

KINDS: Final[dict[str, Kind]] = {"": "clerical", "weak": "weak"}
"""Queues as addresses name them: pairs left to stewards, and weakest links of customers."""
SCRIPTS: Final = ("han", "latin", "mixed")
_BETWEEN: Final = " ~ "
_HAN: Final = r"\p{Han}"


class Filters(BaseModel):
    """Which pairs a steward wants; as the page's address has them. Empty: all."""

    queue: str = ""
    """Of KINDS."""
    source: str = ""
    band: str = ""
    """Match probability: low (under a half), high."""
    reason: str = ""
    script: str = ""
    """Of the names: han, latin, or mixed (one each)."""

    @property
    def chosen(self) -> dict[str, str]:
        """Those that are set, and the queue, by name."""
        told = {name: getattr(self, name) for name in Filters.model_fields}
        return {name: value for name, value in told.items() if value}

    @property
    def query(self) -> str:
        """As part of an address."""
        return urlencode(self.chosen)

    @property
    def narrow(self) -> bool:
        """Whether any filter is set."""
        return bool(self.chosen.keys() - {"queue"})


@dataclass(frozen=True)
class PairKey:
    """Two source rows, as an address names them."""

    left: RowKey
    right: RowKey

    @classmethod
    def named(cls, name: str) -> "PairKey":
        """The pair that goes by `name`."""
        left, _, right = name.partition(_BETWEEN)
        return cls(row_of(left), row_of(right))

    @property
    def name(self) -> str:
        """The same for either order."""
        return _BETWEEN.join(sorted((str(self.left), str(self.right))))

    @property
    def address(self) -> str:
        """The page of the pair."""
        return f"/pair?{self.query}"

    @property
    def query(self) -> str:
        """As part of an address."""
        return urlencode(self.told)

    @property
    def told(self) -> dict[str, str]:
        """Both rows by name of the side."""
        return {"left": str(self.left), "right": str(self.right)}

    @property
    def mark(self) -> str:
        """A short name that may stand in a page as an id."""
        return sha256(self.name.encode()).hexdigest()[:12]


def row_of(text: str) -> RowKey:
    """The row written source/key."""
    source, _, key = text.partition("/")
    return RowKey(source, key)


def pair_key(row: Mapping[str, Any]) -> PairKey:
    """The pair in a row of the queue."""
    return PairKey(RowKey(row[ENDS[0]], row[ENDS[1]]), RowKey(row[ENDS[2]], row[ENDS[3]]))


def released_queue(reader: ReleaseReader, queue: str) -> pl.DataFrame:
    """The release's own part of a queue, whoever decided what: columns as `asked_pairs`, place in
    that order, and script of the names, one of SCRIPTS. Worked out once a release."""

    def make() -> pl.DataFrame:
        pairs = asked_pairs(reader.connection, KINDS.get(queue, "clerical"))
        left, right = (
            pl.col(f"name_{side}").fill_null("").str.contains(_HAN) for side in ("l", "r")
        )
        script = pl.when(left & right).then(pl.lit("han")).when(left | right).then(pl.lit("mixed"))
        return pairs.with_columns(script=script.otherwise(pl.lit("latin"))).with_row_index("place")

    return reader.once(f"queue {queue}", make)


def queue_of(reader: ReleaseReader, decisions: pl.DataFrame, filters: Filters) -> pl.DataFrame:
    """Pairs to decide, those first whose answer is worth most; columns as `released_queue`.

    `decisions`: as in DecisionStore.all.
    """
    middle = 0.0  # the match weight of an even chance
    asked = Asked(
        filters.source or None,
        minimum=middle if filters.band == "high" else None,
        maximum=middle if filters.band == "low" else None,
        reason=filters.reason or None,
    )
    pairs = released_queue(reader, filters.queue).filter(chosen(asked))
    if filters.script in SCRIPTS:
        pairs = pairs.filter(pl.col("script") == filters.script)
    return still_open(reader.connection, pairs, decisions)


def in_queue(pairs: pl.DataFrame, pair: PairKey) -> pl.DataFrame:
    """The row of `pair`, whichever way round; empty where it is not among them."""
    ends = (*pair.left, *pair.right), (*pair.right, *pair.left)
    either = (
        pl.all_horizontal(pl.col(name) == value for name, value in zip(ENDS, each, strict=True))
        for each in ends
    )
    return pairs.filter(pl.any_horizontal(*either))


def held_by_others(ground: Ground, who: str) -> set[str]:
    """Names of the pairs that somebody else looks at just now."""
    return {x.pair for x in Claims(ground.database).standing().values() if x.holder != who}


def next_pair(
    reader: ReleaseReader,
    held: Collection[str],
    asked: tuple[pl.DataFrame, Filters],
    done: PairKey | None = None,
) -> PairKey | None:
    """The open pair that follows `done` and is not `held`; from the front again after the last.

    None where there is no other. `asked`: what `queue_of` says, and by which filters.
    """
    pairs, filters = asked
    queue = released_queue(reader, filters.queue)
    found = in_queue(queue, done) if done else queue.clear()
    place = found.item(0, "place") if found.height else -1
    for part in (pairs.filter(pl.col("place") > place), pairs.filter(pl.col("place") < place)):
        for row in part.iter_rows(named=True):
            key = pair_key(row)
            if key.name not in held:
                return key
    return None
