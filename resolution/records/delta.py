"""The records that a delivery changes: made again from what has landed, and no others.

A record is touched when one of its rows is new, corrected or withdrawn; when a key of its rows is
referred to for the first time, or no longer; and when a value it bears becomes one that too many
people share, or ceases to be. Looked for until nothing more is found.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from core.frames import scan_frame
from resolution.model import CustomerModel
from resolution.records.making import (
    Alone,
    Frames,
    RawRecords,
    known_attributes,
    landed_rows,
    observations,
    raw_records,
    records_values,
    scored_sources,
)
from resolution.records.match_keys import referred_keys
from resolution.records.shared_values import crowded_values
from sources.landed import LandedStore
from sources.spec import SourceSpec

VALUE = ("standardiser", "value")


@dataclass(frozen=True)
class BaseRecords:
    """The records as they were before a delivery."""

    folder: Path
    """Of the frames."""
    next_record: int
    """The first record_id that was never used."""


@dataclass(frozen=True)
class Delivered:
    """What a delivery, or a decision, turned."""

    changed: Mapping[str, pl.Series]
    """Source -> keys of rows that are new, corrected, withdrawn, or to be placed anew."""
    alone: Alone
    """Rows that stand as records of their own now."""


@dataclass(frozen=True)
class RecordDelta:
    """What the base's records become."""

    frames: Frames
    """The new records, numbered on from the base's."""
    dropped: pl.Series
    """record_id of the base's records that are no more, or have become one of the new ones."""
    crowded: pl.DataFrame
    """All values that too many people share now."""


@dataclass
class _Touched:
    """What is known to be touched so far."""

    keys: dict[str, pl.Series]
    """Source -> keys of rows to make records of."""
    records: pl.Series = field(default_factory=lambda: pl.Series("record_id", [], pl.Int64))
    """The base's records that are made again, or are gone."""


def build_record_delta(
    store: LandedStore,
    specs: Mapping[str, SourceSpec],
    model: CustomerModel,
    base: BaseRecords,
    delivered: Delivered,
) -> RecordDelta:
    """The records that a delivery touches, numbered on from the base's.

    Together with what is left of the base they
    are the records that `build_records` makes of everything that has landed.
    """
    known = _Base(base.folder, referred_keys(specs, model), model)
    first, changed, alone = base.next_record, delivered.changed, delivered.alone
    attributes = known_attributes(specs, model)
    touched = _Touched({name: keys.unique() for name, keys in changed.items() if len(keys)})
    while True:
        touched.records = known.records_of(touched.keys)
        touched.keys = known.with_all_rows(touched.keys, touched.records)
        seen = [
            observations(landed_rows(store, spec, touched.keys[spec.name]), spec, attributes, alone)
            for spec in scored_sources(specs)
            if spec.name in touched.keys
        ]
        raw = raw_records(seen, specs, model, first, known.referred(touched.records))
        more = known.further(raw, touched)
        if not len(more):
            break
        touched.keys = known.with_all_rows(touched.keys, more)
    asked, bearers = known.bearers(raw, touched.records)
    untouched = known.crowded.join(asked, on=VALUE, how="anti")
    crowded = pl.concat([untouched, crowded_values(bearers, model)]).sort(VALUE)
    return RecordDelta(raw.frames(crowded), touched.records.sort(), crowded)


class _Base:
    """The frames before the delivery, as far as they are looked at."""

    def __init__(self, folder: Path, owners: Mapping[str, list[str]], model: CustomerModel) -> None:
        self._folder = folder
        self._owners = owners
        self._model = model
        self._members = scan_frame(folder, "members").select(
            "source", "source_record_id", "record_id"
        )
        self._subjects = scan_frame(folder, "records").select("record_id", "source", "subject")
        self.crowded = scan_frame(folder, "crowded").collect()

    def records_of(self, keys: Mapping[str, pl.Series]) -> pl.Series:
        """The records that hold these rows."""
        parts = [
            pl.DataFrame({"source_record_id": found}).with_columns(source=pl.lit(source))
            for source, found in keys.items()
        ]
        if not parts:
            return pl.Series("record_id", [], pl.Int64)
        asked = pl.concat(parts).lazy()
        held = self._members.join(asked, on=["source", "source_record_id"], how="semi")
        return held.select(pl.col("record_id").unique()).collect().to_series()

    def with_all_rows(
        self, keys: Mapping[str, pl.Series], records: pl.Series
    ) -> dict[str, pl.Series]:
        """`keys`, and those of all rows of these records."""
        rows = self._of(self._members, records).select("source", "source_record_id").collect()
        found = dict(keys)
        for (source,), part in rows.group_by("source"):
            held = [part.get_column("source_record_id").rename("")]
            if source in found:
                held.append(found[str(source)].rename(""))
            found[str(source)] = pl.concat(held).unique()
        return found

    def referred(self, touched: pl.Series) -> dict[str, pl.Series]:
        """Standardiser -> keys of rows that records but the touched ones refer to."""
        found = {}
        for name, owners in self._owners.items():
            rows = scan_frame(self._folder, "records").select("record_id", "source", name)
            others = self._of(rows, touched, without=True)
            referring = others.filter(~pl.col("source").is_in(owners), pl.col(name).is_not_null())
            found[name] = records_values(referring.collect(), name)
        return found

    def further(self, raw: RawRecords, touched: _Touched) -> pl.Series:
        """Records of the base that are touched as well, by what is known now."""
        found = [
            self._of_subjects(raw.records.select("source", "subject")),
            *self._owners_of(raw, touched.records),
            self._crowding(raw, touched.records),
        ]
        every = pl.concat([part.rename("record_id") for part in found]).unique()
        return every.filter(~every.is_in(touched.records.implode()))

    def _of_subjects(self, subjects: pl.DataFrame) -> pl.Series:
        held = self._subjects.join(subjects.lazy(), on=["source", "subject"], how="semi")
        return held.select("record_id").collect().to_series()

    def _owners_of(self, raw: RawRecords, touched: pl.Series) -> list[pl.Series]:
        """Records with a row that is referred to by a new record, or was by a touched one."""
        found = []
        for name, owners in self._owners.items():
            before = scan_frame(self._folder, "records").select("record_id", name)
            told = [raw.records.select(name), self._of(before, touched).select(name).collect()]
            values = pl.concat([records_values(part, name) for part in told]).unique()
            if len(values):
                asked = pl.DataFrame({"source_record_id": values}).lazy()
                held = self._members.filter(pl.col("source").is_in(owners))
                rows = held.join(asked, on="source_record_id", how="semi")
                found.append(rows.select("record_id").collect().to_series())
        return found

    def bearers(self, raw: RawRecords, touched: pl.Series) -> tuple[pl.DataFrame, pl.DataFrame]:
        """The values that the new records bear, or the touched ones bore, and who bears them."""
        held = scan_frame(self._folder, "bearers")
        before = self._of(held, touched).select(VALUE).collect()
        asked = pl.concat([raw.bearers.select(VALUE), before]).unique()
        others = self._of(held, touched, without=True)
        now = others.join(asked.lazy(), on=VALUE, how="semi").collect()
        return asked, pl.concat([now, raw.bearers.select(now.columns)])

    def _crowding(self, raw: RawRecords, touched: pl.Series) -> pl.Series:
        """Records that bear a value which too many share since this delivery, or no longer."""
        asked, bearers = self.bearers(raw, touched)
        now = crowded_values(bearers, self._model).select(VALUE)
        before = self.crowded.select(VALUE).join(asked, on=VALUE, how="semi")
        turned = pl.concat(
            [now.join(before, on=VALUE, how="anti"), before.join(now, on=VALUE, how="anti")]
        )
        new = raw.records.select("record_id")
        held = bearers.join(turned, on=VALUE, how="semi").join(new, on="record_id", how="anti")
        return held.get_column("record_id")

    @staticmethod
    def _of(rows: pl.LazyFrame, records: pl.Series, without: bool = False) -> pl.LazyFrame:
        asked = records.rename("record_id").to_frame().lazy()
        return rows.join(asked, on="record_id", how="anti" if without else "semi")
