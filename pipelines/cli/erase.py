"""`oneid erase`: a person, or a source row, is to be taken out of everything below var/."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from core.errors import QueryError
from core.project import Project, open_project, sole_run
from pipelines.cli.options import HERE, ProjectOption
from pipelines.cli.say import say
from pipelines.cli.who import named_person

if TYPE_CHECKING:
    import polars as pl

    from sources.spec import SourceSpec


@dataclass(frozen=True)
class _Asked:
    """What is to be erased."""

    entity: str | None
    """The customer that lives, or was retired, under the id that was given."""
    rows: "pl.DataFrame"
    """source, source_record_id."""


def erase(  # noqa: PLR0913, PLR0917 - each is an option of the command
    entity: Annotated[
        str | None, typer.Argument(metavar="ENTITY", help="The customer, by entity id.")
    ] = None,
    why: Annotated[
        str, typer.Option(metavar="TEXT", help="The request's number, say; no personal data.")
    ] = "",
    row: Annotated[
        str | None, typer.Option(metavar="SOURCE/KEY", help="One source row in place of ENTITY.")
    ] = None,
    preview: Annotated[
        bool, typer.Option("--preview", help="Tell what would be erased; record nothing.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    allow_return: Annotated[
        bool, typer.Option("--allow-return", help="The same rows may be delivered again.")
    ] = False,
    project: ProjectOption = HERE,
    who: Annotated[
        str | None,
        typer.Option("--as", metavar="NAME", help="Who asks.", show_default="the login name"),
    ] = None,
) -> None:
    """Have a person erased: from all that OneID keeps, with the next run.

    What lies in landing/ is yours to delete; the files are named, without values. The id never
    comes back, and neither do the rows, unless `--allow-return` is given.

    `oneid erase C-02GGJT48QC0GC --why "request 2026-117" --preview`
    """
    here = open_project(project)
    with sole_run(here):
        asked = _asked(here, entity, row)
        _tell(here, asked)
    if preview:
        say("this is a preview: nothing is recorded, nothing is erased")
        return
    if not why.strip():
        raise QueryError("--why is empty; say for what request, for those who ask later")
    person = named_person(who)
    if not yes and not typer.confirm("Erase this for good?"):
        say("nothing was recorded")
        return
    with sole_run(here):
        number = _record(here, asked, person, why.strip(), allow_return)
    say(f"erasure {number} is recorded, by {person}; the next run carries it out: oneid run")


def _asked(project: Project, entity: str | None, row: str | None) -> _Asked:
    """Raises QueryError unless exactly one thing is named, and it is known."""
    import polars as pl

    from sources.erased_rows import landed_keys
    from sources.landed import LandedStore, landed_path
    from sources.spec import load_specs
    from warehouse.erasing import rows_of
    from warehouse.ledger import IdentityLedger

    if (entity is None) == (row is None):
        raise QueryError("name one thing to erase: an entity id, or a row by --row SOURCE/KEY")
    specs = load_specs(project)
    if row is not None:
        source, _, key = row.partition("/")
        if source not in specs or not key:
            raise QueryError(
                f"--row is written SOURCE/KEY, with one of the sources {', '.join(sorted(specs))}"
            )
        named = pl.DataFrame({"source": [source], "source_record_id": [key]})
        with LandedStore(landed_path(project), read_only=True) as store:
            if landed_keys(store).join(named, on=named.columns, how="semi").is_empty():
                raise QueryError(
                    f"{row} has never landed; write source and key as identity.crosswalk has them"
                )
        return _Asked(None, named)
    living = IdentityLedger(project).resolve(str(entity))
    rows = rows_of(project, specs, [living])
    if rows.is_empty():
        raise QueryError(f"nothing is kept of {living}: it was erased, or its rows are another's")
    return _Asked(living, rows)


def _tell(project: Project, asked: _Asked) -> None:
    """Say what is kept where, in counts; and the files that are the firm's own to deal with."""
    from sources.erased_rows import count_rows
    from sources.landed import LandedStore, landed_path
    from sources.spec import load_specs

    named = f"customer {asked.entity}" if asked.entity else "one source row"
    say(f"{named}: {asked.rows.height:,} source rows")
    for source, count in asked.rows.group_by("source").len().sort("source").iter_rows():
        say(f"  {source}: {count:,}")
    with LandedStore(landed_path(project), read_only=True) as store:
        counts = count_rows(store, asked.rows)
    say("with the next run these go, with all that was made of them:")
    for what, count in counts.items():
        say(f"  var/state/landed.duckdb: {count:,} {what}")
    files = sorted(project.releases.glob("golden-*.duckdb"))
    say(f"  var/releases: the {len(files):,} files there are now; a new one is published")
    say("  var/state/matching, feed, var/work, preview: made anew, or removed")
    say("  var/ledger: golden values of the past, keys of rows, notes of decisions on them")
    found = _landing_files(project, load_specs(project), asked)
    if found:
        say("in landing/ these files hold rows of it, which are yours to delete:")
    for path, count in found:
        say(f"  {path}: {count:,} rows")


def _landing_files(
    project: Project, specs: "dict[str, SourceSpec]", asked: _Asked
) -> list[tuple[str, int]]:
    """Path, and how many rows of the person it holds, of every file that holds any."""
    from sources.landing_rows import count_in_files

    keys = {
        str(source): frozenset(rows.get_column("source_record_id"))
        for (source,), rows in asked.rows.group_by("source")
    }
    found = []
    for source in sorted(keys):
        folder = project.landing / specs[source].folder
        for path, count in count_in_files(folder, specs[source], keys[source]):
            found.append((Path(path).relative_to(project.root).as_posix(), count))
    return found


def _record(project: Project, asked: _Asked, person: str, why: str, allow_return: bool) -> int:
    from sources.erasures import Erasure, RowHashes, request_erasure

    hashes = RowHashes(project)
    wanted = Erasure(
        number=0,
        at=datetime.now(UTC).replace(tzinfo=None),
        who=person,
        why=why,
        entities=(asked.entity,) if asked.entity else (),
        rows=frozenset(hashes.of(*each) for each in asked.rows.iter_rows()),
        allow_return=allow_return,
    )
    return request_erasure(project, wanted)
