"""The households of a sample that was really run, beside who truly lives together."""

from running import Made

from benchmarks.households import judge_households
from core.project import Project


def test_strangers_are_kept_apart_and_most_who_can_be_seen_are_together(made: Made) -> None:
    figures = judge_households(Project(made.root))
    assert figures.pairs > 0
    assert figures.strangers <= figures.pairs * 0.1
    assert figures.known_found >= figures.known * 0.6
