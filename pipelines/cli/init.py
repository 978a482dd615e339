"""`oneid init`: proposes a spec for every landing folder that no source reads yet, and a model."""

import codecs
import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
import yaml

from core.errors import OneIDError, ProjectError, SourceError
from core.files import written_whole
from core.project import Project

if TYPE_CHECKING:
    import polars as pl

    from pipelines.cli.draft_project import ProjectDraft
    from pipelines.cli.draft_spec import Draft, Table
    from sources.spec import FormatSpec, SourceSpec

ROWS_LOOKED_AT = 10_000
BYTES_LOOKED_AT = 1 << 16
ENCODINGS = ("utf-8", "gb18030", "cp1252")
"""Tried in this order on files without a byte order mark."""
CHINESE_SHARE = 0.8
"""Share of the bytes beyond ASCII that must stand in pairs that are common Chinese characters:
gb18030 can read most files of Western Europe too, and makes Han of an umlaut and its neighbour."""
DELIMITERS = ",;\t|"
OWN_DATA = "docs/howto/bring-your-own-data.md"
OTHER_ENTITIES = "docs/howto/other-entities.md"


@dataclass(frozen=True)
class Delivery:
    """A landing folder without a spec, and what its first file holds."""

    folder: Path
    file: Path
    written: "FormatSpec"
    table: "Table"


def propose_specs(root: Path) -> None:
    """Write sources/<name>.yml for each folder of landing/ without one, and customer.yml.

    customer.yml is written where the project has none and the default model would leave telling
    columns unused. Says what was mapped. A file that is there is never touched. Raises
    ProjectError when there is nothing to look at, ConfigError when what is there cannot be used,
    SourceError at the end when a folder's files could not be understood.
    """
    project = Project(root.resolve())
    specs, folders = _specs_and_folders(project)
    if not folders:
        typer.echo("every folder of landing/ has a spec already; try: oneid run")
        return
    failed: list[str] = []
    deliveries = _deliveries(project, folders, failed)
    _propose(project, specs, deliveries)
    if failed:
        raise SourceError("\n".join(failed))
    typer.echo(f"\nCorrect the files where they are wrong, then: oneid run --project {root}")


def _specs_and_folders(project: Project) -> "tuple[list[SourceSpec], list[Path]]":
    """The specs of the sources this project has, and the landing folders without one."""
    if not project.landing.is_dir() or not any(project.landing.iterdir()):
        project.landing.mkdir(parents=True, exist_ok=True)
        raise ProjectError(
            f"{project.root}: landing/ is empty; put each source's files into a folder of its "
            "own, landing/<source>/ (CSV, JSON lines or Parquet), and run oneid init again"
        )
    from sources.spec import OWN_SPECS, load_spec

    paths = {path.stem: path for path in sorted(OWN_SPECS.glob("*.yml"))}
    own = {path.stem: path for path in sorted(project.specs.glob("*.yml"))}
    specs = {name: load_spec(path) for name, path in (paths | own).items()}
    known = {spec.folder for spec in specs.values()}
    folders = [
        folder
        for folder in sorted(project.landing.iterdir())
        if folder.is_dir() and not folder.name.startswith(".")
    ]
    there = {folder.name for folder in folders}
    present = [spec for name, spec in specs.items() if name in own or spec.folder in there]
    return present, [folder for folder in folders if folder.name not in known]


def _deliveries(project: Project, folders: list[Path], failed: list[str]) -> list[Delivery]:
    """What each folder's first file holds; what could not be understood is added to `failed`."""
    deliveries = []
    for folder in folders:
        try:
            deliveries.append(_delivery(project, folder))
        except OneIDError as error:
            failed.append(str(error))
    return deliveries


def _delivery(project: Project, folder: Path) -> Delivery:
    from pipelines.cli.draft_spec import read_table, source_name

    name = source_name(folder.name)
    if (project.specs / f"{name}.yml").exists():
        raise SourceError(
            f"landing/{folder.name}: sources/{name}.yml is there already and reads another folder; "
            "rename one of the two"
        )
    file, written = _first_file(folder)
    return Delivery(folder, file, written, read_table(name, _first_rows(file, written)))


def _propose(project: Project, specs: "Collection[SourceSpec]", deliveries: list[Delivery]) -> None:
    """Writes the model first: a spec that maps what no model has is an error."""
    from pipelines.cli.draft_project import draft_project
    from pipelines.cli.draft_spec import draft_spec

    draft = draft_project(project, specs, [each.table for each in deliveries])
    if draft.model:
        howto = OWN_DATA if "extends" in draft.model else OTHER_ENTITIES
        _write(project.customer_model, draft.model, "the columns", howto)
    for each in deliveries:
        _write_spec(project, each, draft_spec(each.table, draft.found[each.table.source]))
    if draft.model:
        _tell_model(draft)


def _write_spec(project: Project, delivery: Delivery, draft: "Draft") -> None:
    from sources.spec import SourceSpec

    name = delivery.table.source
    content: dict[str, Any] = dict(draft.content)
    if name != delivery.folder.name:
        content["landing"] = delivery.folder.name
    changed = delivery.written.model_dump(exclude_defaults=True)
    if changed:
        content["format"] = changed
    SourceSpec.model_validate({"name": name, **content})
    target = project.specs / f"{name}.yml"
    _write(target, content, delivery.file.name, OWN_DATA)
    _tell(target.relative_to(project.root), delivery.file.name, draft)


def _first_file(folder: Path) -> "tuple[Path, FormatSpec]":
    from sources.deliveries import delivered_files, kind_of, lists_withdrawn_keys, opened
    from sources.spec import FormatSpec

    files = [
        path for path in delivered_files(folder, "**/*") if not lists_withdrawn_keys(path.name)
    ]
    if not files:
        raise SourceError(f"landing/{folder.name}: no files in it")
    kind = kind_of(files[0])
    if kind.format != "csv":
        return files[0], FormatSpec()
    with opened(files[0], kind.compression) as stream:
        start = stream.read(BYTES_LOOKED_AT)
    encoding = _encoding_of(start)
    heading = start.decode(encoding, "replace").split("\n", 1)[0]
    delimiter = max(DELIMITERS, key=heading.count)
    return files[0], FormatSpec(encoding=encoding, delimiter=delimiter)


def _encoding_of(start: bytes) -> str:
    """The first encoding that fits; a character cut off at the end does not count."""
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    for encoding in ENCODINGS:
        try:
            codecs.getincrementaldecoder(encoding)().decode(start)
        except UnicodeDecodeError:
            continue
        if encoding != "gb18030" or _looks_chinese(start):
            return encoding
    return ENCODINGS[0]


def _looks_chinese(start: bytes) -> bool:
    """Whether most bytes beyond ASCII are pairs of GB 2312, as nearly all Chinese text is."""
    pairs = re.findall(rb"[\xa1-\xf7][\xa1-\xfe]", start)
    beyond = sum(byte > 127 for byte in start)
    return 2 * len(pairs) >= CHINESE_SHARE * beyond


def _first_rows(file: Path, written: "FormatSpec") -> "pl.DataFrame":
    from sources.readers import read_batches

    for batch in read_batches(file, written):
        if batch.frame.height:
            return batch.frame.head(ROWS_LOOKED_AT)
    raise SourceError(f"landing/{file.parent.name}/{file.name}: no rows in it")


def _write(target: Path, content: dict[str, Any], origin: str, howto: str) -> None:
    text = yaml.safe_dump(
        content, sort_keys=False, allow_unicode=True, width=100, default_flow_style=None
    )
    with written_whole(target) as path:
        path.write_text(
            f"# Proposed by `oneid init` from {origin}. What this file can say: {howto}\n{text}",
            encoding="utf-8",
        )


def _tell(target: Path, file: str, draft: "Draft") -> None:
    typer.echo(f"{target}  (from {file}: {draft.content['kind']}, key {draft.content['key']})")
    for heading, attribute in draft.mapped.items():
        typer.echo(f"  {heading} -> {attribute}")
    for why in dict.fromkeys(draft.left_out.values()):
        headings = [heading for heading, reason in draft.left_out.items() if reason == why]
        told = why or "kept, but not known to tell customers apart"
        typer.echo(f"  left out: {', '.join(headings)}: {told}")
    for remark in draft.remarks:
        typer.echo(f"  look at this: {remark}")


def _tell_model(draft: "ProjectDraft") -> None:
    extends = draft.model is not None and "extends" in draft.model
    what = "the default person model, which also compares" if extends else "a model that compares"
    typer.echo(f"customer.yml  ({what}: {', '.join(draft.added)})")
