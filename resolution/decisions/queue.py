"""The review queue: pairs left to stewards, those first whose answer is worth most."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

import duckdb
import numpy as np
import polars as pl
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from resolution.decisions.binding import binding_decisions, standing_words
from resolution.decisions.decision import RowKey
from resolution.learning.decided_pairs import ENDS, MATCH

_PAIRS: Final = (Path(__file__).parent / "queue.sql").read_text(encoding="utf-8")
Kind = Literal["clerical", "weak"]
FIRM: Final = 0.95
"""Match probability from which on the weakest link of a customer is not asked about."""
_ASKED: Final[dict[Kind, str]] = {
    "clerical": """
    SELECT *, coalesce(json_extract_string(why, 'refused'), 'between the thresholds') AS reason
    FROM identity.matches WHERE status = 'clerical'""",
    # a customer's confidence is the match probability of its weakest link
    "weak": f"""
    SELECT m.*, 'weakest link of the customer' AS reason
    FROM identity.matches m
    JOIN identity.crosswalk a
        ON a.source = m.source_l AND a.source_record_id = m.source_record_id_l
    JOIN identity.crosswalk b
        ON b.source = m.source_r AND b.source_record_id = m.source_record_id_r
    JOIN golden.customers g ON g.entity_id = a.entity_id AND g.entity_id = b.entity_id
    WHERE m.status = 'link' AND m.match_probability = g.confidence AND g.confidence < {FIRM}
    QUALIFY row_number() OVER (PARTITION BY g.entity_id ORDER BY {", ".join(ENDS)}) = 1""",
}
_SIDES: Final = (
    ("l", ("source_l", "source_record_id_l")),
    ("r", ("source_r", "source_record_id_r")),
)


@dataclass(frozen=True)
class Asked:
    """Which pairs are asked for; all without a value."""

    source: str | None = None
    """Source of at least one side."""
    minimum: float | None = None
    maximum: float | None = None
    """Bounds of the match weight."""
    reason: str | None = None
    """Part of the reason, in any case."""


def open_pairs(
    release: duckdb.DuckDBPyConnection, decisions: pl.DataFrame, asked: Asked
) -> pl.DataFrame:
    """Clerical pairs nobody has decided and no decisions settle, as in `asked_pairs`."""
    return still_open(release, asked_pairs(release).filter(chosen(asked)), decisions)


def asked_pairs(release: duckdb.DuckDBPyConnection, kind: Kind = "clerical") -> pl.DataFrame:
    """Pairs that the release asks about, by value, the highest first, whoever decided on them.

    `clerical`: pairs left to stewards; `weak`: of each customer held by less than FIRM, the weakest
    link. ENDS, match_weight, match_probability, reason, pattern (the same for pairs whose every
    comparison came out the same, for the same reason), entity_id_l and _r, name_l and _r (golden),
    orders and revenue of the customers on both sides, value.
    value = 4 p (1 - p) (1 + ln(1 + orders) + ln(1 + revenue)): how uncertain the pair is, times
    what hangs on it; logarithms, since one large customer is not worth a thousand others. Of a
    clerical pair a tenth of that where both rows are one customer already, by way of other rows:
    then the likely answer changes nothing; and where a pair before it is of the same two customers,
    whose answer says most of what this one's would.
    """
    pairs: pl.DataFrame = release.sql(_PAIRS.format(asked=_ASKED[kind])).pl()
    p, orders, revenue = (pl.col(x) for x in ("match_probability", "orders", "revenue"))
    hangs = 1 + (1 + orders).log() + (1 + revenue.clip(lower_bound=0)).log()
    valued = _by_value(pairs.with_columns(value=4 * p * (1 - p) * hangs))
    if kind == "weak":
        return valued
    ids = [pl.col("entity_id_l"), pl.col("entity_id_r")]
    customers = (pl.min_horizontal(ids), pl.max_horizontal(ids))
    again = (ids[0] == ids[1]) | (pl.int_range(pl.len()).over(customers) > 0)
    return _by_value(
        valued.with_columns(value=pl.col("value") * pl.when(again).then(0.1).otherwise(1))
    )


def _by_value(pairs: pl.DataFrame) -> pl.DataFrame:
    return pairs.sort("value", *ENDS, descending=[True, *(False for _ in ENDS)])


def still_open(
    release: duckdb.DuckDBPyConnection, pairs: pl.DataFrame, decisions: pl.DataFrame
) -> pl.DataFrame:
    """Those of `pairs` that nobody has decided and no decisions settle, in the order given.

    `decisions`: as in DecisionStore.all.
    """
    if decisions.is_empty():
        return pairs
    return Settled.by(release, decisions).open_of(pairs)


@dataclass(frozen=True)
class Settled:
    """What decisions say of a release's records: worked out once for several queues."""

    standing: pl.DataFrame
    """Every word that was not taken back: verdict, ENDS and the decision's id."""
    bound: pl.DataFrame
    """Those of them that bind."""

    @classmethod
    def by(cls, release: duckdb.DuckDBPyConnection, decisions: pl.DataFrame) -> "Settled":
        """By `decisions`, as in DecisionStore.all."""
        standing = _on_records(release, standing_words(decisions))
        applied = binding_decisions(decisions).applied.select("id")
        return cls(standing, standing.join(applied, on="id", how="semi"))

    def open_of(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """Those of `pairs` that nobody has decided and nothing settles, in the order given."""
        return _without_settled(_without_decided(pairs, self.standing), self.bound)


def rows_in_release(release: duckdb.DuckDBPyConnection, rows: Sequence[RowKey]) -> set[RowKey]:
    """Those of `rows` that the release has."""
    found = release.execute(
        "WITH asked AS (SELECT unnest($sources) AS source, unnest($keys) AS source_record_id) "
        "SELECT DISTINCT source, source_record_id FROM identity.crosswalk "
        "SEMI JOIN asked USING (source, source_record_id)",
        {"sources": [row.source for row in rows], "keys": [row.key for row in rows]},
    ).fetchall()
    return {RowKey(*row) for row in found}


def chosen(asked: Asked) -> pl.Expr:
    """Whether a pair is one of those asked for."""
    wanted = pl.lit(True)
    if asked.source is not None:
        wanted &= (pl.col("source_l") == asked.source) | (pl.col("source_r") == asked.source)
    if asked.minimum is not None:
        wanted &= pl.col("match_weight") >= asked.minimum
    if asked.maximum is not None:
        wanted &= pl.col("match_weight") <= asked.maximum
    if asked.reason is not None:
        told = pl.col("reason").str.to_lowercase()
        wanted &= told.str.contains(asked.reason.lower(), literal=True)
    return wanted


def _on_records(release: duckdb.DuckDBPyConnection, decisions: pl.DataFrame) -> pl.DataFrame:
    """id, verdict and ENDS of `decisions`, each row under the name its record has in the release.

    Left out are those on rows that the release does not have.
    """
    release.register(
        "told", decisions.select("id", "verdict", "source_l", "key_l", "source_r", "key_r")
    )
    try:
        found: pl.DataFrame = release.sql(
            "SELECT t.id, t.verdict, l.source AS source_l, l.matched_as AS source_record_id_l, "
            "r.source AS source_r, r.matched_as AS source_record_id_r FROM told t "
            "JOIN identity.crosswalk l ON l.source = t.source_l AND l.source_record_id = t.key_l "
            "JOIN identity.crosswalk r ON r.source = t.source_r AND r.source_record_id = t.key_r "
            "WHERE l.matched_as IS NOT NULL AND r.matched_as IS NOT NULL ORDER BY ALL"
        ).pl()
    finally:
        release.unregister("told")
    return found


def _without_decided(pairs: pl.DataFrame, decided: pl.DataFrame) -> pl.DataFrame:
    turned = decided.select(*(pl.col(b).alias(a) for a, b in zip(ENDS, _TURNED, strict=True)))
    both = pl.concat([decided.select(*ENDS), turned])
    return pairs.join(both, on=list(ENDS), how="anti", maintain_order="left")


_TURNED: Final = (*ENDS[2:], *ENDS[:2])


def _without_settled(pairs: pl.DataFrame, bound: pl.DataFrame) -> pl.DataFrame:
    """`pairs` whose answer does not follow from the decisions that bind, by way of others."""
    if bound.is_empty():
        return pairs
    groups = _groups(bound)
    placed = _with_groups(pairs, groups)
    apart = _with_groups(bound.filter(pl.col("verdict") != MATCH), groups).select("at_l", "at_r")
    either = pl.concat([apart, apart.select(at_l="at_r", at_r="at_l")])
    open_yet = placed.filter((pl.col("at_l") != pl.col("at_r")).fill_null(True))
    return open_yet.join(either, on=["at_l", "at_r"], how="anti", maintain_order="left").drop(
        "at_l", "at_r"
    )


def _groups(bound: pl.DataFrame) -> pl.DataFrame:
    """source, source_record_id, at: the group that matches put each decided record in."""
    ends = [bound.select(source=source, source_record_id=key) for _, (source, key) in _SIDES]
    records = pl.concat(ends).unique(maintain_order=True).with_row_index("at")
    matches = _with_groups(bound.filter(pl.col("verdict") == MATCH), records)
    left, right = (matches.get_column(f"at_{side}").to_numpy() for side in "lr")
    shape = (records.height, records.height)
    graph = coo_array((np.ones(len(left), dtype=np.int8), (left, right)), shape=shape)
    labels = connected_components(graph, directed=False)[1]
    return records.with_columns(at=pl.Series(labels, dtype=pl.Int64))


def _with_groups(pairs: pl.DataFrame, groups: pl.DataFrame) -> pl.DataFrame:
    """`pairs` with at_l and at_r; null for records that no decision names."""
    for side, ends in _SIDES:
        named = groups.rename({"source": ends[0], "source_record_id": ends[1], "at": f"at_{side}"})
        pairs = pairs.join(named, on=list(ends), how="left", maintain_order="left")
    return pairs
