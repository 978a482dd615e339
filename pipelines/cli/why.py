"""`oneid why`: what holds records together, or keeps them apart, comparison by comparison."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from core.errors import QueryError
from core.files import written_whole
from core.project import open_project
from pipelines.cli.archive import open_archive

if TYPE_CHECKING:
    from resolution.explain import EntityStory, PairStory


@dataclass(frozen=True)
class Shown:
    """How the story is shown."""

    as_json: bool = False
    values: bool = False
    """With the standardised values, which are personal data."""
    picture: Path | None = None
    """An SVG file to write."""


def print_reasons(root: Path, first: str, second: str | None, shown: Shown) -> None:
    """Print the story of two records, or of one customer.

    Raises QueryError where nothing is known of what was asked, ProjectError before a release.
    """
    if shown.picture is not None and shown.picture.suffix != ".svg":
        raise QueryError(
            f"--picture {shown.picture}: a picture is an SVG; name a file that ends in .svg"
        )
    from resolution.explain import tell_entity, tell_pair

    project = open_project(root)
    with open_archive(project) as archive:
        if second is None:
            _show_entity(tell_entity(archive, first), shown)
        else:
            _show_pair(tell_pair(archive, first, second), shown)


def _show_pair(story: "PairStory", shown: Shown) -> None:
    from resolution.explain.as_json import pair_json
    from resolution.explain.picture import pair_picture
    from resolution.explain.text import pair_text

    if shown.as_json:
        typer.echo(json.dumps(pair_json(story, shown.values), ensure_ascii=False, indent=1))
    else:
        typer.echo(pair_text(story, shown.values))
    if shown.picture is not None:
        _write(shown.picture, pair_picture(story))


def _show_entity(story: "EntityStory", shown: Shown) -> None:
    from resolution.explain.as_json import entity_json
    from resolution.explain.picture import entity_picture
    from resolution.explain.text import entity_text

    if shown.as_json:
        typer.echo(json.dumps(entity_json(story, shown.values), ensure_ascii=False, indent=1))
    else:
        typer.echo(entity_text(story, shown.values))
    if shown.picture is not None:
        _write(shown.picture, entity_picture(story))


def _write(file: Path, picture: str) -> None:
    try:
        with written_whole(file) as draft:
            draft.write_text(picture, encoding="utf-8")
    except OSError as error:
        raise QueryError(f"--picture {file}: cannot be written ({error.strerror})") from None
    typer.echo(f"picture: {file}", err=True)
