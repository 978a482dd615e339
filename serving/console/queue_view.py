"""The review queue as the console shows it: filtered, with who holds what, and what comes next."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import polars as pl

from resolution.decided_pairs import ENDS
from resolution.decisions import DecisionStore, RowKey
from resolution.decisions.queue import Asked, open_pairs
from serving.ground import Ground
from serving.releases import ReleaseReader
from serving.store.claims import Claim, Claims

SCRIPTS: Final = ("han", "latin", "mixed")
_HAN: Final = r"\p{Han}"


@dataclass(frozen=True)
class Filters:
    """Which pairs a steward wants; as the page's address has them. Empty: all."""

    source: str = ""
    band: str = ""
    """Match probability: low (under a half), high."""
    reason: str = ""
    script: str = ""
    """Of the names: han, latin, or mixed (one each)."""

    @property
    def query(self) -> str:
        """As part of an address."""
        told = {name: value for name, value in vars(self).items() if value}
        return urlencode(told)


@dataclass(frozen=True)
class PairKey:
    """Two source rows, as an address names them."""

    left: RowKey
    right: RowKey

    @property
    def name(self) -> str:
        """The same for either order."""
        return " ~ ".join(sorted((str(self.left), str(self.right))))

    @property
    def address(self) -> str:
        """The page of the pair."""
        return f"/pair?{urlencode({'left': str(self.left), 'right': str(self.right)})}"


def row_of(text: str) -> RowKey:
    """The row written source/key."""
    source, _, key = text.partition("/")
    return RowKey(source, key)


def pair_key(row: Mapping[str, Any]) -> PairKey:
    """The pair in a row of the queue."""
    return PairKey(RowKey(row[ENDS[0]], row[ENDS[1]]), RowKey(row[ENDS[2]], row[ENDS[3]]))


def queue_of(ground: Ground, reader: ReleaseReader, filters: Filters) -> pl.DataFrame:
    """Pairs to decide, those first whose answer is worth most; columns as `open_pairs`."""
    middle = 0.0  # the match weight of an even chance
    asked = Asked(
        filters.source or None,
        minimum=middle if filters.band == "high" else None,
        maximum=middle if filters.band == "low" else None,
        reason=filters.reason or None,
    )
    pairs = open_pairs(reader.connection, DecisionStore(ground.project).all(), asked)
    if filters.script not in SCRIPTS:
        return pairs
    left, right = (pl.col(f"name_{side}").fill_null("").str.contains(_HAN) for side in ("l", "r"))
    chosen = {"han": left & right, "latin": ~left & ~right, "mixed": left != right}
    return pairs.filter(chosen[filters.script])


def next_pair(
    ground: Ground, before: pl.DataFrame, after: pl.DataFrame, done: PairKey, who: str
) -> PairKey | None:
    """The pair that follows `done` in the queue as it was, is still open and that nobody else
    holds; from the front again after the last. None where there is no other."""
    order = [pair_key(row) for row in before.iter_rows(named=True)]
    still = {pair_key(row).name for row in after.iter_rows(named=True)}
    held = {x.pair for x in Claims(ground.database).standing().values() if x.holder != who}
    place = next((n for n, each in enumerate(order) if each.name == done.name), -1)
    turned = [*order[place + 1 :], *order[: place + 1]]
    free = (x for x in turned if x.name in still and x.name not in held and x.name != done.name)
    return next(free, None)


def holder_of(claims: Mapping[str, Claim], row: Mapping[str, Any]) -> str:
    """Who looks at the pair just now; empty for nobody."""
    claim = claims.get(pair_key(row).name)
    return claim.holder if claim else ""
