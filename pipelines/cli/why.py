"""`oneid why`: what holds records together, or keeps them apart, comparison by comparison."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from core.errors import QueryError
from core.files import written_whole
from core.project import open_project
from pipelines.cli.archive import open_archive

if TYPE_CHECKING:
    from core.project import Project
    from resolution.explain import Archive, EntityStory, PairStory
    from resolution.explain.decided import Words


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
            _show_entity(_with_past(project, archive, tell_entity(archive, first)), shown)
        else:
            _show_pair(with_words(project, archive, tell_pair(archive, first, second)), shown)


def with_words(project: "Project", archive: "Archive", story: "PairStory") -> "PairStory":
    """The story with the decisions that say whether the two rows are one customer."""
    from resolution.explain.published import rows_of

    left, right = story.left.matched_as, story.right.matched_as
    if left is None or right is None or left == right:
        return story
    words = _words(project, archive)
    named = [side for each in words.states.iter_rows(named=True) for side in _ends(each)]
    names = rows_of(archive.release, _entities(archive, named))
    return replace(story, words=words.between(left, right, names))


def _with_past(project: "Project", archive: "Archive", story: "EntityStory") -> "EntityStory":
    """The story with the decisions on its rows, and the releases in which they came."""
    from resolution.explain.arrivals import Arrived, with_arrivals
    from resolution.explain.published import rows_of
    from warehouse.entity_history import tell_history

    names = rows_of(archive.release, [story.entity_id])
    steps = tell_history(project, story.entity_id).chapters[0].steps
    arrived = [
        Arrived((move.source, move.source_record_id), step.release, step.at, move.other_entity_id)
        for step in steps
        for move in step.rows_joined
    ]
    words = _words(project, archive).on(names)
    return replace(with_arrivals(story, arrived, names), words=words)


def _words(project: "Project", archive: "Archive") -> "Words":
    from core.errors import ProjectError
    from resolution.decisions import DecisionStore
    from resolution.decisions.states import with_states
    from resolution.explain.decided import Words

    applied: frozenset[int] = frozenset()
    if archive.kept is not None:
        try:
            bound = archive.kept.scan("decisions").select("id").collect()
            applied = frozenset(bound.get_column("id"))
        except ProjectError:  # kept by an earlier version, which knew no decisions
            pass
    return Words(with_states(DecisionStore(project).all()), applied)


def _ends(decision: Mapping[str, Any]) -> list[tuple[str, str]]:
    return [(decision[f"source_{side}"], decision[f"key_{side}"]) for side in "lr"]


def _entities(archive: "Archive", rows: list[tuple[str, str]]) -> list[str]:
    """The customers of these source rows."""
    found = archive.release.execute(
        "SELECT DISTINCT entity_id FROM identity.crosswalk JOIN (SELECT unnest(?) AS source, "
        "unnest(?) AS source_record_id) USING (source, source_record_id)",
        [[source for source, _ in rows], [key for _, key in rows]],
    ).fetchall()
    return [entity for (entity,) in found]


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
