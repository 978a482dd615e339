"""Lands one delivered file: its good rows in the store, its bad ones in quarantine, in one go."""

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import polars as pl

from core.errors import SourceError
from sources import quarantine, snapshots
from sources.arrivals import Arrival, insert_rows
from sources.deliveries import lists_withdrawn_keys
from sources.drift import Drift, category_drift, column_drift, share_drift
from sources.erasures import ERASED, Refused
from sources.headings import EXTRA, match_headings, under_field_names
from sources.landed import FileRecord, LandedStore
from sources.readers import read_batches
from sources.rows import Batch
from sources.spec import SourceSpec
from sources.standing import settle_current
from sources.validate import POSITION, REASON, ROW_NUMBER, Judged, judge_rows
from sources.withdrawals import key_spec, with_keys_only

_ROWS_AT_ONCE = 1 << 18


@dataclass(frozen=True)
class Delivery:
    """One file about to be read. `now` dates it; `reading` names the rules it is read by."""

    spec: SourceSpec
    path: Path
    name: str
    sha256: str
    number: int
    now: datetime
    reading: str
    refused: Refused
    """The keys that must not come in again."""
    again: datetime | None = None
    """When it is read anew, because the rules have changed since it was first."""

    @property
    def origin(self) -> quarantine.Origin:
        """Where its bad rows are from."""
        return quarantine.Origin(self.spec.name, self.name, self.number, self.now)

    @property
    def lists_keys(self) -> bool:
        """Whether it holds keys to withdraw, and nothing else."""
        return lists_withdrawn_keys(self.name)

    @property
    def arrival(self) -> Arrival:
        """Where its good rows are from."""
        return Arrival(self.spec, self.name, self.number, self.lists_keys)

    @property
    def read_as(self) -> SourceSpec:
        """What its rows are judged by."""
        return key_spec(self.spec) if self.lists_keys else self.spec


@dataclass
class _Counts:
    rows: int = 0
    landed: int = 0
    bad: int = 0
    outside: Counter[tuple[str, str]] = field(default_factory=Counter)
    headings: dict[str, None] = field(default_factory=dict)


class UnfinishedError(Exception):
    """The file was still being written while it was read."""


def land(store: LandedStore, delivery: Delivery) -> tuple[FileRecord, list[Drift]]:
    """Read one file into the store, or quarantine it whole; one transaction.

    Raises UnfinishedError, with nothing stored, where the file changes meanwhile.
    """
    before = delivery.path.stat()
    try:
        with store.transaction():
            landed = _read_rows(store, delivery)
            after = delivery.path.stat()
            if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
                raise UnfinishedError
            return landed
    except SourceError as error:
        with store.transaction():
            return _refuse(store, delivery, str(error)), []


def _read_rows(store: LandedStore, delivery: Delivery) -> tuple[FileRecord, list[Drift]]:
    spec, connection = delivery.spec, store.connection
    keys = store.forget(spec, delivery.number) if delivery.again else []
    quarantine.begin_condemning(connection)
    counts = _Counts()
    _insert_all(store, delivery, counts)
    settled = settle_current(connection, spec, delivery.number, keys)
    quarantined = quarantine.quarantine_condemned(connection, delivery.origin, counts.landed)
    record = FileRecord(
        delivery=delivery.number,
        source=spec.name,
        file=delivery.name,
        sha256=delivery.sha256,
        reading=delivery.reading,
        bytes=delivery.path.stat().st_size,
        rows=counts.rows,
        landed=counts.landed,
        repeated=counts.rows - counts.bad - counts.landed,
        superseded=settled.superseded,
        quarantined=quarantined,
        delivered_at=delivery.now,
        withdrawn=settled.withdrawn,
    )
    drift = _drift_of(delivery, counts)
    store.record_file(record)
    if delivery.again:
        store.record_restated(spec, delivery.number, delivery.again)
    store.record_drift(record, [(found.kind, found.field, found.detail) for found in drift])
    return record, drift


def _insert_all(store: LandedStore, delivery: Delivery, counts: _Counts) -> None:
    """Store the file's good rows, some hundred thousand at a time; condemn the bad ones."""
    waiting: list[pl.DataFrame] = []
    for batch in read_batches(delivery.path, delivery.spec.format):
        waiting.append(_judge(store, delivery, batch, counts))
        if sum(frame.height for frame in waiting) >= _ROWS_AT_ONCE:
            _insert(store, delivery, waiting, counts)
    _insert(store, delivery, waiting, counts)


def _judge(store: LandedStore, delivery: Delivery, batch: Batch, counts: _Counts) -> pl.DataFrame:
    """The batch's good rows; its bad ones are condemned and counted."""
    spec = delivery.read_as
    if delivery.lists_keys:
        batch = with_keys_only(batch, spec)
    matched = match_headings(batch.frame.columns, spec)
    if batch.frame.columns and not matched.fields and not counts.headings and not counts.rows:
        _refuse_headings(batch, spec)
    if counts.headings != dict.fromkeys(batch.frame.columns):
        counts.headings |= dict.fromkeys(batch.frame.columns)
    rows = under_field_names(batch.frame, spec, matched)
    judged = judge_rows(rows, batch.row_numbers, spec, delivery.now)
    keys = rows[spec.key]
    judged, gone = _without_erased(judged, delivery)
    bad: list[tuple[int, str, str | None, bool]] = [
        (number, reason, batch.raw_of(position), keys[position] is not None)
        for position, number, reason in judged.bad.select(POSITION, ROW_NUMBER, REASON).iter_rows()
    ]
    bad += [(number, ERASED, None, True) for number in gone]
    bad += [(row.row_number, row.reason, row.raw, False) for row in batch.damaged]
    if bad:
        condemned = pl.DataFrame(bad, schema=quarantine.CONDEMNED, orient="row")
        quarantine.condemn(store.connection, condemned)
    if _is_snapshot(store, delivery):
        held = pl.concat([judged.good.select(spec.key), judged.bad.select(spec.key)])
        snapshots.note_keys(store.connection, spec, held)
    counts.rows += batch.frame.height + len(batch.damaged)
    counts.bad += len(bad) - len(gone)  # no fault of the delivery's: nothing in it is new
    counts.outside += judged.outside
    return judged.good.drop(EXTRA) if delivery.lists_keys else judged.good


def _without_erased(judged: Judged, delivery: Delivery) -> tuple[Judged, list[int]]:
    """What was judged but for the rows of erased keys, and the numbers of those."""
    key = pl.col(delivery.spec.key).cast(pl.String)
    keys = pl.concat([x.select(key).to_series() for x in (judged.good, judged.bad)])
    erased = delivery.refused.keys(delivery.spec.name, keys)
    if not erased:
        return judged, []
    theirs = key.is_in(sorted(erased)).fill_null(value=False)
    parts = [each.filter(theirs).get_column(ROW_NUMBER) for each in (judged.good, judged.bad)]
    rest = replace(judged, good=judged.good.filter(~theirs), bad=judged.bad.filter(~theirs))
    return rest, sorted(pl.concat(parts))


def _is_snapshot(store: LandedStore, delivery: Delivery) -> bool:
    """Whether the file is part of the snapshot that is to be settled next."""
    spec = delivery.spec
    if spec.delivery != "snapshot" or delivery.lists_keys:
        return False
    return delivery.number > snapshots.last_settled(store.connection, spec.name)


def _refuse_headings(batch: Batch, spec: SourceSpec) -> None:
    """A table none of whose headings is a field has no heading line, or is another source's."""
    if batch.frame.height == 0:
        raise SourceError(
            f"none of its {batch.frame.width} headings is a field of {spec.name} "
            f"({', '.join(spec.fields)}): the heading line may be missing, the delimiter another "
            "one (`format: delimiter` in the spec), or the file another source's"
        )


def _insert(
    store: LandedStore, delivery: Delivery, waiting: list[pl.DataFrame], counts: _Counts
) -> None:
    """Store the good rows that have gathered, and let go of them."""
    filled = [frame for frame in waiting if frame.height]
    waiting.clear()
    if filled:
        counts.landed += insert_rows(store.connection, delivery.arrival, pl.concat(filled))


def _drift_of(delivery: Delivery, counts: _Counts) -> list[Drift]:
    if not counts.headings:
        return [Drift("empty_file", "", "the file holds nothing")]
    spec = delivery.read_as
    matched = match_headings(list(counts.headings), spec)
    return [
        *column_drift(matched, spec),
        *category_drift(counts.outside),
        *share_drift(spec, counts.rows, counts.bad),
    ]


def _refuse(store: LandedStore, delivery: Delivery, reason: str) -> FileRecord:
    """Quarantine the whole file; what an earlier reading of it landed stays."""
    if delivery.again:
        store.forget_refusal(delivery.number)
    quarantine.begin_condemning(store.connection)
    whole = (None, f"whole file: {reason}", None, False)
    condemned = pl.DataFrame([whole], schema=quarantine.CONDEMNED, orient="row")
    quarantine.condemn(store.connection, condemned)
    quarantine.quarantine_condemned(store.connection, delivery.origin)
    record = FileRecord(
        delivery=delivery.number,
        source=delivery.spec.name,
        file=delivery.name,
        sha256=delivery.sha256,
        reading=delivery.reading,
        bytes=delivery.path.stat().st_size,
        rows=0,
        landed=0,
        repeated=0,
        superseded=0,
        quarantined=1,
        delivered_at=delivery.now,
        reason=reason,
    )
    store.record_file(record)
    return record
