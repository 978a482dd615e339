"""New records matched against those that are there; only touched components clustered again.

For a fixed model, whether two records are a candidate and what they weigh depends on the two
alone, and which links hold on their component alone. So what is found here is what matching all
records anew would find.
"""

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from core.frames import scan_frame
from resolution.clustering.clusters import group_links
from resolution.engine.key_index import keys_of, pairs_with, write_segment
from resolution.engine.keys import KeyMaker
from resolution.engine.program import NotCompiledError, compile_levels
from resolution.matching.full import FixedModel, rules_in_use, told
from resolution.matching.settling import ENDS, Settling
from resolution.model import CustomerModel
from resolution.records.renumbered import Renumbered
from resolution.scoring.blocking import own_numbers
from resolution.scoring.scorers import scorer_for
from resolution.training.frequencies import with_unseen


@dataclass(frozen=True)
class MatchedDelta:
    """What became of the touched components."""

    pairs: pl.DataFrame
    """The touched records' pairs, as Matched.pairs."""
    clusters: pl.DataFrame
    """The touched records' clusters, as Matched.clusters."""
    evidence: pl.DataFrame
    """All pairs of all records: record_id_l, record_id_r, match_weight, match_probability,
    linkable, status."""
    candidates: int
    """Pairs that were compared for the new records."""


@dataclass(frozen=True)
class DeltaMatching:
    """What is there, and what came or went."""

    connection: duckdb.DuckDBPyConnection
    folder: Path
    """Frames of this run, the new records among them."""
    index: Path
    """Key index of the records that were there; the new records' keys are added to it."""
    model: CustomerModel
    fixed: FixedModel
    evidence: pl.DataFrame
    """Pairs as they were; see MatchedDelta."""
    new: pl.DataFrame
    """The new records."""
    dropped: pl.Series
    """record_id of all that are no more, of this run or an earlier one."""

    def match(self, bound: pl.DataFrame, stirred: pl.Series) -> MatchedDelta:
        """`bound`: binding decisions (record_id_l < record_id_r, same). `stirred`: records that a
        decision was about which came or went. Raises OutgrownError where a block has grown so
        large that the model must be trained anew."""
        found = self._pairs_of_new()
        gone = pl.any_horizontal(pl.col(end).is_in(self.dropped.implode()) for end in ENDS)
        orphans = pl.concat(
            [self.evidence.filter(gone).get_column(end).rename("record_id") for end in ENDS]
        )
        evidence = pl.concat([self.evidence.filter(~gone), self._weighed(found)])
        seeds = pl.concat([self.new.get_column("record_id"), orphans, stirred]).unique()
        seeds = seeds.filter(~seeds.is_in(self.dropped.implode()))
        touched = self._touched(evidence, bound, seeds)
        pairs, clusters = self._settled(evidence, bound, touched)
        held = pl.any_horizontal(pl.col(end).is_in(touched.implode()) for end in ENDS)
        whole = pl.concat([evidence.filter(~held), pairs.select(evidence.columns)]).sort(ENDS)
        return MatchedDelta(pairs, clusters, whole, found.height)

    def _pairs_of_new(self) -> pl.DataFrame:
        """Candidates with at least one new record: record_id_l < record_id_r."""
        rules, refine_by = rules_in_use(self.new.columns, self.model, self.fixed.trained)
        numbers = self.new.get_column("record_id").to_numpy()
        maker = KeyMaker(self.new.lazy())
        keys = keys_of(maker, rules, refine_by, self.fixed.large, numbers)
        write_segment(self.index, keys)
        left, right = pairs_with(keys, self.index)
        pairs = pl.DataFrame({"record_id_l": left, "record_id_r": right})
        gone = pl.any_horizontal(pl.col(end).is_in(self.dropped.implode()) for end in ENDS)
        return pairs.filter(~gone)

    def _weighed(self, pairs: pl.DataFrame) -> pl.DataFrame:
        """Those of the pairs that weigh enough to be kept, as rows of evidence."""
        if not len(pairs):
            return self.evidence.clear()
        local = self._local(_ends_of(pairs))
        least = local.settling.least(self.fixed.trained.chosen)
        own = own_numbers(local.records.lazy(), len(local.records), self.model.without_duplicates)
        asked = local.dense.pairs_inside(pairs)
        left, right = (own[asked.get_column(end).to_numpy()] for end in ENDS)
        scored = local.settling.marked(
            asked.filter(pl.Series((left == 0) | (left != right))), least
        )
        linkable = local.settling.linkable(scored, self.fixed.trained.chosen)
        return local.dense.pairs_outside(
            scored.select(*ENDS, "match_weight", "match_probability").with_columns(
                linkable=linkable, status=pl.lit("clerical")
            )
        ).select(self.evidence.columns)

    def _touched(self, evidence: pl.DataFrame, bound: pl.DataFrame, seeds: pl.Series) -> pl.Series:
        """The records of every component that holds one of the seeds."""
        links = pl.concat(
            [evidence.filter("linkable").select(ENDS), bound.filter("same").select(ENDS)]
        )
        known = pl.concat([_ends_of(links), seeds]).unique().sort()
        components = group_links(len(known), Renumbered(known).pairs_inside(links))
        places = known.search_sorted(seeds).to_numpy()
        chosen = np.isin(components, components[places])
        return known.filter(pl.Series(chosen))

    def _settled(
        self, evidence: pl.DataFrame, bound: pl.DataFrame, touched: pl.Series
    ) -> tuple[pl.DataFrame, pl.DataFrame]:
        """Pairs and clusters of the touched records, as Matched has them."""
        held = pl.any_horizontal(pl.col(end).is_in(touched.implode()) for end in ENDS)
        pairs, decided = evidence.filter(held).select(ENDS), bound.filter(held)
        ends = pl.concat([touched, _ends_of(pairs), _ends_of(decided)]).unique()
        local = self._local(ends)
        trained = self.fixed.trained
        least = local.settling.least(trained.chosen)
        settled = local.settling.settle(
            # a pair that was kept for a decision which is taken back may weigh too little
            local.settling.marked(local.dense.pairs_inside(pairs).sort(ENDS), least),
            trained.chosen,
            local.dense.pairs_inside(decided),
        )
        found, clusters = told(settled, trained)
        named = local.dense.clusters_outside(clusters)
        mine = named.filter(pl.col("record_id").is_in(touched.implode()))
        return local.dense.pairs_outside(found), mine

    def _local(self, ids: pl.Series) -> "_Local":
        """These records numbered anew, in order of source and subject, and what weighs them."""
        records = self._records(ids).sort("source", "subject")
        numbers = Renumbered(records.get_column("record_id"))
        dense = records.with_columns(pl.int_range(len(records), dtype=pl.Int64).alias("record_id"))
        trained = self.fixed.trained
        scorer = scorer_for(self.connection, dense.lazy(), trained.comparisons, trained.prior)
        frequencies = with_unseen(self.fixed.frequencies, dense.lazy())
        sources = records.get_column("source")
        settling = Settling.of(sources, self.model, trained, scorer, frequencies)
        return _Local(dense, numbers, settling)

    def _records(self, ids: pl.Series) -> pl.DataFrame:
        """These records, with what weighing looks at: reading a million records costs as much as
        the columns that are read."""
        asked = ids.unique().rename("record_id").implode()
        rows = scan_frame(self.folder, "records", whole=True).select(*_KEY, *self._weighed_columns)
        return rows.filter(pl.col("record_id").is_in(asked)).collect()

    @cached_property
    def _weighed_columns(self) -> list[str]:
        trained = self.fixed.trained
        present = scan_frame(self.folder, "records", whole=True).collect_schema().names()
        try:
            _, layout = compile_levels(trained.comparisons, trained.prior)
        except NotCompiledError:
            return [name for name in present if name not in _KEY]
        read = {*layout.columns(), *layout.rarities, *self.fixed.frequencies}
        return [name for name in present if name in read and name not in _KEY]


_KEY = ("record_id", "source", "subject")


@dataclass(frozen=True)
class _Local:
    """Records numbered from 0, and what weighs them."""

    records: pl.DataFrame
    dense: Renumbered
    settling: Settling


def _ends_of(pairs: pl.DataFrame) -> pl.Series:
    ends = [pairs.get_column(end).rename("record_id") for end in ENDS]
    return pl.concat(ends).unique()
