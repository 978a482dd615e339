"""`oneid why`: what holds records together, or keeps them apart, comparison by comparison."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from core.project import open_project

if TYPE_CHECKING:
    from resolution.explain import Pair

LINKS_SHOWN = 20


def print_reasons(root: Path, first: str, second: str | None) -> None:
    """Print the verdict on two records, or on one customer, and the evidence of every link.

    Raises QueryError where nothing is known of what was asked, ProjectError before a release.
    """
    from resolution.explain import explain
    from warehouse.release import open_current

    with open_current(open_project(root)) as connection:
        found = explain(connection, first, second)
    typer.echo(found.verdict)
    for pair in found.pairs[:LINKS_SHOWN]:
        typer.echo("")
        for line in pair_lines(pair):
            typer.echo(line)
    if len(found.pairs) > LINKS_SHOWN:
        typer.echo(f"\n… and {len(found.pairs) - LINKS_SHOWN:,} more links")


def pair_lines(pair: "Pair") -> Iterator[str]:
    """A pair's records and status, then a line a comparison, the heaviest first."""
    yield (
        f"{'/'.join(pair.left)}  {'/'.join(pair.right)}\n"
        f"  {pair.status}: match weight {pair.weight:+.1f}, probability {pair.probability:.4f}"
    )
    compared = {name: part for name, part in pair.why.items() if isinstance(part, dict)}
    for name, part in sorted(compared.items(), key=lambda each: -abs(each[1]["weight"])):
        rarity = f" (rarity {part['tf']:+.1f})" if part.get("tf") else ""
        yield f"  {part['weight']:>+6.1f}  {name}: {part['level']}{rarity}"
    if "refused" in pair.why:
        yield f"  refused: {pair.why['refused']}"
