"""Errors a user can act on.

OneIDError                 anything OneID reports to its user without a traceback
├── ConfigError            specs, models, settings that cannot be used; lists every problem
├── DecisionError          judged pairs that cannot be used; lists the problems by row
├── SourceError            delivered data that cannot be read at all
├── ProjectError           a project folder that lacks what a command needs, or is in use
├── QueryError             a question the current release cannot answer
└── GateRefused            a run whose release must not be published
"""

from collections.abc import Sequence


class OneIDError(Exception):
    """Root of the errors whose message is meant for the user."""


class ConfigError(OneIDError):
    """A spec or model file with one or more problems, all of them listed.

    Attributes: `where` is the file, `problems` one sentence each.
    """

    def __init__(self, where: str, problems: Sequence[str]) -> None:
        self.where = where
        self.problems = tuple(problems)
        listed = "\n".join(f"  - {problem}" for problem in self.problems)
        count = len(self.problems)
        super().__init__(f"{where}: {count} problem{'s' if count != 1 else ''}\n{listed}")


class DecisionError(OneIDError):
    """Judgements of people that cannot be used, or that contradict each other.

    Attributes: `where` is the file, `problems` one sentence each, by row.
    """

    SHOWN = 20

    def __init__(
        self, where: str, problems: Sequence[str], outcome: str = "nothing was learned"
    ) -> None:
        self.where = where
        self.problems = tuple(problems)
        listed = [f"  - {problem}" for problem in self.problems[: self.SHOWN]]
        if len(self.problems) > self.SHOWN:
            listed.append(f"  … and {len(self.problems) - self.SHOWN:,} more")
        super().__init__(f"{where}: {outcome}\n" + "\n".join(listed))


class SourceError(OneIDError):
    """A delivered file or stream that cannot be read as its spec says."""


class ProjectError(OneIDError):
    """A project folder that lacks what a command needs, or that another run is using."""


class QueryError(OneIDError):
    """A question that the current release cannot answer."""


class GateRefused(OneIDError):  # noqa: N818 - a refusal is an answer, not a mistake
    """A candidate release that did not pass its gates.

    Attributes: `failures` holds one sentence a failed gate: what was checked, what was
    observed, what is allowed. `advice` is what to do next, where there is more than one way.
    """

    def __init__(self, failures: Sequence[str], advice: str = "") -> None:
        self.failures = tuple(failures)
        listed = "\n".join(f"  - {failure}" for failure in self.failures)
        super().__init__(
            f"the release was refused by {len(self.failures)} gate(s); "
            f"what was published before stays as it was\n{listed}"
            + (f"\n{advice}" if advice else "")
        )
