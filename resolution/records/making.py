"""The records that are matched, and the observed values that golden records are chosen from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import polars as pl

from core.frames import SEGMENTED
from resolution.model import CustomerModel, Standardiser
from resolution.records.match_keys import (
    KEYS,
    combined_name_keys,
    referred_keys,
    with_bare_values,
    with_own_email_names,
    with_own_keys,
)
from resolution.records.observations import (
    TIMESTAMP,
    attributes_of,
    canonical_rows,
    observe,
)
from resolution.records.observed_values import observed_values
from resolution.records.shared_values import bearers_of, crowded_values, without_values
from resolution.records.standard_parts import MATCHED, standardised_parts, with_country
from sources.landed import LandedStore
from sources.spec import SourceSpec

Alone = Mapping[str, pl.Series]
"""Source -> keys of rows that stand as records of their own."""

KEPT: Mapping[str, tuple[str, ...]] = {
    "person_name": (
        "full",
        "latin",
        "script",
        "han",
        "family_key",
        "given_key",
        "middle_key",
        "full_key",
        "formal",
        "phonetic",
        "suffix",
        "place",
    ),
    "date": ("date", "alternative", "precision"),
    "address": (
        "number",
        "street_key",
        "unit",
        "city_key",
        "region_key",
        "district_key",
        "postcode",
        "country",
        "key",
    ),
    "gender": ("gender",),
    "number": ("number",),
    "text": ("text", "key", "words"),
    "email": ("local", "domain"),
    "phone": ("national",),
    "identifier": (),
    "token": (),
}
"""Parts of a standardised value that records carry, by kind."""


@dataclass(frozen=True)
class Frames:
    """What standardising hands on; see docs/adr/0001 for the columns."""

    records: pl.DataFrame
    members: pl.DataFrame
    values: pl.DataFrame
    bearers: pl.DataFrame
    """Who bears each value that may be shared by too many; see resolution.records.shared_values."""

    def segment(self) -> dict[str, pl.DataFrame]:
        """The frames by name."""
        return {name: getattr(self, name) for name in SEGMENTED}


@dataclass(frozen=True)
class RawRecords:
    """Records as their own rows make them, before what too many share is taken out."""

    seen: pl.DataFrame
    """Observations, numbered."""
    parts: Mapping[str, pl.DataFrame]
    records: pl.DataFrame
    model: CustomerModel

    @property
    def bearers(self) -> pl.DataFrame:
        """See resolution.records.shared_values.bearers_of."""
        return bearers_of(self.records, self.model)

    def frames(self, crowded: pl.DataFrame) -> Frames:
        """The records without the values in `crowded` (standardiser, value)."""
        return Frames(
            records=with_bare_values(without_values(self.records, crowded), self.model),
            members=_members(self.seen),
            values=observed_values(self.seen, self.parts, self.model, crowded),
            bearers=self.bearers,
        )


def build_records(
    store: LandedStore,
    specs: Mapping[str, SourceSpec],
    model: CustomerModel,
    alone: Alone = MappingProxyType({}),
) -> tuple[Frames, pl.DataFrame]:
    """Records, members, values of everything that has landed, and the crowded values.

    Deterministic: `record_id` counts from 0 in order of source and subject. `alone`: rows that
    stand as records of their own; see resolution.decisions.
    """
    attributes = known_attributes(specs, model)
    seen = [
        observations(landed_rows(store, spec), spec, attributes, alone)
        for spec in scored_sources(specs)
    ]
    raw = raw_records(seen, specs, model, 0)
    crowded = crowded_values(raw.bearers, model)
    return raw.frames(crowded), crowded


def raw_records(
    seen: Sequence[pl.DataFrame],
    specs: Mapping[str, SourceSpec],
    model: CustomerModel,
    first: int,
    referred: Mapping[str, pl.Series] = MappingProxyType({}),
) -> RawRecords:
    """Records of these observations, numbered from `first` in order of source and subject.

    `referred`: standardiser -> keys that records elsewhere refer to.
    """
    none = pl.DataFrame(schema=_observation_schema(known_attributes(specs, model)))
    rows = pl.concat([none, *seen])
    subjects = rows.select("source", "subject").unique().sort("source", "subject")
    rows = rows.join(
        subjects.with_row_index("record_id", first), on=["source", "subject"], how="left"
    )
    rows = rows.with_columns(pl.col("record_id").cast(pl.Int64)).sort(
        "record_id", "last_at", "newest_key", nulls_last=False
    )
    rows = rows.with_row_index("observation").with_columns(pl.col("observation").cast(pl.Int64))
    rows = with_country(rows, specs)
    parts = {name: standardised_parts(rows, item) for name, item in model.standardise.items()}
    return RawRecords(rows, parts, _records(rows, parts, specs, model, referred), model)


def scored_sources(specs: Mapping[str, SourceSpec]) -> list[SourceSpec]:
    """The sources whose rows are matched by their evidence."""
    return [spec for spec in specs.values() if not spec.recognise_by]


def known_attributes(specs: Mapping[str, SourceSpec], model: CustomerModel) -> list[str]:
    """Every attribute that a source maps or the model asks for, in order."""
    return sorted(set(attributes_of(specs)) | _model_attributes(model))


def landed_rows(
    store: LandedStore, spec: SourceSpec, keys: pl.Series | None = None
) -> pl.DataFrame:
    """The landed rows that are evidence, of `keys` or all of them."""
    # a profile's earlier versions are evidence still (the phone before the move);
    # a corrected event is not
    if spec.kind == "profile":
        return store.versions(spec.name) if keys is None else store.versions_of(spec.name, keys)
    return store.current(spec.name) if keys is None else store.current_rows(spec.name, keys)


def observations(
    rows: pl.DataFrame, spec: SourceSpec, attributes: list[str], alone: Alone
) -> pl.DataFrame:
    """Landed rows as distinct observations; see resolution.records.observations.observe."""
    seen = observe(canonical_rows(rows, spec), spec, attributes, alone.get(spec.name))
    return seen.cast({"rows": pl.UInt32, "first_at": TIMESTAMP, "last_at": TIMESTAMP})


def _model_attributes(model: CustomerModel) -> set[str]:
    return {name for item in model.standardise.values() for name in item.attributes.values()}


def _observation_schema(attributes: list[str]) -> dict[str, pl.DataType]:
    text = dict.fromkeys(["source", "subject", *attributes], pl.String())
    return {
        **text,
        "keys": pl.List(pl.String()),
        "newest_key": pl.String(),
        "rows": pl.UInt32(),
        "first_at": TIMESTAMP,
        "last_at": TIMESTAMP,
    }


def _records(
    seen: pl.DataFrame,
    parts: Mapping[str, pl.DataFrame],
    specs: Mapping[str, SourceSpec],
    model: CustomerModel,
    referred: Mapping[str, pl.Series],
) -> pl.DataFrame:
    records = seen.group_by("record_id", "source", "subject", maintain_order=True).agg(
        pl.col("rows").sum().cast(pl.Int64),
        pl.col("first_at").min().alias("first_seen_at"),
        pl.col("last_at").max().alias("last_seen_at"),
    )
    for name, standardiser in model.standardise.items():
        for columns in _record_columns(seen, name, standardiser, parts[name]):
            records = records.join(columns, on="record_id", how="left", maintain_order="left")
        records = records.with_columns(_derived(name, standardiser, specs))
    owners = referred_keys(specs, model)
    asked = {
        name: pl.concat([records_values(records, name), referred.get(name, _NO_KEYS)]).unique()
        for name in owners
    }
    return with_own_email_names(with_own_keys(records, seen, owners, asked), model)


_NO_KEYS = pl.Series([], dtype=pl.String)


def records_values(records: pl.DataFrame, column: str) -> pl.Series:
    """Every element of a list column of the records."""
    return records.get_column(column).explode().drop_nulls().rename("")


def _record_columns(
    seen: pl.DataFrame, name: str, standardiser: Standardiser, parts: pl.DataFrame
) -> list[pl.DataFrame]:
    """A record's newest parts, and the list of all its values where several count."""
    kind = standardiser.kind
    numbered = pl.concat([seen.select("record_id"), parts], how="horizontal")
    frames = []
    if kind in MATCHED:
        value = pl.col(MATCHED[kind])
        present = numbered.filter(value.is_not_null())
        chosen = value if standardiser.many else value.tail(1)
        frames.append(
            present.group_by("record_id").agg(
                chosen.unique().sort().alias(name), value.last().alias(f"{name}_first")
            )
        )
    if KEPT[kind]:
        main = pl.any_horizontal([pl.col(part).is_not_null() for part in KEPT[kind]])
        newest = (
            numbered.filter(main)
            .group_by("record_id")
            .agg([pl.col(part).last().alias(f"{name}_{part}") for part in KEPT[kind]])
        )
        frames.append(newest)
    return [frame.sort("record_id") for frame in frames]


def _derived(
    name: str, standardiser: Standardiser, specs: Mapping[str, SourceSpec]
) -> list[pl.Expr]:
    if standardiser.kind == "person_name":
        attributes = set(standardiser.attributes.values())
        loose = [source for source, spec in specs.items() if attributes & set(spec.self_chosen)]
        return [
            pl.when(pl.col("source").is_in(loose)).then(True).alias(f"{name}_self_chosen"),
            *combined_name_keys(name),
        ]
    keys = KEYS.get(standardiser.kind)
    return keys(name) if keys else []


def _members(seen: pl.DataFrame) -> pl.DataFrame:
    """One row a source row: source, source_record_id, record_id, at (of its observation)."""
    return (
        seen.select("source", "record_id", "keys", "last_at")
        .explode("keys")
        .group_by("source", pl.col("keys").alias("source_record_id"), "record_id")
        .agg(pl.col("last_at").max().alias("at"))
        .sort("source", "source_record_id")
        .select("source", "source_record_id", "record_id", "at")
    )
