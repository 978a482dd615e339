"""`oneid evaluate`: how right the current release is, where the truth is known."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from core.project import open_project

if TYPE_CHECKING:
    from quality.evaluate import Evaluation


def print_evaluation(root: Path, truth: Path) -> None:
    """Print pairwise and B-cubed figures, and how each pair of sources does.

    Raises QueryError where nothing is published, or the truth cannot be read.
    """
    from pipelines.cli.query import as_table
    from quality.evaluate import evaluate

    found = evaluate(open_project(root), truth)
    for line in _figures(found):
        typer.echo(line)
    if found.by_sources.height > 1:
        typer.echo(as_table(found.by_sources))


def _figures(found: "Evaluation") -> list[str]:
    return [
        f"{'':<12}{'precision':>10}{'recall':>10}{'F1':>10}",
        f"{'pairwise':<12}{found.precision:>10.4f}{found.recall:>10.4f}{found.f1:>10.4f}",
        f"{'B-cubed':<12}{found.b_cubed_precision:>10.4f}{found.b_cubed_recall:>10.4f}"
        f"{found.b_cubed_f1:>10.4f}",
        f"{found.rows:,} rows with a known answer, {found.missing:,} of them not in the release; "
        f"{found.true_pairs:,} true pairs, {found.linked_pairs:,} linked, "
        f"{found.right_pairs:,} of those right",
    ]
