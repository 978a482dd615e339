"""Which releases keep their file, as retention.yml says; the logs remember all of them."""

from collections.abc import Sequence
from pathlib import Path

import yaml
from pydantic import Field, ValidationError

from core.errors import ConfigError
from core.project import Project
from sources.spec import Strict, describe_problems
from warehouse.ledger import PublishedRelease

OWN_RETENTION = Path(__file__).parent / "retention.yml"
"""The default, for a project without a retention.yml."""


class Retention(Strict):
    """The whole of retention.yml. A release is kept when any of the three keeps it."""

    newest: int = Field(ge=1)
    daily: int = Field(default=0, ge=0)
    monthly: int = Field(default=0, ge=0)

    def kept(self, releases: Sequence[PublishedRelease]) -> list[PublishedRelease]:
        """Those of `releases` (oldest first) whose file is kept, oldest first.

        Days and months are UTC and counted back from the newest release, never from the clock,
        so a project at rest loses nothing.
        """
        if not releases:
            return []
        now = releases[-1].at
        days = {each.at.date(): each for each in releases}  # the last of each day
        months = {(each.at.year, each.at.month): each for each in releases}
        chosen = {each.release for each in releases[-self.newest :]}
        chosen |= {
            each.release for day, each in days.items() if (now.date() - day).days < self.daily
        }
        chosen |= {
            each.release
            for (year, month), each in months.items()
            if 12 * (now.year - year) + now.month - month < self.monthly
        }
        return [each for each in releases if each.release in chosen]

    def __str__(self) -> str:
        """In words: "newest 10, one a day for 7 days"."""
        told = [f"newest {self.newest}"]
        if self.daily:
            told.append(f"one a day for {self.daily} days")
        if self.monthly:
            told.append(f"one a month for {self.monthly} months")
        return ", ".join(told)


def load_retention(project: Project) -> Retention:
    """The project's retention.yml, or the default where it has none.

    Raises ConfigError listing everything that is wrong with the file.
    """
    own = project.root / "retention.yml"
    path = own if own.is_file() else OWN_RETENTION
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ConfigError(str(path), [f"not YAML: {error}"]) from None
    if not isinstance(content, dict):
        raise ConfigError(str(path), ["retention is a mapping; see warehouse/retention.yml"])
    try:
        return Retention(**content)
    except ValidationError as error:
        raise ConfigError(str(path), describe_problems(error)) from None


def drop_old(
    project: Project, releases: Sequence[PublishedRelease], retention: Retention
) -> list[str]:
    """Remove the files of `releases` (oldest first, the last is current) that are not kept.

    Returns the names of the releases whose file went.
    """
    kept = {each.file for each in retention.kept(releases)}
    dropped = []
    for each in releases[:-1]:
        file = project.releases / each.file
        if each.file not in kept and file.is_file():
            file.unlink()
            dropped.append(each.release)
    return dropped
