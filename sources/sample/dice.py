"""Every random draw of the sample: one stream a block of customers and topic, rates by name."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
import yaml

from sources.spec import Strict

Texts = npt.NDArray[np.object_]
"""A column of text; None where nothing was given."""
Flags = npt.NDArray[np.bool_]
Whole = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]

FOLDER = Path(__file__).parent


class Rate(Strict):
    """How often something happens, and how we know."""

    rate: float
    evidence: str
    kind: Literal["error", "habit"]


@lru_cache(maxsize=1)
def written_rates() -> dict[str, Rate]:
    """Every rate of rates.yml by name, errors first."""
    content = yaml.safe_load((FOLDER / "rates.yml").read_text(encoding="utf-8"))
    errors = {name: Rate(kind="error", **entry) for name, entry in content["errors"].items()}
    return errors | {name: Rate(kind="habit", **entry) for name, entry in content["habits"].items()}


def effective_rates(noise: float) -> dict[str, float]:
    """The rates a sample is made with: errors multiplied by `noise`, never above one half."""
    return {
        name: min(entry.rate * noise, max(0.5, entry.rate)) if entry.kind == "error" else entry.rate
        for name, entry in written_rates().items()
    }


class Dice:
    """Draws of one block and one topic; the same (seed, block, topic) gives the same draws."""

    def __init__(self, entropy: Sequence[int], rates: dict[str, float]) -> None:
        self.random = np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy)))
        self.rates = rates

    def happens(self, name: str, count: int) -> Flags:
        """For each of `count`, whether what rates.yml calls `name` happens to it."""
        return self.share(self.rates[name], count)

    def share(self, share: float | Reals, count: int) -> Flags:
        """`count` flags, each true with probability `share`."""
        return np.asarray(self.random.random(count) < share)

    def pick(self, weights: Sequence[float] | Reals, count: int) -> Whole:
        """`count` positions in `weights`, drawn in proportion to them."""
        heap = np.cumsum(np.asarray(weights, dtype=np.float64))
        drawn = np.searchsorted(heap, self.random.random(count) * heap[-1], side="right")
        return np.asarray(np.minimum(drawn, len(heap) - 1), dtype=np.int64)

    def choose(
        self,
        values: Sequence[Any] | Texts,
        count: int,
        weights: Sequence[float] | Reals | None = None,
    ) -> Texts:
        """`count` of the values, in proportion to the weights, or evenly without any."""
        even = np.ones(len(values)) if weights is None else weights
        drawn: Texts = texts(values)[self.pick(even, count)]
        return drawn

    def between(self, low: int, high: int, count: int) -> Whole:
        """`count` whole numbers from `low` to `high`, both included."""
        return self.random.integers(low, high + 1, count, dtype=np.int64)

    def spoil(self, column: Texts, name: str, slip: Callable[[str, Reals], str]) -> None:
        """Change, in place, the share of `column` that rates.yml calls `name`.

        `slip` is given the value and three uniform draws.
        """
        hit = np.flatnonzero(self.happens(name, len(column)))
        draws = self.random.random((len(hit), 3))
        for place, draw in zip(hit, draws, strict=True):
            if column[place] is not None:
                column[place] = slip(column[place], draw)


def texts(values: Sequence[Any] | npt.NDArray[Any]) -> Texts:
    """The values as a column of Python objects, one dimension whatever they are."""
    column = np.empty(len(values), dtype=object)
    column[:] = list(values)
    return column


def present(column: Texts) -> Flags:
    """Row by row, whether a value was given."""
    return np.array([value is not None for value in column], dtype=np.bool_)


def absent(column: Texts) -> Flags:
    """Row by row, whether nothing was given."""
    return ~present(column)


def where(mask: Flags, yes: Texts | str | None, no: Texts | str | None) -> Texts:
    """Row by row, `yes` where the mask holds, else `no`."""
    return np.asarray(np.where(mask, yes, no), dtype=object)  # type: ignore[arg-type]
