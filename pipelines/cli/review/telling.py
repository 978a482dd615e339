"""What becomes of other decisions when some are recorded or undone, in words."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from pipelines.cli.review.listing import CLASHES_SHOWN

if TYPE_CHECKING:
    import polars as pl

SHOWN: Final = 10
"""Numbers of decisions told in one line."""


def told_changes(
    before: "pl.DataFrame", after: "pl.DataFrame", ids: Sequence[int]
) -> Iterator[str]:
    """What became of the decisions other than `ids`, and which contradict each other now."""
    import polars as pl

    from resolution.decisions.states import CONTRADICTORY, contradictions_told

    was = before.select("id", was="state")
    moved = after.join(was, on="id", how="left").filter(pl.col("state").ne_missing(pl.col("was")))
    others = moved.filter(~pl.col("id").is_in(list(ids)))
    for state, those in others.sort("id").group_by("state", maintain_order=True):
        numbers = those.get_column("id").to_list()
        told = ", ".join(map(str, numbers[:SHOWN])) + (", …" if len(numbers) > SHOWN else "")
        yield f"now {state[0]}: decision {told}"
    clashing = moved.filter(pl.col("state") == CONTRADICTORY).get_column("id").to_list()
    yield from contradictions_told(after, clashing[:CLASHES_SHOWN])
    if len(clashing) > CLASHES_SHOWN:
        beyond = len(clashing) - CLASHES_SHOWN
        yield f"… and {beyond:,} more: oneid review history --state contradictory"
