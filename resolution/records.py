"""The records that are matched, and the observed values that golden records are chosen from."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from core.files import written_whole
from core.project import Project
from resolution.model import CustomerModel, Standardiser
from resolution.observations import (
    TIMESTAMP,
    attributes_of,
    canonical_rows,
    observe,
    own_key_attributes,
)
from resolution.standardise import KINDS
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
    "text": ("text", "key"),
    "email": ("local", "domain"),
    "phone": ("national",),
    "identifier": (),
}
"""Parts of a standardised value that records carry, by kind."""

MATCHED: Mapping[str, str] = {"email": "canonical", "phone": "phone", "identifier": "identifier"}
"""Part whose distinct values a record carries as a list, by kind."""

PUBLISHED: Mapping[str, Mapping[str, str]] = {
    "person_name": {"full": "full", "given": "given", "family": "family"},
    "date": {"date": "date"},
    "email": {"email": "email"},
    "phone": {"phone": "phone"},
    "address": {
        "line": "line",
        "city": "city",
        "region": "region",
        "postcode": "postcode",
        "country": "country",
    },
    "gender": {"gender": "gender"},
    "identifier": {"identifier": "identifier"},
    "text": {"text": "text"},
}
"""Role -> the standardised part that is published as the role's attribute, by kind."""


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
    seen = _with_country(seen, specs)
    parts = {
        name: _standardised(seen, standardiser) for name, standardiser in model.standardise.items()
    }
    records, shared = _records(seen, parts, specs, model)
    return Frames(
        records=records,
        members=_members(seen),
        values=_values(seen, parts, model),
        visitors=_visitors(store, specs, model),
        shared=shared,
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


def _with_country(seen: pl.DataFrame, specs: Mapping[str, SourceSpec]) -> pl.DataFrame:
    """Adds `country_hint`: the written country, or else the one its source is known for."""
    defaults = {name: spec.country for name, spec in specs.items() if spec.country}
    written = pl.col("country") if "country" in seen.columns else pl.lit(None, pl.String)
    known = (
        pl.col("source").replace_strict(
            list(defaults), list(defaults.values()), default=None, return_dtype=pl.String
        )
        if defaults
        else pl.lit(None, pl.String)
    )
    return seen.with_columns(country_hint=pl.coalesce(written, known))


def _standardised(seen: pl.DataFrame, standardiser: Standardiser) -> pl.DataFrame:
    """The standardised parts of every observation, in its order; paid once a distinct value."""
    roles = {
        role: "country_hint" if role == "country" else attribute
        for role, attribute in standardiser.attributes.items()
    }
    written = seen.select([pl.col(attribute).alias(role) for role, attribute in roles.items()])
    distinct = written.unique(maintain_order=True)
    parts = standardise_distinct(standardiser.kind, distinct)
    renamed = parts.rename({name: f"out_{name}" for name in parts.columns})
    joined = written.join(
        pl.concat([distinct, renamed], how="horizontal"),
        on=list(roles),
        how="left",
        nulls_equal=True,
        maintain_order="left",
    )
    return joined.select([pl.col(f"out_{name}").alias(name) for name in parts.columns])


def standardise_distinct(kind: str, written: pl.DataFrame) -> pl.DataFrame:
    """The standardised parts of `written`, whose columns are some of the kind's roles."""
    missing = [
        pl.lit(None, pl.String).alias(role)
        for role in KINDS[kind].roles
        if role not in written.columns
    ]
    return KINDS[kind].standardise(written.with_columns(missing).select(KINDS[kind].roles))


def _records(
    seen: pl.DataFrame,
    parts: Mapping[str, pl.DataFrame],
    specs: Mapping[str, SourceSpec],
    model: CustomerModel,
) -> tuple[pl.DataFrame, pl.DataFrame]:
    records = seen.group_by("record_id", "source", "subject", maintain_order=True).agg(
        pl.col("rows").sum().cast(pl.Int64),
        pl.col("first_at").min().alias("first_seen_at"),
        pl.col("last_at").max().alias("last_seen_at"),
    )
    for name, standardiser in model.standardise.items():
        for columns in _record_columns(seen, name, standardiser, parts[name]):
            records = records.join(columns, on="record_id", how="left", maintain_order="left")
        records = records.with_columns(_derived(name, standardiser, specs))
    return _without_shared_values(_with_own_keys(records, seen, specs, model), model)


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
    if standardiser.kind == "date":
        return [pl.col(f"{name}_date").dt.strftime("%Y%m%d").alias(f"{name}_digits")]
    if standardiser.kind == "person_name":
        attributes = set(standardiser.attributes.values())
        loose = [source for source, spec in specs.items() if attributes & set(spec.self_chosen)]
        return [
            pl.col("source").is_in(loose).alias(f"{name}_self_chosen"),
            *combined_name_keys(name),
        ]
    if standardiser.kind == "gender":
        return [pl.col(f"{name}_gender").alias(f"{name}_key")]
    return []


def combined_name_keys(name: str) -> list[pl.Expr]:
    """`<name>_lone_key`, the only part known; `<name>_whole_key`, two Chinese characters read
    as a given name; `<name>_letters`, all letters sorted, whatever the order of the parts."""
    given, family = pl.col(f"{name}_given_key"), pl.col(f"{name}_family_key")
    lone = pl.when(given.is_null() | family.is_null()).then(pl.coalesce(given, family))
    two = pl.col(f"{name}_han").str.len_chars() == 2
    whole = pl.when(two).then(pl.concat_str(family, given))
    parts = (given, pl.col(f"{name}_middle_key"), family)
    letters = pl.concat_str(parts, ignore_nulls=True).str.split("").list.sort().list.join("")
    return [
        lone.alias(f"{name}_lone_key"),
        whole.alias(f"{name}_whole_key"),
        pl.when(letters.str.len_chars() > 0).then(letters).alias(f"{name}_letters"),
    ]


def _with_own_keys(
    records: pl.DataFrame,
    seen: pl.DataFrame,
    specs: Mapping[str, SourceSpec],
    model: CustomerModel,
) -> pl.DataFrame:
    """Adds to each record the keys of its own rows that other sources refer to (order numbers)."""
    for name, standardiser in model.standardise.items():
        attribute = standardiser.attributes.get("identifier")
        owners = [source for source, spec in specs.items() if attribute in own_key_attributes(spec)]
        if not owners:
            continue
        referred = records.select(pl.col(name).explode().drop_nulls().unique()).to_series()
        keys = (
            seen.filter(pl.col("source").is_in(owners))
            .select("record_id", pl.col("keys").alias("key"))
            .explode("key")
            .filter(pl.col("key").is_in(referred.implode()))
            .group_by("record_id")
            .agg(pl.col("key").unique().sort().alias("own"))
        )
        records = (
            records.join(keys, on="record_id", how="left", maintain_order="left")
            .with_columns(pl.coalesce(name, "own").alias(name))
            .drop("own")
        )
    return records


def _without_shared_values(
    records: pl.DataFrame, model: CustomerModel
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Takes values that too many differently named people share out of the evidence."""
    person = next(
        (name for name, item in model.standardise.items() if item.kind == "person_name"), None
    )
    found = []
    for name, limit in model.fan_out.items():
        if name not in records.columns or records.schema[name] != pl.List(pl.String):
            continue
        people = pl.col(f"{person}_given_key").n_unique() if person else pl.len()
        counted = (
            records.select(name, *([f"{person}_given_key"] if person else []))
            .explode(name)
            .drop_nulls(name)
            .group_by(name)
            .agg(people.alias("people"), pl.len().alias("records"))
            .filter(pl.col("people") > limit)
        )
        found.append(
            counted.select(pl.lit(name).alias("standardiser"), "people", "records").sort(
                "people", "records", descending=True
            )
        )
        crowded = counted.get_column(name)
        kept = pl.col(name).list.set_difference(crowded.to_list())
        records = records.with_columns(
            pl.when(kept.list.len() > 0).then(kept.list.sort()).alias(name),
            pl.when(~pl.col(f"{name}_first").is_in(crowded.implode()))
            .then(pl.col(f"{name}_first"))
            .alias(f"{name}_first"),
        )
    schema = {"standardiser": pl.String, "people": pl.UInt32, "records": pl.UInt32}
    return records, pl.concat(found) if found else pl.DataFrame(schema=schema)


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


def _values(
    seen: pl.DataFrame, parts: Mapping[str, pl.DataFrame], model: CustomerModel
) -> pl.DataFrame:
    """Every observed value of every golden attribute, the unreadable ones with their reason."""
    rows = []
    seen = seen.rename(
        {"newest_key": "source_record_id", "first_at": "first_seen_at", "last_at": "observed_at"}
    )
    base = [
        "record_id",
        "observation",
        "source",
        "source_record_id",
        "first_seen_at",
        "observed_at",
        "rows",
    ]
    for name, standardiser in model.standardise.items():
        part = parts[name]
        published = PUBLISHED[standardiser.kind]
        for role, attribute in standardiser.attributes.items():
            if role not in published:
                continue
            rows.append(_value_rows(seen, part, base, (attribute, attribute, published[role])))
        if standardiser.kind == "person_name":
            rows.append(_value_rows(seen, part, base, ("name_latin", None, "latin")))
    return pl.concat(rows).sort("record_id", "observation", "attribute")


def _value_rows(
    seen: pl.DataFrame, part: pl.DataFrame, base: list[str], named: tuple[str, str | None, str]
) -> pl.DataFrame:
    attribute, written_in, column = named
    value = part.get_column(column).cast(pl.String)
    reason = (
        part.get_column("reason")
        if "reason" in part.columns
        else pl.Series([None] * len(part), dtype=pl.String)
    )
    written = seen.get_column(written_in) if written_in else value
    return (
        seen.select(base)
        .with_columns(
            pl.lit(attribute).alias("attribute"),
            value.alias("value"),
            written.alias("written"),
            value.is_not_null().alias("verified"),
            pl.when(value.is_null()).then(reason.alias("reason")).alias("reason"),
        )
        .filter(pl.col("value").is_not_null() | pl.col("written").is_not_null())
        .with_columns(pl.col("rows").cast(pl.Int64))
    )


def _visitors(
    store: LandedStore, specs: Mapping[str, SourceSpec], model: CustomerModel
) -> pl.DataFrame:
    """Identifiers that anonymous subjects showed, standardised as records' are."""
    found = [
        pl.DataFrame(
            schema={
                "source": pl.String,
                "source_record_id": pl.String,
                "attribute": pl.String,
                "value": pl.String,
                "session": pl.String,
                "rows": pl.Int64,
                "last_seen_at": TIMESTAMP,
            }
        )
    ]
    for spec in specs.values():
        if not spec.recognise_by:
            continue
        rows = canonical_rows(store.current(spec.name), spec)
        if "session" not in rows.columns:
            rows = rows.with_columns(session=pl.lit(None, pl.String))
        for attribute in spec.recognise_by:
            shown = rows.filter(pl.col(attribute).is_not_null())
            value = _standardised_attribute(shown, attribute, model)
            found.append(
                shown.with_columns(value=value, attribute=pl.lit(attribute))
                .filter(pl.col("value").is_not_null())
                .group_by(
                    "source",
                    pl.col("subject").alias("source_record_id"),
                    "attribute",
                    "value",
                    "session",
                )
                .agg(
                    pl.len().cast(pl.Int64).alias("rows"), pl.col("at").max().alias("last_seen_at")
                )
            )
    return pl.concat(found).sort("source", "source_record_id", "attribute", "value", "session")


def _standardised_attribute(rows: pl.DataFrame, attribute: str, model: CustomerModel) -> pl.Series:
    for standardiser in model.standardise.values():
        if attribute in standardiser.attributes.values() and standardiser.kind in MATCHED:
            missing = [
                pl.lit(None, pl.String).alias(name)
                for name in ["country_hint", *standardiser.attributes.values()]
                if name not in rows.columns
            ]
            parts = _standardised(rows.with_columns(missing), standardiser)
            return parts.get_column(PUBLISHED[standardiser.kind][_role_of(standardiser, attribute)])
    return rows.get_column(attribute)


def _role_of(standardiser: Standardiser, attribute: str) -> str:
    return next(role for role, name in standardiser.attributes.items() if name == attribute)
