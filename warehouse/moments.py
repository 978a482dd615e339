"""Releases as points in time: found by name, by a time, or as `last` and `previous`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from core.errors import QueryError
from core.project import Project
from core.sql import NO_PROGRESS_BAR, STORAGE
from warehouse.golden_log import TABLES, golden_log_file
from warehouse.ledger import IdentityLedger, PublishedRelease, without_zone
from warehouse.waiting import attach

LAST, PREVIOUS = "last", "previous"
_SHOWN = 5
"""Releases named in a message about one that is not there."""


@dataclass(frozen=True)
class Moment:
    """A release, and its place among all that were ever published."""

    number: int
    """1 for the first."""
    published: PublishedRelease
    file: Path
    """Where its file is, as long as it is kept."""

    @property
    def is_kept(self) -> bool:
        """Whether its file is still there."""
        return self.file.is_file()


def find_release(project: Project, asked: str) -> Moment:
    """The release that `asked` names: its id, `last`, `previous`, or a time.

    A time (ISO 8601, UTC where it says nothing else) means the release that was current then; a
    day without a time means its end. Raises QueryError for anything else, for a time before the
    first release, and where nothing has been published.
    """
    releases = IdentityLedger(project).releases()
    if not releases:
        raise QueryError("nothing has been published yet; make a release with: oneid run")
    number = _number(releases, asked)
    published = releases[number - 1]
    return Moment(number, published, project.releases / published.file)


def _number(releases: list[PublishedRelease], asked: str) -> int:
    names = [each.release for each in releases]
    if asked in names:
        return names.index(asked) + 1
    if asked == LAST:
        return len(names)
    if asked == PREVIOUS:
        if len(names) == 1:
            raise QueryError(f"there is no previous release: {names[0]} is the only one")
        return len(names) - 1
    at = _time(asked)
    if at is None:
        raise QueryError(
            f"{asked!r} is no release and no time; write last, previous, a time such as "
            f"2026-03-01 or 2026-03-01T05:30, or a release, of which the newest are: "
            f"{', '.join(names[: -_SHOWN - 1 : -1])}"
        )
    number = sum(each.at <= at for each in releases)
    if number == 0:
        raise QueryError(
            f"nothing had been published on {asked}: the first release, {names[0]}, is of "
            f"{releases[0].at:%Y-%m-%d %H:%M} UTC"
        )
    return number


def _time(asked: str) -> datetime | None:
    """The moment in UTC without a zone; None where `asked` is no time."""
    try:
        day = date.fromisoformat(asked)
    except ValueError:
        pass
    else:
        midnight = datetime(day.year, day.month, day.day, tzinfo=UTC)
        return without_zone(midnight + timedelta(days=1) - timedelta(microseconds=1))
    try:
        return without_zone(datetime.fromisoformat(asked))
    except ValueError:
        return None


@contextmanager
def attached_logs(
    project: Project, con: duckdb.DuckDBPyConnection | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """`con`, or a connection of its own, with the identity ledger as `ledger`, the golden log as
    `golden_log`, both to be read only, and for no longer than the block.

    Where there is no log yet `golden_log` is empty. Raises ProjectError when a file stays locked,
    or is damaged.
    """
    own = con is None
    con = con or duckdb.connect(config=STORAGE)
    try:
        con.execute(NO_PROGRESS_BAR)
        con.execute("SET TimeZone = 'UTC'")
        attach(con, IdentityLedger(project).file, "ledger")
        if golden_log_file(project).is_file():
            attach(con, golden_log_file(project), "golden_log")
        else:
            con.execute("ATTACH ':memory:' AS golden_log; USE golden_log")
            con.execute(TABLES)
            con.execute("USE memory")
        yield con
        con.execute("DETACH ledger; DETACH golden_log")
    finally:
        if own:
            con.close()


def require_logged(con: duckdb.DuckDBPyConnection, moment: Moment) -> None:
    """Raise QueryError where the golden values of `moment` were never logged."""
    name = moment.published.release
    rows = con.execute("SELECT release FROM golden_log.releases ORDER BY number").fetchall()
    logged = [release for (release,) in rows]
    if name not in logged:
        raise QueryError(
            f"the golden values of release {name} were never logged, and its file is gone; "
            f"the log begins with {logged[0] if logged else 'the next release'}"
        )
