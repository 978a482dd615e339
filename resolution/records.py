"""The records that are matched, and the observed values that golden records are chosen from."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from core.files import written_whole
from core.project import Project
from resolution.match_keys import (
    KEYS,
    combined_name_keys,
    crowded_values,
    with_bare_values,
    with_own_email_names,
    with_own_keys,
    without_values,
)
from resolution.model import CustomerModel, Standardiser
from resolution.observations import (
    TIMESTAMP,
    attributes_of,
    canonical_rows,
    observe,
)
from resolution.observed_values import observed_values, visitor_identifiers
from resolution.standard_parts import MATCHED, standardised_parts, with_country
from sources.landed import LandedStore
from sources.spec import SourceSpec

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
}
"""Parts of a standardised value that records carry, by kind."""


@dataclass(frozen=True)
class Frames:
    """What standardising hands on; see docs/adr/0001 for the columns."""

    records: pl.DataFrame
    members: pl.DataFrame
    values: pl.DataFrame
    visitors: pl.DataFrame
    shared: pl.DataFrame
    """Values that too many people share to be evidence: standardiser, people, records."""

    def write(self, project: Project) -> None:
        """Write every frame whole into the project's work folder."""
        for name in ("records", "members", "values", "visitors", "shared"):
            with written_whole(project.work / f"{name}.parquet") as path:
                getattr(self, name).write_parquet(path)


def build_records(
    store: LandedStore, specs: Mapping[str, SourceSpec], model: CustomerModel
) -> Frames:
    """Records, members, values and visitors of everything that has landed.

    Deterministic: `record_id` counts from 0 in order of source and subject.
    """
    attributes = sorted(set(attributes_of(specs)) | _model_attributes(model))
    scored = {name: spec for name, spec in specs.items() if not spec.recognise_by}
    seen = pl.concat(
        [_observations(store, spec, attributes) for spec in scored.values()]
        or [pl.DataFrame(schema=_observation_schema(attributes))]
    )
    subjects = seen.select("source", "subject").unique().sort("source", "subject")
    seen = seen.join(subjects.with_row_index("record_id"), on=["source", "subject"], how="left")
    seen = seen.with_columns(pl.col("record_id").cast(pl.Int64)).sort(
        "record_id", "last_at", "newest_key", nulls_last=False
    )
    seen = seen.with_row_index("observation").with_columns(pl.col("observation").cast(pl.Int64))
    seen = with_country(seen, specs)
    parts = {name: standardised_parts(seen, item) for name, item in model.standardise.items()}
    records = _records(seen, parts, specs, model)
    crowded = crowded_values(records, model)
    return Frames(
        records=with_bare_values(without_values(records, crowded), model),
        members=_members(seen),
        values=observed_values(seen, parts, model, crowded),
        visitors=visitor_identifiers(store, specs, model),
        shared=_shared(crowded),
    )


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


def _observations(store: LandedStore, spec: SourceSpec, attributes: list[str]) -> pl.DataFrame:
    # a profile's earlier versions are evidence still (the phone before the move);
    # a corrected event is not
    rows = store.versions(spec.name) if spec.kind == "profile" else store.current(spec.name)
    seen = observe(canonical_rows(rows, spec), spec, attributes)
    return seen.cast({"rows": pl.UInt32, "first_at": TIMESTAMP, "last_at": TIMESTAMP})


def _records(
    seen: pl.DataFrame,
    parts: Mapping[str, pl.DataFrame],
    specs: Mapping[str, SourceSpec],
    model: CustomerModel,
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
    return with_own_email_names(with_own_keys(records, seen, specs, model), model)


def _shared(crowded: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    schema = pl.Schema({"standardiser": pl.String, "people": pl.UInt32, "records": pl.UInt32})
    counts = [
        found.select(pl.lit(name).alias("standardiser"), "people", "records").cast(schema)
        for name, found in crowded.items()
    ]
    return pl.concat([pl.DataFrame(schema=schema), *counts]).sort(
        "standardiser", "people", "records", descending=[False, True, True]
    )


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
