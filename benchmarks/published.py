"""Figures to hold OneID's against: pairwise F1 known for each set, and where it is from."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Published:
    """The best pairwise F1 known to us for a set."""

    f1: float
    source: str


_MEASURED = "Splink 5.0 with its documented settings, best of five thresholds on the truth"
_FIVE = "Splink 5.0 with sensible settings, best of five thresholds on the truth"

PUBLISHED: Final = {
    "febrl3": Published(0.996, "best published figure known to us"),
    "febrl4": Published(0.9998, "best published figure known to us"),
    "splink_fake_1000": Published(0.862, f"{_MEASURED}, over pairs"),
    "splink_historical_50k": Published(0.846, "GoldenMatch 3.22 unconfigured, on the whole set"),
    "gen_en_zh_50k": Published(0.757, _FIVE),
    "gen_zh_hard_30k": Published(0.702, _FIVE),
}
"""By the set's name, without what follows `__`: a part of a set is held against the whole."""


def published(name: str) -> Published | None:
    """The figure known for the set, or for the set it is a part of."""
    return PUBLISHED.get(name.partition("__")[0])
