"""`oneid review`: what stewards are asked, and what they decide."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.cli.options import HERE, ProjectOption

review = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help=(
        "Review what the evidence leaves open, and decide.\n\n"
        "A decision is about two source rows, written source:key or source/key. It binds from the "
        "next `oneid run` on, through every later run, until it is undone. Values of customers "
        "are shown on the screen; none are logged.\n\n"
        "`oneid review list`, then `oneid review show LEFT RIGHT`, then "
        "`oneid review decide LEFT RIGHT match`"
    ),
)

LeftRow = Annotated[str, typer.Argument(metavar="LEFT", help="A source row, source:key.")]
RightRow = Annotated[str, typer.Argument(metavar="RIGHT", help="Another source row.")]
NoteOption = Annotated[str, typer.Option("--note", metavar="TEXT", help="Why; kept with it.")]
WhoOption = Annotated[
    str | None,
    typer.Option("--as", metavar="NAME", help="Who decides.", show_default="the login name"),
]

PreviewOption = Annotated[
    bool,
    typer.Option("--preview", help="Only say what it would change: personal data; record nothing."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="The preview as JSON, for programs.")]


@review.command("list")
def list_pairs(  # noqa: PLR0913 - each is an option of the command
    *,
    project: ProjectOption = HERE,
    limit: Annotated[int, typer.Option(min=1, help="How many pairs.")] = 20,
    source: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only pairs with a row of this source.")
    ] = None,
    minimum: Annotated[
        float | None, typer.Option("--min", metavar="WEIGHT", help="Match weight from which on.")
    ] = None,
    maximum: Annotated[
        float | None, typer.Option("--max", metavar="WEIGHT", help="Match weight up to which.")
    ] = None,
    reason: Annotated[
        str | None, typer.Option(metavar="TEXT", help="Only pairs whose reason holds this text.")
    ] = None,
    output: Annotated[
        str,
        typer.Option("--format", "-f", help="text, or csv: fill in `decision`, then import it."),
    ] = "text",
) -> None:
    """Pairs left to a steward, those first whose answer is worth most.

    Before them, decisions that contradict each other. A pair that was decided, or follows from
    what was decided, is not listed again.

    `oneid review list --source social --limit 5`

    `oneid review list --format csv > work.csv`
    """
    from pipelines.cli.review.listing import print_queue
    from resolution.decisions.queue import Asked

    print_queue(project, Asked(source, minimum, maximum, reason), limit, output)


@review.command()
def show(left: LeftRow, right: RightRow, project: ProjectOption = HERE) -> None:
    """Two rows side by side: the evidence, as delivered, golden values, decisions on them.

    `oneid review show registration:R-17 social:S-55`
    """
    from pipelines.cli.review.showing import print_pair

    print_pair(project, left, right)


@review.command()
def decide(  # noqa: PLR0913 - each is an option of the command
    left: LeftRow,
    right: RightRow,
    verdict: Annotated[str, typer.Argument(metavar="VERDICT", help="match, non-match or unsure.")],
    *,
    project: ProjectOption = HERE,
    note: NoteOption = "",
    who: WhoOption = None,
    preview: PreviewOption = False,
    as_json: JsonOption = False,
) -> None:
    """Say that two rows are one customer, or two, or that nobody can tell.

    It binds from the next `oneid run` on. Deciding the same pair again replaces your earlier word.

    `oneid review decide registration:R-17 social:S-55 non-match --note "father and son"`
    """
    from pipelines.cli.review.deciding import decide_pair, steward
    from pipelines.cli.review.previewing import Shown

    shown = Shown(preview, as_json).required()
    decide_pair(project, (left, right), verdict, steward(who, note), shown)


@review.command()
def undo(
    number: Annotated[str, typer.Argument(metavar="ID", help="A decision's number, or a batch.")],
    project: ProjectOption = HERE,
    note: NoteOption = "",
    who: WhoOption = None,
    preview: PreviewOption = False,
    as_json: JsonOption = False,
) -> None:
    """Take back a decision, or what still stands of a batch.

    From the next `oneid run` on the evidence decides again.

    `oneid review undo 12`
    """
    from pipelines.cli.review.deciding import steward, take_back
    from pipelines.cli.review.previewing import Shown

    shown = Shown(preview, as_json).required()
    take_back(project, number, steward(who, note), shown)


@review.command()
def split(  # noqa: PLR0913 - each is an option of the command
    entity: Annotated[str, typer.Argument(metavar="ENTITY", help="An entity id.")],
    rows: Annotated[
        str, typer.Option(metavar="ROW,ROW", help="The rows to take out: source:key,source:key")
    ],
    *,
    project: ProjectOption = HERE,
    note: NoteOption = "",
    who: WhoOption = None,
    preview: PreviewOption = False,
    as_json: JsonOption = False,
) -> None:
    """Take rows out of an entity: a batch of non-matches with the rows that stay.

    The part that keeps most of its rows keeps the id.

    `oneid review split C-02GGJT48QC0GC --rows social:S-55,feedback:F-8`
    """
    from pipelines.cli.review.deciding import split_entity, steward
    from pipelines.cli.review.previewing import Shown

    shown = Shown(preview, as_json).required()
    split_entity(project, entity, rows, steward(who, note), shown)


@review.command()
def merge(  # noqa: PLR0913 - each is an option of the command
    first: Annotated[str, typer.Argument(metavar="A", help="An entity id.")],
    second: Annotated[str, typer.Argument(metavar="B", help="Another entity id.")],
    *,
    project: ProjectOption = HERE,
    note: NoteOption = "",
    who: WhoOption = None,
    preview: PreviewOption = False,
    as_json: JsonOption = False,
) -> None:
    """Make one entity of two: a batch of matches between their records.

    The id that was issued first lives, the other leads to it for ever.

    `oneid review merge C-02GGJT48QC0GC C-8V6VNNX7PJYYA`
    """
    from pipelines.cli.review.deciding import merge_entities, steward
    from pipelines.cli.review.previewing import Shown

    shown = Shown(preview, as_json).required()
    merge_entities(project, (first, second), steward(who, note), shown)


@review.command()
def history(
    project: ProjectOption = HERE,
    limit: Annotated[int, typer.Option(min=1, help="How many decisions.")] = 50,
    row: Annotated[
        str | None, typer.Option(metavar="ROW", help="Only those on this source row.")
    ] = None,
    state: Annotated[
        str | None,
        typer.Option(help="Only those: binds, unsure, contradictory, replaced or undone."),
    ] = None,
) -> None:
    """Who decided what and when, newest first, and what became of it.

    A decision binds, is unsure, contradicts earlier ones, was replaced by its steward, or undone.

    `oneid review history --row social:S-55`
    """
    from pipelines.cli.review.listing import print_history

    print_history(project, limit, row, state)


@review.command("import")
def import_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV in UTF-8.")],
    project: ProjectOption = HERE,
    note: NoteOption = "",
    who: WhoOption = None,
) -> None:
    """Record the decisions in a CSV file, all of them or none.

    Columns: source_l, source_record_id_l, source_r, source_record_id_r, decision; and, where they
    are there, who, at, note, batch. Rows with an empty decision say nothing yet. What the same
    steward said before is not recorded again.

    `oneid review import work.csv --as ann`
    """
    from pipelines.cli.review.deciding import import_decisions, steward

    import_decisions(project, file, steward(who, note))


@review.command("export")
def export_file(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="CSV to write.")],
    project: ProjectOption = HERE,
) -> None:
    """Write every decision that stands to a CSV file that `import` reads.

    `oneid review export decisions.csv`
    """
    from pipelines.cli.review.deciding import export_decisions

    export_decisions(project, file)
