"""`oneid init`: proposes a spec for every landing folder that no source reads yet."""

import codecs
import re
from pathlib import Path
from typing import TYPE_CHECKING

import typer
import yaml

from core.errors import OneIDError, ProjectError, SourceError
from core.files import written_whole
from core.project import Project

if TYPE_CHECKING:
    import polars as pl

    from pipelines.cli.draft_spec import Draft
    from sources.spec import FormatSpec

ROWS_LOOKED_AT = 2000
BYTES_LOOKED_AT = 1 << 16
ENCODINGS = ("utf-8", "gb18030", "cp1252")
"""Tried in this order on files without a byte order mark."""
CHINESE_SHARE = 0.8
"""Share of the bytes beyond ASCII that must stand in pairs that are common Chinese characters:
gb18030 can read most files of Western Europe too, and makes Han of an umlaut and its neighbour."""
DELIMITERS = ",;\t|"


def propose_specs(root: Path) -> None:
    """Write sources/<name>.yml for each folder of landing/ without one, and say what was mapped.

    A spec that is there is never touched. Raises ProjectError when there is nothing to look at,
    SourceError at the end when a folder's files could not be understood.
    """
    project = Project(root.resolve())
    folders = _folders_without_spec(project)
    if not folders:
        typer.echo("every folder of landing/ has a spec already; try: oneid run")
        return
    failed = []
    for folder in folders:
        try:
            _propose(project, folder)
        except OneIDError as error:
            failed.append(str(error))
    if failed:
        raise SourceError("\n".join(failed))
    typer.echo(f"\nCorrect the specs where they are wrong, then: oneid run --project {root}")


def _folders_without_spec(project: Project) -> list[Path]:
    if not project.landing.is_dir() or not any(project.landing.iterdir()):
        project.landing.mkdir(parents=True, exist_ok=True)
        raise ProjectError(
            f"{project.root}: landing/ is empty; put each source's files into a folder of its "
            "own, landing/<source>/ (CSV, JSON lines or Parquet), and run oneid init again"
        )
    from sources.spec import OWN_SPECS, load_spec

    paths = {path.stem: path for path in OWN_SPECS.glob("*.yml")}
    paths |= {path.stem: path for path in project.specs.glob("*.yml")}
    known = {load_spec(path).folder for path in paths.values()}
    return [
        folder
        for folder in sorted(project.landing.iterdir())
        if folder.is_dir() and not folder.name.startswith(".") and folder.name not in known
    ]


def _propose(project: Project, folder: Path) -> None:
    from pipelines.cli.draft_spec import draft_spec, source_name
    from sources.spec import SourceSpec

    file, written = _first_file(folder)
    name = source_name(folder.name)
    draft = draft_spec(name, _first_rows(file, written))
    content = dict(draft.content)
    if name != folder.name:
        content["landing"] = folder.name
    changed = written.model_dump(exclude_defaults=True)
    if changed:
        content["format"] = changed
    SourceSpec.model_validate({"name": name, **content})
    target = project.specs / f"{name}.yml"
    if target.exists():
        raise SourceError(
            f"landing/{folder.name}: sources/{name}.yml is there already and reads another folder; "
            "rename one of the two"
        )
    with written_whole(target) as path:
        path.write_text(_as_yaml(content, file.name), encoding="utf-8")
    _tell(target.relative_to(project.root), file.name, draft)


def _first_file(folder: Path) -> "tuple[Path, FormatSpec]":
    from sources.deliveries import delivered_files, kind_of, opened
    from sources.spec import FormatSpec

    files = delivered_files(folder, "**/*")
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


def _as_yaml(content: dict[str, object], file: str) -> str:
    text = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=100)
    return (
        f"# Proposed by `oneid init` from {file}. What a source's spec can say: "
        f"docs/howto/bring-your-own-data.md\n{text}"
    )


def _tell(target: Path, file: str, draft: "Draft") -> None:
    typer.echo(f"{target}  (from {file}: {draft.content['kind']}, key {draft.content['key']})")
    for heading, attribute in draft.mapped.items():
        typer.echo(f"  {heading} -> {attribute}")
    if draft.left_out:
        typer.echo(f"  kept, but not used to tell customers apart: {', '.join(draft.left_out)}")
    for remark in draft.remarks:
        typer.echo(f"  look at this: {remark}")
