"""How right OneID is on sets with a known truth, beside plain Splink and published figures.

`python -m benchmarks.accuracy [DATA] [--sets a,b] [--no-splink] [--keep FOLDER] [--write]`
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.plain_splink import SplinkResult, run_splink
from benchmarks.product import ProductResult, RunFailed, kind_of, load_kind, run_product
from benchmarks.published import PUBLISHED, published
from benchmarks.report import say, table, write_report
from benchmarks.sets import TruthSet, load_sets
from core.errors import OneIDError, ProjectError
from quality.evaluate import Evaluation

NOTES = """\
Pairwise precision, recall and F1 after clustering, with every true pair as the denominator, and
B-cubed F1. OneID ran as a user would: `oneid init` on a folder with one table a source, then
`oneid run`; nothing was set for a set, and no threshold was picked on the truth. Of sets that
tell persons from others only the persons were given. Restaurants and publications have a model
of their own, written by hand and chosen by their columns: [models](../models).

Plain Splink is Splink 5 on the same records, set up from the columns' names: cleaned values, its
own comparisons, term frequencies, up to a dozen blocking rules, u from random pairs, m by
expectation maximisation on two rules. **Its threshold is the best of five, picked on the truth.**
Where a model says that no source holds anybody twice, Splink is told the same (`link_only`).

OneID's seconds and memory are those of the whole `oneid run` in a process of its own, from files
to an audited release; Splink's are training, comparing and clustering, in a process that is up.
"""


@dataclass(frozen=True)
class Outcome:
    """One set: what OneID and plain Splink made of it; a text where there is no result."""

    given: TruthSet
    product: ProductResult | str
    splink: SplinkResult | str


def judge_set(given: TruthSet, root: Path, with_splink: bool) -> Outcome:
    """Run both on the set; whoever fails says why and stops nobody else."""
    try:
        product: ProductResult | str = run_product(given, root)
    except (RunFailed, OneIDError, OSError) as error:
        product = f"failed: {error}"
    return Outcome(given, product, _splink(given) if with_splink else "not run")


def _splink(given: TruthSet) -> SplinkResult | str:
    kind = kind_of(given)
    link_only = kind is not None and bool(load_kind(kind)["each_source_without_duplicates"])
    try:
        return run_splink(given, link_only)
    except Exception as error:  # the baseline must not stop the benchmark, whatever befalls it
        reason = (str(error).splitlines() or [""])[0]
        return f"failed: {type(error).__name__}: {reason[:120]}"


def accuracy_table(outcomes: Sequence[Outcome]) -> str:
    """One row a set: OneID's figures, plain Splink's, the published one."""
    headings = ["set", "records", "true pairs", "P", "R", "F1", "B³", "Splink P", "R", "F1", "B³"]
    headings += ["at", "published F1"]
    return table(headings, [_accuracy_row(each) for each in outcomes])


def _accuracy_row(outcome: Outcome) -> list[str]:
    product, splink = outcome.product, outcome.splink
    known = published(outcome.given.name)
    row = [
        outcome.given.name,
        f"{outcome.given.records.height:,}",
        f"{outcome.given.true_pairs:,}",
        *_figures(product if isinstance(product, str) else product.evaluation, best=True),
        *_figures(splink if isinstance(splink, str) else splink.evaluation, best=False),
        "" if isinstance(splink, str) else f"{splink.threshold:g}",
    ]
    return [*row, f"{known.f1:g}" if known else ""]


def _figures(found: Evaluation | str, best: bool) -> list[str]:
    if isinstance(found, str):
        return [found.replace("|", "/"), "", "", ""]
    f1 = f"**{found.f1:.4f}**" if best else f"{found.f1:.4f}"
    return [f"{found.precision:.4f}", f"{found.recall:.4f}", f1, f"{found.b_cubed_f1:.4f}"]


def cost_table(outcomes: Sequence[Outcome]) -> str:
    """One row a set: the model OneID used, seconds and memory of both."""
    headings = ["set", "model", "OneID s", "MB", "Splink s", "MB", "Splink's pairs above .01"]
    return table(headings, [_cost_row(each) for each in outcomes])


def _cost_row(outcome: Outcome) -> list[str]:
    row = [outcome.given.name]
    for result in (outcome.product, outcome.splink):
        if isinstance(result, ProductResult):
            row.append(result.model)
        if isinstance(result, str):
            row += ["", "", ""]
            continue
        memory = f"{result.cost.megabytes:,.0f}" if result.cost.megabytes else ""
        row += [f"{result.cost.seconds:.1f}", memory]
        if isinstance(result, SplinkResult):
            row.append(f"{result.pairs:,}")
    return row


def report(outcomes: Sequence[Outcome]) -> str:
    """The whole report, without the machine's facts."""
    sources = [
        f"- {name}: {known.f1:g}, {known.source}"
        for name, known in PUBLISHED.items()
        if any(each.given.name.partition("__")[0] == name for each in outcomes)
    ]
    parts = ["# Accuracy", NOTES, accuracy_table(outcomes), "## Cost", cost_table(outcomes)]
    return "\n\n".join([*parts, "## Published figures", "\n".join(sources)])


def main() -> None:
    """Run the sets, print a line each, then the tables; write the report where asked."""
    asked = _arguments()
    try:
        sets = load_sets(asked.data, [name for name in asked.sets.split(",") if name])
    except ProjectError as error:
        sys.exit(f"bench-accuracy: {error}")
    outcomes = []
    with tempfile.TemporaryDirectory() as passing:
        for given in sets:
            root = (asked.keep or Path(passing)) / given.name
            outcome = judge_set(given, root, asked.splink)
            outcomes.append(outcome)
            say(" | ".join(cell for cell in _accuracy_row(outcome) if cell))
    text = report(outcomes)
    say(f"\n{accuracy_table(outcomes)}\n\n{cost_table(outcomes)}")
    if asked.write:
        say(f"\nwritten to benchmarks/results/{write_report('accuracy', text).name}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.accuracy", description=__doc__)
    parser.add_argument(
        "data", nargs="?", type=Path, help="folder with <set>/records*.parquet, truth*.parquet"
    )
    parser.add_argument("--sets", default="", help="names, with commas between; all when left out")
    parser.add_argument(
        "--no-splink", dest="splink", action="store_false", help="OneID alone, without the baseline"
    )
    parser.add_argument("--keep", type=Path, help="leave each set's project in this folder")
    parser.add_argument("--write", action="store_true", help="write benchmarks/results/accuracy.md")
    return parser.parse_args()


if __name__ == "__main__":
    main()
