"""From weighed pairs to customers: which links hold, what a steward should see, what is refused."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from resolution.clustering.ambiguous import ambiguous_records
from resolution.clustering.clusters import Clusters, cluster_records, group_links, pairs_within
from resolution.model import CustomerModel
from resolution.scoring.blocking import Candidates
from resolution.scoring.scorers import Scorer
from resolution.training.guards import Watch, believed_guards
from resolution.training.thresholds import Chosen, thresholds_of
from resolution.training.unlabelled import TrainedModel

FITS_TWO = "a record fits two customers who contradict each other equally well"
"""Why a link is left to a steward though it is strong enough."""

DECIDED_APART = "a steward decided that these are two customers"
"""Why a pair is refused whatever it weighs."""

LARGEST_COMPARED_WHOLE = 80
"""Records in a component up to which all its pairs are compared, so that a contradiction
between two records no rule put together is seen: 80 make 3,160 pairs."""

AGAINST = 4.0
"""Bits that a pair's evidence must weigh against it before it counts in doubting a link."""

ENDS = ("record_id_l", "record_id_r")

NOTHING_DECIDED = pl.DataFrame(
    schema={"record_id_l": pl.Int64, "record_id_r": pl.Int64, "same": pl.Boolean}
)
"""No binding decision: record_id_l < record_id_r, and whether they are one customer."""


@dataclass(frozen=True)
class Settled:
    """What became of the pairs."""

    pairs: pl.DataFrame
    """The weighed pairs with `linkable` (whether they would link, were there nothing else),
    `status`, `refused_because` and `decided` (by a steward)."""
    clusters: Clusters


@dataclass(frozen=True)
class Settling:
    """Records numbered from 0 in order of source and subject, and what weighs them."""

    sources: pl.Series
    """Each record's source."""
    model: CustomerModel
    known: TrainedModel
    scorer: Scorer
    """With the model's weights and frequencies."""

    @classmethod
    def of(
        cls,
        sources: pl.Series,
        model: CustomerModel,
        known: TrainedModel,
        scorer: Scorer,
        frequencies: Mapping[str, pl.DataFrame] | None,
    ) -> "Settling":
        """The scorer given the model's weights and `frequencies`."""
        ready = scorer.with_model(known.comparisons, known.prior, frequencies)
        return cls(sources, model, known, ready)

    def least(self, chosen: Chosen | None) -> float:
        """Match weight from which pairs are kept."""
        return weight_of(thresholds_of(self.model, chosen).clerical)

    def candidates(self, candidates: Candidates, least: float) -> tuple[pl.DataFrame, int]:
        """The candidates of at least this weight with their contradictions, and how many there
        were."""
        weighed, count = self.scorer.score_candidates(candidates, least)
        return self._watch().marked(weighed), count

    def marked(self, pairs: pl.DataFrame, least: float | None = None) -> pl.DataFrame:
        """`pairs` (record_id_l < record_id_r) weighed, with their contradictions."""
        return self._watch().marked(self.scorer.score(pairs, least))

    def linkable(self, scored: pl.DataFrame, chosen: Chosen | None) -> pl.Series:
        """Whether each pair would link, were there nothing else."""
        strong = pl.col("match_probability") >= thresholds_of(self.model, chosen).link
        return scored.select(strong & pl.col("conflict").is_null()).to_series()

    def settle(
        self,
        scored: pl.DataFrame,
        chosen: Chosen | None = None,
        decided: pl.DataFrame = NOTHING_DECIDED,
    ) -> Settled:
        """Clusters that hold no contradiction, and the status of each pair.

        `scored`: as `candidates` or `marked` gave it. `decided`: see NOTHING_DECIDED; binding
        decisions, which can all be true together.
        """
        scored = self._with_decided(scored, decided)
        one = pl.col("decided").fill_null(False)
        strong = pl.col("match_probability") >= thresholds_of(self.model, chosen).link
        scored = scored.with_columns(linkable=one | (strong & pl.col("conflict").is_null()))
        links = scored.filter("linkable").with_columns(
            match_weight=pl.when(one).then(float("inf")).otherwise("match_weight")
        )
        within = self._within(links, scored)
        contradictions = pl.concat(
            [x.filter(pl.col("conflict").is_not_null()).select(ENDS) for x in (scored, within)]
        )
        unclear = ambiguous_records(links.select(*ENDS, "match_weight"), contradictions)
        even = ~one & pl.any_horizontal(pl.col(end).is_in(unclear.implode()) for end in ENDS)
        clusters = cluster_records(
            len(self.sources), links.filter(~even), contradictions, self._against(scored, within)
        )
        return Settled(_with_status(scored, clusters, even), clusters)

    def _with_decided(self, scored: pl.DataFrame, decided: pl.DataFrame) -> pl.DataFrame:
        """`scored` with the decided pairs in it: `decided`, and `conflict` as was decided."""
        missing = decided.join(scored, on=list(ENDS), how="anti").select(ENDS)
        if len(missing):
            added = self.marked(missing)
            scored = pl.concat([scored, added.select(scored.columns)]).sort(ENDS)
        told = decided.select(*ENDS, pl.col("same").alias("decided"))
        scored = scored.join(told, on=list(ENDS), how="left", maintain_order="left")
        same = pl.col("decided")
        return scored.with_columns(
            conflict=pl.when(same)
            .then(pl.lit(None, pl.String))
            .when(~same)
            .then(pl.lit(DECIDED_APART))
            .otherwise("conflict")
        )

    def _within(self, links: pl.DataFrame, scored: pl.DataFrame) -> pl.DataFrame:
        """The pairs of a component that no rule brought together."""
        inside = pairs_within(group_links(len(self.sources), links), LARGEST_COMPARED_WHOLE)
        unseen = inside.join(scored, on=list(ENDS), how="anti")
        if not len(unseen):
            return scored.clear()
        return self.marked(unseen).with_columns(decided=pl.lit(None, pl.Boolean))

    def _against(self, scored: pl.DataFrame, within: pl.DataFrame) -> pl.DataFrame:
        """Pairs that are far less likely one customer than two records drawn at random."""
        least = weight_of(self.known.prior) - AGAINST
        undecided = pl.col("conflict").is_null() & pl.col("decided").is_null()
        against = undecided & (pl.col("match_weight") < least)
        return pl.concat([x.filter(against).select(ENDS) for x in (scored, within)])

    def _watch(self) -> Watch:
        guards = believed_guards(self.model.guards, self.known)
        return Watch(self.known.comparisons, guards, self.sources, self.model.without_duplicates)


def weight_of(probability: float) -> float:
    """Match weight in bits."""
    return float(np.log2(probability / (1 - probability)))


def _with_status(scored: pl.DataFrame, clusters: Clusters, even: pl.Expr) -> pl.DataFrame:
    torn = clusters.refused.with_columns(
        torn=pl.lit("would join records that contradict each other")
    )
    thread = clusters.doubted.with_columns(
        thread=pl.lit("the two groups have little else in common, and much against")
    )
    pairs = scored.join(torn, on=list(ENDS), how="left", maintain_order="left")
    pairs = pairs.join(thread, on=list(ENDS), how="left", maintain_order="left")
    fits_two = pl.when(pl.col("linkable") & even).then(pl.lit(FITS_TWO))
    pairs = pairs.with_columns(thread=pl.coalesce("thread", fits_two))
    refused = pl.coalesce("conflict", "torn")
    status = (
        pl.when(refused.is_not_null())
        .then(pl.lit("refused"))
        .when(pl.col("linkable") & pl.col("thread").is_null())
        .then(pl.lit("link"))
        .otherwise(pl.lit("clerical"))
    )
    return pairs.with_columns(status=status, refused_because=pl.coalesce(refused, "thread")).drop(
        "torn", "thread"
    )
