"""How often stewards who judged the same pair said the same."""

from dataclasses import dataclass

import polars as pl

from resolution.decisions.binding import standing_words
from resolution.learning.decided_pairs import UNSURE

_ENDS = ("source_l", "key_l", "source_r", "key_r")


@dataclass(frozen=True)
class Agreement:
    """One steward beside all others."""

    pairs: int
    """Pairs that the steward and at least one other have judged, either way round."""
    agreed: int
    """Those of them on which every other said the same."""

    @property
    def rate(self) -> float | None:
        """The share agreed on; None where there is no such pair."""
        return self.agreed / self.pairs if self.pairs else None


def agreement_of(decisions: pl.DataFrame, who: str) -> Agreement:
    """`who`'s standing words (as in DecisionStore.all) held against those of others.

    Who says that nobody can tell has not judged; who splits or merges by hand judged a customer,
    not a pair, so batches are left out.
    """
    words = standing_words(decisions).filter(pl.col("verdict") != UNSURE, pl.col("batch").is_null())
    sides = [pl.concat_str([pl.col(x) for x in _ENDS[k : k + 2]], separator="\0") for k in (0, 2)]
    judged = words.select("who", "verdict", pair=pl.concat_list(sides).list.sort().list.join("\1"))
    own = judged.filter(pl.col("who") == who).select("pair", own="verdict")
    both = (
        own.join(judged.filter(pl.col("who") != who), on="pair")
        .group_by("pair")
        .agg(same=(pl.col("own") == pl.col("verdict")).all())
    )
    return Agreement(both.height, int(both.get_column("same").sum()))
