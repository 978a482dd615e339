"""The current release with what explains it, for as long as a command asks."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from core.errors import QueryError
from core.project import Project

if TYPE_CHECKING:
    from resolution.explain import Archive


@contextmanager
def open_archive(project: Project) -> Iterator["Archive"]:
    """The current release, what was kept beside it, and a database to weigh pairs in.

    Raises ProjectError before a release, QueryError where it was replaced while it was read.
    """
    import duckdb

    from core.sql import NO_PROGRESS_BAR, STORAGE
    from resolution.explain import Archive
    from resolution.kept import kept_for
    from warehouse.release import current_release, open_current

    try:
        with open_current(project) as release, duckdb.connect(config=STORAGE) as scratch:
            scratch.execute(NO_PROGRESS_BAR)
            current = current_release(project)
            assert current is not None  # or there would be nothing to open
            yield Archive(release, kept_for(project, current.release), scratch)
    except FileNotFoundError:
        # what explains a release goes when the next one is published
        raise QueryError("a release was published meanwhile; please ask again") from None
