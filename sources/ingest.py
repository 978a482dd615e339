"""Lands what is new below landing/: each file once, each row once, bad ones in quarantine."""

import hashlib
import importlib.util
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl

from core.errors import SourceError
from core.files import sha256_of
from core.project import Project
from sources import quarantine, versions
from sources.deliveries import delivered_files
from sources.drift import Drift, category_drift, column_drift, share_drift, state_drift
from sources.headings import match_headings, under_field_names
from sources.landed import FileRecord, LandedStore, landed_path
from sources.readers import read_batches
from sources.rows import Batch
from sources.spec import SourceSpec
from sources.validate import POSITION, REASON, ROW_NUMBER, judge_rows

_READING = "1"
"""Raised when the same file would be read differently, so that it is read anew."""
_ROWS_AT_ONCE = 1 << 18


@dataclass(frozen=True)
class SourceReport:
    """What one ingest did for one source. `drift` has what differed in the files read now, and
    in what the spec asserts of the source as a whole."""

    files_new: int = 0
    files_refused: int = 0
    rows_read: int = 0
    landed: int = 0
    repeated: int = 0
    superseded: int = 0
    quarantined: int = 0
    drift: tuple[Drift, ...] = ()


@dataclass(frozen=True)
class IngestReport:
    """What one ingest did, by source."""

    sources: Mapping[str, SourceReport]

    @property
    def changed(self) -> bool:
        """Whether anything was read that was not known before."""
        return any(report.files_new for report in self.sources.values())


@dataclass(frozen=True)
class _Delivery:
    """One file about to be read."""

    spec: SourceSpec
    path: Path
    name: str
    sha256: str
    number: int
    now: datetime
    again: bool
    """Read before, but under rules that have changed since."""

    @property
    def origin(self) -> quarantine.Origin:
        """Where its bad rows are from."""
        return quarantine.Origin(self.spec.name, self.name, self.number, self.now)


@dataclass
class _Counts:
    rows: int = 0
    landed: int = 0
    bad: int = 0
    outside: Counter[tuple[str, str]] = field(default_factory=Counter)
    headings: dict[str, None] = field(default_factory=dict)


class _UnfinishedError(Exception):
    """The file was still being written while it was read."""


def ingest(
    project: Project,
    specs: Mapping[str, SourceSpec],
    now: datetime,
    report: Callable[[str], None] = lambda _: None,
) -> IngestReport:
    """Land every file below landing/ that is not known by its content yet.

    Each file is one transaction, in order of source and path; a file that cannot be read is
    quarantined whole and the next one is read. `now` dates the delivery. `report` gets a line a
    file. A second call with the same files changes nothing.
    """
    at = now.astimezone(UTC).replace(tzinfo=None) if now.tzinfo else now
    reports = {}
    with LandedStore(landed_path(project)) as store:
        for name in sorted(specs):
            reports[name] = _ingest_source(store, project, specs[name], at, report)
        store.connection.execute("CHECKPOINT")
    return IngestReport(reports)


def _ingest_source(
    store: LandedStore,
    project: Project,
    spec: SourceSpec,
    now: datetime,
    report: Callable[[str], None],
) -> SourceReport:
    with store.transaction():
        versions.prepare(store.connection, spec)
    total = SourceReport()
    for delivery in _deliveries(store, project.landing / spec.folder, spec, now):
        try:
            record, drift = _land(store, delivery)
        except _UnfinishedError:
            report(f"{spec.name}: {delivery.name} is still being written; left for the next run")
            continue
        report(_line(record))
        total = _added(total, record, drift)
    return replace(total, drift=(*total.drift, *state_drift(store.connection, spec)))


def reading_of(spec: SourceSpec) -> str:
    """A hash of all that decides how the source's files are read; changes of it read them anew."""
    rules: list[object] = [
        _READING,
        spec.key,
        spec.version,
        spec.subject,
        spec.format.model_dump_json(),
    ]
    rules += [(name, f.model_dump_json(exclude={"description"})) for name, f in spec.fields.items()]
    rules.append(importlib.util.find_spec("fastexcel") is not None)
    return hashlib.sha256(repr(rules).encode()).hexdigest()[:16]


def _deliveries(
    store: LandedStore, folder: Path, spec: SourceSpec, now: datetime
) -> Iterator[_Delivery]:
    """Files to be read again in their first order, then the new ones in order of path."""
    known, reading = store.known_files(spec.name), reading_of(spec)
    found: dict[str, Path] = {}
    for path in delivered_files(folder, spec.files):
        found.setdefault(sha256_of(path), path)
    again = sorted(
        (known[sha][0], sha) for sha in found if sha in known and known[sha][1] != reading
    )
    for number, sha in again:
        name = _name(found[sha], folder)
        yield _Delivery(spec, found[sha], name, sha, number, known[sha][2], again=True)
    for sha, path in found.items():
        if sha not in known:
            number = store.last_delivery() + 1
            yield _Delivery(spec, path, _name(path, folder), sha, number, now, again=False)


def _name(path: Path, folder: Path) -> str:
    """The file's path below its source's folder, as text that can be stored."""
    name = path.relative_to(folder).as_posix()
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _land(store: LandedStore, delivery: _Delivery) -> tuple[FileRecord, list[Drift]]:
    """Read one file into the store, or quarantine it whole."""
    before = delivery.path.stat()
    try:
        with store.transaction():
            landed = _read_rows(store, delivery)
            after = delivery.path.stat()
            if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
                raise _UnfinishedError
            return landed
    except SourceError as error:
        with store.transaction():
            return _refuse(store, delivery, str(error)), []


def _read_rows(store: LandedStore, delivery: _Delivery) -> tuple[FileRecord, list[Drift]]:
    spec = delivery.spec
    keys = store.forget(spec, delivery.number) if delivery.again else []
    quarantine.begin_condemning(store.connection)
    counts = _Counts()
    waiting: list[pl.DataFrame] = []
    for batch in read_batches(delivery.path, spec.format):
        waiting.append(_judge(store, delivery, batch, counts))
        if sum(frame.height for frame in waiting) >= _ROWS_AT_ONCE:
            _insert(store, delivery, waiting, counts)
    _insert(store, delivery, waiting, counts)
    superseded = versions.settle_current(store.connection, spec.name, delivery.number, keys)
    quarantined = quarantine.quarantine_condemned(store.connection, delivery.origin, counts.landed)
    record = FileRecord(
        delivery=delivery.number,
        source=spec.name,
        file=delivery.name,
        sha256=delivery.sha256,
        reading=reading_of(spec),
        bytes=delivery.path.stat().st_size,
        rows=counts.rows,
        landed=counts.landed,
        repeated=counts.rows - counts.bad - counts.landed,
        superseded=superseded,
        quarantined=quarantined,
        delivered_at=delivery.now,
    )
    drift = _drift_of(spec, counts)
    store.record_file(record)
    if delivery.again:
        store.record_restated(spec, delivery.number)
    store.record_drift(record, [(found.kind, found.field, found.detail) for found in drift])
    return record, drift


def _judge(store: LandedStore, delivery: _Delivery, batch: Batch, counts: _Counts) -> pl.DataFrame:
    """The batch's good rows; its bad ones are condemned and counted."""
    spec = delivery.spec
    matched = match_headings(batch.frame.columns, spec)
    if batch.frame.columns and not matched.fields and not counts.headings and not counts.rows:
        _refuse_headings(batch, spec)
    if counts.headings != dict.fromkeys(batch.frame.columns):
        counts.headings |= dict.fromkeys(batch.frame.columns)
    rows = under_field_names(batch.frame, spec, matched)
    judged = judge_rows(rows, batch.row_numbers, spec, delivery.now)
    keys = rows[spec.key]
    bad = [
        (number, reason, batch.raw_of(position), keys[position] is not None)
        for position, number, reason in judged.bad.select(POSITION, ROW_NUMBER, REASON).iter_rows()
    ]
    bad += [(row.row_number, row.reason, row.raw, False) for row in batch.damaged]
    if bad:
        condemned = pl.DataFrame(bad, schema=quarantine.CONDEMNED, orient="row")
        quarantine.condemn(store.connection, condemned)
    counts.rows += batch.frame.height + len(batch.damaged)
    counts.bad += len(bad)
    counts.outside += judged.outside
    return judged.good


def _refuse_headings(batch: Batch, spec: SourceSpec) -> None:
    """A table none of whose headings is a field has no heading line, or is another source's."""
    if batch.frame.height == 0:
        raise SourceError(
            f"none of its {batch.frame.width} headings is a field of {spec.name} "
            f"({', '.join(spec.fields)}): the heading line may be missing, the delimiter another "
            "one (`format: delimiter` in the spec), or the file another source's"
        )


def _insert(
    store: LandedStore, delivery: _Delivery, waiting: list[pl.DataFrame], counts: _Counts
) -> None:
    """Store the good rows that have gathered, and let go of them."""
    filled = [frame for frame in waiting if frame.height]
    waiting.clear()
    if filled:
        counts.landed += versions.insert_rows(
            store.connection, delivery.spec, pl.concat(filled), delivery.name, delivery.number
        )


def _drift_of(spec: SourceSpec, counts: _Counts) -> list[Drift]:
    if not counts.headings:
        return [Drift("empty_file", "", "the file holds nothing")]
    matched = match_headings(list(counts.headings), spec)
    return [
        *column_drift(matched, spec),
        *category_drift(counts.outside),
        *share_drift(spec, counts.rows, counts.bad),
    ]


def _refuse(store: LandedStore, delivery: _Delivery, reason: str) -> FileRecord:
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
        reading=reading_of(delivery.spec),
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


def _added(total: SourceReport, record: FileRecord, drift: list[Drift]) -> SourceReport:
    return SourceReport(
        files_new=total.files_new + 1,
        files_refused=total.files_refused + (record.reason is not None),
        rows_read=total.rows_read + record.rows,
        landed=total.landed + record.landed,
        repeated=total.repeated + record.repeated,
        superseded=total.superseded + record.superseded,
        quarantined=total.quarantined + record.quarantined,
        drift=(*total.drift, *drift),
    )


def _line(record: FileRecord) -> str:
    if record.reason is not None:
        return f"{record.source}: {record.file} quarantined whole: {record.reason}"
    return (
        f"{record.source}: {record.file}: {record.rows:,} rows, {record.landed:,} new, "
        f"{record.repeated:,} known, {record.quarantined:,} quarantined"
    )
