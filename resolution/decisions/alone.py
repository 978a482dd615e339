"""Rows that must stand as records of their own, or decisions about them could not hold.

Rows with equal identity values are one record, and what is decided about one of them holds for
all. But where the decisions would then contradict each other (two orders of one record, each put
with another customer), each row named stands alone.
"""

from collections.abc import Mapping

import polars as pl

from resolution.decisions.binding import ENDS
from resolution.records.making import Alone
from resolution.records.observations import canonical_rows, observe
from sources.landed import LandedStore
from sources.spec import SourceSpec


def alone_rows(store: LandedStore, specs: Mapping[str, SourceSpec], bound: pl.DataFrame) -> Alone:
    """Source -> keys of the rows. `bound`: Binding.applied."""
    rows = pl.concat(
        [bound.select(source=f"source_{side}", key=f"key_{side}") for side in "lr"]
    ).unique()
    subjects = _subjects(store, specs, rows)
    named = bound.select("verdict", *ENDS)
    for side in "lr":
        named = named.join(
            subjects.select(
                pl.col("source").alias(f"source_{side}"),
                pl.col("key").alias(f"key_{side}"),
                pl.col("subject").alias(side),
            ),
            on=[f"source_{side}", f"key_{side}"],
            how="inner",
        )
    groups = _groups(named.filter(pl.col("verdict") == "match"))
    apart = named.filter(pl.col("verdict") == "non-match")
    torn = {
        groups.get(left, left)
        for left, right in apart.select("l", "r").iter_rows()
        if groups.get(left, left) == groups.get(right, right)
    }
    chosen = [
        (source, key)
        for source, key, subject in subjects.rows()
        if groups.get(subject, subject) in torn and specs[source].kind == "event"
    ]
    return {
        name: pl.Series([key for source, key in chosen if source == name], dtype=pl.String).sort()
        for name in sorted({source for source, _ in chosen})
    }


def _subjects(
    store: LandedStore, specs: Mapping[str, SourceSpec], rows: pl.DataFrame
) -> pl.DataFrame:
    """source, key, subject: the record that each row would belong to."""
    parts = [pl.DataFrame(schema=dict.fromkeys(("source", "key", "subject"), pl.String))]
    landed = set(store.sources())
    for (source,), part in rows.sort("source", "key").group_by("source", maintain_order=True):
        spec = specs.get(str(source))
        if spec is None or spec.name not in landed:
            continue
        found = canonical_rows(store.current_rows(spec.name, part.get_column("key")), spec)
        seen = observe(found, spec, sorted(spec.identity))
        parts.append(
            seen.select(
                "source", key="keys", subject=pl.concat_str("source", "subject", separator="/")
            )
            .explode("key")
            .unique()
        )
    return pl.concat(parts).sort("source", "key")


def _groups(matches: pl.DataFrame) -> dict[str, str]:
    """Each subject that is matched -> the smallest that it is one with."""
    parent: dict[str, str] = {}

    def root(subject: str) -> str:
        while (above := parent.get(subject, subject)) != subject:
            subject = above
        return subject

    for left, right in matches.select("l", "r").iter_rows():
        low, high = sorted((root(left), root(right)))
        parent[high] = low
    return {subject: root(subject) for subject in list(parent)}
