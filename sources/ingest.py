"""Lands what is new below landing/: each file once, each row once, bad ones in quarantine."""

import hashlib
import importlib.util
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from core.files import sha256_of
from core.project import Project
from sources import snapshots, standing, versions
from sources.deliveries import delivered_files
from sources.drift import Drift, state_drift
from sources.erasures import Refused
from sources.land import Delivery, UnfinishedError, land
from sources.landed import FileRecord, LandedStore, landed_path
from sources.spec import SourceSpec

_READING = "1"
"""Raised when the same file would be read differently, so that it is read anew."""


@dataclass(frozen=True)
class SourceReport:
    """What one ingest did for one source. `withdrawn` counts keys that were there and are no more;
    `drift` has what differed in the files read now, and in what the spec asserts of the source as
    a whole."""

    files_new: int = 0
    files_refused: int = 0
    rows_read: int = 0
    landed: int = 0
    repeated: int = 0
    superseded: int = 0
    quarantined: int = 0
    withdrawn: int = 0
    drift: tuple[Drift, ...] = ()


@dataclass(frozen=True)
class IngestReport:
    """What one ingest did, by source."""

    sources: Mapping[str, SourceReport]

    @property
    def changed(self) -> bool:
        """Whether anything was read that was not known before, or withdrawn."""
        return any(each.files_new or each.withdrawn for each in self.sources.values())


@dataclass(frozen=True)
class _Taking:
    """Where a source's files lie, which keys must not come in again, and the time."""

    folder: Path
    refused: Refused
    now: datetime


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
    reports, refused = {}, Refused(project)
    with LandedStore(landed_path(project)) as store:
        for name in sorted(specs):
            taking = _Taking(project.landing / specs[name].folder, refused, at)
            reports[name] = _ingest_source(store, taking, specs[name], report)
        store.connection.execute("CHECKPOINT")
    return IngestReport(reports)


def _ingest_source(
    store: LandedStore,
    taking: _Taking,
    spec: SourceSpec,
    report: Callable[[str], None],
) -> SourceReport:
    now = taking.now
    with store.transaction():
        versions.prepare(store.connection, spec)
        standing.restate_withdrawals(store.connection, spec, store.last_delivery() + 1, now)
    before, total = store.last_delivery(), SourceReport()
    whole, brought = True, False
    for delivery in _deliveries(store, taking, spec):
        try:
            record, drift = land(store, delivery)
        except UnfinishedError:
            report(f"{spec.name}: {delivery.name} is still being written; left for the next run")
            whole = False
            continue
        report(_line(record))
        brought |= delivery.again is None
        total = _added(total, record, drift)
    settled = _end_snapshot(store, spec, now, whole, before if brought else None)
    total = replace(
        total,
        withdrawn=total.withdrawn + settled.withdrawn,
        drift=(*total.drift, *settled.drift, *state_drift(store.connection, spec)),
    )
    if settled.withdrawn:
        report(f"{spec.name}: {settled.withdrawn:,} rows are no longer in it and are withdrawn")
    return total


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
    if spec.withdrawn_when:
        rules.append(sorted(spec.withdrawn_when.items()))
    return hashlib.sha256(repr(rules).encode()).hexdigest()[:16]


def _deliveries(store: LandedStore, taking: _Taking, spec: SourceSpec) -> Iterator[Delivery]:
    """Files to be read again in their first order, then the new ones in order of path."""
    folder, now, refused = taking.folder, taking.now, taking.refused
    known, reading = store.known_files(spec.name), reading_of(spec)
    found: dict[str, Path] = {}
    for path in delivered_files(folder, spec.files):
        found.setdefault(sha256_of(path), path)
    again = sorted(
        (known[sha][0], sha) for sha in found if sha in known and known[sha][1] != reading
    )
    for number, sha in again:
        name, first = _name(found[sha], folder), known[sha][2]
        yield Delivery(spec, found[sha], name, sha, number, first, reading, refused, again=now)
    for sha, path in found.items():
        if sha not in known:
            number = store.last_delivery() + 1
            name = _name(path, folder)
            yield Delivery(spec, path, name, sha, number, now, reading, refused)


def _name(path: Path, folder: Path) -> str:
    """The file's path below its source's folder, as text that can be stored."""
    name = path.relative_to(folder).as_posix()
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def _end_snapshot(
    store: LandedStore, spec: SourceSpec, now: datetime, whole: bool, before: int | None
) -> SourceReport:
    """Withdraw what the snapshot read now lacks, unless files of it are missing.

    `whole` is false where a file is still being written. `before` is the last delivery of earlier
    runs if this one brought files: those refused earlier are not waited for then.
    """
    connection = store.connection
    with store.transaction():
        if spec.delivery != "snapshot":
            snapshots.forget_keys(connection, spec)
        elif snapshots.is_open(connection, spec.name):
            settled = snapshots.last_settled(connection, spec.name)
            since = settled if before is None else before
            if not whole or snapshots.misses_files(connection, spec.name, since):
                detail = "a file of the snapshot could not be read, so nothing is withdrawn yet"
                return SourceReport(drift=(Drift("incomplete_snapshot", "", detail),))
            number = store.last_delivery() + 1
            ended = snapshots.settle_snapshot(connection, spec, number, now)
            return SourceReport(withdrawn=ended.withdrawn)
    return SourceReport()


def _added(total: SourceReport, record: FileRecord, drift: list[Drift]) -> SourceReport:
    return SourceReport(
        files_new=total.files_new + 1,
        files_refused=total.files_refused + (record.reason is not None),
        rows_read=total.rows_read + record.rows,
        landed=total.landed + record.landed,
        repeated=total.repeated + record.repeated,
        superseded=total.superseded + record.superseded,
        quarantined=total.quarantined + record.quarantined,
        withdrawn=total.withdrawn + record.withdrawn,
        drift=(*total.drift, *drift),
    )


def _line(record: FileRecord) -> str:
    if record.reason is not None:
        return f"{record.source}: {record.file} quarantined whole: {record.reason}"
    withdrawn = f", {record.withdrawn:,} withdrawn" if record.withdrawn else ""
    return (
        f"{record.source}: {record.file}: {record.rows:,} rows, {record.landed:,} new, "
        f"{record.repeated:,} known, {record.quarantined:,} quarantined{withdrawn}"
    )
