"""Values that too many people share to be evidence: a hotline's number, a shop's own address."""

import polars as pl

from resolution.model import CustomerModel


def bearers_of(records: pl.DataFrame, model: CustomerModel) -> pl.DataFrame:
    """Who bears each value that may be shared by too many: standardiser, value, record_id, person
    (given name; without a person's name in the model, every record counts as another one)."""
    kinds = {name: item.kind for name, item in model.standardise.items()}
    person = next((name for name, kind in kinds.items() if kind == "person_name"), None)
    told = pl.col(f"{person}_given_key") if person else pl.col("record_id").cast(pl.String)
    parts = [
        records.select(
            pl.lit(name).alias("standardiser"),
            pl.col(name).alias("value"),
            "record_id",
            person=told,
        )
        .explode("value")
        .drop_nulls("value")
        for name in model.fan_out
        if records.schema.get(name) == pl.List(pl.String)
    ]
    none = dict.fromkeys(("standardiser", "value"), pl.String()) | {
        "record_id": pl.Int64(),
        "person": pl.String(),
    }
    return pl.concat([pl.DataFrame(schema=none), *parts])


def crowded_values(bearers: pl.DataFrame, model: CustomerModel) -> pl.DataFrame:
    """Values that too many differently named people share: standardiser, value, people, records.

    `bearers`: see `bearers_of`.
    """
    limits = pl.DataFrame(
        list(model.fan_out.items()),
        schema={"standardiser": pl.String, "limit": pl.Int64},
        orient="row",
    )
    return (
        bearers.group_by("standardiser", "value")
        .agg(pl.col("person").n_unique().alias("people"), pl.len().alias("records"))
        .join(limits, on="standardiser")
        .filter(pl.col("people") > pl.col("limit"))
        .drop("limit")
        .sort("standardiser", "value")
    )


def without_values(records: pl.DataFrame, crowded: pl.DataFrame) -> pl.DataFrame:
    """`records` with the crowded values taken out of the evidence."""
    for (name,), found in crowded.group_by("standardiser"):
        values = found.get_column("value")
        kept = pl.col(name).list.set_difference(values.to_list())
        first = pl.col(f"{name}_first")
        records = records.with_columns(
            pl.when(kept.list.len() > 0).then(kept.list.sort()).alias(name),
            pl.when(~first.is_in(values.implode())).then(first).alias(f"{name}_first"),
        )
    return records
