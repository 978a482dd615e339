"""In every source and format: each planted bad row in quarantine with its reason, no good one."""

import csv
import io
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest

from core.project import Project
from sources.ingest import ingest
from sources.landed import LandedStore, landed_path
from sources.spec import OWN_SPECS, FieldSpec, SourceSpec, load_spec

NOW = datetime(2026, 1, 31)
SPECS = {path.stem: load_spec(path) for path in sorted(OWN_SPECS.glob("*.yml"))}
GOOD_ROWS = 30


@dataclass(frozen=True)
class Planted:
    """A row that must be quarantined, and what its reason must say."""

    row: dict[str, str | None]
    reason: str


def sound(field: FieldSpec, name: str, number: int) -> str:
    """A value that the field takes."""
    if field.type in ("time", "date"):
        return f"2025-03-{number % 28 + 1:02d}T10:00:00Z"
    if field.type in ("number", "integer"):
        return "1"
    if field.type == "category":
        return field.values[number % len(field.values)]
    return "EUR" if field.type == "currency" else f'{name} {number}, 王 "so"'


def row(spec: SourceSpec, number: int) -> dict[str, str | None]:
    return {name: sound(field, name, number) for name, field in spec.fields.items()}


def planted(spec: SourceSpec) -> list[Planted]:
    """One row for each way in which each field can condemn its row."""
    wrongs: list[tuple[str, str | None, str]] = []
    for name, field in spec.fields.items():
        if field.required:
            wrongs.append((name, None, f"{name}: required and missing"))
        if field.required and field.type == "time":
            wrongs.append((name, "31.12.2025", f"{name}: not a time"))
            wrongs.append((name, "2026-02-02", f"{name}: 2026-02-02 lies in the future"))
            wrongs.append((name, "1850-01-01", f"{name}: 1850-01-01 lies before 1900"))
        if field.type in ("number", "integer"):
            wrongs.append((name, "a lot", f"{name}: not a number"))
        if field.type == "integer":
            wrongs.append((name, "1.5", f"{name}: 1.5 is not a whole number"))
        if field.above is not None:
            wrongs.append((name, f"{field.above:g}", f"{name}: {field.above:g} is not above"))
        if field.minimum is not None:
            less = f"{field.minimum - 1:g}"
            wrongs.append((name, less, f"{name}: {less} is below the minimum"))
        if field.maximum is not None:
            more = f"{field.maximum + 1:g}"
            wrongs.append((name, more, f"{name}: {more} is above the maximum"))
        if field.type in ("category", "currency"):
            wrongs.append((name, "outside", f"{name}: 'outside' is no"))
    return [
        Planted(row(spec, 1000 + place) | {name: value}, reason)
        for place, (name, value, reason) in enumerate(wrongs)
    ]


def interleaved(spec: SourceSpec) -> tuple[list[dict[str, str | None]], dict[int, str]]:
    """Good rows with the planted ones among them, and the reasons by row number."""
    rows = [row(spec, number) for number in range(GOOD_ROWS)]
    bad = planted(spec)
    for place, wrong in enumerate(bad):
        rows.insert(place * 2 + 1, wrong.row)
    return rows, {place * 2 + 2: wrong.reason for place, wrong in enumerate(bad)}


def as_csv(spec: SourceSpec, rows: list[dict[str, str | None]]) -> bytes:
    target = io.StringIO(newline="")
    writer = csv.DictWriter(target, list(spec.fields))
    writer.writeheader()
    writer.writerows(rows)
    return target.getvalue().encode()


def as_json_lines(spec: SourceSpec, rows: list[dict[str, str | None]]) -> bytes:
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in rows).encode()


def as_parquet(spec: SourceSpec, rows: list[dict[str, str | None]]) -> bytes:
    target = io.BytesIO()
    pl.DataFrame(rows, schema=dict.fromkeys(spec.fields, pl.String)).write_parquet(target)
    return target.getvalue()


DAMAGE = {
    "csv": {
        b"too,short": "wrong width: 2 fields",
        b",".join([b"x"] * 40): "wrong width: 40 fields",
        b'key,"left open': "a quote is opened and not closed",
        b"\xff\xfe" + b"," * 18: "",
        b"nul\0" + b"," * 18: "",
    },
    "jsonl": {
        b'{"cut": "of': "not JSON",
        b'["list"]': "not a JSON object",
        b'{"a": "\xff"}': "broken encoding",
    },
    "parquet": {},
}
WRITERS = {"csv": as_csv, "jsonl": as_json_lines, "parquet": as_parquet}


@pytest.mark.parametrize("form", sorted(WRITERS))
@pytest.mark.parametrize("name", sorted(SPECS))
def test_every_planted_row_is_quarantined_and_every_good_row_lands(
    name: str, form: str, tmp_path: Path
) -> None:
    spec = SPECS[name]
    rows, reasons = interleaved(spec)
    content = WRITERS[form](spec, rows)
    for place, (damage, reason) in enumerate(DAMAGE[form].items()):
        content += damage + b"\n"
        reasons[len(rows) + place + 1] = reason
    folder = tmp_path / "landing" / name
    folder.mkdir(parents=True)
    (folder / f"rows.{form}").write_bytes(content)

    report = ingest(Project(tmp_path), {name: spec}, NOW).sources[name]

    with LandedStore(landed_path(Project(tmp_path)), read_only=True) as store:
        quarantine = store.quarantine()
        landed = store.current(name)
        before = store.content_fingerprint()
    assert quarantine["row_number"].to_list() == sorted(reasons)
    for number, found, raw in quarantine.select("row_number", "reason", "raw").iter_rows():
        assert reasons[number] in found
        assert raw
    assert sorted(landed[spec.key]) == sorted(str(row(spec, n)[spec.key]) for n in range(GOOD_ROWS))
    assert (report.landed, report.quarantined) == (GOOD_ROWS, len(reasons))

    again = ingest(Project(tmp_path), {name: spec}, NOW).sources[name]
    with LandedStore(landed_path(Project(tmp_path)), read_only=True) as store:
        assert store.content_fingerprint() == before
    assert (again.landed, again.quarantined) == (0, 0)


def test_the_same_rows_land_the_same_from_every_format(tmp_path: Path) -> None:
    spec = SPECS["transaction"]
    rows = [row(spec, number) for number in range(GOOD_ROWS)]
    landed = []
    for form, write in WRITERS.items():
        project = Project(tmp_path / form)
        folder = project.landing / "transaction"
        folder.mkdir(parents=True)
        (folder / f"rows.{form}").write_bytes(write(spec, rows))
        ingest(project, {"transaction": spec}, NOW)
        with LandedStore(landed_path(project), read_only=True) as store:
            landed.append(store.content_fingerprint())
    assert len(set(landed)) == 1
