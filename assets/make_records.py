"""The records of a run: all of them, or those that the deliveries since its base touch."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from assets.base import Base, Facts, base_of, settings_fingerprint
from core.frames import (
    add_segment,
    begin_frames,
    compact_frames,
    name_again,
    scan_frame,
    write_frame,
)
from core.project import Project

if TYPE_CHECKING:
    from resolution.model import CustomerModel
    from resolution.records.delta import RecordDelta
    from resolution.records.making import Alone, Frames
    from sources.landed import LandedStore
    from sources.spec import SourceSpec

ROW = ("source", "source_record_id")


@dataclass(frozen=True)
class Made:
    """What a run made anew."""

    records: int
    rows: int
    dropped: int
    """Records of the base that are no more."""


def make_records(project: Project, bound: pl.DataFrame | None = None) -> Made:
    """Write the run's records, and all that goes with them, to the work folder.

    `bound`: decisions that hold, in place of those of the project's stewards.
    """
    from resolution.decisions.alone import alone_rows
    from resolution.decisions.binding import binding_decisions
    from resolution.decisions.store import DecisionStore
    from resolution.model import load_model
    from sources.landed import LandedStore, landed_path
    from sources.spec import load_specs

    base, specs, model = base_of(project), load_specs(project), load_model(project)
    if bound is None:
        bound = binding_decisions(DecisionStore(project).all()).applied
    _begin(project, base)
    with LandedStore(landed_path(project), read_only=True) as store:
        alone = alone_rows(store, specs, bound)
        _write_visitors(project, store, specs, model, base)
        write_frame(project.work, "changed_rows", _changed_rows(store, specs, base))
        delta = _delta(project, store, specs, model, base, alone)
        deliveries = store.last_delivery()
    frames = delta.frames
    add_segment(project.work, frames.segment(), delta.dropped)
    write_frame(project.work, "dropped_now", delta.dropped.rename("record_id").to_frame())
    write_frame(project.work, "crowded", delta.crowded)
    write_frame(project.work, "decisions", bound)
    write_frame(project.work, "alone", _listed(alone))
    _facts(project, base, frames, deliveries).write(project)
    return Made(frames.records.height, frames.members.height, len(delta.dropped))


def _begin(project: Project, base: Base | None) -> None:
    """The work folder as the base left it."""
    begin_frames(project.work, base.folder if base else None)
    if base:
        compact_frames(project.work)


def _changed_rows(
    store: "LandedStore", specs: "Mapping[str, SourceSpec]", base: Base | None
) -> pl.DataFrame:
    """source, source_record_id of every row that was delivered since the base; none without."""
    parts = [pl.DataFrame(schema=dict.fromkeys(ROW, pl.String))]
    if base:
        for source in store.sources():
            if source in specs:
                keys = store.changed_keys(source, base.facts.deliveries)
                named = pl.DataFrame({"source_record_id": keys.cast(pl.String)})
                parts.append(named.select(pl.lit(source).alias("source"), pl.all()))
    return pl.concat(parts)


def _delta(
    project: Project,
    store: "LandedStore",
    specs: "Mapping[str, SourceSpec]",
    model: "CustomerModel",
    base: Base | None,
    alone: "Alone",
) -> "RecordDelta":
    """What the records become; without a base all of them are new."""
    from resolution.records.delta import BaseRecords, Delivered, RecordDelta, build_record_delta
    from resolution.records.making import build_records, scored_sources

    if base is None:
        frames, crowded = build_records(store, specs, model, alone)
        return RecordDelta(frames, pl.Series("record_id", [], pl.Int64), crowded)
    landed = set(store.sources())
    changed = {
        spec.name: store.changed_keys(spec.name, base.facts.deliveries)
        for spec in scored_sources(specs)
        if spec.name in landed
    }
    for source, keys in _turned(base, alone).items():
        if source in changed:
            changed[source] = pl.concat([changed[source], keys])
    records = BaseRecords(base.folder, base.facts.next_record)
    return build_record_delta(store, specs, model, records, Delivered(changed, alone))


def _turned(base: Base, alone: "Alone") -> dict[str, pl.Series]:
    """Rows that stand as records of their own since this run, or no longer."""
    before, now = scan_frame(base.folder, "alone").collect(), _listed(alone)
    both = pl.concat(
        [now.join(before, on=list(ROW), how="anti"), before.join(now, on=list(ROW), how="anti")]
    )
    return {
        str(source): rows.get_column("source_record_id")
        for (source,), rows in both.group_by("source")
    }


def _listed(alone: "Alone") -> pl.DataFrame:
    """source, source_record_id of the rows that stand as records of their own."""
    none = pl.DataFrame(schema=dict.fromkeys(ROW, pl.String))
    parts = [
        pl.DataFrame({"source_record_id": keys}).select(pl.lit(source).alias("source"), pl.all())
        for source, keys in sorted(alone.items())
    ]
    return pl.concat([none, *parts])


def _write_visitors(
    project: Project,
    store: "LandedStore",
    specs: "Mapping[str, SourceSpec]",
    model: "CustomerModel",
    base: Base | None,
) -> None:
    """What visitors showed: as it was, where none of their sources delivered anything."""
    from resolution.visitors.identifiers import visitor_identifiers

    asked = [name for name in store.sources() if name in specs and specs[name].recognise_by]
    if base and not any(len(store.changed_keys(x, base.facts.deliveries)) for x in asked):
        name_again(base.folder / "visitors.parquet", project.work / "visitors.parquet")
    else:
        write_frame(project.work, "visitors", visitor_identifiers(store, specs, model))


def _facts(project: Project, base: Base | None, frames: "Frames", deliveries: int) -> Facts:
    numbers = frames.records.get_column("record_id")
    first = base.facts.next_record if base else 0
    holds = frames.records.select(pl.all().is_not_null().any()).row(0, named=True)
    filled = {name for name, some in holds.items() if some}
    return Facts(
        settings=settings_fingerprint(project),
        deliveries=deliveries,
        next_record=int(numbers.max() or 0) + 1 if len(numbers) else first,  # type: ignore[arg-type]
        filled=sorted(filled | set(base.facts.filled if base else ())),
        deltas=base.facts.deltas + 1 if base else 0,
    )
