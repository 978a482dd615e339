"""The command line `oneid`: one function a command, each in its own file.

Everything slow is imported inside the commands, so that `oneid --help` answers at once.
"""

import sys
import warnings
from pathlib import Path
from typing import Annotated

import typer

from core.errors import GateRefused, OneIDError
from pipelines.cli import access
from pipelines.cli.accept import accept
from pipelines.cli.erase import erase
from pipelines.cli.learn import learn
from pipelines.cli.model import app as model_app
from pipelines.cli.options import HERE, ProjectOption
from pipelines.cli.review import review
from pipelines.cli.serve import serve

EXIT_ERROR = 1
EXIT_REFUSED = 2

app = typer.Typer(
    name="oneid",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
    help=(
        "Customer identity resolution: several sources in, one gated golden customer release out."
        "\n\nMake a project to try with: `oneid sample demo`\n\n"
        "Turn it into a release: `oneid run --project demo`\n\n"
        'Ask the release: `oneid query "FROM golden.customers LIMIT 5" --project demo`\n\n'
        "Your own data: put files into DIR/landing/SOURCE/, then `oneid init DIR`."
    ),
)

app.add_typer(review, name="review")


@app.command()
def run(
    project: ProjectOption = HERE,
    full: Annotated[
        bool,
        typer.Option(
            "--full", help="Work everything out again and train anew, though nothing is new."
        ),
    ] = False,
) -> None:
    """Ingest what is new, resolve, audit, publish.

    Ends with 0 when a release was published or there was nothing new, with 2 when a gate refused
    the release (the one before stays current), with 1 on any other error.

    `oneid run --project demo`
    """
    from pipelines.cli.run import run_project

    run_project(project, full=full)


app.command()(accept)
app.command()(erase)
app.command()(learn)
app.add_typer(model_app, name="model")


@app.command()
def sample(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="Folder to write to.")],
    customers: Annotated[int, typer.Option(min=1, help="How many people.")] = 5000,
    seed: Annotated[int, typer.Option(help="Same seed, same files.")] = 7,
) -> None:
    """Make a realistic five-source project with its truth, English and Chinese.

    A customer has about 12 rows. A folder that holds deliveries already is left alone.

    `oneid sample demo --customers 500`
    """
    from pipelines.cli.sample import write_sample

    write_sample(directory, customers, seed)


@app.command()
def evaluate(
    truth: Annotated[
        Path,
        typer.Option(
            help="CSV, JSON lines or Parquet: source, source_record_id, customer_id.",
        ),
    ],
    project: ProjectOption = HERE,
) -> None:
    """Precision, recall, F1 and B-cubed of the current release against the truth.

    The truth need not know every row: only those it knows are counted.

    `oneid evaluate --truth demo/truth.parquet --project demo`
    """
    from pipelines.cli.evaluate import print_evaluation

    print_evaluation(project, truth)


@app.command()
def query(
    sql: Annotated[str, typer.Argument(metavar="SQL", help="One statement, in DuckDB's SQL.")],
    project: ProjectOption = HERE,
    output: Annotated[
        str, typer.Option("--format", "-f", help="table, csv or json (one object a line).")
    ] = "table",
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of", metavar="RELEASE|TIME", help="A release, last, previous, or a time (UTC)."
        ),
    ] = None,
) -> None:
    """Ask the current release, or an earlier one, read-only.

    Schemas: golden, identity, facts, marts, quality. A table shows the first 50 rows; csv and
    json give all. Of a release whose file is no longer kept there are golden.customers,
    identity.crosswalk and identity.events.

    `oneid query "FROM golden.customers LIMIT 5"`

    `oneid query "FROM quality.quarantine" --format csv`

    `oneid query "FROM golden.customers" --as-of 2026-03-01`
    """
    from pipelines.cli.query import print_answer

    print_answer(project, sql, output, as_of)


@app.command()
def why(
    first: Annotated[str, typer.Argument(metavar="A", help="A record, or an entity id.")],
    second: Annotated[str | None, typer.Argument(metavar="B", help="Another record.")] = None,
    project: ProjectOption = HERE,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
    values: Annotated[
        bool, typer.Option("--values", help="With the standardised values: personal data.")
    ] = False,
    picture: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", help="Write a picture too.")
    ] = None,
) -> None:
    """Why two records are together or apart, or what holds one customer's records together.

    A record is written source/source_record_id, as in identity.crosswalk. Any two can be asked
    about, also two that were never compared.

    `oneid why registration/R-17 transaction/T-2093 --picture why.svg`

    `oneid why C-02GGJT48QC0GC`
    """
    from pipelines.cli.why import Shown, print_reasons

    print_reasons(project, first, second, Shown(as_json, values, picture))


@app.command()
def history(
    asked: Annotated[
        str, typer.Argument(metavar="ENTITY", help="An entity id, or source/source_record_id.")
    ],
    project: ProjectOption = HERE,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
) -> None:
    """What became of a customer or a source row, release by release: personal data.

    Changes of identity with their cause, source rows that joined or left, golden values that
    changed; then the decisions on its source rows. An id that ended is followed to the one that
    lives.

    `oneid history C-02GGJT48QC0GC`

    `oneid history registration/R-17`
    """
    from pipelines.cli.history import print_history

    print_history(project, asked, as_json)


@app.command()
def diff(
    older: Annotated[str, typer.Argument(metavar="A", help="A release, or a time (UTC).")],
    newer: Annotated[str, typer.Argument(metavar="B", help="A later one.")] = "last",
    project: ProjectOption = HERE,
    rows: Annotated[
        int, typer.Option(min=0, help="With so many examples of each change: personal data.")
    ] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, for programs.")] = False,
) -> None:
    """What differs between two releases: customers, source rows, golden values.

    A release is named by its id, as `last` or `previous`, or by a time at which it was current.

    `oneid diff previous last --rows 3`

    `oneid diff 2026-03-01 2026-04-01`
    """
    from pipelines.cli.diff import print_diff

    print_diff(project, older, newer, rows, as_json)


@app.command()
def blocking(project: ProjectOption = HERE) -> None:
    """What each blocking rule of the current release found, and what it cost.

    Pairs and expected matches by rule, those that no other rule brings (what would be lost
    without it), its largest block, and an estimate of the matches that no rule brings.

    `oneid blocking --project demo`
    """
    from pipelines.cli.blocking import print_blocking

    print_blocking(project)


@app.command()
def status(project: ProjectOption = HERE) -> None:
    """The current release, the last runs with their refusals, quarantine and drift."""
    from pipelines.cli.status import print_status

    print_status(project)


app.command()(serve)
app.add_typer(access.account, name="account")
app.add_typer(access.key, name="key")


@app.command()
def init(
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="The project's folder.")],
) -> None:
    """Propose a spec for every folder of landing/ that no source reads yet, and a model.

    Put your files into DIR/landing/SOURCE/ first; headings are recognised in English, Chinese
    and other languages. DIR/sources/SOURCE.yml and DIR/customer.yml are yours to correct.

    `oneid init crm`
    """
    from pipelines.cli.init import propose_specs

    propose_specs(directory)


def main() -> None:
    """Run `oneid`. An error of the user's is told in words and ends with 1, a refusal with 2."""
    warnings.simplefilter("ignore")  # what libraries tell programmers is no help to a user
    try:
        app()
    except SystemExit as end:
        # Typer ends with 2 on a misspelt command; 2 is kept for a refused release.
        sys.exit(EXIT_ERROR if end.code == EXIT_REFUSED else end.code)
    except GateRefused as refusal:
        sys.exit(_told(str(refusal), EXIT_REFUSED))
    except OneIDError as error:
        sys.exit(_told(str(error), EXIT_ERROR))


def _told(message: str, code: int) -> int:
    typer.echo(f"oneid: {message}", err=True)
    return code
