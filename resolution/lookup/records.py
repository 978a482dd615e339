"""A release's records as they are looked up: encoded, indexed, each with its customer."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl

from core.errors import ProjectError
from resolution.engine.program import NotCompiledError
from resolution.engine.scorer import compiled_scorer
from resolution.kept import INDEX, Kept
from resolution.lookup.columns import Reading
from resolution.lookup.contradictions import PairGuards
from resolution.lookup.keys import KeyFiles, RuleKeys
from resolution.lookup.rarities import Rarities
from resolution.lookup.slots import Slots, with_room
from resolution.lookup.weighing import Weighing
from resolution.matching.full import rules_in_use
from resolution.model import CustomerModel
from resolution.records.making import records_values
from resolution.records.match_keys import referred_keys
from resolution.records.observations import own_key_attributes
from resolution.training.frequencies import with_unseen
from resolution.training.unlabelled import TrainedModel
from sources.spec import SourceSpec


@dataclass(frozen=True)
class Owners:
    """Which customer each record is of."""

    entity_ids: pl.Series
    """By number of the customer."""
    entities: np.ndarray
    """int32, by place of the record: number of its customer."""
    _members: np.ndarray
    """Places of the records in order of customers."""
    _starts: np.ndarray

    @classmethod
    def of(cls, kept: Kept, numbers: pl.Series) -> "Owners":
        """`numbers`: record_id by place."""
        entities = kept.scan("entities").select("record_id", "entity_id")
        held = numbers.rename("record_id").to_frame().lazy()
        found = held.join(entities, on="record_id", how="left", maintain_order="left")
        named = found.select("entity_id").collect().to_series()
        codes = (named.rank("dense").cast(pl.Int32) - 1).to_numpy()
        ids = named.unique().sort()
        starts = np.concatenate([[0], np.cumsum(np.bincount(codes, minlength=len(ids)))])
        return cls(ids, codes, np.argsort(codes, kind="stable").astype(np.int32), starts)

    def members(self, entity: int) -> np.ndarray:
        """Places of a customer's records, ascending."""
        return self._members[self._starts[entity] : self._starts[entity + 1]]


@dataclass(frozen=True)
class LookupRecords:
    """All that is needed to say who a record is, of one release."""

    reading: Reading
    rule_keys: RuleKeys
    key_files: KeyFiles
    rarities: Rarities
    slots: Slots
    weighing: Weighing
    owners: Owners
    guards: PairGuards
    numbers: np.ndarray
    """record_id by place."""
    sources: np.ndarray
    """Number of the source by place."""
    source_names: list[str]
    model: CustomerModel
    trained: TrainedModel

    def __len__(self) -> int:
        return len(self.numbers)


def read_lookup_records(kept: Kept, specs: Mapping[str, SourceSpec]) -> LookupRecords:
    """The records of a release, encoded anew: a few seconds a million.

    Raises ProjectError where the model holds a comparison that only Splink weighs.
    """
    model, fixed = kept.rules(), kept.fixed()
    trained, records = fixed.trained, kept.scan("records")
    numbers = records.select("record_id").collect().to_series()
    frequencies = with_unseen(fixed.frequencies, records)
    try:
        scorer = compiled_scorer(
            with_room(records), trained.comparisons, trained.prior, frequencies
        )
    except NotCompiledError as unknown:
        raise ProjectError(
            f"no record can be looked up while a comparison is written in SQL ({unknown}); write "
            "it with the other kinds of comparisons in customer.yml"
        ) from None
    columns = records.collect_schema().names()
    rules = RuleKeys.of(*rules_in_use(columns, model, trained), fixed.large)
    slots = Slots(scorer.encoded, scorer.layout)
    names, sources = _sources(records)
    return LookupRecords(
        reading=_reading(kept, model, specs),
        rule_keys=rules,
        key_files=KeyFiles(kept.folder / INDEX, _places(numbers)),
        rarities=Rarities(fixed.frequencies, scorer.layout),
        slots=slots,
        weighing=Weighing.of(scorer, slots.encoded),
        owners=Owners.of(kept, numbers),
        guards=PairGuards(model, trained),
        numbers=numbers.to_numpy(),
        sources=sources,
        source_names=names,
        model=model,
        trained=trained,
    )


def _reading(kept: Kept, model: CustomerModel, specs: Mapping[str, SourceSpec]) -> Reading:
    crowded, records = kept.scan("crowded").collect(), kept.scan("records")
    return Reading(
        model,
        {name: spec.country for name, spec in specs.items() if spec.country},
        {name: frozenset(spec.self_chosen) for name, spec in specs.items()},
        {
            str(name): frozenset(found.get_column("value"))
            for (name,), found in crowded.group_by("standardiser")
        },
        {name: frozenset(own_key_attributes(spec)) for name, spec in specs.items()},
        {
            name: frozenset(records_values(records.select(name).collect(), name))
            for name in referred_keys(specs, model)
        },
    )


def _places(numbers: pl.Series) -> np.ndarray:
    """By record_id, the place of the record; -1 for one that is no more."""
    found = np.full(int(numbers.max() or 0) + 1, -1, np.int32)  # type: ignore[arg-type]
    found[numbers.to_numpy()] = np.arange(len(numbers), dtype=np.int32)
    return found


def _sources(records: pl.LazyFrame) -> tuple[list[str], np.ndarray]:
    """Names of the sources, and the number of each record's."""
    column = records.select("source").collect().to_series()
    names = column.unique().sort().to_list()
    return names, column.rank("dense").cast(pl.Int16).to_numpy() - 1
